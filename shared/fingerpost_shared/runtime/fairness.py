"""Keeps long work from holding up short work in the same process, and routine work from holding up urgent work."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

STRIDE = 64
PATIENCE_SECONDS = 0.1  # of routine work: urgent work may have no end, or wait for a lock that this routine work holds


class Precedence:
    """While a process has urgent work in hand, its routine work stands still between two slices, though never for long.

    Else each time that an urgent message waits for a database it would wait for a slice of routine work too.
    """

    def __init__(self) -> None:
        self._urgent = 0
        self._over = asyncio.Event()

    @contextmanager
    def urgent(self) -> Generator[None]:
        """What the block does goes first."""
        self._urgent += 1
        self._over.clear()
        try:
            yield
        finally:
            self._urgent -= 1
            if self._urgent == 0:
                self._over.set()

    @contextmanager
    def routine(self) -> Generator[None]:
        """What the block does gives way, wherever it works `in_turns`."""
        before = _GIVES_WAY.set(self)
        try:
            yield
        finally:
            _GIVES_WAY.reset(before)

    async def give_way(self) -> None:
        """Wait until no urgent work is in hand, or patience ends."""
        if self._urgent:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._over.wait()


_GIVES_WAY: ContextVar[Precedence | None] = ContextVar("gives_way", default=None)


def _one(_item: object) -> int:
    return 1


async def in_turns(items: Sequence[T], cost: Callable[[T], int] = _one) -> AsyncGenerator[Sequence[T]]:
    """The items in slices that cost no more than `STRIDE`, or have one item; others run in between."""
    start = total = 0
    for place, item in enumerate(items):
        total += cost(item)
        if total > STRIDE and place > start:
            yield items[start:place]
            await asyncio.sleep(0)
            if precedence := _GIVES_WAY.get():
                await precedence.give_way()
            start, total = place, cost(item)
    if items:
        yield items[start:]
