"""Drives the whole of Fingerpost as agencies do, over NATS, and reads from its books when each thing was done."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncGenerator, Generator, Iterable, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import quantiles

import asyncpg
import nats
from nats.js.client import JetStreamContext

from fingerpost_intake.domain.facts import facts_of, unstated_facts
from fingerpost_intake.domain.normalising import read_referral
from fingerpost_intake.samples import sample
from fingerpost_local.running import System
from fingerpost_local.settings import default_partnership_dir
from fingerpost_router.adapters.rule_book import read_folder

AGENCY = "police"
AT_ONCE = 400
STORIES = 60  # of each kind
RULES = read_folder(default_partnership_dir()).rules


@dataclass(frozen=True)
class Latency:
    """Milliseconds, the median and the 99th percentile."""

    p50: float
    p99: float

    def __str__(self) -> str:
        return f"p50 {self.p50:8.0f} ms   p99 {self.p99:8.0f} ms"

    def figures(self, name: str) -> dict[str, int]:
        """For the JSON line."""
        return {f"{name}_p50_ms": round(self.p50), f"{name}_p99_ms": round(self.p99)}


def referrals(kinds: Sequence[str], count: int, label: str, lane: str | None = None) -> list[bytes]:
    """Invented referrals of these kinds, each about people of its own; of one lane alone, where it is given."""
    stories = [(kind, seed) for seed in range(STORIES) for kind in kinds if lane in (None, _lane_of(kind, seed))]
    made: list[bytes] = []
    for number in range(count):
        referral = sample(*stories[number % len(stories)])
        referral["agency_reference"] = f"{label}-{number}"
        for person in referral.get("people", []):
            person["name"] = f"{person.get('name', 'Sample')} {label}{number}"
        made.append(json.dumps(referral).encode())
    return made


def _lane_of(kind: str, seed: int) -> str:
    """The lane that intake will choose for this sample."""
    facts = facts_of(read_referral(sample(kind, seed)), datetime.now(UTC), RULES.facts, unstated_facts(RULES.facts))
    return RULES.lane(facts)


@asynccontextmanager
async def agency_stream(system: System) -> AsyncGenerator[JetStreamContext]:
    """The agency's own connection, with its own credentials."""
    seed = system.servers.seeds[f"agency-{AGENCY}"].read_text().strip()
    client = await nats.connect(system.servers.nats_url, nkeys_seed_str=seed, inbox_prefix=f"_INBOX.agency-{AGENCY}".encode())
    try:
        yield client.jetstream(prefix="fp")
    finally:
        await client.close()


async def send(stream: JetStreamContext, lane: str, bodies: Sequence[bytes]) -> None:
    """Publish with receipts, many in flight."""
    for start in range(0, len(bodies), AT_ONCE):
        receipts = [
            await stream.publish_async(f"submission.received.v1.{lane}.{AGENCY}", body, headers={"Content-Type": "application/json"})
            for body in bodies[start : start + AT_ONCE]
        ]
        await asyncio.wait_for(asyncio.gather(*receipts), 60)


@contextmanager
def stopped(system: System, name: str) -> Generator[None]:
    """A service stands still while the block runs."""
    process = next(one.process for one in system.programs if one.program.name == name)
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


class Books:
    """Reads the services' databases, from outside."""

    def __init__(self, system: System) -> None:
        self._urls = system.servers.database_urls

    async def rows(self, service: str, query: str, *values: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self._urls[service])
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close()

    async def count(self, service: str, query: str, *values: object) -> int:
        return (await self.rows(service, query, *values))[0][0]

    async def wait_for(self, service: str, query: str, wanted: int, seconds: float) -> None:
        """Wait until the query counts as many as wanted."""
        deadline = time.monotonic() + seconds
        connection = await asyncpg.connect(self._urls[service])  # one for all the looks: to connect costs more than to count
        try:
            while (have := await connection.fetchval(query)) < wanted:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{service}: {have} of {wanted} after {seconds} s")
                await asyncio.sleep(0.25)
        finally:
            await connection.close()

    async def wait_for_the_last_email(self, referrals: int) -> None:
        """Wait until so many referrals are decided, and all that their legs ask for was sent."""
        await self.wait_for("router", "SELECT count(*) FROM referrals", referrals, 600)
        legs = await self.count("router", "SELECT count(*) FROM legs")
        await self.wait_for("notifier", "SELECT count(*) FROM legs", legs, 120)
        await self.wait_for("notifier", "SELECT (count(*) = 0)::int FROM alerts WHERE ended_at IS NULL", 1, 900)

    async def received(self, since: datetime, lane: str) -> dict[object, datetime]:
        """When each referral of the lane since then was accepted."""
        wanted = "SELECT id, received_at FROM referrals WHERE received_at >= $1 AND lane = $2"
        return {row["id"]: row["received_at"] for row in await self.rows("intake", wanted, since, lane)}

    async def routed(self, since: datetime) -> dict[object, datetime]:
        """When each referral since then was decided, its legs saved with it."""
        found = await self.rows("router", "SELECT referral_id, decided_at FROM decisions WHERE decided_at >= $1", since)
        return {row["referral_id"]: row["decided_at"] for row in found}

    async def alerted(self, since: datetime, lane: str) -> dict[object, datetime]:
        """When the last alert of the lane, of each referral since then, was taken by the mail server."""
        query = "SELECT referral_id, max(ended_at) AS at FROM alerts WHERE queued_at >= $1 AND state = 'sent' AND lane = $2 GROUP BY 1"
        return {row["referral_id"]: row["at"] for row in await self.rows("notifier", query, since, lane)}


def latency(start: dict[object, datetime], end: dict[object, datetime]) -> Latency:
    """From one time to the other, over all that have both."""
    return latency_of((end[key] - start[key]).total_seconds() for key in start if key in end)


def latency_of(seconds: Iterable[float]) -> Latency:
    """The percentiles of what each took."""
    cuts = quantiles((one * 1000 for one in seconds), n=100, method="inclusive")
    return Latency(cuts[49], cuts[98])
