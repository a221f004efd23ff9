"""Replicas whose clocks differ share the clock of PostgreSQL: a claim lasts as long for each of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from fingerpost_notifier.adapters import book as book_module
from fingerpost_notifier.adapters.book import Book
from fingerpost_notifier.domain.alerts import Postponed, alerts_of
from tests.integration.notifier.booking import legs, queued

SKEW = timedelta(seconds=31)  # longer than a lease
EITHER_WAY = pytest.mark.parametrize("skew", [SKEW, -SKEW], ids=["ahead", "behind"])


@contextmanager
def on_a_clock_that_is_wrong_by(skew: timedelta) -> Iterator[None]:
    """What the book of a replica with such a clock does."""

    class Skewed(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + skew

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(book_module, "datetime", Skewed)
        yield


async def in_hand(book: Book) -> None:
    """One alert that goes out as it is saved, and one that was claimed from the book and renewed."""
    new, due = legs(2)
    await book.queue([new], alerts_of(new, "email"), is_claimed=True)
    await queued(book, due)
    assert await book.is_due("urgent")
    [claimed] = await book.claim("urgent", 16)
    await book.renew([claimed.id])


@EITHER_WAY
async def test_a_replica_whose_clock_is_wrong_claims_nothing_that_another_has_in_hand(book: Book, skew: timedelta):
    await in_hand(book)
    with on_a_clock_that_is_wrong_by(skew):
        assert not await book.is_due("urgent")
        assert await book.claim("urgent", 16) == []


@EITHER_WAY
async def test_what_a_replica_whose_clock_is_wrong_has_in_hand_is_its_own(book: Book, skew: timedelta):
    with on_a_clock_that_is_wrong_by(skew):
        await in_hand(book)
    assert not await book.is_due("urgent")
    assert await book.claim("urgent", 16) == []


@EITHER_WAY
async def test_what_a_replica_whose_clock_is_wrong_gives_back_is_due_at_once(book: Book, skew: timedelta):
    await queued(book, *legs(1))
    with on_a_clock_that_is_wrong_by(skew):
        claimed = await book.claim("urgent", 16)
        await book.release(claimed)
    assert [alert.id for alert in await book.claim("urgent", 16)] == [alert.id for alert in claimed]


@EITHER_WAY
async def test_a_pause_is_as_long_as_the_replica_meant_whatever_its_clock_says(book: Book, skew: timedelta):
    await queued(book, *legs(2))
    short, long = await book.claim("urgent", 16)
    with on_a_clock_that_is_wrong_by(skew):
        now = datetime.now(UTC) + skew
        await book.settle([(short, Postponed(now, "smtp_450")), (long, Postponed(now + SKEW / 2, "smtp_450"))], is_told=False)
    assert [alert.id for alert in await book.claim("urgent", 16)] == [short.id]
