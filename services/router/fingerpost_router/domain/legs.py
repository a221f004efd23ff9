"""The legs of a decision: which destinations own what, by when, and how a newer decision changes the legs that are there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from fingerpost_router.domain.calendar import Calendar
from fingerpost_rules import Decision, RuleSet
from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.events import Lane, Role
from fingerpost_shared.contracts.values import value

State = Literal["open", "acknowledged", "closed"]
_STRENGTH: Mapping[Role, int] = {"lead": 0, "also": 1, "copy": 2}


@value
class Leg:
    """A destination's part of a referral. `routed_version` is the version at which it was last routed, `routed_at` the time."""

    id: UUID
    referral_id: UUID
    reference: str
    destination: str
    role: Role
    band: str
    lane: Lane
    state: State
    version: int
    routed_version: int
    owner: str | None
    received_at: datetime
    routed_at: datetime
    due_at: datetime | None
    acknowledged_at: datetime | None
    alert: tuple[str, ...]
    decision_id: UUID


@value
class Routed:
    """A referral's decision, with all that its legs are made from."""

    referral_id: UUID
    reference: str
    decision_id: UUID
    decision: Decision
    received_at: datetime
    decided_at: datetime


def legs_of(routed: Routed, rules: RuleSet, calendar: Calendar) -> list[Leg]:
    """One leg for the lead, for each `also` and for each copy (I2). Each has a due time (I3) but a copy; the lead's names whom to alert.

    An impossible combination of facts also goes to the duty desk, for somebody has to ask what is true.
    """
    return _legs(routed, rules, calendar.due_at(routed.received_at, routed.decision.limits))


def _legs(routed: Routed, rules: RuleSet, due_at: datetime) -> list[Leg]:
    decision = routed.decision
    is_urgent = rules.urgency_of[decision.band] == 0
    roles: dict[str, Role] = {decision.lead: "lead"}
    puzzled = (rules.unrouted_lead,) if decision.impossible else ()
    for destination in (*decision.also, *puzzled):
        roles.setdefault(destination, "also")
    for destination in decision.copy:
        roles.setdefault(destination, "copy")
    return [
        Leg(
            id=ids.leg_id(routed.referral_id, destination),
            referral_id=routed.referral_id,
            reference=routed.reference,
            destination=destination,
            role=role,
            band=decision.band,
            lane="urgent" if is_urgent else "routine",
            state="open",
            version=1,
            routed_version=1,
            owner=None,
            received_at=routed.received_at,
            routed_at=routed.decided_at,
            due_at=None if role == "copy" else due_at,
            acknowledged_at=None,
            alert=decision.alert if role == "lead" else (),
            decision_id=routed.decision_id,
        )
        for destination, role in roles.items()
    ]


def merged(held: Sequence[Leg], routed: Routed, rules: RuleSet, calendar: Calendar) -> tuple[list[Leg], list[Leg]]:
    """What a newer decision adds to the legs that are held, and which of those it changes: (added, changed).

    No leg goes away and no clock moves later: only a person's act does that (I2). A leg becomes more urgent, stronger in its role,
    or tells more agencies; then its version counts up. The limit of a leg that it adds, as a shorter one, runs from that decision, for
    nobody could have kept it before.
    """
    if not held:
        return legs_of(routed, rules, calendar), []
    by_destination = {leg.destination: leg for leg in held}
    added: list[Leg] = []
    changed: list[Leg] = []
    for leg in _legs(routed, rules, calendar.due_at(routed.decided_at, routed.decision.limits)):
        old = by_destination.get(leg.destination)
        if old is None:
            added.append(leg)
        elif (new := _strengthened(old, leg)) is not None:
            changed.append(new)
    return added, changed


def _strengthened(old: Leg, leg: Leg) -> Leg | None:
    # by the word, P1 before P2: the set that decides now need not have the band that another one gave
    is_more_urgent = leg.band < old.band
    role = min(old.role, leg.role, key=_STRENGTH.__getitem__)
    alert = tuple(sorted({*old.alert, *leg.alert}))
    new = replace(
        old,
        role=role,
        band=leg.band if is_more_urgent else old.band,
        lane="urgent" if is_more_urgent and leg.lane == "urgent" else old.lane,
        due_at=_earlier(old.due_at, leg.due_at),
        alert=alert,
    )
    if new == old:
        return None
    return replace(new, version=old.version + 1, routed_version=old.version + 1, routed_at=leg.routed_at, decision_id=leg.decision_id)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one is not None and other is not None else one or other
