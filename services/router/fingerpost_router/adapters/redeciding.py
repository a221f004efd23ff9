"""Decides open referrals again after the rules changed. It only adds and strengthens, as every newer decision does (I2)."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fingerpost_router.adapters.book import leg_of, locked_versions, update_leg
from fingerpost_router.adapters.tables import decisions, legs
from fingerpost_router.adapters.telling import Telling
from fingerpost_router.domain.calendar import Calendar
from fingerpost_router.domain.legs import Leg, Routed, merged
from fingerpost_router.domain.past import differs
from fingerpost_rules import Decision, RuleSet
from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.queries.rule_sets import Redecision, RedecisionPlan
from fingerpost_shared.runtime.database import insert

AT_ONCE = 200
MOST_SHOWN = 200
_NOBODY = UUID(int=0)
_PARTS_OF_LEGS = ("lead", "band", "also", "copy", "alert", "limits", "impossible")

# the newest decision on each referral that somebody has still to take
_NEWEST = """
    SELECT DISTINCT ON (d.referral_id) d.referral_id, d.version, d.redecision, d.facts, d.outcome, d.ruleset_hash, r.reference,
        r.received_at
    FROM decisions d JOIN referrals r ON r.id = d.referral_id
    WHERE {which}
        AND EXISTS (SELECT 1 FROM legs l WHERE l.referral_id = d.referral_id AND l.state = 'open' AND l.role <> 'copy')
    ORDER BY d.referral_id, d.version DESC, d.redecision DESC
"""
_OPEN = text(_NEWEST.format(which="d.referral_id > :after") + "LIMIT :most")
_OPEN_OF_THESE = text(_NEWEST.format(which="d.referral_id = ANY(CAST(:these AS uuid[]))"))


@dataclass
class _Sum:
    """What a plan adds up while it goes through the referrals."""

    decided: int = 0
    moves: list[Redecision] = field(default_factory=list[Redecision])
    fingerprint: Any = field(default_factory=hashlib.sha256)


class Redeciding:
    """Plans and carries out re-decisions by a rule set."""

    def __init__(self, engine: AsyncEngine, calendar: Calendar, telling: Telling) -> None:
        self._engine, self._calendar, self._telling = engine, calendar, telling

    async def plan(self, rules: RuleSet) -> RedecisionPlan:
        """Which open referrals the set would decide otherwise, and a fingerprint of exactly that."""
        found = _Sum()
        async for page in self._open(rules):
            found.decided += len(page)
            for row in page:
                if again := _again(row, rules):
                    # the decision that was made and the set: on these depends what would move, and where to
                    found.fingerprint.update(f"{row.referral_id}/{row.version}/{row.redecision}/{rules.hash}".encode())
                    found.moves.append(_move(again))
        shown = tuple(found.moves[:MOST_SHOWN])
        fingerprint = found.fingerprint.hexdigest()
        return RedecisionPlan(decided=found.decided, moves=len(found.moves), shown=shown, fingerprint=fingerprint, ruleset_hash=rules.hash)

    async def run(self, rules: RuleSet, seq: int, begun_at: datetime) -> None:
        """Decide them, each once for the publication `seq`; `begun_at` is when the step that asks for it began."""
        async for page in self._open(rules):
            moving = [row.referral_id for row in page if _again(row, rules)]
            if moving:
                await self._decide(moving, rules, seq, begun_at)

    async def legs(self, seq: int) -> list[Leg]:
        """The legs that re-decisions for this publication added or changed."""
        async with self._engine.connect() as connection:
            changed = select(legs).join(decisions, decisions.c.id == legs.c.decision_id).where(decisions.c.redecision == seq)
            return [leg_of(row) for row in await connection.execute(changed)]

    async def count(self, seq: int, begun_at: datetime) -> int:
        """How many referrals were decided again for this publication by the step that began then; a step before it counted its own."""
        async with self._engine.connect() as connection:
            mine = (decisions.c.redecision == seq, decisions.c.decided_at >= begun_at)
            counted = select(func.count()).select_from(decisions).where(*mine)
            return (await connection.execute(counted)).scalar_one()

    async def _open(self, rules: RuleSet) -> AsyncGenerator[list[Any]]:
        after = _NOBODY
        while True:
            async with self._engine.connect() as connection:
                rows = (await connection.execute(_OPEN, {"after": after, "most": AT_ONCE})).all()
            if not rows:
                return
            after = rows[-1].referral_id
            yield [row for row in rows if row.ruleset_hash != rules.hash]

    async def _decide(self, moving: Sequence[UUID], rules: RuleSet, seq: int, begun_at: datetime) -> None:
        """Decide these referrals by what is their newest version once they are locked: an update may have come since they were read."""
        async with self._engine.begin() as connection:
            await locked_versions(connection, moving)
            now = max(begun_at, datetime.now(UTC))  # the step may have begun by the clock of another replica
            newest = await connection.execute(_OPEN_OF_THESE, {"these": moving})
            again = [one for row in newest if row.ruleset_hash != rules.hash and (one := _again(row, rules))]
            if not again:
                return
            rows = sorted((_decision_row(one, rules, seq, now) for one in again), key=lambda row: row["id"])
            new = {row.id for row in await insert(connection, decisions, rows, returning="id")}
            made = [one for one in again if _identity(one.row, seq) in new]
            for one in made:
                await self._save_legs(connection, one, rules, seq, now)
        self._telling.decided((one.decision, one.strange) for one in made)

    async def _save_legs(self, connection: AsyncConnection, again: "_Again", rules: RuleSet, seq: int, now: datetime) -> None:
        row = again.row
        held = await connection.execute(select(legs).where(legs.c.referral_id == row.referral_id).with_for_update())
        routed = Routed(row.referral_id, row.reference, _identity(row, seq), again.decision, row.received_at, now)
        added, changed = merged([leg_of(leg) for leg in held], routed, rules, self._calendar)
        if added:
            await insert(connection, legs, [vars(leg) for leg in sorted(added, key=lambda leg: leg.id)])
        for leg in changed:
            await update_leg(connection, leg)


@dataclass(frozen=True)
class _Again:
    """A referral's newest decision as it was kept, and what a rule set decides otherwise."""

    row: Any
    decision: Decision
    strange: Sequence[str]


def _again(row: Any, rules: RuleSet) -> _Again | None:
    decision, strange = rules.decide_anyway(row.facts)
    return _Again(row, decision, strange) if differs(row.outcome, decision, _PARTS_OF_LEGS) else None


def _identity(row: Any, seq: int) -> UUID:
    return ids.decision_id(row.referral_id, row.version, seq)


def _move(again: _Again) -> Redecision:
    outcome, decision = again.row.outcome, again.decision
    return Redecision(
        reference=again.row.reference,
        old_lead=outcome["lead"],
        old_band=outcome["band"],
        new_lead=decision.lead,
        new_band=decision.band,
    )


def _decision_row(again: _Again, rules: RuleSet, seq: int, now: datetime) -> dict[str, Any]:
    row = again.row
    return {
        "id": _identity(row, seq),
        "referral_id": row.referral_id,
        "version": row.version,
        "redecision": seq,
        "facts": row.facts,
        "outcome": again.decision,
        "ruleset_hash": rules.hash,
        "decided_at": now,
    }
