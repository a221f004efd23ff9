"""Reads the notifier's book for those who ask."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Executable, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_notifier.adapters.tables import alerts
from fingerpost_shared.contracts.queries.digests import DigestAnswer, DigestQuery
from fingerpost_shared.contracts.queries.notifier import AlertsPage, AlertsQuery, AlertView
from fingerpost_shared.contracts.queries.pages import read_place
from fingerpost_shared.runtime.digests import Progress, digest

_LEGS = "SELECT id::text || '/' || version AS entry, routed_at AS at FROM legs WHERE routed_at >= :start AND routed_at < :end"


class LookUps:
    """Reads of the notifier's book."""

    def __init__(self, engine: AsyncEngine, progress: Callable[[], Awaitable[Progress]]) -> None:
        self._engine = engine
        self._progress = progress

    async def alerts(self, query: AlertsQuery) -> AlertsPage:
        """`query.notifier.alerts.v1`: newest first."""
        wanted = select(alerts).order_by(alerts.c.queued_at.desc(), alerts.c.id.desc()).limit(query.limit + 1)
        if query.referral_id:
            wanted = wanted.where(alerts.c.referral_id == query.referral_id)
        if query.state:
            wanted = wanted.where(alerts.c.state == query.state)
        if query.after:
            wanted = wanted.where(tuple_(alerts.c.queued_at, alerts.c.id) < tuple_(*read_place(query.after)))
        rows = await self._all(wanted)
        counts = dict(await self._all(select(alerts.c.state, func.count()).group_by(alerts.c.state)))
        last = rows[query.limit - 1] if len(rows) > query.limit else None
        after = f"{last.queued_at.isoformat()}/{last.id}" if last else None
        return AlertsPage(alerts=tuple(map(_view, rows[: query.limit])), counts=counts, next_after=after)

    async def digest(self, query: DigestQuery) -> DigestAnswer:
        """`query.notifier.digest.v1`: the notifier keeps the book of the legs it has seen."""
        return await digest(self._engine, _LEGS, query, await self._progress())

    async def _all(self, query: Executable) -> list[Any]:
        async with self._engine.connect() as connection:
            return list((await connection.execute(query)).all())


def _view(row: Any) -> AlertView:
    names = ("leg_id", "reference", "agency", "channel", "band", "state", "attempts", "queued_at", "failure")
    sent_at = row.ended_at if row.state == "sent" else None
    return AlertView(alert_id=row.id, sent_at=sent_at, **{name: getattr(row, name) for name in names})
