"""Keeps long work from holding up short work in the same process: a routine batch gives way to an urgent message."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import TypeVar

T = TypeVar("T")

STRIDE = 32


async def in_turns(items: Sequence[T]) -> AsyncGenerator[Sequence[T]]:
    """The items, so many at a time; others run in between."""
    for start in range(0, len(items), STRIDE):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + STRIDE]
