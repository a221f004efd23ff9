"""Runs the workers of one durable consumer until the service stops."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import structlog
from nats.aio.client import Client

from fingerpost_shared.contracts.streams import Consumer
from fingerpost_shared.runtime.delivery import Delivering, Delivery
from fingerpost_shared.runtime.fairness import Precedence
from fingerpost_shared.runtime.logs import where
from fingerpost_shared.runtime.patience import Patience
from fingerpost_shared.runtime.publishing import Publisher
from fingerpost_shared.runtime.pulling import Pull

WORKERS = 2  # one saves while the other decodes
KEPT_TIMES = 4  # within the time after which the server would deliver a message again
PATIENCE_SECONDS = 60.0  # of readiness: with a slow mail server a batch may take many seconds

log = structlog.get_logger()


@dataclass
class Consumption:
    """What a service takes from one consumer, and how."""

    consumer: Consumer
    delivery: Delivery[Any]
    batch: int
    precedence: Precedence
    _pull: Pull | None = field(default=None, init=False)

    async def start(self, nats: Client, publisher: Publisher, stopping: asyncio.Event) -> list[Coroutine[Any, Any, None]]:
        """Place the order; returns the workers for the service to run."""
        self._pull = Pull(nats, self.consumer.stream, self.consumer.durable, self.batch, self.delivery.is_large)
        await self._pull.open()
        failures: dict[int, int] = {}
        patience = Patience()
        workers = [self._work(self._pull, Delivering(self.delivery, publisher, failures, patience), stopping) for _ in range(WORKERS)]
        return [*workers, self._keep(self._pull, stopping)]

    @property
    def is_stuck(self) -> bool:
        """Whether one of its workers has had the same batch for a minute, or the server has let an order wait for so long."""
        return self._pull is not None and self._pull.seconds_without_progress > PATIENCE_SECONDS

    async def reorder(self) -> None:
        """Order again, after the connection broke."""
        if self._pull is not None:
            await self._pull.reorder()

    async def close(self) -> None:
        """Take no more; the workers end when they have finished what is in hand."""
        if self._pull is not None:
            await self._pull.close()

    async def _work(self, pull: Pull, delivering: Delivering[Any], stopping: asyncio.Event) -> None:
        while messages := await pull.next_batch():
            try:
                with self._in_its_turn():
                    await delivering.deliver(messages)
            except Exception as error:
                # not even nak got through: the server delivers again after ack_wait
                log.warning("delivery_interrupted", error=type(error).__name__, where=where(error))
                delivering.pause_seconds = max(delivering.pause_seconds, 0.5)
            pull.finish(messages)
            if delivering.pause_seconds:
                await wait_or_stop(stopping, delivering.pause_seconds)

    async def _keep(self, pull: Pull, stopping: asyncio.Event) -> None:
        """Hold on to what is here, though not for workers that stand still: then another replica shall have it."""
        while not stopping.is_set():
            await wait_or_stop(stopping, self.consumer.ack_wait_seconds / KEPT_TIMES)
            if not self.is_stuck:
                try:
                    await pull.keep()
                except Exception as error:
                    log.warning("messages_not_kept", consumer=self.consumer.durable, error=type(error).__name__)

    def _in_its_turn(self) -> AbstractContextManager[None]:
        match self.consumer.lane:
            case "urgent":
                return self.precedence.urgent()
            case "routine":
                return self.precedence.routine()
            case None:
                return nullcontext()


async def wait_or_stop(stopping: asyncio.Event, seconds: float, wake: asyncio.Event | None = None) -> None:
    """Sleep, but no longer than until the service stops or something wakes it."""
    waiting = [asyncio.ensure_future(event.wait()) for event in (stopping, wake) if event is not None]
    _, pending = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    if wake is not None:
        wake.clear()
