"""Long work gives way in slices that are short by number and by cost, and hold each item once; routine work stands still for urgent."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_shared.runtime import fairness
from fingerpost_shared.runtime.fairness import STRIDE, Precedence, in_turns

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


async def work(precedence: Precedence, done: list[str]) -> None:
    """Three slices of routine work."""
    with precedence.routine():
        async for _ in in_turns(range(3 * STRIDE)):
            done.append("slice")


async def test_routine_work_stands_still_until_no_urgent_work_is_in_hand(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fairness, "PATIENCE_SECONDS", 60)
    precedence, done = Precedence(), list[str]()
    with precedence.urgent():
        with precedence.urgent():
            routine = asyncio.create_task(work(precedence, done))
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.05)
        assert done == ["slice"]
    await asyncio.wait_for(routine, 30)
    assert len(done) == 3


async def test_routine_work_goes_on_though_urgent_work_has_no_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fairness, "PATIENCE_SECONDS", 0.01)
    precedence, done = Precedence(), list[str]()
    with precedence.urgent():
        await asyncio.wait_for(work(precedence, done), 30)
    assert len(done) == 3


async def test_work_that_is_not_routine_never_stands_still(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fairness, "PATIENCE_SECONDS", 60)
    with Precedence().urgent():
        async with asyncio.timeout(30):
            slices = [some async for some in in_turns(range(3 * STRIDE))]
    assert len(slices) == 3
