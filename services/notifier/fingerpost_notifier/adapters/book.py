"""The notifier's book in PostgreSQL: one row for each leg and agency, whatever is delivered twice, and who is sending which."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, TextClause, Uuid, any_, bindparam, delete, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_notifier.adapters.tables import alerts, unannounced
from fingerpost_notifier.domain.alerts import Alert, Ended, Failed, Postponed, Result, Sent
from fingerpost_shared.contracts.events import LegRouted
from fingerpost_shared.runtime.database import given, rows_given, single_statements
from fingerpost_shared.runtime.faults import TryLater

LEASE = timedelta(seconds=30)
SETTLES_FIRST_SECONDS = 3.0  # once the database is back: leases ended meanwhile, and what was sent is not written down yet

_QUEUE = text(
    """
    WITH seen AS (
        INSERT INTO legs (id, version, routed_at)
        SELECT * FROM unnest(CAST(:seen_ids AS uuid[]), CAST(:versions AS integer[]), CAST(:routed_at AS timestamptz[]))
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, routed_at = excluded.routed_at WHERE legs.version <= excluded.version
    )
    INSERT INTO alerts (id, leg_id, referral_id, reference, agency, channel, lane, band, state, attempts, next_at, queued_at)
    SELECT *, :state, :attempts, :next_at, :now FROM unnest(
        CAST(:id AS uuid[]), CAST(:leg_id AS uuid[]), CAST(:referral_id AS uuid[]), CAST(:reference AS text[]), CAST(:agency AS text[]),
        CAST(:channel AS text[]), CAST(:lane AS text[]), CAST(:band AS text[])
    )
    ON CONFLICT DO NOTHING RETURNING id
    """
)
_GIVEN = ("id", "leg_id", "referral_id", "reference", "agency", "channel", "lane", "band")

# SKIP LOCKED lets many senders claim at once; a row that is still 'sending' after its lease belongs to a sender that died
_CLAIM = text(
    """
    UPDATE alerts SET state = 'sending', attempts = attempts + 1, next_at = :lease_until,
        unseen_attempts = unseen_attempts + (due.was = 'sending')::int
    FROM (
        SELECT id AS due_id, state AS was FROM alerts
        WHERE lane = :lane AND state IN ('queued', 'sending') AND next_at <= :now AND (state = 'queued' OR CAST(:takes_over AS boolean))
        ORDER BY next_at LIMIT :most FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE alerts.id = due.due_id
    RETURNING id, leg_id, referral_id, reference, agency, channel, lane, band, attempts
    """
)

_SETTLED = {
    "id": "uuid",
    "attempts": "integer",
    "state": "text",
    "next_at": "timestamptz",
    "ended_at": "timestamptz",
    "failure": "text",
}

_COLUMNS = tuple(alerts.c[name] for name in (*_GIVEN, "attempts", "ended_at", "failure"))
_UNANNOUNCED = select(*_COLUMNS).where(text("id = ANY (ARRAY(SELECT alert_id FROM unannounced LIMIT :most))"))


class Book:
    """Saves alerts once, hands them to senders, and keeps what became of them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._single = single_statements(engine)
        self._failed_at = float("-inf")

    async def queue(self, seen: Sequence[LegRouted], wanted: Sequence[Alert], *, is_claimed: bool) -> list[Alert]:
        """Save which legs were seen and the alerts they ask for; what is saved already stays as it is. Returns what is new.

        Claimed, a new alert is the caller's alone until the lease ends, and its first attempt has begun.
        """
        now = datetime.now(UTC)
        newest: dict[UUID, LegRouted] = {}
        for leg in seen:
            if leg.leg_id not in newest or newest[leg.leg_id].version < leg.version:
                newest[leg.leg_id] = leg
        legs = [newest[leg_id] for leg_id in sorted(newest)]
        unique = {alert.id: alert for alert in wanted}
        rows = [unique[alert_id] for alert_id in sorted(unique)]
        state, attempts, next_at = ("sending", 1, now + LEASE) if is_claimed else ("queued", 0, now)
        values = {
            "seen_ids": [leg.leg_id for leg in legs],
            "versions": [leg.version for leg in legs],
            "routed_at": [leg.routed_at for leg in legs],
            **{name: [getattr(row, name) for row in rows] for name in _GIVEN},
            "state": state,
            "attempts": attempts,
            "next_at": next_at,
            "now": now,
        }
        async with self._single.connect() as connection:
            return [unique[alert_id] for (alert_id,) in await connection.execute(_QUEUE, values)]

    async def is_due(self, lane: str) -> bool:
        """Whether there is something to claim."""
        now = datetime.now(UTC)
        due = select(alerts.c.id).where(alerts.c.lane == lane, alerts.c.state.in_(("queued", "sending")), alerts.c.next_at <= now)
        async with self._single.connect() as connection:
            return (await connection.execute(due.limit(1))).first() is not None

    async def claim(self, lane: str, most: int) -> list[Alert]:
        """Alerts that are due, for this sender alone until the lease ends."""
        now = datetime.now(UTC)
        takes_over = time.monotonic() - self._failed_at > SETTLES_FIRST_SECONDS
        wanted = {"lane": lane, "now": now, "lease_until": now + LEASE, "most": most, "takes_over": takes_over}
        try:
            async with self._single.connect() as connection:
                return [Alert(*row) for row in await connection.execute(_CLAIM, wanted)]
        except Exception:
            self._failed_at = time.monotonic()
            raise

    async def renew(self, identities: Sequence[UUID]) -> None:
        """Hold those of claimed alerts for another lease that are not written down yet."""
        async with self._single.connect() as connection:
            lasting = {"next_at": datetime.now(UTC) + LEASE}
            await connection.execute(update(alerts).where(alerts.c.id.in_(identities), alerts.c.state == "sending").values(lasting))

    async def settle(self, results: Sequence[tuple[Alert, Result]], *, is_told: bool) -> list[Ended]:
        """Write down what became of claimed alerts; one that another sender has ended or claimed meanwhile stays so, unless it was sent.

        Returns what has ended with this. Unless it `is_told` by the caller, `unannounced` has it from now on.
        """
        now = datetime.now(UTC)
        in_order = sorted(results, key=lambda pair: pair[0].id)
        rows = [_settled(alert, result, now) for alert, result in in_order]
        values, shared = given(rows)
        async with self._single.connect() as connection:
            found = await connection.execute(_settle(shared, is_told=is_told), values)
            attempts = {alert_id: count for alert_id, has_ended, count in found if has_ended}
        return [
            Ended(alert if attempts[alert.id] == alert.attempts else replace(alert, attempts=attempts[alert.id]), result, now)
            for alert, result in in_order
            if alert.id in attempts and not isinstance(result, Postponed)
        ]

    async def release(self, untried: Iterable[Alert]) -> None:
        """Give claimed alerts back whose sending has not begun, as if nobody had claimed them."""
        given_back = {"state": "queued", "attempts": alerts.c.attempts - 1, "next_at": datetime.now(UTC)}
        own = tuple_(alerts.c.id, alerts.c.attempts).in_([(alert.id, alert.attempts) for alert in untried])
        async with self._single.connect() as connection:
            await connection.execute(update(alerts).where(own, alerts.c.state == "sending").values(given_back))

    async def ended(self, identities: Iterable[UUID]) -> list[Ended]:
        """What became of those of these alerts that have ended. Raises `TryLater` while one of them is being sent."""
        not_waiting = select(*_COLUMNS).where(alerts.c.id.in_(sorted(identities)), alerts.c.state != "queued").order_by(alerts.c.id)
        async with self._single.connect() as connection:
            found = (await connection.execute(not_waiting)).all()
        if any(row.ended_at is None for row in found):
            raise TryLater
        return [_ended(row) for row in found]

    async def unannounced(self, most: int = 500) -> list[Ended]:
        """Ended alerts that no event has told of yet."""
        async with self._single.connect() as connection:
            return [_ended(row) for row in await connection.execute(_UNANNOUNCED, {"most": most})]

    async def mark_announced(self, identities: Sequence[UUID]) -> None:
        """Their events are in JetStream."""
        async with self._single.connect() as connection:
            await connection.execute(delete(unannounced).where(unannounced.c.alert_id == any_(bindparam("told", identities, ARRAY(Uuid)))))


@cache
def _settle(shared: frozenset[str], *, is_told: bool) -> TextClause:
    settle = f"""
        UPDATE alerts SET state = s.state, next_at = s.next_at, ended_at = s.ended_at, failure = s.failure
        FROM ({rows_given(_SETTLED, shared)}) AS s
        WHERE alerts.id = s.id AND alerts.ended_at IS NULL AND (s.state = 'sent' OR alerts.attempts = s.attempts)
        RETURNING alerts.id, alerts.ended_at IS NOT NULL AS has_ended, alerts.attempts
    """  # noqa: S608 - all of it is ours
    if is_told:
        return text(settle)
    later = "INSERT INTO unannounced (alert_id) SELECT id FROM settled WHERE has_ended ON CONFLICT DO NOTHING"
    return text(f"WITH settled AS ({settle}), told_later AS ({later}) SELECT * FROM settled")  # noqa: S608 - all of it is ours


def _ended(row: Any) -> Ended:
    *fields, ended_at, failure = row
    return Ended(Alert(*fields), Failed(failure) if failure is not None else Sent(), ended_at)


def _settled(alert: Alert, result: Result, now: datetime) -> dict[str, Any]:
    row = {"id": alert.id, "attempts": alert.attempts}
    match result:
        case Sent():
            return {**row, "state": "sent", "next_at": now, "ended_at": now, "failure": None}
        case Postponed(next_at, code):
            return {**row, "state": "queued", "next_at": next_at, "ended_at": None, "failure": code}
        case Failed(code):
            return {**row, "state": "failed", "next_at": now, "ended_at": now, "failure": code}
