"""Do the books balance? Compares intake's book with the router's, and the router's with the notifier's, over all time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fingerpost_shared.contracts.queries.digests import DigestAnswer, DigestQuery
from fingerpost_shared.contracts.queries.intake import FreshQuery, IntakeBooks, IntakeBooksQuery
from fingerpost_shared.contracts.queries.router import RouterBooks, RouterBooksQuery
from fingerpost_shared.runtime.digests import BookName, lacking

TRIES = 4  # what is on its way while the books are read makes them differ for a moment
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_SETTLED = timedelta(seconds=60)
_IDS_AT_ONCE = 2000

Ask = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Reconciliation:
    """The sum of `interfaces.md`. `unaccounted` are ids that are in one book and not in the next although they should be by now."""

    received: int
    owned: int
    waiting: int
    quarantined: int
    withdrawn: int
    unaccounted: tuple[str, ...]
    balanced: bool
    pending: int
    discarded: int


async def settled(ask: Ask) -> Reconciliation:
    """The sum once it balances, or after a few tries as it is. `ask(query, service)` asks one query, and raises where nobody answers."""
    books = await reconcile(ask)
    for _ in range(TRIES - 1):
        if books.balanced:
            break
        await asyncio.sleep(1)
        books = await reconcile(ask)
    return books


async def reconcile(ask: Ask) -> Reconciliation:
    """Ask every book once and add up. What was saved in the last minute may be on its way, and waits."""
    now = datetime.now(UTC)
    missing = await _lacking(ask, "referrals", ("intake", "router"), now)
    lost_legs = await _lacking(ask, "legs", ("router", "notifier"), now - _SETTLED)
    # the router before intake, so that under a steady flow it cannot know of a referral that intake's sum lacks
    router = await _without(ask, await _withdrawn(ask))
    intake: IntakeBooks = await ask(IntakeBooksQuery(), "")
    late = await _late(ask, [UUID(entry.partition("/")[0]) for entry in missing])
    unaccounted = (*late, *map(str, router.legless), *(f"leg {entry.partition('/')[0]}" for entry in lost_legs))
    on_their_way = intake.referrals - intake.withdrawn - router.referrals
    return Reconciliation(
        received=intake.referrals + intake.quarantined,
        owned=router.owned,
        waiting=router.waiting + max(on_their_way, 0),
        quarantined=intake.quarantined,
        withdrawn=intake.withdrawn,
        unaccounted=unaccounted,
        balanced=not unaccounted and 0 <= on_their_way <= intake.fresh,
        pending=intake.pending,
        discarded=intake.discarded,
    )


async def _lacking(ask: Ask, book: BookName, between: tuple[str, str], end: datetime) -> list[str]:
    async def mine(query: DigestQuery) -> DigestAnswer:
        return await ask(query, between[0])

    async def theirs(query: DigestQuery) -> DigestAnswer:
        return await ask(query, between[1])

    return await lacking(mine, theirs, book, _BEGINNING, end)


async def _withdrawn(ask: Ask) -> list[tuple[UUID, ...]]:
    """The referrals that their senders withdrew, in pages."""
    pages: list[tuple[UUID, ...]] = []
    books: IntakeBooks = await ask(IntakeBooksQuery(), "")
    while books.withdrawn_ids:
        pages.append(books.withdrawn_ids)
        books = await ask(IntakeBooksQuery(withdrawn_after=books.withdrawn_ids[-1]), "")
    return pages


async def _without(ask: Ask, withdrawn: Sequence[tuple[UUID, ...]]) -> RouterBooks:
    """The router's sums without the withdrawn referrals: one page is left out of the sums, and what any further page makes of them."""
    first, *further = withdrawn or [()]
    sums: RouterBooks = await ask(RouterBooksQuery(without=first), "")
    for page in further:
        everything: RouterBooks = await ask(RouterBooksQuery(), "")
        others: RouterBooks = await ask(RouterBooksQuery(without=page), "")
        sums = RouterBooks(
            referrals=sums.referrals - (everything.referrals - others.referrals),
            owned=sums.owned - (everything.owned - others.owned),
            waiting=sums.waiting - (everything.waiting - others.waiting),
            legless=tuple(identity for identity in sums.legless if identity not in page),
        )
    return sums


async def _late(ask: Ask, absent: Sequence[UUID]) -> list[str]:
    """Those of these referrals that intake has had for so long that the router should know them."""
    fresh: set[UUID] = set()
    for start in range(0, len(absent), _IDS_AT_ONCE):
        answer = await ask(FreshQuery(ids=tuple(absent[start : start + _IDS_AT_ONCE])), "")
        fresh.update(answer.fresh)
    return sorted(str(identity) for identity in absent if identity not in fresh)
