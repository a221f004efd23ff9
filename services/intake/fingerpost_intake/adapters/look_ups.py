"""Reads intake's book for those who ask: referrers, the console, other services. Nothing here opens the vault."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_intake.adapters.tables import batch_reports, quarantine, referrals, submissions, vault
from fingerpost_shared.contracts.ids import read_reference
from fingerpost_shared.contracts.queries.intake import (
    FreshAnswer,
    FreshQuery,
    IntakeBooks,
    IntakeBooksQuery,
    QuarantineItem,
    QuarantinePage,
    QuarantineQuery,
    RecentReferralsPage,
    RecentReferralsQuery,
    ReferralQuery,
    ReferralView,
)
from fingerpost_shared.contracts.queries.pages import read_place

QUICK_SECONDS = 0.25
_REST_SECONDS = 5.0
FRESH = timedelta(seconds=60)
_WITHDRAWN_AT_ONCE = 4000


class LookUps:
    """Reads of intake's book."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._resting_until = 0.0

    async def is_saved(self, referral_id: UUID, content_hash: bytes) -> bool:
        """Whether exactly this content is known to be saved. No when the database does not say so at once: nothing waits for it."""
        if time.monotonic() < self._resting_until:
            return False
        query = select(vault.c.version).where(vault.c.referral_id == referral_id, vault.c.content_hash == content_hash)
        try:
            return await asyncio.wait_for(self._first(query), QUICK_SECONDS) is not None
        except Exception:
            self._resting_until = time.monotonic() + _REST_SECONDS
            return False

    async def referral(self, reference: str) -> ReferralView:
        """A referral by its short reference, in any spelling, or by its id."""
        typed = read_reference(reference)
        wanted = referrals.c.reference == typed if typed else referrals.c.id == _uuid(reference)
        row = await self._first(select(referrals).where(wanted))
        return _view(row) if row else ReferralView(found=False)

    async def answer_referral(self, query: ReferralQuery) -> ReferralView:
        """`query.intake.referral.v1`."""
        return await self.referral(query.reference)

    async def recent(self, query: RecentReferralsQuery) -> RecentReferralsPage:
        """`query.intake.recent.v1`."""
        wanted = select(referrals).order_by(referrals.c.received_at.desc(), referrals.c.id.desc()).limit(query.limit + 1)
        rows = await self._all(_after(wanted, referrals, query.after))
        return RecentReferralsPage(referrals=tuple(map(_view, rows[: query.limit])), next_after=_next(rows, query.limit))

    async def quarantined(self, query: QuarantineQuery) -> QuarantinePage:
        """`query.intake.quarantine.v1`."""
        wanted = select(quarantine).order_by(quarantine.c.received_at.desc(), quarantine.c.id.desc()).limit(query.limit + 1)
        rows = await self._all(_after(wanted, quarantine, query.after))
        still_open = await self._first(select(func.count()).select_from(quarantine).where(quarantine.c.state == "open"))
        items = tuple(map(_item, rows[: query.limit]))
        return QuarantinePage(items=items, open=still_open[0], next_after=_next(rows, query.limit))

    async def books(self, query: IntakeBooksQuery, pending: int) -> IntakeBooks:
        """`query.intake.books.v1`: intake's part of the sum."""
        states = dict(await self._all(select(quarantine.c.state, func.count()).group_by(quarantine.c.state)))
        is_fresh = and_(referrals.c.saved_at > datetime.now(UTC) - FRESH, referrals.c.status != "withdrawn")
        counted = (func.count(), func.count().filter(referrals.c.status == "withdrawn"), func.count().filter(is_fresh))
        total, gone, fresh = await self._first(select(*counted).select_from(referrals))
        withdrawn = select(referrals.c.id).where(referrals.c.status == "withdrawn").order_by(referrals.c.id).limit(_WITHDRAWN_AT_ONCE)
        if query.withdrawn_after:
            withdrawn = withdrawn.where(referrals.c.id > query.withdrawn_after)
        outcomes = await self._all(select(submissions.c.outcome, func.count()).group_by(submissions.c.outcome))
        return IntakeBooks(
            referrals=total,
            quarantined=states.get("open", 0),
            discarded=states.get("discarded", 0),
            withdrawn=gone,
            withdrawn_ids=tuple(row.id for row in await self._all(withdrawn)),
            fresh=fresh,
            pending=pending,
            outcomes=dict(outcomes),
        )

    async def fresh(self, query: FreshQuery) -> FreshAnswer:
        """`query.intake.fresh.v1`."""
        wanted = select(referrals.c.id).where(referrals.c.id.in_(query.ids), referrals.c.saved_at > datetime.now(UTC) - FRESH)
        return FreshAnswer(fresh=tuple(row.id for row in await self._all(wanted)))

    async def keep_batch_report(self, batch: UUID, agency: str, report: dict[str, Any]) -> bool:
        """Keep the report of a large batch; no when the database is away."""
        values = {"id": batch, "agency": agency, "report": report, "made_at": datetime.now(UTC)}
        try:
            async with self._engine.begin() as connection:
                await connection.execute(batch_reports.insert().values(**values))
        except Exception:
            return False
        return True

    async def forget_batch_reports(self, kept: timedelta) -> None:
        """Remove the reports that were made longer ago than this."""
        async with self._engine.begin() as connection:
            await connection.execute(batch_reports.delete().where(batch_reports.c.made_at < datetime.now(UTC) - kept))

    async def batch_report(self, batch: str, agency: str) -> dict[str, Any] | None:
        """The report of this agency's batch, by its id."""
        row = await self._first(select(batch_reports.c.report).where(batch_reports.c.id == _uuid(batch), batch_reports.c.agency == agency))
        return row[0] if row else None

    async def _first(self, query: Executable) -> Any:
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).first()

    async def _all(self, query: Executable) -> list[Any]:
        async with self._engine.connect() as connection:
            return list((await connection.execute(query)).all())


def _view(row: Any) -> ReferralView:
    return ReferralView(
        found=True,
        referral_id=row.id,
        reference=row.reference,
        status=row.status,
        kinds=tuple(row.facts.get("kinds", ())),
        agency=row.agency,
        version=row.version,
        received_at=row.received_at,
    )


def _item(row: Any) -> QuarantineItem:
    names = ("reference", "agency", "content_type", "size_bytes", "state", "reasons", "received_at")
    return QuarantineItem(quarantine_id=row.id, **{name: getattr(row, name) for name in names})


def _after(query: Select[Any], table: Any, after: str | None) -> Select[Any]:
    """What comes after a page's last row: `<time>/<id>` of it."""
    if after is None:
        return query
    received_at, last = read_place(after)
    return query.where(or_(table.c.received_at < received_at, and_(table.c.received_at == received_at, table.c.id < last)))


def _next(rows: list[Any], limit: int) -> str | None:
    return f"{rows[limit - 1].received_at.isoformat()}/{rows[limit - 1].id}" if len(rows) > limit else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
