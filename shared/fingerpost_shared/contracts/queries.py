"""Queries: read-only NATS request and reply. A query knows its subject and its answer; answers stay under 256 kB, in pages."""

from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from fingerpost_shared.contracts.events import FactValue, Reason, Role

A = TypeVar("A", bound=BaseModel)
LegStatus = Literal["open", "acknowledged", "closed"]
AlertState = Literal["queued", "sending", "sent", "failed"]
PAGE_LIMIT = 200


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Query(_Value, Generic[A]):
    """A question to one service. `subject` is where it is asked, `answer` what comes back."""

    subject: ClassVar[str]
    answer: ClassVar[type[BaseModel]]

    def __init_subclass__(cls, subject: str = "", answer: type[BaseModel] | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if answer is not None:
            cls.subject, cls.answer = subject, answer


class LegView(_Value):
    """A leg as its destination's queue shows it."""

    leg_id: UUID
    referral_id: UUID
    reference: str
    destination: str
    role: Role
    band: str
    state: LegStatus
    version: int
    owner: str | None
    received_at: AwareDatetime
    due_at: AwareDatetime | None
    acknowledged_at: AwareDatetime | None


class QueueView(_Value):
    """One destination's queue in figures. Copies have no clock and are counted apart."""

    destination: str
    open: int
    owned: int
    copies: int
    overdue: int
    oldest_open_at: AwareDatetime | None
    open_by_band: dict[str, int]


class QueuesPage(_Value):
    queues: tuple[QueueView, ...]


class QueuesQuery(Query[QueuesPage], subject="query.router.queues.v1", answer=QueuesPage):
    """Every destination's queue in figures."""


class LegsPage(_Value):
    legs: tuple[LegView, ...]
    next_after: str | None = Field(description="pass it as `after` for the next page; null on the last")


class LegsQuery(Query[LegsPage], subject="query.router.legs.v1", answer=LegsPage):
    """The legs of a destination, or of all: most urgent band first, then the longest waiting."""

    destination: str | None = None
    state: LegStatus | None = None
    roles: tuple[Role, ...] = ("lead", "also")
    after: str | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_LIMIT)] = 50


class FiredRule(_Value):
    """A rule that fired, why it exists, and what it gave (`lead: matac`, `band: P3`, …)."""

    id: str
    title: str
    because: str
    gave: tuple[str, ...]


class DecisionView(_Value):
    """Why a referral went where it went: the facts as they were, and the rules that fired on them."""

    version: int
    decided_at: AwareDatetime
    ruleset: int
    ruleset_hash: str
    facts: dict[str, FactValue]
    fired: tuple[FiredRule, ...]
    overridden: tuple[str, ...]
    band: str
    tags: tuple[str, ...]
    unrouted: bool


class RoutingView(_Value):
    """A referral's legs, and the decision in force."""

    found: bool
    referral_id: UUID | None = None
    reference: str | None = None
    legs: tuple[LegView, ...] = ()
    decision: DecisionView | None = None


class RoutingQuery(Query[RoutingView], subject="query.router.routing.v1", answer=RoutingView):
    """What the router knows of a referral, by its id."""

    referral_id: UUID


class ReferralView(_Value):
    """What intake tells of a referral without opening the vault."""

    found: bool
    referral_id: UUID | None = None
    reference: str | None = None
    status: Literal["received", "withdrawn"] | None = None
    kinds: tuple[str, ...] = ()
    agency: str | None = None
    version: int | None = None
    received_at: AwareDatetime | None = None


class ReferralQuery(Query[ReferralView], subject="query.intake.referral.v1", answer=ReferralView):
    """A referral by its short reference (in any spelling) or its id."""

    reference: str


class RecentReferralsPage(_Value):
    referrals: tuple[ReferralView, ...]
    next_after: str | None


class RecentReferralsQuery(Query[RecentReferralsPage], subject="query.intake.recent.v1", answer=RecentReferralsPage):
    """The referrals, newest first."""

    after: str | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_LIMIT)] = 50


class QuarantineItem(_Value):
    """Something that could not be read or understood. Its content stays in the vault."""

    quarantine_id: UUID
    reference: str
    agency: str
    content_type: str
    size_bytes: int
    state: Literal["open", "discarded", "resubmitted"]
    reasons: tuple[Reason, ...]
    received_at: AwareDatetime


class QuarantinePage(_Value):
    items: tuple[QuarantineItem, ...]
    open: int
    next_after: str | None


class QuarantineQuery(Query[QuarantinePage], subject="query.intake.quarantine.v1", answer=QuarantinePage):
    """What is in quarantine, newest first."""

    after: str | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_LIMIT)] = 50


class AlertView(_Value):
    """An alert to an agency, and how its delivery stands."""

    alert_id: UUID
    leg_id: UUID
    reference: str
    agency: str
    channel: str
    band: str
    state: AlertState
    attempts: int
    queued_at: AwareDatetime
    sent_at: AwareDatetime | None
    failure: str | None


class AlertsPage(_Value):
    alerts: tuple[AlertView, ...]
    counts: dict[str, int] = Field(description="of all alerts, by state")
    next_after: str | None


class AlertsQuery(Query[AlertsPage], subject="query.notifier.alerts.v1", answer=AlertsPage):
    """The alerts of one referral, or all of them, newest first; `state` narrows."""

    referral_id: UUID | None = None
    state: AlertState | None = None
    after: str | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_LIMIT)] = 50


class Bucket(_Value):
    """The entries of one stretch of time: how many, and the XOR of their fingerprints."""

    start: AwareDatetime
    count: int
    xor: int


class DigestAnswer(_Value):
    """A book's digest: buckets, or ids in order. `pending`: messages that the service has still to take from its streams."""

    buckets: tuple[Bucket, ...] = ()
    ids: tuple[str, ...] = ()
    pending: int = 0


class DigestQuery(Query[DigestAnswer], subject="query.{service}.digest.v1", answer=DigestAnswer):
    """A book over a stretch of time, `start` included, `end` not: by day, by minute, or the entries themselves in pages of 4,000.

    The books: `referrals` (intake against router; entries `<referral id>/<version>` by received_at) and `legs` (router against notifier;
    entries `<leg id>/<version>` by routed_at).
    """

    book: Literal["referrals", "legs"]
    start: AwareDatetime
    end: AwareDatetime
    step: Literal["day", "minute", "ids"]
    after: str = Field(default="", description="of the ids, those after this one: the last of the page before")

    @classmethod
    def subject_of(cls, service: str) -> str:
        """A digest is asked of a service by name."""
        return cls.subject.format(service=service)


class IntakeBooks(_Value):
    """Intake's sums. `received` counts referrals; the outcomes count accepted submissions."""

    referrals: int
    quarantined: int
    discarded: int
    withdrawn: int
    withdrawn_ids: tuple[UUID, ...] = Field(default=(), description="the referrals that their sender has withdrawn, at most 4,000")
    fresh: int = Field(description="referrals saved under 60 s ago")
    pending: int = Field(description="accepted submissions that are not saved yet")
    outcomes: dict[str, int]


class IntakeBooksQuery(Query[IntakeBooks], subject="query.intake.books.v1", answer=IntakeBooks):
    """How intake's book stands."""


class FreshAnswer(_Value):
    fresh: tuple[UUID, ...]


class FreshQuery(Query[FreshAnswer], subject="query.intake.fresh.v1", answer=FreshAnswer):
    """Which of these referrals intake has saved so lately (under 60 s ago) that nobody need have them yet."""

    ids: Annotated[tuple[UUID, ...], Field(max_length=2000)]


class RouterBooks(_Value):
    """The router's sums, by referral: `owned` where every lead and also leg is closed or held by a person, else `waiting`."""

    referrals: int
    owned: int
    waiting: int
    legless: tuple[UUID, ...] = Field(description="referrals without a leg: there must be none")


class RouterBooksQuery(Query[RouterBooks], subject="query.router.books.v1", answer=RouterBooks):
    """How the router's book stands, some referrals left out."""

    without: Annotated[tuple[UUID, ...], Field(max_length=4000)] = ()


class LiveRuleSet(_Value):
    """A publication: the rule set decides what is received from `live_from` on, until the next one's."""

    seq: int
    hash: str
    live_from: AwareDatetime
    by: str


class RuleSetView(_Value):
    """A rule set in its life."""

    hash: str
    ruleset: int
    title: str
    state: Literal["draft", "checked", "previewed", "approved"]
    author: str
    findings: int
    approved_by: str | None


class RuleSetsPage(_Value):
    rule_sets: tuple[RuleSetView, ...]
    publications: tuple[LiveRuleSet, ...]


class RuleSetsQuery(Query[RuleSetsPage], subject="query.router.rulesets.v1", answer=RuleSetsPage):
    """The newest rule sets, and every publication."""


class RuleSetText(_Value):
    found: bool
    rules: str = ""
    facts: str = ""


class RuleSetTextQuery(Query[RuleSetText], subject="query.router.rulesettext.v1", answer=RuleSetText):
    """The text of a rule set and of its facts file, by hash."""

    hash: str


class Redecision(_Value):
    """An open referral that the set in force would decide otherwise."""

    reference: str
    old_lead: str
    old_band: str
    new_lead: str
    new_band: str


class RedecisionPlan(_Value):
    """What deciding the open referrals again would do. Whoever asks for it confirms exactly this, by its fingerprint."""

    decided: int
    moves: int
    shown: tuple[Redecision, ...] = Field(description="at most 200 of them")
    fingerprint: str
    ruleset_hash: str


class RedecisionPlanQuery(Query[RedecisionPlan], subject="query.router.redecision.v1", answer=RedecisionPlan):
    """A preview of deciding the open referrals again by the rule set in force."""


class Refusal(_Value):
    """The answer to a query that could not be answered."""

    error: str
    help: str
