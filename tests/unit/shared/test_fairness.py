"""Long work gives way: in slices that are short by number and by cost, and hold each item once, in order."""

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fingerpost_shared.runtime.fairness import STRIDE, in_turns

costs = st.lists(st.integers(1, 2 * STRIDE), max_size=100)


@given(costs)
async def test_each_item_is_in_one_slice_in_order_and_no_slice_of_many_costs_too_much(items: list[int]):
    slices = [list(some) async for some in in_turns(items, lambda cost: cost)]
    assert [item for some in slices for item in some] == items
    assert all(some for some in slices)
    assert all(len(some) == 1 or sum(some) <= STRIDE for some in slices)
    assert all(sum(one) + other[0] > STRIDE for one, other in pairwise(slices))


async def test_others_run_between_two_slices():
    turns: list[str] = []

    async def other() -> None:
        turns.append("other")

    waiting = asyncio.create_task(other())
    async for some in in_turns(range(STRIDE + 1)):
        turns.append(f"{len(some)} items")
    await waiting
    assert turns == [f"{STRIDE} items", "other", "1 items"]
