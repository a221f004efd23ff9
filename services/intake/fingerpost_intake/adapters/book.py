"""Intake's book in PostgreSQL: saves each entry of a submission once, and tells what became of it, the same at every redelivery."""

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
from fingerpost_shared.runtime.database import insert, single_statements
from fingerpost_shared.runtime.fairness import in_turns

MOST_DERIVATIONS = 5


@dataclass
class _Plan:
    """What one transaction has to write, gathered in memory before the first row is written."""

    now: datetime
    known: dict[UUID, Known] = field(default_factory=dict[UUID, Known])
    references: dict[UUID, str] = field(default_factory=dict[UUID, str])
    events: dict[UUID, Envelope] = field(default_factory=dict[UUID, Envelope])
    vault: dict[tuple[UUID, bytes], dict[str, Any]] = field(default_factory=dict[tuple[UUID, bytes], dict[str, Any]])
    updates: dict[UUID, dict[str, Any]] = field(default_factory=dict[UUID, dict[str, Any]])
    saved: list[Saved] = field(default_factory=list[Saved])


class Book:
    """Saves entries under unique keys of their cause (I1), sealed with their own data keys."""

    def __init__(self, engine: AsyncEngine, keys: KeyStore, reference_prefix: str, facts_version: int) -> None:
        self._engine = engine
        self._single = single_statements(engine)
        self._keys = keys
        self._prefix = reference_prefix
        self._facts_version = facts_version

    async def save(self, entries: Sequence[tuple[Submission, Entry]]) -> list[Envelope]:
        """Save each entry once; returns the events that tell of them, the same for what was saved already."""
        entries = sorted(entries, key=lambda pair: (pair[1].about, pair[0].received_at, pair[1].row))
        async with self._single.connect() as connection:
            already = await _outcomes(connection, {submission.cause for submission, _ in entries})
        fresh = [(submission, entry) for submission, entry in entries if (submission.cause, entry.row) not in already]
        earlier = [already[submission.cause, entry.row] for submission, entry in entries if (submission.cause, entry.row) in already]
        events, overtaken = await self._save_fresh(fresh) if fresh else ([], [])
        again = [*earlier, *overtaken]
        return [*events, *await self._events_again(again)] if again else events

    async def _save_fresh(self, entries: Sequence[tuple[Submission, Entry]]) -> tuple[list[Envelope], list[Saved]]:
        """Save what is not saved yet: its events, and what another delivery of the same submission saved meanwhile."""
        keys = await self._keys.keys_for(entry.about for _, entry in entries)
        plan = _Plan(datetime.now(UTC))
        understood = [(s, e, e.result) for s, e in entries if isinstance(e.result, Normalised)]
        kept = [(s, e, e.result) for s, e in entries if isinstance(e.result, Quarantined)]
        async with self._engine.begin() as connection:
            if understood:
                await self._save_referrals(connection, understood, keys, plan)
            if kept:
                await self._save_quarantine(connection, kept, keys, plan)
            overtaken = await _record(connection, plan)
        return list(plan.events.values()), overtaken

    async def _save_referrals(
        self,
        connection: AsyncConnection,
        entries: Sequence[tuple[Submission, Entry, Normalised]],
        keys: Mapping[UUID, bytes],
        plan: _Plan,
    ) -> None:
        firsts: dict[UUID, dict[str, Any]] = {}
        for submission, entry, result in entries:
            if result.referral_id not in firsts:
                firsts[result.referral_id] = self._row(submission, entry, result, plan.now)
        plan.references = await self._insert_new(connection, firsts)
        await _add_known(connection, [identity for identity in firsts if identity not in plan.references], plan)
        async for some in in_turns(entries):
            self._plan(some, keys, plan, firsts)
        if plan.vault:
            await insert(connection, vault, [plan.vault[key] for key in sorted(plan.vault)])
        for identity in sorted(plan.updates):
            await connection.execute(update(referrals).where(referrals.c.id == identity).values(plan.updates[identity]))

    async def _insert_new(self, connection: AsyncConnection, rows: dict[UUID, dict[str, Any]]) -> dict[UUID, str]:
        """Insert the referrals that are not there; where only the short reference is taken, derive it again. Returns references."""
        new: dict[UUID, str] = {}
        left = rows
        for derivation in range(MOST_DERIVATIONS):
            wanted = sorted(left)
            derived = [ids.reference_of(identity, self._prefix, derivation) for identity in wanted]
            batch = [{**left[i], "reference": reference} for i, reference in zip(wanted, derived, strict=True)]
            new |= {row.id: row.reference for row in await insert(connection, referrals, batch, returning="id, reference")}
            missing = [identity for identity in left if identity not in new]
            if not missing:
                return new
            there = {row.id for row in await connection.execute(select(referrals.c.id).where(referrals.c.id.in_(missing)))}
            left = {identity: rows[identity] for identity in missing if identity not in there}
            if not left:
                return new
        raise RuntimeError(f"{len(left)} references are taken in all their {MOST_DERIVATIONS} derivations")

    def _plan(
        self,
        entries: Sequence[tuple[Submission, Entry, Normalised]],
        keys: Mapping[UUID, bytes],
        plan: _Plan,
        firsts: Mapping[UUID, dict[str, Any]],
    ) -> None:
        told: list[dict[str, Any]] = []
        kept: list[tuple[Normalised, int]] = []
        for submission, entry, result in entries:
            identity = result.referral_id
            known = plan.known.get(identity)
            outcome = outcome_of(result, known, submission.received_at)
            now_known = plan.known[identity] = after(outcome, result, known, submission.received_at)
            plan.saved.append(Saved(submission.cause, entry.row, outcome, identity, now_known.version))
            if outcome != "resend":
                kept.append((result, now_known.version))
            if known is None:
                told.append({**firsts[identity], "reference": plan.references[identity]})
            elif outcome == "update":
                row = self._updated_row(submission, entry, result, plan, known.received_at)
                plan.updates[identity] = {name: row[name] for name in _CHANGED_BY_UPDATE}
                told.append(row)
            elif outcome == "withdrawal":
                changed = {"sender_updated_at": now_known.sender_updated_at, "changed_at": now_known.changed_at}
                plan.updates.setdefault(identity, {}).update(status="withdrawn", **changed)
        plan.vault |= _sealed(kept, keys, plan.now)
        plan.events |= {row["id"]: snapshot_event(row) for row in told}

    def _updated_row(self, submission: Submission, entry: Entry, result: Normalised, plan: _Plan, received_at: datetime) -> dict[str, Any]:
        """The whole row of a referral's new version, which keeps its reference and the time of its first."""
        identity = result.referral_id
        return {
            **self._row(submission, entry, result, plan.now),
            "reference": plan.references[identity],
            "version": plan.known[identity].version,
            "event_id": ids.event_id(submission.cause, ReferralUpdated.filter(referral_id=str(identity)), str(entry.row)),
            "received_at": received_at,
        }

    def _row(self, submission: Submission, entry: Entry, result: Normalised, now: datetime) -> dict[str, Any]:
        return {
            "id": result.referral_id,
            "reference": "",
            "agency": result.agency,
            "status": "withdrawn" if result.is_withdrawn else "received",
            "version": 1,
            "lane": result.lane,
            "facts_version": self._facts_version,
            "facts": result.facts,
            "tokens": result.tokens,
            "event_id": ids.event_id(submission.cause, ReferralReceived.filter(referral_id=str(result.referral_id)), str(entry.row)),
            "received_at": submission.received_at,
            "sender_updated_at": result.sender_updated_at,
            "updated_at": submission.received_at,
            "changed_at": submission.received_at,
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
        plan.events |= {identity: quarantine_event(rows[identity]) for identity in new}
        for submission, entry, result in entries:
            outcome: Outcome = "quarantine" if result.quarantine_id in new else "resend"
            new.discard(result.quarantine_id)
            plan.saved.append(Saved(submission.cause, entry.row, outcome, result.quarantine_id, 0))

    async def _events_again(self, saved: Sequence[Saved]) -> list[Envelope]:
        """The events of what was saved at an earlier delivery; for what a newer version replaced, none."""
        received = {(s.subject_id, s.version) for s in saved if s.outcome in ("referral", "update")}
        kept = [s.subject_id for s in saved if s.outcome == "quarantine"]
        events: list[Envelope] = []
        async with self._single.connect() as connection:
            if received:
                wanted = sorted({identity for identity, _ in received})
                found = (await connection.execute(select(referrals).where(referrals.c.id.in_(wanted)))).mappings()
                events += [snapshot_event(row) for row in found if (row["id"], row["version"]) in received]
            if kept:
                found = (await connection.execute(select(quarantine).where(quarantine.c.id.in_(sorted(kept))))).mappings()
                events += [quarantine_event(row) for row in found]
        return events


_CHANGED_BY_UPDATE = (
    *("status", "lane", "facts_version", "facts", "tokens", "event_id"),
    *("sender_updated_at", "updated_at", "changed_at", "saved_at", "version"),
)
_KNOWN = tuple(referrals.c[name] for name in ("id", "reference", "version", "sender_updated_at", "received_at", "changed_at"))
_SNAPSHOT = ("reference", "version", "lane", "agency", "facts_version", "facts", "tokens", "received_at")
_QUARANTINED = ("reference", "lane", "agency", "reasons", "received_at")


def snapshot_event(row: Any) -> Envelope:
    """The event of a referral's newest version, from its row alone."""
    fields: dict[str, Any] = {name: row[name] for name in _SNAPSHOT}
    if row["version"] == 1:
        return Envelope(ReferralReceived(referral_id=row["id"], **fields), row["event_id"], row["received_at"])
    updated_at = row["updated_at"]
    return Envelope(ReferralUpdated(referral_id=row["id"], updated_at=updated_at, **fields), row["event_id"], updated_at)


def quarantine_event(row: Any) -> Envelope:
    """The event of a quarantine item, from its row alone."""
    fields: dict[str, Any] = {name: row[name] for name in _QUARANTINED}
    return Envelope(ReferralQuarantined(quarantine_id=row["id"], **fields), row["event_id"], row["received_at"])


def _sealed(kept: Sequence[tuple[Normalised, int]], keys: Mapping[UUID, bytes], now: datetime) -> dict[tuple[UUID, bytes], dict[str, Any]]:
    """The vault's rows of these contents, each with the version that it came with."""
    sealed = [sealing.seal(result.details, keys[result.referral_id], result.referral_id) for result, _ in kept]
    rows: dict[tuple[UUID, bytes], dict[str, Any]] = {}
    for (result, version), content in zip(kept, sealed, strict=True):
        key = (result.referral_id, result.content_hash)
        rows[key] = {"referral_id": key[0], "content_hash": key[1], "version": version, "sealed": content, "saved_at": now}
    return rows


def _quarantine_row(submission: Submission, entry: Entry, result: Quarantined, key: bytes) -> dict[str, Any]:
    subject = ReferralQuarantined.filter(quarantine_id=str(result.quarantine_id))
    return {
        "id": result.quarantine_id,
        "reference": ids.reference_of(result.quarantine_id, ids.QUARANTINE_PREFIX),
        "agency": result.agency,
        "content_type": result.content_type,
        "size_bytes": len(result.content),
        "sealed": sealing.seal(result.content, key, result.quarantine_id),
        "reasons": result.reasons,
        "state": "open",
        "lane": "urgent",  # nobody knows how urgent it is before a person has read it
        "event_id": ids.event_id(submission.cause, subject, str(entry.row)),
        "received_at": submission.received_at,
    }


async def _outcomes(connection: AsyncConnection, causes: set[UUID]) -> dict[tuple[UUID, int], Saved]:
    columns = (submissions.c.cause, submissions.c.row, submissions.c.outcome, submissions.c.subject_id, submissions.c.version)
    found = await connection.execute(select(*columns).where(submissions.c.cause.in_(causes)))
    return {(row.cause, row.row): Saved(*row) for row in found}


async def _add_known(connection: AsyncConnection, identities: Sequence[UUID], plan: _Plan) -> None:
    """What is saved of these referrals, locked until this transaction ends so that versions count up one by one."""
    if not identities:
        return
    wanted = sorted(identities)
    rows = await connection.execute(select(*_KNOWN).where(referrals.c.id.in_(wanted)).order_by(referrals.c.id).with_for_update())
    held = {row.id: row for row in rows}
    hashes: dict[UUID, set[bytes]] = {identity: set() for identity in held}
    for row in await connection.execute(select(vault.c.referral_id, vault.c.content_hash).where(vault.c.referral_id.in_(wanted))):
        hashes[row.referral_id].add(row.content_hash)
    for identity, row in held.items():
        plan.references[identity] = row.reference
        plan.known[identity] = Known(row.version, row.sender_updated_at, hashes[identity], row.received_at, row.changed_at)


async def _record(connection: AsyncConnection, plan: _Plan) -> list[Saved]:
    """Write down the outcomes; returns those that another delivery of the same submission had written down first."""
    by_key = {(item.cause, item.row): item for item in reversed(plan.saved)}  # of two deliveries in one batch the first counts
    rows = [{**vars(by_key[key]), "saved_at": plan.now} for key in sorted(by_key)]
    recorded = {(row.cause, row.row) for row in await insert(connection, submissions, rows, returning='cause, "row"')}
    overtaken = {key for key in by_key if key not in recorded}
    if not overtaken:
        return []
    earlier = await _outcomes(connection, {cause for cause, _ in overtaken})
    return [earlier[key] for key in sorted(overtaken)]
