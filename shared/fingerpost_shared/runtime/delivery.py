"""Decides the fate of every durable message: acknowledged, delivered again later, or buried. Nothing else in Fingerpost does."""

import base64
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

import structlog
from nats.aio.msg import Msg
from structlog.typing import FilteringBoundLogger

from fingerpost_shared.contracts.envelope import Malformed
from fingerpost_shared.runtime import metrics
from fingerpost_shared.runtime.faults import TryLater, passes_by_itself
from fingerpost_shared.runtime.logs import where
from fingerpost_shared.runtime.patience import Patience
from fingerpost_shared.runtime.publishing import Outgoing, Publisher

T = TypeVar("T")
Handler = Callable[[Sequence[T]], Awaitable[Sequence[Outgoing]]]

TRIES_ALONE = 5
LARGE_BYTES = 64 * 1024
LONGEST_DELAY_SECONDS = 15.0

log = structlog.get_logger()


def has_large_body(message: Msg) -> bool:
    """Whether its body is much larger than an event's or a referral's."""
    return len(message.data) > LARGE_BYTES


@dataclass(frozen=True)
class Delivery(Generic[T]):
    """How one consumer's messages are read and handled.

    `decode` raises `Malformed` for what no retry will make readable. `handler` saves the batch once and returns what to publish.
    `refuse` answers the sender of a malformed message, where there is one to answer. `keep` takes a message that the handler cannot
    handle, instead of a dead letter: it saves it and returns what to publish. `about` tells the logs the id of the one thing that a
    message is about, which is the trace of all that becomes of it. `is_large` tells, before it is read, a message that takes as long as a
    whole batch or longer, which the others overtake. `again` writes a message that was read as its dead letter keeps it.
    """

    service: str
    consumer: str
    decode: Callable[[Msg], T]
    handler: Handler[T]
    refuse: Callable[[Msg, Malformed], Outgoing | None] | None = None
    keep: Callable[[T, str], Awaitable[Sequence[Outgoing]]] | None = None
    about: Callable[[T], UUID | None] | None = None
    again: Callable[[T], bytes] | None = None
    is_large: Callable[[Msg], bool] = has_large_body


@dataclass
class Delivering(Generic[T]):
    """Carries batches of one consumer through save → publish → ack (I1), and knows which messages failed alone, and how often.

    `failures` and `patience` are the consumer's, shared by its workers.
    """

    delivery: Delivery[T]
    publisher: Publisher
    failures: dict[int, int] = field(default_factory=dict[int, int])
    patience: Patience = field(default_factory=Patience)
    pause_seconds: float = 0.0

    async def deliver(self, messages: Sequence[Msg]) -> None:
        """Settle every message of the batch. Sets `pause_seconds` when the surroundings are at fault, so that the caller waits."""
        readable: list[tuple[Msg, T]] = []
        for message in messages:
            try:
                readable.append((message, self.delivery.decode(message)))
            except Malformed as fault:
                await self._settle_malformed(message, fault)
        if readable:
            await self._handle(readable)

    async def _handle(self, batch: Sequence[tuple[Msg, T]]) -> None:
        started = time.perf_counter()
        try:
            outgoing = await self.delivery.handler([value for _, value in batch])
            await self.publisher.publish(outgoing)
        except Exception as error:
            await self._recover(batch, error)
            return
        await self._acknowledge(batch)
        metrics.HANDLED_SECONDS.labels(self.delivery.service, self.delivery.consumer).observe(time.perf_counter() - started)

    async def _acknowledge(self, batch: Sequence[tuple[Msg, T]]) -> None:
        for message, _ in batch:
            await message.ack()
            if self.failures:
                self.failures.pop(message.metadata.sequence.stream, None)
            if self.patience.has_any:
                self.patience.settled(message.metadata.sequence.stream)
        self.pause_seconds = 0.0
        self._count("acknowledged", len(batch))

    async def _recover(self, batch: Sequence[tuple[Msg, T]], error: Exception) -> None:
        """A fault that passes by itself costs nobody an attempt; any other is narrowed down to the message that brings it."""
        if passes_by_itself(error):
            self.pause_seconds = min(max(self.pause_seconds * 2, 0.25), LONGEST_DELAY_SECONDS / 3)
            log.warning("delivery_postponed", consumer=self.delivery.consumer, error=type(error).__name__, count=len(batch))
            await self._postpone([message for message, _ in batch])
        elif len(batch) > 1:
            for alone in batch:
                await self._handle([alone])
        elif isinstance(error, TryLater):
            await self._put_off(*batch[0])
        else:
            await self._blame(*batch[0], error)

    async def _put_off(self, message: Msg, value: T) -> None:
        """However long it takes; but what has waited for long may be waiting for nothing, and holds up whoever waits for it."""
        lasting = self.patience.put_off(message.metadata.sequence.stream, time.monotonic())
        if lasting is not None:
            told = self._log_about(message, self._trace_of(value))
            told.warning("message_put_off", seconds=round(lasting.seconds), count=lasting.count)
        await self._postpone([message])

    async def _blame(self, message: Msg, value: T, error: Exception) -> None:
        sequence = message.metadata.sequence.stream
        tries = self.failures[sequence] = self.failures.get(sequence, 0) + 1
        told = self._log_about(message, self._trace_of(value))
        told.error("message_failed_alone", attempt=tries, error=type(error).__name__, where=where(error))
        if tries < TRIES_ALONE:
            await self._postpone([message])
            return
        reason = f"{type(error).__name__} at {where(error)}"
        try:
            outgoing = await self.delivery.keep(value, reason) if self.delivery.keep else None
            if outgoing is None:
                await self._bury(message, told, "failed", reason, self.delivery.again(value) if self.delivery.again else None)
            else:
                await self.publisher.publish(outgoing)
                await message.ack()
        except Exception as again:
            told.error("message_not_settled", error=type(again).__name__)
            await self._postpone([message])
            return
        self.failures.pop(sequence, None)

    async def _settle_malformed(self, message: Msg, fault: Malformed) -> None:
        """What can't be read is buried without its body, for that may hold what nobody may read; its sender hears why."""
        told = self._log_about(message, None)  # what it says of itself may be anything, and a log shows no sender's words
        try:
            answer = self.delivery.refuse(message, fault) if self.delivery.refuse else None
            await self._bury(message, told, "malformed", str(fault), None)
            if answer is not None:
                await self.publisher.publish([answer])
        except Exception as error:
            told.error("message_not_settled", error=type(error).__name__)
            await self._postpone([message])

    async def _postpone(self, messages: Sequence[Msg]) -> None:
        """Ask for the messages again after a delay that grows with each delivery; nak without delay would ignore it.

        The longest is so short that all queues drain within a minute once faults are over (I16).
        """
        for message in messages:
            growing = 0.25 * 2.0 ** min(message.metadata.num_delivered, 10)
            await message.nak(delay=min(growing, LONGEST_DELAY_SECONDS))
        self._count("postponed", len(messages))

    async def _bury(self, message: Msg, told: FilteringBoundLogger, reason: str, faults: str, body: bytes | None) -> None:
        """Copy to DEAD_LETTERS first, then terminate: terminated first, a crash between the two would lose it."""
        letter = {
            "service": self.delivery.service,
            "consumer": self.delivery.consumer,
            "stream": message.metadata.stream,
            "sequence": message.metadata.sequence.stream,
            "subject": message.subject,
            "reason": reason,
            "faults": faults,
            "buried_at": datetime.now(UTC).isoformat(),
            "size_bytes": len(message.data),
            "sha256": hashlib.sha256(message.data).hexdigest(),
            "body": base64.b64encode(body).decode() if body is not None else None,
        }
        identity = f"{letter['stream']}/{letter['sequence']}/{message.metadata.timestamp.timestamp()}/{self.delivery.consumer}"
        await self.publisher.publish_raw(
            f"letter.buried.v1.{self.delivery.service}", json.dumps(letter).encode(), {"Nats-Msg-Id": identity}
        )
        await message.term()
        self._count("buried", 1)
        told.error("letter_buried", reason=reason)

    def _log_about(self, message: Msg, trace: str | None) -> FilteringBoundLogger:
        """For lines about one message: with its trace, where that is known, so that one search finds a referral's story everywhere."""
        known = {"trace": trace} if trace else {}
        return log.bind(consumer=self.delivery.consumer, sequence=message.metadata.sequence.stream, **known)

    def _trace_of(self, value: T) -> str | None:
        try:
            about = self.delivery.about(value) if self.delivery.about else None
        except Exception:
            return None  # what made the message fail may make this fail too
        return about.hex if about else None

    def _count(self, outcome: str, count: int) -> None:
        metrics.HANDLED.labels(self.delivery.service, self.delivery.consumer, outcome).inc(count)
