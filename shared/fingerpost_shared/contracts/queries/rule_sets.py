"""What the router answers about its rules: the sets in their lives, and what deciding again would do."""

from typing import Literal

from pydantic import AwareDatetime, Field

from fingerpost_shared.contracts.effects import RuleSetEffect
from fingerpost_shared.contracts.queries.query import Query, Value


class LiveRuleSet(Value):
    """A publication: the rule set decides what is received from `live_from` on, until the next one's."""

    seq: int
    hash: str
    live_from: AwareDatetime
    by: str


class RuleSetView(Value):
    """A rule set in its life."""

    hash: str
    ruleset: int
    title: str
    state: Literal["draft", "checked", "previewed", "approved"]
    author: str
    findings: int
    approved_by: str | None


class RuleSetsPage(Value):
    rule_sets: tuple[RuleSetView, ...]
    publications: tuple[LiveRuleSet, ...]


class RuleSetsQuery(Query[RuleSetsPage], subject="query.router.rulesets.v1", answer=RuleSetsPage):
    """The newest rule sets, and every publication."""


class PreviewView(Value):
    """The last look at what a rule set would have done with past referrals; its effect only where whoever looked sent it."""

    decided: int
    moves: int
    less_urgent: int
    by: str | None = None
    at: AwareDatetime | None = None
    effect: RuleSetEffect | None = None


class RuleSetDetail(Value):
    """A rule set with what the proofs found and what its last preview showed."""

    found: bool
    rule_set: RuleSetView | None = None
    effective_from: AwareDatetime | None = None
    drafted_at: AwareDatetime | None = None
    findings: tuple[str, ...] = Field(default=(), description="at most 50 of them, each cut at 2,000 characters")
    preview: PreviewView | None = None


class RuleSetQuery(Query[RuleSetDetail], subject="query.router.ruleset.v1", answer=RuleSetDetail):
    """A rule set, by its hash."""

    hash: str


class RuleSetText(Value):
    found: bool
    rules: str = ""
    facts: str = ""


class RuleSetTextQuery(Query[RuleSetText], subject="query.router.rulesettext.v1", answer=RuleSetText):
    """The text of a rule set and of its facts file, by hash."""

    hash: str


class Redecision(Value):
    """An open referral that the set in force would decide otherwise."""

    reference: str
    old_lead: str
    old_band: str
    new_lead: str
    new_band: str


class RedecisionPlan(Value):
    """What deciding the open referrals again would do. Whoever asks for it confirms exactly this, by its fingerprint."""

    decided: int
    moves: int
    shown: tuple[Redecision, ...] = Field(description="at most 200 of them")
    fingerprint: str
    ruleset_hash: str


class RedecisionPlanQuery(Query[RedecisionPlan], subject="query.router.redecision.v1", answer=RedecisionPlan):
    """A preview of deciding the open referrals again by the rule set in force."""
