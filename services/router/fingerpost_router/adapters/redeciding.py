"""Decides open referrals again after the rules changed. It only adds and strengthens, as every newer decision does (I2)."""

import hashlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_router.adapters.book import leg_of, update_leg
from fingerpost_router.adapters.tables import decisions, legs
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
_PARTS_OF_LEGS = ("lead", "band", "also", "copy", "alert", "limits")

# the newest decision on each referral that somebody has still to take
_OPEN = text(
    """
    SELECT DISTINCT ON (d.referral_id) d.referral_id, d.version, d.redecision, d.facts, d.outcome, d.ruleset_hash, r.reference,
        r.received_at
    FROM decisions d JOIN referrals r ON r.id = d.referral_id
    WHERE d.referral_id > :after
        AND EXISTS (SELECT 1 FROM legs l WHERE l.referral_id = d.referral_id AND l.state = 'open' AND l.role <> 'copy')
    ORDER BY d.referral_id, d.version DESC, d.redecision DESC
    LIMIT :most
    """
)


@dataclass
class _Sum:
    """What a plan adds up while it goes through the referrals."""

    decided: int = 0
    moves: list[Redecision] = field(default_factory=list[Redecision])
    fingerprint: Any = field(default_factory=hashlib.sha256)


class Redeciding:
    """Plans and carries out re-decisions by a rule set."""

    def __init__(self, engine: AsyncEngine, calendar: Calendar, count_unrouted: Callable[[int], None]) -> None:
        self._engine, self._calendar, self._count_unrouted = engine, calendar, count_unrouted

    async def plan(self, rules: RuleSet) -> RedecisionPlan:
        """Which open referrals the set would decide otherwise, and a fingerprint of exactly that."""
        found = _Sum()
        async for page in self._open(rules):
            for row in page:
                decision = rules.decide(row.facts)
                found.decided += 1
                if differs(row.outcome, decision, _PARTS_OF_LEGS):
                    # the decision that was made and the set: on these depends what would move, and where to
                    found.fingerprint.update(f"{row.referral_id}/{row.version}/{row.redecision}/{rules.hash}".encode())
                    found.moves.append(_move(row, decision))
        shown = tuple(found.moves[:MOST_SHOWN])
        fingerprint = found.fingerprint.hexdigest()
        return RedecisionPlan(decided=found.decided, moves=len(found.moves), shown=shown, fingerprint=fingerprint, ruleset_hash=rules.hash)

    async def run(self, rules: RuleSet, seq: int) -> None:
        """Decide them, each once for the publication `seq`."""
        async for page in self._open(rules):
            await self._decide(page, rules, seq)

    async def legs(self, seq: int) -> list[Leg]:
        """The legs that re-decisions for this publication added or changed."""
        async with self._engine.connect() as connection:
            changed = select(legs).join(decisions, decisions.c.id == legs.c.decision_id).where(decisions.c.redecision == seq)
            return [leg_of(row) for row in await connection.execute(changed)]

    async def count(self, seq: int) -> int:
        """How many referrals were decided again for this publication."""
        async with self._engine.connect() as connection:
            counted = select(func.count()).select_from(decisions).where(decisions.c.redecision == seq)
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

    async def _decide(self, page: list[Any], rules: RuleSet, seq: int) -> None:
        moved = [(row, decision) for row in page if differs(row.outcome, decision := rules.decide(row.facts), _PARTS_OF_LEGS)]
        if not moved:
            return
        now = datetime.now(UTC)
        async with self._engine.begin() as connection:
            rows = [_decision_row(row, decision, rules, seq, now) for row, decision in moved]
            new = {row.id for row in await insert(connection, decisions, sorted(rows, key=lambda row: row["id"]), returning="id")}
            for row, decision in moved:
                identity = ids.decision_id(row.referral_id, row.version, seq)
                if identity not in new:
                    continue
                held = await connection.execute(select(legs).where(legs.c.referral_id == row.referral_id).with_for_update())
                routed = Routed(row.referral_id, row.reference, identity, decision, row.received_at, now)
                added, changed = merged([leg_of(leg) for leg in held], routed, rules, self._calendar)
                if added:
                    await insert(connection, legs, [vars(leg) for leg in sorted(added, key=lambda leg: leg.id)])
                for leg in changed:
                    await update_leg(connection, leg)
        self._count_unrouted(sum(decision.unrouted for row, decision in moved if ids.decision_id(row.referral_id, row.version, seq) in new))


def _move(row: Any, decision: Decision) -> Redecision:
    return Redecision(
        reference=row.reference,
        old_lead=row.outcome["lead"],
        old_band=row.outcome["band"],
        new_lead=decision.lead,
        new_band=decision.band,
    )


def _decision_row(row: Any, decision: Decision, rules: RuleSet, seq: int, now: datetime) -> dict[str, Any]:
    return {
        "id": ids.decision_id(row.referral_id, row.version, seq),
        "referral_id": row.referral_id,
        "version": row.version,
        "redecision": seq,
        "facts": row.facts,
        "outcome": decision,
        "ruleset_hash": rules.hash,
        "decided_at": now,
    }
