"""Routes batches as the router's consumer does, and reads back what is in its book."""

from collections.abc import Sequence
from typing import Any

from prometheus_client import REGISTRY
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_router.adapters.book import Book, leg_of
from fingerpost_router.adapters.rule_book import RuleBook
from fingerpost_router.adapters.tables import book as tables
from fingerpost_router.adapters.tables import decisions, legs
from fingerpost_router.adapters.telling import Telling
from fingerpost_router.domain.legs import Leg
from fingerpost_router.domain.snapshots import Snapshot
from fingerpost_router.handlers import route
from fingerpost_shared.contracts.envelope import Envelope, Received
from tests.unit.router.building import CALENDAR

telling = Telling("router")


def unrouted() -> float:
    """How many decisions of this process found no rule that names a lead."""
    return REGISTRY.get_sample_value("fingerpost_unrouted_decisions_total", {"service": "router"}) or 0.0


def strange() -> float:
    """How many decisions of this process were on facts that their rule set could not read."""
    return REGISTRY.get_sample_value("fingerpost_strange_decisions_total", {"service": "router"}) or 0.0


def received(event: Any) -> Received[Any]:
    """The event as it comes from a stream."""
    return Received(event, "id", "/fingerpost/intake", event.subject, lambda: event.received_at)


async def routing(book: Book, rule_book: RuleBook, *batch: Snapshot) -> list[Envelope]:
    """Route a batch; returns the events to publish."""
    return await route([received(event) for event in batch], book, rule_book, CALENDAR, telling.decided)


def encoded(events: Sequence[Envelope]) -> list[bytes]:
    """The messages byte for byte, in an order of their own."""
    return sorted(event.encode("router") for event in events)


async def legs_in(engine: AsyncEngine) -> dict[str, Leg]:
    """The legs of the one referral in the book, by destination."""
    async with engine.connect() as connection:
        return {row.destination: leg_of(row) for row in await connection.execute(select(legs))}


async def repeats_by_version(engine: AsyncEngine) -> dict[tuple[Any, int], int]:
    """How many repeats each decision counted."""
    async with engine.connect() as connection:
        rows = await connection.execute(select(decisions.c.referral_id, decisions.c.version, decisions.c.facts))
        return {(row.referral_id, row.version): row.facts["repeats_12m"] for row in rows}


async def sizes(engine: AsyncEngine) -> dict[str, int]:
    """How many rows each table has."""
    async with engine.connect() as connection:
        return {
            name: (await connection.execute(select(func.count()).select_from(table))).scalar_one() for name, table in tables.tables.items()
        }
