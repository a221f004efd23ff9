"""Intake's book in PostgreSQL: saves each entry of a submission once, and tells what became of it, the same at every redelivery."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fingerpost_intake.adapters import sealing
from fingerpost_intake.adapters.key_store import KeyStore
from fingerpost_intake.adapters.tables import quarantine, referrals, submissions, vault
from fingerpost_intake.domain.normalising import Normalised, Quarantined
from fingerpost_intake.domain.outcomes import Known, Outcome, Saved, after, outcome_of
from fingerpost_intake.domain.submissions import Entry, Submission
from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.envelope import Envelope
from fingerpost_shared.contracts.events import ReferralQuarantined, ReferralReceived, ReferralUpdated
from fingerpost_shared.runtime.database import insert

MOST_DERIVATIONS = 5


@dataclass
class _Plan:
    """What one transaction has to write, gathered in memory before the first row is written."""

    now: datetime
    known: dict[UUID, Known] = field(default_factory=dict[UUID, Known])
    vault: dict[tuple[UUID, bytes], dict[str, Any]] = field(default_factory=dict[tuple[UUID, bytes], dict[str, Any]])
    updates: dict[UUID, dict[str, Any]] = field(default_factory=dict[UUID, dict[str, Any]])
    saved: list[Saved] = field(default_factory=list[Saved])


class Book:
    """Saves entries under unique keys of their cause (I1), sealed with their own data keys."""

    def __init__(self, engine: AsyncEngine, keys: KeyStore, reference_prefix: str, facts_version: int) -> None:
        self._engine = engine
        self._keys = keys
        self._prefix = reference_prefix
        self._facts_version = facts_version

    async def save(self, entries: Sequence[tuple[Submission, Entry]]) -> list[Saved]:
        """Save each entry once. For one that is saved already, returns what was saved then."""
        entries = sorted(entries, key=lambda pair: (_subject(pair[1]), pair[0].received_at, pair[1].row))
        async with self._engine.connect() as connection:
            already = await _outcomes(connection, {submission.cause for submission, _ in entries})
        fresh = [(submission, entry) for submission, entry in entries if (submission.cause, entry.row) not in already]
        saved = [already[submission.cause, entry.row] for submission, entry in entries if (submission.cause, entry.row) in already]
        return [*saved, *(await self._save_fresh(fresh) if fresh else [])]

    async def _save_fresh(self, entries: Sequence[tuple[Submission, Entry]]) -> list[Saved]:
        keys = await self._keys.keys_for(_subject(entry) for _, entry in entries)
        plan = _Plan(datetime.now(UTC))
        understood = [(s, e, e.result) for s, e in entries if isinstance(e.result, Normalised)]
        kept = [(s, e, e.result) for s, e in entries if isinstance(e.result, Quarantined)]
        async with self._engine.begin() as connection:
            if understood:
                await self._save_referrals(connection, understood, keys, plan)
            if kept:
                await self._save_quarantine(connection, kept, keys, plan)
            return await _record(connection, plan)

    async def _save_referrals(
        self,
        connection: AsyncConnection,
        entries: Sequence[tuple[Submission, Entry, Normalised]],
        keys: Mapping[UUID, bytes],
        plan: _Plan,
    ) -> None:
        firsts: dict[UUID, dict[str, Any]] = {}
        for submission, entry, result in entries:
            firsts.setdefault(result.referral_id, self._row(submission, entry, result, plan.now))
        new = await self._insert_new(connection, firsts)
        plan.known = await _known(connection, [identity for identity in firsts if identity not in new])
        for submission, entry, result in entries:
            self._plan_one(submission, entry, result, keys[result.referral_id], plan)
        if plan.vault:
            await insert(connection, vault, [plan.vault[key] for key in sorted(plan.vault)])
        for identity in sorted(plan.updates):
            await connection.execute(update(referrals).where(referrals.c.id == identity).values(**plan.updates[identity]))

    async def _insert_new(self, connection: AsyncConnection, rows: dict[UUID, dict[str, Any]]) -> set[UUID]:
        """Insert the referrals that are not there; where only the short reference is taken, derive it again."""
        new: set[UUID] = set()
        left = rows
        for derivation in range(MOST_DERIVATIONS):
            batch = [{**left[i], "reference": ids.reference_of(i, self._prefix, derivation)} for i in sorted(left)]
            new |= {row.id for row in await insert(connection, referrals, batch, returning="id")}
            missing = [identity for identity in left if identity not in new]
            if not missing:
                return new
            there = {row.id for row in await connection.execute(select(referrals.c.id).where(referrals.c.id.in_(missing)))}
            left = {identity: rows[identity] for identity in missing if identity not in there}
            if not left:
                return new
        raise RuntimeError(f"{len(left)} references are taken in all their {MOST_DERIVATIONS} derivations")

    def _plan_one(self, submission: Submission, entry: Entry, result: Normalised, key: bytes, plan: _Plan) -> None:
        known = plan.known.get(result.referral_id)
        outcome = outcome_of(result, known)
        now_known = plan.known[result.referral_id] = after(outcome, result, known)
        if outcome != "resend":
            plan.vault[result.referral_id, result.content_hash] = {
                "referral_id": result.referral_id,
                "content_hash": result.content_hash,
                "version": now_known.version,
                "sealed": sealing.seal(result.details, key, result.referral_id),
                "saved_at": plan.now,
            }
        if outcome == "update":
            row = self._row(submission, entry, result, plan.now)
            changed = ("status", "lane", "facts_version", "event_id", "sender_updated_at", "updated_at")
            plan.updates[result.referral_id] = {
                **{name: row[name] for name in changed},
                "facts": result.facts,
                "tokens": [token.model_dump() for token in result.tokens],
                "version": now_known.version,
            }
        elif outcome == "withdrawal":
            plan.updates.setdefault(result.referral_id, {})["status"] = "withdrawn"
        plan.saved.append(Saved(submission.cause, entry.row, outcome, result.referral_id, now_known.version))

    def _row(self, submission: Submission, entry: Entry, result: Normalised, now: datetime) -> dict[str, Any]:
        template = ReferralReceived.subject_template.format(lane="*", referral_id=result.referral_id)
        return {
            "id": result.referral_id,
            "reference": "",
            "agency": result.agency,
            "status": "withdrawn" if result.is_withdrawn else "received",
            "version": 1,
            "lane": result.lane,
            "facts_version": self._facts_version,
            "facts": json.dumps(result.facts),
            "tokens": json.dumps([token.model_dump() for token in result.tokens]),
            "event_id": ids.event_id(submission.cause, template, "*", str(entry.row)),
            "received_at": submission.received_at,
            "sender_updated_at": result.sender_updated_at,
            "updated_at": submission.received_at,
            "saved_at": now,
        }

    async def _save_quarantine(
        self,
        connection: AsyncConnection,
        entries: Sequence[tuple[Submission, Entry, Quarantined]],
        keys: Mapping[UUID, bytes],
        plan: _Plan,
    ) -> None:
        rows = {result.quarantine_id: _quarantine_row(s, e, result, keys[result.quarantine_id]) for s, e, result in reversed(entries)}
        new = {row.id for row in await insert(connection, quarantine, [rows[i] for i in sorted(rows)], returning="id")}
        for submission, entry, result in entries:
            outcome: Outcome = "quarantine" if result.quarantine_id in new else "resend"
            new.discard(result.quarantine_id)
            plan.saved.append(Saved(submission.cause, entry.row, outcome, result.quarantine_id, 0))

    async def events_of(self, saved: Sequence[Saved]) -> list[Envelope]:
        """The events that the saved outcomes bring. Asked again, the same; for what a newer version replaced, none."""
        async with self._engine.connect() as connection:
            received = {s.subject_id: s for s in saved if s.outcome in ("referral", "update")}
            kept = [s.subject_id for s in saved if s.outcome == "quarantine"]
            events: list[Envelope] = []
            if received:
                found = await connection.execute(select(referrals).where(referrals.c.id.in_(sorted(received))))
                events += [snapshot_event(row) for row in found if row.version == received[row.id].version]
            if kept:
                found = await connection.execute(select(quarantine).where(quarantine.c.id.in_(sorted(kept))))
                events += [quarantine_event(row) for row in found]
        return events


def snapshot_event(row: Any) -> Envelope:
    """The event of a referral's newest version, from its row alone."""
    fields: dict[str, Any] = {
        "referral_id": row.id,
        "reference": row.reference,
        "version": row.version,
        "lane": row.lane,
        "agency": row.agency,
        "facts_version": row.facts_version,
        "facts": row.facts,
        "tokens": row.tokens,
        "received_at": row.received_at,
    }
    if row.version == 1:
        return Envelope(ReferralReceived(**fields), row.event_id, row.received_at)
    return Envelope(ReferralUpdated(**fields, updated_at=row.updated_at), row.event_id, row.updated_at)


def quarantine_event(row: Any) -> Envelope:
    """The event of a quarantine item, from its row alone."""
    fields = {name: getattr(row, name) for name in ("reference", "lane", "agency", "reasons", "received_at")}
    return Envelope(ReferralQuarantined(quarantine_id=row.id, **fields), row.event_id, row.received_at)


def _subject(entry: Entry) -> UUID:
    return entry.result.referral_id if isinstance(entry.result, Normalised) else entry.result.quarantine_id


def _quarantine_row(submission: Submission, entry: Entry, result: Quarantined, key: bytes) -> dict[str, Any]:
    template = ReferralQuarantined.subject_template.format(lane="*", quarantine_id=result.quarantine_id)
    return {
        "id": result.quarantine_id,
        "reference": ids.reference_of(result.quarantine_id, ids.QUARANTINE_PREFIX),
        "agency": result.agency,
        "content_type": result.content_type,
        "size_bytes": len(result.content),
        "sealed": sealing.seal(result.content, key, result.quarantine_id),
        "reasons": json.dumps([reason.model_dump() for reason in result.reasons]),
        "state": "open",
        "lane": "urgent",  # nobody knows how urgent it is before a person has read it
        "event_id": ids.event_id(submission.cause, template, "*", str(entry.row)),
        "received_at": submission.received_at,
    }


async def _outcomes(connection: AsyncConnection, causes: set[UUID]) -> dict[tuple[UUID, int], Saved]:
    columns = (submissions.c.cause, submissions.c.row, submissions.c.outcome, submissions.c.subject_id, submissions.c.version)
    found = await connection.execute(select(*columns).where(submissions.c.cause.in_(causes)))
    return {(row.cause, row.row): Saved(*row) for row in found}


async def _known(connection: AsyncConnection, identities: Sequence[UUID]) -> dict[UUID, Known]:
    """What is saved of these referrals, locked until this transaction ends so that versions count up one by one."""
    if not identities:
        return {}
    wanted = sorted(identities)
    columns = (referrals.c.id, referrals.c.version, referrals.c.sender_updated_at)
    rows = await connection.execute(select(*columns).where(referrals.c.id.in_(wanted)).order_by(referrals.c.id).with_for_update())
    held = {row.id: row for row in rows}
    hashes: dict[UUID, set[bytes]] = {identity: set() for identity in held}
    for row in await connection.execute(select(vault.c.referral_id, vault.c.content_hash).where(vault.c.referral_id.in_(wanted))):
        hashes[row.referral_id].add(row.content_hash)
    return {identity: Known(row.version, row.sender_updated_at, hashes[identity]) for identity, row in held.items()}


async def _record(connection: AsyncConnection, plan: _Plan) -> list[Saved]:
    """Write down the outcomes; where another delivery of the same submission was first, its outcome stands."""
    by_key = {(item.cause, item.row): item for item in plan.saved}
    rows = [{**_fields(by_key[key]), "saved_at": plan.now} for key in sorted(by_key)]
    recorded = {(row.cause, row.row) for row in await insert(connection, submissions, rows, returning='cause, "row"')}
    lost = {key[0] for key in by_key if key not in recorded}
    earlier = await _outcomes(connection, lost) if lost else {}
    return [by_key[key] if key in recorded else earlier[key] for key in by_key]


def _fields(saved: Saved) -> dict[str, Any]:
    return {"cause": saved.cause, "row": saved.row, "outcome": saved.outcome, "subject_id": saved.subject_id, "version": saved.version}
