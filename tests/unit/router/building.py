"""Referrals, tokens, decisions and legs as the router's tests need them, and a small partnership with rules of its own."""

from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from fingerpost_router.adapters.rule_book import RuleSetText, read_folder
from fingerpost_router.domain.calendar import Calendar
from fingerpost_router.domain.legs import Leg, Routed
from fingerpost_router.domain.snapshots import Snapshot
from fingerpost_rules import Decision, Limits
from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.events import ActionSubmitted, ReferralReceived, ReferralUpdated, Token

FACTS = """\
version: 1
facts:
  kinds: {type: set, values: [asb, hate_crime, domestic_abuse], at_least: 1, label: Kinds, risk: up}
  weapon: {type: choice, values: [none, bladed], unknown: true, risk: up}
  repeats_6m: {type: number, min: 0, max: 50, risk: up, counted: true}
  repeats_12m: {type: number, min: 0, max: 50, risk: up, counted: true}
  pair_repeats_12m: {type: number, min: 0, max: 50, risk: up, counted: true}
never_more_than: [[repeats_6m, repeats_12m], [pair_repeats_12m, repeats_12m]]
"""

DIRECTORY = """\
partnership: {id: sampleshire, name: Sampleshire Community Safety Partnership, reference_prefix: SS}
destinations:
  csp_duty_desk: {name: Duty desk, level: casework}
  marac: {name: MARAC, level: casework}
  matac: {name: MATAC, level: tactical}
  csp_board: {name: Board, level: strategic}
agencies:
  police: {name: Sampleshire Police}
  council: {name: Sampleshire Council}
  housing: {name: Sampleshire Homes}
"""

RULES = """\
ruleset: 1
title: Sampleshire
facts_version: 1
effective_from: 2026-01-01
bands: {P1: 24h, P2: 72h, P3: 5d, P4: 10d}
lead_order: [marac, matac]
unrouted: {lead: csp_duty_desk, band: P2}
tags: [prevention]
rules:
- id: AS-01
  title: Anti-social behaviour goes to MATAC
  when: {kinds: has asb}
  then: {lead: matac, band: P4, alert: [council]}
  because: The Strategy says so
- id: DA-01
  title: Domestic abuse goes to MARAC
  when: {kinds: has domestic_abuse}
  then: {lead: marac, band: P2, copy: [csp_board], alert: [police], tag: [prevention], within: 2d}
  because: Domestic Abuse Act 2021 s.1
- id: WP-01
  title: A blade is urgent
  when: {weapon: bladed}
  then: {band: P1, alert: [police], also: [csp_duty_desk]}
  because: Somebody may be hurt
"""

TIMETABLE_2026 = (
    *(date(2025, 12, day) for day in (25, 26)),
    *(date(2026, month, day) for month, day in ((1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28))),
    date(2027, 1, 1),
)
LONDON = ZoneInfo("Europe/London")
CALENDAR = Calendar(LONDON, frozenset(TIMETABLE_2026))
_NAMES = UUID("0f0a6f4e-6d0b-5a3f-8c1e-3b5a9f6f2d11")


def write_partnership(folder: Path, rules: str = RULES, facts: str = FACTS) -> Path:
    """The partnership's three files, in `folder`."""
    for name, text in (("facts", facts), ("directory", DIRECTORY), ("rules", rules)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def a_rule_set(folder: Path, rules: str = RULES, facts: str = FACTS) -> RuleSetText:
    """The partnership's rules, read back from files in `folder`."""
    return read_folder(write_partnership(folder, rules, facts))


def local(moment: str) -> datetime:
    """A time as a person in the office would say it: `local("Fri 28 Aug 2026 16:30")`, London's, in UTC."""
    return datetime.strptime(moment, "%a %d %b %Y %H:%M").replace(tzinfo=LONDON).astimezone(UTC)


def an_id(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(_NAMES, name)


def a_token(name: str, of: Any = "person") -> Token:
    """The same token for the same name."""
    return Token(of=of, value=blake2b(f"{of}/{name}".encode(), digest_size=16).hexdigest())


def a_referral(
    name: str = "one",
    *,
    version: int = 1,
    at: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC),
    updated_at: datetime | None = None,
    tokens: tuple[Token, ...] = (),
    lane: Any = "routine",
    **facts: Any,
) -> Snapshot:
    """A referral as intake tells of it, of this version; `facts` over those of plain anti-social behaviour.

    An update came when the first version did, unless `updated_at` says otherwise.
    """
    identity = an_id(name)
    fields: dict[str, Any] = {
        "referral_id": identity,
        "reference": ids.reference_of(identity, "SS"),
        "version": version,
        "lane": lane,
        "agency": "police",
        "facts_version": 1,
        "facts": {"kinds": ("asb",), **facts},
        "tokens": tokens,
        "received_at": at,
    }
    return ReferralReceived(**fields) if version == 1 else ReferralUpdated(updated_at=updated_at or at, **fields)


QUIET = Decision(
    lead="matac",
    band="P3",
    within_hours=120,
    limits=Limits(None, 5),
    also=(),
    copy=(),
    alert=("council",),
    tag=(),
    feedback="full",
    fired=("AS-01",),
    overridden=(),
    unrouted=False,
    impossible=False,
)


def a_decision(**changes: Any) -> Decision:
    """A decision for MATAC within five working days, but for the changes."""
    return replace(QUIET, **changes)


def routed(decision: Decision, *, version: int = 1, received_at: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)) -> Routed:
    """A decision on a version of the one referral."""
    identity = an_id("one")
    reference = ids.reference_of(identity, "SS")
    return Routed(identity, reference, ids.decision_id(identity, version), decision, received_at, received_at)


def a_leg(**changes: Any) -> Leg:
    """An open leg at MATAC, but for the changes."""
    received_at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    leg = Leg(
        id=ids.leg_id(an_id("one"), "matac"),
        referral_id=an_id("one"),
        reference=ids.reference_of(an_id("one"), "SS"),
        destination="matac",
        role="lead",
        band="P3",
        lane="routine",
        state="open",
        version=1,
        routed_version=1,
        owner=None,
        received_at=received_at,
        routed_at=received_at,
        due_at=received_at.replace(day=9),
        acknowledged_at=None,
        alert=("council",),
        decision_id=ids.decision_id(an_id("one"), 1),
    )
    return replace(leg, **changes)


def an_action(leg: Leg, *, by: str = "Sam Sample", action: Any = "acknowledge", **changes: Any) -> ActionSubmitted:
    """What a person asks to be done with a leg."""
    fields = {"action_id": an_id(f"{by}/{action}"), "leg_id": leg.id, "action": action, "by": by}
    return ActionSubmitted(**{**fields, **changes})
