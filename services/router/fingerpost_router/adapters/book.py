"""The router's book in PostgreSQL: each version of a referral is decided once, and its legs are what the decision says (I2)."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fingerpost_router.adapters.tables import decisions, legs, referrals, sightings
from fingerpost_router.domain.legs import Leg
from fingerpost_router.domain.repeats import Sightings, Window
from fingerpost_router.domain.snapshots import Decided, Snapshot, arrived_at
from fingerpost_shared.contracts import ids
from fingerpost_shared.runtime.database import insert

# Advisory locks are taken in sorted order: unsorted, two batches that share two tokens would dead-lock.
_LOCK_TOKENS = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")

# The count is of the snapshot before the insert, so it is of earlier batches only.
_SEE_AND_COUNT = text(
    """
    WITH shown AS (
        SELECT t.token, r.referral_id, r.received_at, r.since_short, r.since_long
        FROM unnest(CAST(:tokens AS text[]), CAST(:places AS integer[])) AS t(token, place)
        JOIN unnest(
            CAST(:referrals AS uuid[]), CAST(:received_at AS timestamptz[]), CAST(:shorts AS timestamptz[]), CAST(:longs AS timestamptz[])
        ) WITH ORDINALITY AS r(referral_id, received_at, since_short, since_long, place) USING (place)
    ), seen AS (
        INSERT INTO sightings (token, received_at, referral_id) SELECT token, received_at, referral_id FROM shown ON CONFLICT DO NOTHING
    )
    SELECT shown.token, shown.referral_id, count(*) FILTER (WHERE s.received_at >= shown.since_short), count(*)
    FROM shown, LATERAL (
        SELECT received_at FROM sightings
        WHERE token = shown.token AND received_at >= shown.since_long AND referral_id <> shown.referral_id
        ORDER BY received_at DESC LIMIT :most
    ) AS s
    GROUP BY shown.token, shown.referral_id
    """
)
_LEG_COLUMNS = tuple(field.name for field in fields(Leg))
_MOST_COUNTED = 51  # counts are clamped to 50, so a place with a thousand sightings costs no more than one with 51


class Transaction:
    """One batch being routed: all of it is saved, or none."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def undecided(self, batch: Sequence[Snapshot]) -> list[Snapshot]:
        """The snapshots that nobody has decided yet and no newer version has replaced; their referrals stay locked."""
        rows = [_referral_row(s) for s in sorted(batch, key=lambda s: s.referral_id)]
        new = {row.id for row in await insert(self._connection, referrals, rows, returning="id")}
        held = await locked_versions(self._connection, [s.referral_id for s in batch if s.referral_id not in new])
        later = [s for s in batch if s.referral_id not in new and (s.version, arrived_at(s)) > held[s.referral_id]]
        if later:
            raised = update(referrals).where(referrals.c.id == bindparam("of")).values(version=bindparam("to"), updated_at=bindparam("at"))
            await self._connection.execute(raised, [{"of": s.referral_id, "to": s.version, "at": arrived_at(s)} for s in later])
        return [s for s in batch if s.referral_id in new] + [s for s in later if s.version > held[s.referral_id][0]]

    async def see(self, windows: Sequence[Window], updated: Sequence[UUID]) -> Sightings:
        """Save which tokens were shown; returns how often each was before. They are locked: two replicas never count the same repeat as
        the first.

        `updated` are the referrals of the batch that may have shown tokens in an earlier version.
        """
        listed = [(token.value, place) for place, window in enumerate(windows, start=1) for token in window.tokens]
        if not listed:
            return Sightings({})
        tokens = [token for token, _ in listed]
        await self._connection.execute(_LOCK_TOKENS, {"keys": sorted(set(map(_lock_key, tokens)))})
        shown_before = await self._shown_before(updated)
        counted = await self._connection.execute(
            _SEE_AND_COUNT,
            {
                "tokens": tokens,
                "places": [place for _, place in listed],
                "referrals": [window.referral_id for window in windows],
                "received_at": [window.received_at for window in windows],
                "shorts": [window.since_short for window in windows],
                "longs": [window.since_long for window in windows],
                "most": _MOST_COUNTED,
            },
        )
        return Sightings({(row[0], row[1]): (row[2], row[3]) for row in counted}, shown_before)

    async def _shown_before(self, referral_ids: Sequence[UUID]) -> frozenset[tuple[str, UUID]]:
        if not referral_ids:
            return frozenset()
        wanted = select(sightings.c.token, sightings.c.referral_id).where(sightings.c.referral_id.in_(referral_ids))
        return frozenset((row.token, row.referral_id) for row in await self._connection.execute(wanted))

    async def held_legs(self, referral_ids: Sequence[UUID]) -> dict[UUID, list[Leg]]:
        """The legs that these referrals, which are locked, have already."""
        found: dict[UUID, list[Leg]] = {identity: [] for identity in referral_ids}
        if referral_ids:
            rows = await self._connection.execute(select(legs).where(legs.c.referral_id.in_(referral_ids)).with_for_update())
            for row in rows:
                found[row.referral_id].append(leg_of(row))
        return found

    async def save(self, made: Sequence[Decided], added: Sequence[Leg], changed: Sequence[Leg]) -> None:
        """Save decisions and their legs."""
        await insert(self._connection, decisions, [_decision_row(d) for d in sorted(made, key=lambda d: d.id)])
        if added:
            await insert(self._connection, legs, [vars(leg) for leg in sorted(added, key=lambda leg: leg.id)])
        for leg in sorted(changed, key=lambda leg: leg.id):
            await update_leg(self._connection, leg)


class Book:
    """Opens transactions on the router's book."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """Saves on leaving the block, or nothing at all when it raises."""
        async with self._engine.begin() as connection:
            yield Transaction(connection)

    async def legs_decided(self, versions: Mapping[UUID, int]) -> list[Leg]:
        """The legs as the decisions on these versions of referrals last routed them."""
        decided = [ids.decision_id(referral_id, version) for referral_id, version in versions.items()]
        wanted = select(legs).where(legs.c.referral_id.in_(versions), legs.c.decision_id.in_(decided)).order_by(legs.c.id)
        async with self._engine.connect() as connection:
            rows = await connection.execute(wanted)
            return [leg_of(row) for row in rows]


async def locked_versions(connection: AsyncConnection, identities: Sequence[UUID]) -> dict[UUID, tuple[int, datetime]]:
    """Each referral's version and when it arrived. Nobody else decides them until the transaction ends: lock them before reading legs,
    for what locks only the legs that are there does not see those that another transaction is about to add.
    """
    if not identities:
        return {}
    wanted = select(referrals.c.id, referrals.c.version, referrals.c.updated_at).where(referrals.c.id.in_(identities))
    found = await connection.execute(wanted.order_by(referrals.c.id).with_for_update())
    return {row.id: (row.version, row.updated_at) for row in found}


def leg_of(row: Any) -> Leg:
    """A row of `legs` as a value."""
    values: dict[str, Any] = {name: getattr(row, name) for name in _LEG_COLUMNS}
    values["alert"] = tuple(row.alert)
    return Leg(**values)


async def update_leg(connection: AsyncConnection, leg: Leg) -> None:
    """Write a leg's new state over its old one."""
    await connection.execute(update(legs).where(legs.c.id == leg.id).values(vars(leg)))


def _referral_row(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot.referral_id,
        "reference": snapshot.reference,
        "agency": snapshot.agency,
        "version": snapshot.version,
        "received_at": snapshot.received_at,
        "updated_at": arrived_at(snapshot),
    }


def _decision_row(decided: Decided) -> dict[str, Any]:
    return {
        "id": decided.id,
        "referral_id": decided.snapshot.referral_id,
        "version": decided.snapshot.version,
        "redecision": 0,
        "facts": decided.facts,
        "outcome": decided.decision,
        "ruleset_hash": decided.ruleset_hash,
        "decided_at": decided.decided_at,
    }


def _lock_key(token: str) -> int:
    return int.from_bytes(bytes.fromhex(token[:16]), "big", signed=True)
