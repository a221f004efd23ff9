"""Keeps long work from holding up short work in the same process: a routine batch gives way to an urgent message."""

import asyncio

STRIDE = 32


async def give_way(place: int) -> None:
    """Let others run, at every `STRIDE`th step of a loop; `place` is the step's number."""
    if place % STRIDE == STRIDE - 1:
        await asyncio.sleep(0)
