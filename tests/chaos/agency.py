"""An agency's own system that keeps its word: it publishes over NATS, and again until JetStream says that it has it."""

import asyncio
import json
from dataclasses import dataclass, field

import nats.errors
import nats.js.errors
from nats.aio.client import Client

from tests.bench.flow import AGENCY, referrals
from tests.chaos.process_tree import ProcessTree

KINDS = ("asb", "domestic_abuse", "acquisitive", "county_lines", "substance_misuse", "hate_crime")
URGENT = ("domestic_abuse", "county_lines")
JSON_TYPE = {"Content-Type": "application/json"}
RECEIPT_SECONDS = 2.0
_CONNECTION_AWAY = (nats.errors.Error, nats.js.errors.Error, TimeoutError, OSError)


@dataclass
class Agency:
    """What was sent, what has a receipt, and how often it took more than one try."""

    tree: ProcessTree
    references: list[str] = field(default_factory=list[str])
    updated: list[str] = field(default_factory=list[str])
    unreadable: int = 0
    tries_again: int = 0

    async def send(self, label: str, count: int, per_second: float) -> None:
        """Send referrals at this rate: each tenth is updated soon after, and after each twentieth comes something that nobody can read."""
        client = await self.tree.nats_as(f"agency-{AGENCY}")
        async with asyncio.TaskGroup() as sending:
            for number, body in enumerate(referrals(KINDS, count, label)):
                sending.create_task(self._send_one(client, number, body))
                await asyncio.sleep(1 / per_second)

    async def _send_one(self, client: Client, number: int, body: bytes) -> None:
        referral = json.loads(body)
        lane = "urgent" if referral["kinds"][0] in URGENT else "routine"
        await self._until_receipt(client, lane, body)
        self.references.append(referral["agency_reference"])
        if number % 10 == 0:
            graver = {**referral, "kinds": [*referral["kinds"], "serious_violence"]}
            await self._until_receipt(client, "urgent", json.dumps(graver).encode())
            self.updated.append(referral["agency_reference"])
        if number % 20 == 0:
            await self._until_receipt(client, "routine", f"page {referral['agency_reference']} of a fax".encode())
            self.unreadable += 1

    async def _until_receipt(self, client: Client, lane: str, body: bytes) -> None:
        stream = client.jetstream(prefix="fp")
        while True:
            while not client.is_connected:  # noqa: ASYNC110 - what is published meanwhile would pile up in the client
                await asyncio.sleep(0.1)
            try:
                await stream.publish(f"submission.received.v1.{lane}.{AGENCY}", body, timeout=RECEIPT_SECONDS, headers=JSON_TYPE)
                return
            except _CONNECTION_AWAY:
                self.tries_again += 1
                await asyncio.sleep(0.2)
