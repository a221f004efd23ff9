"""What a stream lost is told from what is still on its way, whether the flow stands still or never does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, cast

import pytest

from fingerpost_shared.contracts.envelope import Envelope
from fingerpost_shared.contracts.queries.digests import Bucket, DigestAnswer, DigestQuery
from fingerpost_shared.runtime.mending import LONG_BACKLOG, ROUNDS_BETWEEN_FAR, Mender

MIDNIGHT = datetime(2026, 9, 1, tzinfo=UTC)
JUST_NOW = timedelta(minutes=1)
WIDTHS = {"day": timedelta(days=1), "minute": timedelta(minutes=1)}


@dataclass
class Next:
    """The next service: what its book holds, and how far it is with the stream."""

    held: set[str] = field(default_factory=set[str])
    head: int = 10
    floor: int = 10
    pending: int = 0

    def answer(self, query: DigestQuery, at: dict[str, datetime], entries: Iterable[str]) -> DigestAnswer:
        progress = {"pending": self.pending, "head": self.head, "floor": self.floor}
        asked = sorted((entry for entry in entries if query.start <= at[entry] < query.end), key=lambda entry: (at[entry], entry))
        if query.step == "ids":
            return DigestAnswer(ids=tuple(sorted(asked)), **progress)
        width = WIDTHS[query.step]
        buckets = [(start, tuple(some)) for start, some in groupby(asked, lambda entry: at[entry] - (at[entry] - MIDNIGHT) % width)]
        return DigestAnswer(buckets=tuple(Bucket(start=start, count=len(some), xor=hash(some)) for start, some in buckets), **progress)


class Mending:
    """A mender between a book that has all of `saved` and the next service; `published` is what it published again, round by round."""

    def __init__(self, *saved: str, age: timedelta = JUST_NOW) -> None:
        self.next = Next()
        self.at = dict.fromkeys(saved, datetime.now(UTC) - age)
        self.published: list[list[str]] = []
        self._mender = Mender(cast("Any", self), "referrals", "router", self._mine, self._events)
        self.name, self.publisher = "intake", self

    async def round(self) -> list[str]:
        """What this round published again."""
        self.published.append([])
        await self._mender.mend()
        return self.published[-1]

    async def _mine(self, query: DigestQuery) -> DigestAnswer:
        return self.next.answer(query, self.at, self.at)

    async def ask(self, query: DigestQuery, _service: str) -> DigestAnswer:
        return self.next.answer(query, self.at, self.next.held)

    async def _events(self, entries: Sequence[str]) -> list[Envelope]:
        return cast("Any", list(entries))

    async def publish_again(self, events: Sequence[Any]) -> None:
        self.published[-1] += events


async def test_what_is_missed_twice_while_nothing_waits_was_lost_and_what_the_book_has_was_not():
    mending = Mending("a/1", "b/1")
    mending.next.held = {"b/1"}
    assert await mending.round() == []
    assert await mending.round() == ["a/1"]
    assert await mending.round() == []  # it is on its way again, and gets as long as the first time
    assert await mending.round() == ["a/1"]
    mending.next.held = {"a/1", "b/1"}
    assert await mending.round() == []


async def test_under_a_steady_flow_it_is_lost_once_all_that_was_there_is_dealt_with():
    mending = Mending("a/1")
    mending.next.head, mending.next.floor, mending.next.pending = 20, 12, 8
    assert await mending.round() == []
    mending.next.head, mending.next.floor = 25, 18  # the message may be the nineteenth or the twentieth
    assert await mending.round() == []
    mending.next.head, mending.next.floor = 40, 21
    assert await mending.round() == ["a/1"]


async def test_a_long_backlog_is_waited_for():
    mending = Mending("a/1")
    mending.next.pending = LONG_BACKLOG + 1
    assert [await mending.round() for _ in range(3)] == [[], [], []]


async def test_a_stream_that_was_made_anew_counts_from_one_again_and_hides_nothing():
    mending = Mending("a/1")
    mending.next.head = mending.next.floor = 1000
    assert await mending.round() == []
    mending.next.head, mending.next.floor, mending.next.pending = 3, 1, 2
    assert await mending.round() == []
    mending.next.floor = 3
    assert await mending.round() == ["a/1"]


@pytest.mark.parametrize("age", [timedelta(minutes=30), timedelta(hours=2), timedelta(days=6)])
async def test_whatever_its_age_what_was_lost_is_put_back_within_a_minute(age: timedelta):
    mending = Mending("a/1", "b/1", age=age)
    mending.next.held = {"b/1"}
    assert ["a/1"] in [await mending.round() for _ in range(2)]
    for _ in range(10):  # lost again at any time
        mending.next.held = {"a/1", "b/1"}
        await mending.round()
        mending.next.held = {"b/1"}
        assert ["a/1"] in [await mending.round() for _ in range(ROUNDS_BETWEEN_FAR + 1)]
