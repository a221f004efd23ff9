"""Keeps long work from holding up short work in the same process: a routine batch gives way to an urgent message."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

STRIDE = 32


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
            start, total = place, cost(item)
    if items:
        yield items[start:]
