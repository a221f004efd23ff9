"""Intake's side of the comparison with the router's book, and the events that put back what REFERRALS lost."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_intake.adapters.book import snapshot_event
from fingerpost_intake.adapters.tables import referrals
from fingerpost_shared.contracts.envelope import Envelope
from fingerpost_shared.contracts.queries.digests import DigestAnswer, DigestQuery
from fingerpost_shared.runtime.digests import Progress, digest

_ENTRIES = """
    SELECT id::text || '/' || version AS entry, updated_at AS at FROM referrals WHERE updated_at >= :start AND updated_at < :end
"""


async def referrals_digest(query: DigestQuery, engine: AsyncEngine, progress: Callable[[], Awaitable[Progress]]) -> DigestAnswer:
    """`query.intake.digest.v1`: intake keeps the book of referrals."""
    return await digest(engine, _ENTRIES, query, await progress())


async def events_again(entries: Sequence[str], engine: AsyncEngine) -> list[Envelope]:
    """The newest event of each of these referrals, from its row."""
    wanted = sorted(UUID(entry.partition("/")[0]) for entry in entries)
    async with engine.connect() as connection:
        found = await connection.execute(select(referrals).where(referrals.c.id.in_(wanted)))
        return [snapshot_event(row) for row in found.mappings()]
