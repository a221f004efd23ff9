"""The notifier's book in PostgreSQL: one row for each leg and agency, whatever is delivered twice, and who is sending which.

What is due and how long a claim lasts goes by PostgreSQL's clock, once a statement: those of replicas differ.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, TextClause, Uuid, any_, bindparam, delete, func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_notifier.adapters.tables import alerts, unannounced
from fingerpost_notifier.domain.alerts import Alert, Ended, Failed, Postponed, Result, Sent
from fingerpost_shared.contracts.events import LegRouted
from fingerpost_shared.runtime.database import given, rows_given, single_statements
from fingerpost_shared.runtime.faults import TryLater

AT_ONCE = timedelta(0)
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
    SELECT *, :state, :attempts, statement_timestamp() + CAST(:hold AS interval), statement_timestamp() FROM unnest(
        CAST(:id AS uuid[]), CAST(:leg_id AS uuid[]), CAST(:referral_id AS uuid[]), CAST(:reference AS text[]), CAST(:agency AS text[]),
        CAST(:channel AS text[]), CAST(:lane AS text[]), CAST(:band AS text[])
    )
    ON CONFLICT DO NOTHING RETURNING id
    """
)
_GIVEN = ("id", "leg_id", "referral_id", "reference", "agency", "channel", "lane", "band")

# The legs stay locked until the alerts are written, or a version between could overwrite what a newer one wrote
_REVISE = text(
    """
    WITH newest AS (
        SELECT given.* FROM unnest(
            CAST(:id AS uuid[]), CAST(:version AS integer[]), CAST(:referral_id AS uuid[]), CAST(:lane AS text[]), CAST(:band AS text[])
        ) AS given(leg_id, version, referral_id, lane, band)
        JOIN legs ON legs.id = given.leg_id AND legs.version = given.version ORDER BY legs.id FOR UPDATE OF legs
    ), unlike AS (
        SELECT alerts.id, newest.lane, newest.band, alerts.state = 'sending' AND alerts.next_at > statement_timestamp() AS is_held
        FROM newest JOIN alerts ON alerts.referral_id = newest.referral_id AND alerts.leg_id = newest.leg_id
        WHERE alerts.ended_at IS NULL AND (alerts.lane, alerts.band) IS DISTINCT FROM (newest.lane, newest.band)
        ORDER BY alerts.id FOR UPDATE OF alerts
    ), revised AS (
        UPDATE alerts SET lane = unlike.lane, band = unlike.band, next_at = least(
            alerts.next_at, CASE WHEN unlike.lane = 'urgent' AND alerts.lane <> unlike.lane THEN statement_timestamp() END
        )
        FROM unlike WHERE alerts.id = unlike.id AND NOT unlike.is_held
    )
    SELECT is_held FROM unlike
    """
)

# SKIP LOCKED lets many senders claim at once; a row that is still 'sending' after its lease belongs to a sender that died
_CLAIM = text(
    """
    UPDATE alerts SET state = 'sending', attempts = attempts + 1, next_at = statement_timestamp() + CAST(:lease AS interval),
        unseen_attempts = unseen_attempts + (due.was = 'sending')::int
    FROM (
        SELECT id AS due_id, state AS was FROM alerts
        WHERE lane = :lane AND state IN ('queued', 'sending') AND next_at <= statement_timestamp()
            AND (state = 'queued' OR CAST(:takes_over AS boolean))
        ORDER BY next_at LIMIT :most FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE alerts.id = due.due_id
    RETURNING id, leg_id, referral_id, reference, agency, channel, lane, band, attempts, server_faults
    """
)

_SETTLED = {
    "id": "uuid",
    "attempts": "integer",
    "state": "text",
    "pause": "interval",
    "ended_at": "timestamptz",
    "failure": "text",
}

_SERVER_FAULTS = """,
    server_faults = server_faults + (alerts.id = ANY (CAST(:by_server AS uuid[])))::int,
    unseen_attempts = unseen_attempts + (alerts.id = ANY (CAST(:perhaps_sent AS uuid[])))::int"""
_WAITS_FOR_SERVER = (alerts.c.state == "queued") & (alerts.c.server_faults > 0)

_COLUMNS = tuple(alerts.c[name] for name in (*_GIVEN, "attempts", "ended_at", "failure"))
_UNANNOUNCED = select(*_COLUMNS).where(text("id = ANY (ARRAY(SELECT alert_id FROM unannounced LIMIT :most))"))


class Book:
    """Saves alerts once, hands them to senders, and keeps what became of them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._single = single_statements(engine)
        self._failed_at = float("-inf")

    async def queue(self, seen: Sequence[LegRouted], wanted: Sequence[Alert], *, is_claimed: bool) -> list[Alert]:
        """Save which legs were seen and the alerts they ask for; what is saved already stays as it is. Returns what is new.

        Claimed, a new alert is the caller's alone until the lease ends, and its first attempt has begun. Of alerts with the same id the
        last counts.
        """
        newest: dict[UUID, LegRouted] = {}
        for leg in seen:
            if leg.leg_id not in newest or newest[leg.leg_id].version < leg.version:
                newest[leg.leg_id] = leg
        legs = [newest[leg_id] for leg_id in sorted(newest)]
        unique = {alert.id: alert for alert in wanted}
        rows = [unique[alert_id] for alert_id in sorted(unique)]
        state, attempts, hold = ("sending", 1, LEASE) if is_claimed else ("queued", 0, AT_ONCE)
        values = {
            "seen_ids": [leg.leg_id for leg in legs],
            "versions": [leg.version for leg in legs],
            "routed_at": [leg.routed_at for leg in legs],
            **{name: [getattr(row, name) for row in rows] for name in _GIVEN},
            "state": state,
            "attempts": attempts,
            "hold": hold,
        }
        async with self._single.connect() as connection:
            return [unique[alert_id] for (alert_id,) in await connection.execute(_QUEUE, values)]

    async def revise(self, seen: Sequence[LegRouted]) -> bool:
        """Give what is not sent yet of these legs' alerts the lane and band that they have now, unless a newer version was seen.

        They have been seen by `queue`. What turns urgent is due at once. Returns whether something changed. Raises `TryLater` while one of
        these alerts is being sent: it may come back unsent, and must not go out as what it was then.
        """
        values = {
            "id": [leg.leg_id for leg in seen],
            **{name: [getattr(leg, name) for leg in seen] for name in ("version", "referral_id", "lane", "band")},
        }
        async with self._single.connect() as connection:
            unlike = [is_held for (is_held,) in await connection.execute(_REVISE, values)]
        if any(unlike):
            raise TryLater
        return bool(unlike)

    async def is_due(self, lane: str) -> bool:
        """Whether there is something to claim."""
        is_due = alerts.c.next_at <= func.statement_timestamp()
        due = select(alerts.c.id).where(alerts.c.lane == lane, alerts.c.state.in_(("queued", "sending")), is_due)
        async with self._single.connect() as connection:
            return (await connection.execute(due.limit(1))).first() is not None

    async def claim(self, lane: str, most: int) -> list[Alert]:
        """Alerts that are due, for this sender alone until the lease ends."""
        takes_over = time.monotonic() - self._failed_at > SETTLES_FIRST_SECONDS
        wanted = {"lane": lane, "lease": LEASE, "most": most, "takes_over": takes_over}
        try:
            async with self._single.connect() as connection:
                return [Alert(*row) for row in await connection.execute(_CLAIM, wanted)]
        except Exception:
            self._failed_at = time.monotonic()
            raise

    async def renew(self, identities: Sequence[UUID]) -> None:
        """Hold those of claimed alerts for another lease that are not written down yet."""
        async with self._single.connect() as connection:
            lasting = {"next_at": func.statement_timestamp() + LEASE}
            await connection.execute(update(alerts).where(alerts.c.id.in_(identities), alerts.c.state == "sending").values(lasting))

    async def settle(self, results: Sequence[tuple[Alert, Result]], *, is_told: bool) -> list[Ended]:
        """Write down what became of claimed alerts; one that another sender has ended or claimed meanwhile stays so, unless it was sent.

        Returns what has ended with this. Unless it `is_told` by the caller, `unannounced` has it from now on.
        """
        now = datetime.now(UTC)
        in_order = sorted(results, key=lambda pair: pair[0].id)
        rows = [_settled(alert, result, now) for alert, result in in_order]
        values, shared = given(rows)
        by_server: list[UUID] = []
        perhaps_sent: list[UUID] = []
        if "queued" in values["state"]:  # one for all, or one each
            postponed = [(alert.id, result) for alert, result in in_order if isinstance(result, Postponed)]
            by_server = [alert_id for alert_id, result in postponed if result.is_by_server]
            perhaps_sent = [alert_id for alert_id, result in postponed if result.may_be_sent]
            values |= {"by_server": by_server, "perhaps_sent": perhaps_sent}
        async with self._single.connect() as connection:
            found = await connection.execute(_settle(shared, is_told=is_told, has_server_faults=bool(by_server or perhaps_sent)), values)
            attempts = {alert_id: count for alert_id, has_ended, count in found if has_ended}
        return [
            Ended(alert if attempts[alert.id] == alert.attempts else replace(alert, attempts=attempts[alert.id]), result, now)
            for alert, result in in_order
            if alert.id in attempts and not isinstance(result, Postponed)
        ]

    async def release(self, untried: Iterable[Alert]) -> None:
        """Give claimed alerts back whose sending has not begun, as if nobody had claimed them."""
        given_back = {"state": "queued", "attempts": alerts.c.attempts - 1, "next_at": func.statement_timestamp()}
        own = tuple_(alerts.c.id, alerts.c.attempts).in_([(alert.id, alert.attempts) for alert in untried])
        async with self._single.connect() as connection:
            await connection.execute(update(alerts).where(own, alerts.c.state == "sending").values(given_back))

    async def waiting_for_server(self) -> dict[str, int]:
        """How many alerts of each lane wait because the mail server is, or was, away."""
        counted = select(alerts.c.lane, func.count().label("waiting")).where(_WAITS_FOR_SERVER).group_by(alerts.c.lane)
        async with self._single.connect() as connection:
            return {row.lane: row.waiting for row in await connection.execute(counted)}

    async def hasten(self) -> None:
        """The mail server is back: what waits for it alone is due now, the oldest first, whatever is left of its pause.

        What was refused for its own sake too, or may have been sent, waits out its pause: its attempts are counted.
        """
        now = func.statement_timestamp()
        waits_for_it_alone = alerts.c.attempts == alerts.c.server_faults
        due = (
            update(alerts)
            .where(_WAITS_FOR_SERVER, waits_for_it_alone, alerts.c.next_at > now)
            .values(next_at=func.least(alerts.c.queued_at, now))
        )
        async with self._single.connect() as connection:
            await connection.execute(due)

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
def _settle(shared: frozenset[str], *, is_told: bool, has_server_faults: bool) -> TextClause:
    settle = f"""
        UPDATE alerts SET state = s.state, next_at = statement_timestamp() + s.pause, ended_at = s.ended_at, failure = s.failure
            {_SERVER_FAULTS if has_server_faults else ""}
        FROM ({rows_given(_SETTLED, shared)}) AS s
        WHERE alerts.id = s.id AND alerts.ended_at IS NULL
            AND (s.state = 'sent' OR (alerts.state = 'sending' AND alerts.attempts = s.attempts))
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
            return {**row, "state": "sent", "pause": AT_ONCE, "ended_at": now, "failure": None}
        case Postponed(next_at, code):
            return {**row, "state": "queued", "pause": next_at - now, "ended_at": None, "failure": code}
        case Failed(code):
            return {**row, "state": "failed", "pause": AT_ONCE, "ended_at": now, "failure": code}
