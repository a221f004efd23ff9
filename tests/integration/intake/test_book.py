"""Intake's book in the real PostgreSQL: however the submissions of a referral are delivered, it comes to the same."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import fingerpost_intake
from fingerpost_intake.adapters.book import Book
from fingerpost_intake.adapters.key_store import KeyStore
from fingerpost_intake.domain.submissions import JSON, Entry, Submission
from fingerpost_shared.contracts.envelope import Envelope
from fingerpost_shared.runtime.database import migrate, open_database
from tests.support.databases import empty_database
from tests.support.live import Live
from tests.unit.intake.building import NOW, a_referral, normalised

SCRIPTS = Path(fingerpost_intake.__file__).parent
Delivery = tuple[Submission, Entry]


@pytest.fixture(scope="module")
async def engines(live: Live) -> AsyncGenerator[tuple[AsyncEngine, AsyncEngine]]:
    """Databases of these tests' own, on the server that is there: intake's book and its keys."""
    async with empty_database(live) as book_url, empty_database(live) as keys_url:
        await asyncio.to_thread(migrate, book_url, SCRIPTS / "migrations")
        await asyncio.to_thread(migrate, keys_url, SCRIPTS / "migrations_keys")
        engines = open_database(book_url, 8), open_database(keys_url, 8)
        yield engines
        for engine in engines:
            await engine.dispose()


@pytest.fixture
def book(engines: tuple[AsyncEngine, AsyncEngine]) -> Book:
    return Book(engines[0], KeyStore(engines[1], b"k" * 32), "HC", 1)


def sent(reference: str, version: int, arrives: int | None = None, status: str = "new", *, is_dated: bool = True) -> Delivery:
    """One send of a referral: the `version` that its sender makes of it, and after how many minutes it arrives."""
    date = {"updated_at": (NOW - timedelta(days=1) + timedelta(hours=version)).isoformat()} if is_dated else {}
    content = normalised(a_referral(agency_reference=reference, narrative=f"version {version}", status=status, **date))
    arrived_at = NOW + timedelta(minutes=version if arrives is None else arrives)
    return Submission(uuid4(), "police", JSON, b"{}", arrived_at, arrived_at), Entry(0, JSON, b"{}", content)


def versions(events: Sequence[Envelope]) -> list[int]:
    return [event.event.version for event in events]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]


async def rows(engines: tuple[AsyncEngine, AsyncEngine], query: str, delivery: Delivery) -> list[Any]:
    async with engines[0].connect() as connection:
        return list((await connection.execute(text(query), {"id": delivery[1].result.referral_id})).all())  # pyright: ignore[reportAttributeAccessIssue]


async def outcomes(engines: tuple[AsyncEngine, AsyncEngine], delivery: Delivery) -> list[str]:
    return [row.outcome for row in await rows(engines, "SELECT outcome FROM submissions WHERE subject_id = :id", delivery)]


async def test_a_submission_that_is_twice_in_one_batch_stays_what_it_was_and_is_told_of_again(
    book: Book, engines: tuple[AsyncEngine, AsyncEngine]
) -> None:
    one = sent(uuid4().hex, 0)
    assert versions(await book.save([one, one])) == [1]
    assert await outcomes(engines, one) == ["referral"]
    assert versions(await book.save([one])) == [1]


async def test_a_batch_that_is_delivered_again_tells_of_the_newest_version_in_whatever_order_it_arrived(book: Book) -> None:
    reference = uuid4().hex
    older, newer = sent(reference, 0, arrives=1), sent(reference, 1, arrives=0)
    assert versions(await book.save([older])) == [1]
    assert versions(await book.save([newer])) == [2]
    assert versions(await book.save([older, newer])) == [2]


async def test_of_two_chunks_of_a_file_that_overtake_each_other_the_later_rows_are_the_newest_versions(
    book: Book, engines: tuple[AsyncEngine, AsyncEngine]
) -> None:
    reference = uuid4().hex
    first, second = (_chunk(reference, rows, arrives) for arrives, rows in enumerate([(2, 3), (258, 259)]))
    told = [await book.save(chunk) for chunk in (second, first)]

    [row] = await rows(engines, "SELECT version, event_id FROM referrals WHERE id = :id", first[0])
    assert Counter(await outcomes(engines, first[0])) == {"referral": 1, "update": 1, "outdated": 2}
    assert (row.version, [versions(events) for events in told]) == (2, [[2], []])
    newest = await rows(engines, "SELECT version FROM submissions WHERE subject_id = :id AND row = 259", first[0])
    assert [one.version for one in newest] == [row.version]


@pytest.mark.parametrize("seed", range(40))
async def test_status_version_outcomes_and_events_agree_however_the_sends_are_delivered(
    book: Book, engines: tuple[AsyncEngine, AsyncEngine], seed: int
) -> None:
    rnd = Random(seed)
    story = _story(rnd)
    deliveries = story + [one for one in story if rnd.random() < 0.5]
    rnd.shuffle(deliveries)
    cuts = sorted(rnd.sample(range(len(deliveries) + 1), 2))
    batches = [deliveries[: cuts[0]], deliveries[cuts[0] : cuts[1]], deliveries[cuts[1] :]]

    told = await asyncio.gather(*(book.save(batch) for batch in batches))

    last = story[-1]
    [row] = await rows(engines, "SELECT status, version FROM referrals WHERE id = :id", last)
    counted = Counter(await outcomes(engines, last))
    assert row.status == ("withdrawn" if last[1].result.is_withdrawn else "received")  # pyright: ignore[reportAttributeAccessIssue]
    assert (counted["referral"], counted.total()) == (1, len(story))
    assert row.version == 1 + counted["update"] == max(versions([event for events in told for event in events]))
    assert versions(await book.save(story)) == [row.version]


def _chunk(reference: str, numbers: Sequence[int], arrives: int) -> list[Delivery]:
    """A chunk of rows that are all of one referral, and arrive at once."""
    made = [sent(reference, number, arrives, is_dated=False) for number in numbers]
    [submission, *_] = [submission for submission, _ in made]
    return [(submission, replace(entry, row=number)) for number, (_, entry) in zip(numbers, made, strict=True)]


def _story(rnd: Random) -> list[Delivery]:
    """Some sends of one referral as their sender made them, some withdrawing it; where they are dated they arrive in any order."""
    reference, is_dated, count = uuid4().hex, rnd.random() < 0.5, rnd.randint(2, 5)
    arrivals = list(range(count))
    if is_dated:
        rnd.shuffle(arrivals)
    return [
        sent(reference, version, arrives, rnd.choice(["new", "new", "withdrawn"]), is_dated=is_dated)
        for version, arrives in enumerate(arrivals)
    ]
