"""The sum of the books, over services that are made up: what is missing is named, what is on its way is not called missing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from fingerpost_shared.contracts.queries.digests import Bucket, DigestAnswer, DigestQuery
from fingerpost_shared.contracts.queries.intake import FreshAnswer, FreshQuery, IntakeBooks, IntakeBooksQuery
from fingerpost_shared.contracts.queries.router import RouterBooks, RouterBooksQuery
from fingerpost_shared.runtime import reconciling
from fingerpost_shared.runtime.reconciling import reconcile, settled

PAGE = 4000
MINUTE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def an_id(number: int) -> UUID:
    return UUID(int=number + 1)


@dataclass
class Books:
    """Intake has `saved`, each at a version; the router has `routed`, of which nobody took `waiting`; the notifier has all legs but one."""

    saved: dict[UUID, int]
    routed: dict[UUID, int]
    waiting: set[UUID] = field(default_factory=set[UUID])
    withdrawn: set[UUID] = field(default_factory=set[UUID])
    fresh: set[UUID] = field(default_factory=set[UUID])
    lost_leg: UUID | None = None
    asked: int = 0

    async def ask(self, query: Any, service: str) -> Any:
        self.asked += 1
        match query:
            case DigestQuery(book="legs"):
                return _digest(query, [f"{self.lost_leg}/1"] if service == "router" and self.lost_leg else [])
            case DigestQuery():
                held = self.saved if service == "intake" else self.routed
                return _digest(query, (f"{identity}/{version}" for identity, version in held.items()))
            case FreshQuery():
                return FreshAnswer(fresh=tuple(self.fresh.intersection(query.ids)))
            case IntakeBooksQuery():
                return self._intake(query.withdrawn_after)
            case RouterBooksQuery():
                counted = self.routed.keys() - set(query.without)
                waiting = len(self.waiting & counted)
                return RouterBooks(referrals=len(counted), owned=len(counted) - waiting, waiting=waiting, legless=())
            case _:
                raise AssertionError(query)

    def _intake(self, after: UUID | None) -> IntakeBooks:
        page = sorted(identity for identity in self.withdrawn if after is None or identity > after)[:PAGE]
        return IntakeBooks(
            referrals=len(self.saved),
            quarantined=2,
            discarded=0,
            withdrawn=len(self.withdrawn),
            withdrawn_ids=tuple(page),
            fresh=len(self.fresh),
            pending=0,
            outcomes={},
        )


def _digest(query: DigestQuery, entries: Iterable[str]) -> DigestAnswer:
    """All entries are of one minute."""
    listed = sorted(entry for entry in entries if entry > query.after)
    if query.step == "ids":
        return DigestAnswer(ids=tuple(listed[:PAGE]))
    return DigestAnswer(buckets=(Bucket(start=MINUTE, count=len(listed), xor=hash(tuple(listed))),))


def all_routed(count: int, **changes: Any) -> Books:
    everything = {an_id(number): 1 for number in range(count)}
    return Books(**{"saved": dict(everything), "routed": dict(everything), **changes})


async def test_the_sum_counts_each_referral_once_as_owned_waiting_or_withdrawn():
    books = await reconcile(all_routed(10, waiting={an_id(0), an_id(1), an_id(2)}, withdrawn={an_id(2), an_id(3)}).ask)

    assert (books.received, books.owned, books.waiting, books.quarantined, books.withdrawn) == (12, 6, 2, 2, 2)
    assert (books.balanced, books.unaccounted) == (True, ())


@pytest.mark.parametrize("count", [0, 1, PAGE, PAGE + 1, 2 * PAGE + 500])
async def test_the_books_balance_however_many_were_withdrawn(count: int):
    withdrawn = {an_id(number) for number in range(count)}
    books = await reconcile(all_routed(count + 5, withdrawn=withdrawn, waiting={an_id(count), *list(withdrawn)[:7]}).ask)

    assert (books.owned, books.waiting, books.withdrawn, books.balanced) == (4, 1, count, True)


async def test_what_was_saved_in_the_last_minute_waits_and_what_was_saved_before_is_named():
    fresh, late = an_id(100), an_id(101)
    books = all_routed(10)
    books.saved |= {fresh: 1}
    books.fresh = {fresh}
    assert ((await reconcile(books.ask)).waiting, (await reconcile(books.ask)).balanced) == (1, True)

    books.saved |= {late: 1}
    compared = await reconcile(books.ask)
    assert (compared.balanced, compared.unaccounted) == (False, (str(late),))


async def test_one_lost_yesterday_is_named_however_much_was_saved_just_now():
    books = all_routed(10, fresh={an_id(number) for number in range(5)})
    books.saved |= {an_id(100): 1}

    compared = await reconcile(books.ask)

    assert (compared.balanced, compared.unaccounted) == (False, (str(an_id(100)),))


async def test_an_update_on_its_way_is_no_fault_and_one_that_was_lost_is():
    books = all_routed(10)
    books.saved[an_id(4)] = 2
    books.fresh = {an_id(4)}
    assert (await reconcile(books.ask)).balanced

    books.fresh = set()
    assert (await reconcile(books.ask)).unaccounted == (str(an_id(4)),)


async def test_a_leg_that_the_notifier_does_not_know_is_named():
    books = await reconcile(all_routed(3, lost_leg=an_id(7)).ask)

    assert (books.balanced, books.unaccounted) == (False, (f"leg {an_id(7)}",))


async def test_books_that_do_not_balance_are_looked_at_again(monkeypatch: pytest.MonkeyPatch):
    async def mend(_seconds: float) -> None:
        books.routed[an_id(100)] = 1

    books = all_routed(3)
    books.saved[an_id(100)] = 1
    monkeypatch.setattr(reconciling.asyncio, "sleep", mend)

    assert (await settled(books.ask)).balanced
