"""The router's side of two comparisons: its referrals with intake's, its legs with the notifier's."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_router.adapters.book import leg_of
from fingerpost_router.adapters.tables import legs
from fingerpost_router.domain.legs import Leg
from fingerpost_shared.contracts.queries.digests import DigestAnswer, DigestQuery
from fingerpost_shared.runtime.digests import Progress, digest

_ENTRIES = {
    "referrals": """
        SELECT id::text || '/' || version AS entry, updated_at AS at FROM referrals WHERE updated_at >= :start AND updated_at < :end
    """,
    "legs": """
        SELECT id::text || '/' || routed_version AS entry, routed_at AS at FROM legs WHERE routed_at >= :start AND routed_at < :end
    """,
}


async def router_digest(query: DigestQuery, engine: AsyncEngine, progress: Callable[[], Awaitable[Progress]]) -> DigestAnswer:
    """`query.router.digest.v1`."""
    return await digest(engine, _ENTRIES[query.book], query, await progress())


async def legs_again(entries: Sequence[str], engine: AsyncEngine) -> list[Leg]:
    """The legs that these entries name, as they were last routed."""
    wanted = sorted(UUID(entry.partition("/")[0]) for entry in entries)
    async with engine.connect() as connection:
        return [leg_of(row) for row in await connection.execute(select(legs).where(legs.c.id.in_(wanted)))]
