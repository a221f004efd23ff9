"""Publishes events with their receipts awaited, many in flight at once."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nats.aio.client import Client
from nats.js.client import JetStreamContext

from fingerpost_shared.contracts.envelope import CONTENT_TYPE, Envelope

RECEIPT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A core message: for who is listening now. It is not stored, so who misses it asks again."""

    subject: str
    body: bytes


Outgoing = Envelope | Answer


class Publisher:
    """Publishes in the name of one service."""

    def __init__(self, nats: Client, service: str) -> None:
        self._nats = nats
        self._jetstream: JetStreamContext = nats.jetstream()
        self._service = service

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        """Publish all; returns when JetStream has every event. Raises when a receipt stays away: then publish all of it again."""
        events = [item for item in outgoing if isinstance(item, Envelope)]
        await self._with_receipts((item, {"Nats-Msg-Id": str(item.id)}) for item in events)
        for item in outgoing:
            if isinstance(item, Answer):
                await self._nats.publish(item.subject, item.body)

    async def publish_again(self, events: Iterable[Envelope]) -> None:
        """Publish events that a stream lost. The ids in their bodies are unchanged, but JetStream's duplicate window is not asked."""
        await self._with_receipts((event, {}) for event in events)

    async def publish_raw(self, subject: str, body: bytes, headers: dict[str, str]) -> None:
        """Publish one message as it is and wait for its receipt."""
        await self._jetstream.publish(subject, body, timeout=RECEIPT_SECONDS, headers=headers)

    async def _with_receipts(self, events: Iterable[tuple[Envelope, dict[str, str]]]) -> None:
        receipts = [
            await self._jetstream.publish_async(
                item.event.subject, item.encode(self._service), headers={"Content-Type": CONTENT_TYPE, **headers}
            )
            for item, headers in events
        ]
        if receipts:
            await asyncio.wait_for(asyncio.gather(*receipts), timeout=RECEIPT_SECONDS)
