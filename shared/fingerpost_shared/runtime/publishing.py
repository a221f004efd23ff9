"""Publishes events with their receipts awaited: a whole batch in flight, one wait for all of its receipts."""

import asyncio
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.client import JetStreamContext

from fingerpost_shared.contracts.envelope import CONTENT_TYPE, Envelope
from fingerpost_shared.runtime.fairness import in_turns

RECEIPT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A core message: for who is listening now. It is not stored, so who misses it asks again."""

    subject: str
    body: bytes


Outgoing = Envelope | Answer


class NotStored(ConnectionError):
    """JetStream did not take an event. The text holds its reason."""


@dataclass
class _Batch:
    """The receipts that one batch still waits for."""

    left: int
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def receive(self, receipt: bytes, *, has_no_stream: bool) -> None:
        if self.done.done():
            return
        if has_no_stream or b'"error"' in receipt:
            reason = "no stream takes this subject" if has_no_stream else str(json.loads(receipt)["error"].get("description"))
            self.done.set_exception(NotStored(reason))
            return
        self.left -= 1
        if self.left == 0:
            self.done.set_result(None)


class Publisher:
    """Publishes in the name of one service. `open` it before the first event."""

    def __init__(self, nats_client: Client, service: str) -> None:
        self._nats = nats_client
        self._jetstream: JetStreamContext = nats_client.jetstream()
        self._service = service
        self._inbox = nats_client.new_inbox()
        self._waiting: dict[str, _Batch] = {}
        self._numbers = itertools.count()

    async def open(self) -> None:
        """Listen for receipts."""
        await self._nats.subscribe(f"{self._inbox}.*", cb=self._receive)

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        """Publish all; returns when JetStream has every event. Raises when a receipt stays away: then publish all of it again."""
        await self._with_receipts([(item, {"Nats-Msg-Id": str(item.id)}) for item in outgoing if isinstance(item, Envelope)])
        for item in outgoing:
            if isinstance(item, Answer):
                await self._nats.publish(item.subject, item.body)

    async def publish_again(self, events: Iterable[Envelope]) -> None:
        """Publish events that a stream lost. The ids in their bodies are unchanged, but JetStream's duplicate window is not asked."""
        await self._with_receipts([(event, {}) for event in events])

    async def publish_raw(self, subject: str, body: bytes, headers: dict[str, str]) -> None:
        """Publish one message as it is and wait for its receipt."""
        await self._jetstream.publish(subject, body, timeout=RECEIPT_SECONDS, headers=headers)

    async def _with_receipts(self, events: Sequence[tuple[Envelope, dict[str, str]]]) -> None:
        if not events:
            return
        reply = f"{self._inbox}.{next(self._numbers)}"
        batch = self._waiting[reply] = _Batch(len(events))
        try:
            async for some in in_turns(events):
                bodies = [item.encode(self._service) for item, _ in some]
                for (item, headers), body in zip(some, bodies, strict=True):
                    await self._nats.publish(item.event.subject, body, reply=reply, headers={"Content-Type": CONTENT_TYPE, **headers})
            await asyncio.wait_for(batch.done, RECEIPT_SECONDS)
        finally:
            del self._waiting[reply]

    async def _receive(self, message: Msg) -> None:
        batch = self._waiting.get(message.subject)
        if batch is not None:
            batch.receive(message.data, has_no_stream=bool(message.headers and message.headers.get("Status") == "503"))
