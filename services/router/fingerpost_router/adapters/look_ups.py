"""Reads the router's book for those who ask: queues, legs, why a referral came where it is, and the sums."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Executable, and_, case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_router.adapters.rule_book import RuleBook
from fingerpost_router.adapters.tables import decisions, legs, referrals
from fingerpost_router.domain.explaining import fired_rules
from fingerpost_shared.contracts.queries.router import (
    DecisionView,
    LegsPage,
    LegsQuery,
    LegView,
    QueuesPage,
    QueuesQuery,
    QueueView,
    RouterBooks,
    RouterBooksQuery,
    RoutingQuery,
    RoutingView,
    read_leg_place,
)

_STATES = case((legs.c.state == "open", 0), (legs.c.state == "acknowledged", 1), else_=2)
_ORDER = (_STATES, legs.c.band, legs.c.received_at, legs.c.id)


class LookUps:
    """Reads of the router's book."""

    def __init__(self, engine: AsyncEngine, rule_book: RuleBook) -> None:
        self._engine = engine
        self._rule_book = rule_book

    async def queues(self, _query: QueuesQuery) -> QueuesPage:
        """`query.router.queues.v1`."""
        has_clock, is_open = legs.c.role != "copy", legs.c.state == "open"
        waits = and_(has_clock, is_open)
        counted = await self._all(
            select(
                legs.c.destination,
                func.count().filter(waits),
                func.count().filter(and_(has_clock, legs.c.state == "acknowledged")),
                func.count().filter(legs.c.role == "copy"),
                func.count().filter(and_(waits, legs.c.due_at < datetime.now(UTC))),
                func.min(legs.c.received_at).filter(waits),
            ).group_by(legs.c.destination)
        )
        bands = await self._all(
            select(legs.c.destination, legs.c.band, func.count()).where(waits).group_by(legs.c.destination, legs.c.band)
        )
        by_destination: dict[str, dict[str, int]] = {}
        for destination, band, count in bands:
            by_destination.setdefault(destination, {})[band] = count
        names = ("destination", "open", "owned", "copies", "overdue", "oldest_open_at")
        queues = [QueueView(**dict(zip(names, row, strict=True)), open_by_band=by_destination.get(row[0], {})) for row in counted]
        return QueuesPage(queues=tuple(sorted(queues, key=lambda queue: queue.destination)))

    async def legs(self, query: LegsQuery) -> LegsPage:
        """`query.router.legs.v1`: what waits first, then by band, then by age."""
        wanted = select(legs, _STATES.label("place")).where(legs.c.role.in_(query.roles)).order_by(*_ORDER).limit(query.limit + 1)
        if query.destination:
            wanted = wanted.where(legs.c.destination == query.destination)
        if query.state:
            wanted = wanted.where(legs.c.state == query.state)
        if query.after:
            wanted = wanted.where(tuple_(*_ORDER) > tuple_(*read_leg_place(query.after)))
        rows = await self._all(wanted)
        after = None
        if len(rows) > query.limit:
            row = rows[query.limit - 1]
            after = f"{row.place}/{row.band}/{row.received_at.isoformat()}/{row.id}"
        return LegsPage(legs=tuple(map(_view, rows[: query.limit])), next_after=after)

    async def routing(self, query: RoutingQuery) -> RoutingView:
        """`query.router.routing.v1`: a referral's legs, and why they are what they are."""
        rows = await self._all(select(legs).where(legs.c.referral_id == query.referral_id))
        newest = (
            select(decisions)
            .where(decisions.c.referral_id == query.referral_id)
            .order_by(decisions.c.version.desc(), decisions.c.redecision.desc())
            .limit(1)
        )
        made = await self._all(newest)
        if not rows or not made:
            return RoutingView(found=False)
        ordered = sorted(rows, key=lambda row: (("lead", "also", "copy").index(row.role), row.destination))
        return RoutingView(
            found=True,
            referral_id=query.referral_id,
            reference=rows[0].reference,
            legs=tuple(map(_view, ordered)),
            decision=await self._decision(made[0]),
        )

    async def _decision(self, row: Any) -> DecisionView:
        rules = await self._rule_book.rules(row.ruleset_hash)
        return DecisionView(
            version=row.version,
            decided_at=row.decided_at,
            ruleset=rules.version,
            ruleset_hash=row.ruleset_hash,
            facts=row.facts,
            fired=fired_rules(row.outcome["fired"], rules),
            overridden=tuple(row.outcome["overridden"]),
            band=row.outcome["band"],
            tags=tuple(row.outcome["tag"]),
            unrouted=row.outcome["unrouted"],
            lead=row.outcome["lead"],
        )

    async def books(self, query: RouterBooksQuery) -> RouterBooks:
        """`query.router.books.v1`: the router's part of the sum."""
        clocked = legs.c.role != "copy"
        by_referral = (
            select(
                referrals.c.id,
                func.count(legs.c.id).label("legs"),
                func.count().filter(and_(clocked, legs.c.state == "open")).label("open"),
            )
            .select_from(referrals.outerjoin(legs, legs.c.referral_id == referrals.c.id))
            .where(referrals.c.id.not_in(query.without))
            .group_by(referrals.c.id)
            .subquery()
        )
        sums = select(
            func.count(),
            func.count().filter(and_(by_referral.c.legs > 0, by_referral.c.open == 0)),
            func.count().filter(by_referral.c.open > 0),
        ).select_from(by_referral)
        total, owned, waiting = (await self._all(sums))[0]
        legless = await self._all(select(by_referral.c.id).where(by_referral.c.legs == 0).limit(1000))
        return RouterBooks(referrals=total, owned=owned, waiting=waiting, legless=tuple(row.id for row in legless))

    async def _all(self, query: Executable) -> list[Any]:
        async with self._engine.connect() as connection:
            return list((await connection.execute(query)).all())


def _view(row: Any) -> LegView:
    names = [name for name in LegView.model_fields if name != "leg_id"]
    return LegView(leg_id=row.id, **{name: getattr(row, name) for name in names})
