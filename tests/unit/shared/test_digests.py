"""Comparing two books by their digests finds exactly what the one has and the other lacks."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_shared.contracts.queries.digests import Bucket, DigestAnswer, DigestQuery
from fingerpost_shared.runtime import digests
from fingerpost_shared.runtime.digests import Asks, lacking

MIDNIGHT = datetime(2026, 9, 4, tzinfo=UTC)
Book = Mapping[str, datetime]

minutes = st.integers(-60 * 30, 60 * 30)
moments = st.builds(lambda m, s: MIDNIGHT + timedelta(minutes=m, seconds=s), minutes, st.integers(0, 59))
books = st.dictionaries(st.text(st.sampled_from("abc/12"), min_size=1, max_size=4), moments, max_size=30)


def asks(book: Book) -> Asks:
    """Answers from a book in memory as a service does from its tables."""

    async def answer(query: DigestQuery) -> DigestAnswer:
        asked = {entry: at for entry, at in book.items() if query.start <= at < query.end}
        if query.step == "ids":
            return DigestAnswer(ids=tuple(sorted(entry for entry in asked if entry > query.after)[: digests.MOST_IDS]))
        return DigestAnswer(buckets=buckets(asked, query.step))

    return answer


def buckets(entries: Book, step: str) -> tuple[Bucket, ...]:
    grouped: dict[datetime, list[str]] = defaultdict(list)
    for entry, at in entries.items():
        floor = at.replace(second=0, microsecond=0)
        grouped[floor.replace(hour=0, minute=0) if step == "day" else floor].append(entry)
    return tuple(Bucket(start=start, count=len(grouped[start]), xor=xor(grouped[start])) for start in sorted(grouped))


def xor(entries: list[str]) -> int:
    total = 0
    for entry in entries:
        total ^= int.from_bytes(hashlib.md5(entry.encode()).digest()[:8], "big", signed=True)
    return total


def compared(mine: Book, theirs: Book, start: datetime, end: datetime) -> list[str]:
    return asyncio.run(lacking(asks(mine), asks(theirs), "legs", start, end))


@given(everything=books, data=st.data())
def test_it_finds_the_difference_of_the_two_sets(everything: Book, data: st.DataObject) -> None:
    entries = st.sets(st.sampled_from(sorted(everything))) if everything else st.just(set[str]())
    mine, theirs = data.draw(entries), data.draw(entries)
    start, end = sorted([data.draw(moments), data.draw(moments)])

    found = compared({e: everything[e] for e in mine}, {e: everything[e] for e in theirs}, start, end)

    assert sorted(found) == sorted(entry for entry in mine - theirs if start <= everything[entry] < end)


@given(book=books, start=moments, end=moments)
def test_a_book_lacks_nothing_of_itself(book: Book, start: datetime, end: datetime) -> None:
    assert compared(book, book, start, end) == []


@given(most=st.integers(1, 5), count=st.integers(0, 20))
def test_more_ids_than_fit_a_page_are_all_found(most: int, count: int) -> None:
    mine = {f"{number:02}": MIDNIGHT for number in range(count)}
    theirs = {entry: at for entry, at in mine.items() if int(entry) % 3}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(digests, "MOST_IDS", most)
        found = compared(mine, theirs, MIDNIGHT, MIDNIGHT + timedelta(minutes=1))

    assert found == sorted(mine.keys() - theirs.keys())


def test_equal_books_are_compared_by_one_question_each() -> None:
    asked: list[DigestQuery] = []
    book = {f"{number}": MIDNIGHT + timedelta(minutes=number) for number in range(100)}

    async def counted(query: DigestQuery) -> DigestAnswer:
        asked.append(query)
        return await asks(book)(query)

    asyncio.run(lacking(counted, counted, "legs", MIDNIGHT, MIDNIGHT + timedelta(days=1)))

    assert [query.step for query in asked] == ["day", "day"]
