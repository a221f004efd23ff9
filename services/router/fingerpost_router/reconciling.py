"""Do the books balance? Compares intake's book with the router's, and the router's with the notifier's, over all time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fingerpost_shared.contracts.queries.digests import DigestAnswer, DigestQuery
from fingerpost_shared.contracts.queries.intake import FreshQuery, IntakeBooks, IntakeBooksQuery
from fingerpost_shared.contracts.queries.query import Query
from fingerpost_shared.contracts.queries.router import RouterBooks, RouterBooksQuery
from fingerpost_shared.runtime.digests import lacking

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_SETTLED = timedelta(seconds=60)
_IDS_AT_ONCE = 2000

Ask = Callable[..., Any]


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


async def reconcile(ask: Ask) -> Reconciliation:
    """Ask every book and add up. `ask(query, service)` asks one query. Raises `Unanswered` when a service does not answer."""
    now = datetime.now(UTC)
    missing = await _lacking(ask, "referrals", ("intake", "router"), now)
    lost_legs = await _lacking(ask, "legs", ("router", "notifier"), now - _SETTLED)
    intake: IntakeBooks = await _asked(ask, IntakeBooksQuery())
    router: RouterBooks = await _asked(ask, RouterBooksQuery(without=intake.withdrawn_ids))
    absent = [UUID(entry.partition("/")[0]) for entry in missing]
    fresh = await _fresh(ask, absent)
    late = sorted(str(identity) for identity in absent if identity not in fresh)
    unaccounted = (*late, *map(str, router.legless), *(f"leg {entry.partition('/')[0]}" for entry in lost_legs))
    not_there = intake.referrals - intake.withdrawn - router.referrals
    waiting = router.waiting + max(0, min(not_there, len(fresh)))
    received = intake.referrals + intake.quarantined
    counted = router.owned + waiting + intake.quarantined + intake.withdrawn
    return Reconciliation(
        received=received,
        owned=router.owned,
        waiting=waiting,
        quarantined=intake.quarantined,
        withdrawn=intake.withdrawn,
        unaccounted=unaccounted,
        balanced=not unaccounted and received == counted,
        pending=intake.pending,
        discarded=intake.discarded,
    )


async def _lacking(ask: Ask, book: Any, between: tuple[str, str], end: datetime) -> list[str]:
    async def mine(query: DigestQuery) -> DigestAnswer:
        return await ask(query, between[0])

    async def theirs(query: DigestQuery) -> DigestAnswer:
        return await ask(query, between[1])

    return await lacking(mine, theirs, book, _BEGINNING, end)


async def _asked(ask: Ask, query: Query[Any]) -> Any:
    return await ask(query, "")


async def _fresh(ask: Ask, identities: Sequence[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for start in range(0, len(identities), _IDS_AT_ONCE):
        answer = await ask(FreshQuery(ids=tuple(identities[start : start + _IDS_AT_ONCE])), "")
        found.update(answer.fresh)
    return found
