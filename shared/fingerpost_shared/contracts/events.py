"""The events: what has happened, as closed models that know their own subject. Envelope and encoding are in `envelope.py`."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, StrictStr

from fingerpost_shared.contracts.effects import RuleSetEffect
from fingerpost_shared.contracts.ids import AgencyId, DestinationId, Id, Reference, Slug

Lane = Literal["urgent", "routine"]
LANES: tuple[Lane, ...] = ("urgent", "routine")
BAND_PATTERN = r"^P[1-9]$"
Band = Annotated[str, Field(pattern=BAND_PATTERN, description="P1 is the most urgent")]
Role = Literal["lead", "also", "copy"]
Code = Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,64}$", description="a code, never free text")]
MOST_TEXT = 1_000_000
"""How many signs the text of a drafted file may have."""
Assertion = Annotated[str, Field(max_length=2000)]
_ASSERTED = "who is signed in, signed by the console; only the console sends one"
# left to right and strict: what is a number stays one, and a referral has dozens of these to read
FactValue = Annotated[StrictInt | StrictStr | tuple[StrictStr, ...], Field(union_mode="left_to_right")]


class _AnyElse(dict[str, str]):
    """Keys of a subject; `*` for every one that is not here."""

    def __missing__(self, key: str) -> str:
        return "*"


class Event(BaseModel):
    """A fact about the past. Its fields fill the placeholders of its subject, `<noun>.<past-participle>.v<major>[.<keys>]`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    subject_template: ClassVar[str]
    stem: ClassVar[str]
    _about: ClassVar[str]

    def __init_subclass__(cls, subject: str = "", about: str = "referral_id", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._about = about
        if subject:
            cls.subject_template = subject
            cls.stem = ".".join(subject.split(".")[:3])

    @property
    def about(self) -> UUID:
        """The id of what the event is about; everything about one referral is one trace over all services and days."""
        return getattr(self, self._about)

    @property
    def subject(self) -> str:
        """The NATS subject on which this very event is published."""
        return self.subject_template.format_map(self.__dict__)

    @classmethod
    def filter(cls, **fixed: str) -> str:
        """The subject filter for these events: `*` for every key that is not given."""
        return cls.subject_template.format_map(_AnyElse(fixed))


class Token(BaseModel):
    """A keyed hash of a person, of a pair of people, or of a place: equal tokens mean the same one. Personal data."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    of: Literal["person", "pair", "place"]
    value: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class _ReferralSnapshot(Event):
    """All that the services may know of one version of a referral: closed facts and tokens, nobody's details."""

    referral_id: Id
    reference: Reference
    version: Annotated[int, Field(ge=1, description="of the referral; a lower one than is known changes nothing")]
    lane: Lane
    agency: AgencyId
    facts_version: int
    facts: dict[str, FactValue] = Field(description="the closed facts of facts.yaml; one that is not here is unknown")
    tokens: tuple[Token, ...]
    received_at: AwareDatetime


class ReferralReceived(_ReferralSnapshot, subject="referral.received.v1.{lane}.{referral_id}"):
    """A referral is saved and must be routed. The clock of its legs starts at `received_at`."""


class ReferralUpdated(_ReferralSnapshot, subject="referral.updated.v1.{lane}.{referral_id}"):
    """A referral's sender has sent it again with other content: the whole of the new version. `received_at` stays the first one's."""

    updated_at: AwareDatetime


class Reason(BaseModel):
    """Why something could not be understood: a code, and where it stood (a JSON pointer or a column). Never the value that was sent."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    code: Code
    pointer: Annotated[str, Field(max_length=200)] = ""


class ReferralQuarantined(Event, subject="referral.quarantined.v1.{lane}.{quarantine_id}", about="quarantine_id"):
    """Something was accepted that could not be read or understood: a person has to mend it. Nothing of its content is here."""

    quarantine_id: Id
    reference: Reference
    lane: Lane
    agency: AgencyId
    reasons: tuple[Reason, ...]
    received_at: AwareDatetime


class LegRouted(Event, subject="leg.routed.v1.{destination}.{lane}"):
    """A destination now has to own its part of a referral. Published once per version of a leg; the same id may be seen again."""

    leg_id: Id
    version: Annotated[int, Field(ge=1, description="of the leg; a lower one than is known changes nothing")]
    referral_id: Id
    reference: Reference
    destination: DestinationId
    lane: Lane
    role: Role
    band: Band
    received_at: AwareDatetime
    routed_at: AwareDatetime
    due_at: AwareDatetime | None = Field(description="when a person must have acknowledged it; null on a copy, which has no clock")
    alert: tuple[AgencyId, ...] = Field(description="the agencies to tell; empty but on the lead leg")
    decision_id: Id


class LegAcknowledged(Event, subject="leg.acknowledged.v1.{destination}.{lane}"):
    """A person of the destination has taken the leg: from now on it is owned."""

    leg_id: Id
    version: Annotated[int, Field(ge=1)]
    referral_id: Id
    reference: Reference
    destination: DestinationId
    lane: Lane
    by: str
    acknowledged_at: AwareDatetime


class AlertSent(Event, subject="alert.sent.v1"):
    """An agency's channel has taken an alert. Sent is not owned."""

    alert_id: Id
    leg_id: Id
    referral_id: Id
    reference: Reference
    agency: AgencyId
    channel: Slug
    attempt: Annotated[int, Field(ge=1)]
    sent_at: AwareDatetime


class AlertFailed(Event, subject="alert.failed.v1"):
    """An alert could not be delivered in all its attempts: somebody has to tell the agency another way."""

    alert_id: Id
    leg_id: Id
    referral_id: Id
    reference: Reference
    agency: AgencyId
    channel: Slug
    attempt: Annotated[int, Field(ge=1)]
    code: Code
    failed_at: AwareDatetime


class ActionSubmitted(Event, subject="action.submitted.v1.{service}.{actor}", about="leg_id"):
    """What a person asks for. NATS pins the actor: a party can write as itself only. The answer comes on `action.answered.v1.…`.

    `service` and `actor` are not in the body: they are read from the subject, where the sender cannot forge them.
    """

    action_id: UUID
    leg_id: UUID
    action: Literal["acknowledge", "accept", "decline", "transfer", "close"]
    expected_version: Annotated[int, Field(ge=1)] | None = None
    by: Annotated[str, Field(min_length=1, max_length=120, description="the person who acts, for no system's receipt counts")]
    reason: Code | None = None
    to: DestinationId | None = None
    outcome: Code | None = None
    assertion: Assertion | None = Field(default=None, description=_ASSERTED)


class RulesetSubmitted(Event, subject="ruleset.submitted.v1.{actor}", about="action_id"):
    """What a coordinator asks for about the rules. NATS pins the actor; `by` is the coordinator's id in the directory.

    A draft brings `rules` and `facts`, the text of both files; every other step names the set by its `ruleset_hash`. A preview brings the
    summary and the effect that its author saw, a publication the time it is live from, a re-decision the fingerprint of the preview it
    confirms.
    """

    action_id: UUID
    action: Literal["draft", "preview", "approve", "publish", "redecide"]
    by: Slug
    ruleset_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    rules: Annotated[str, Field(max_length=MOST_TEXT)] | None = None
    facts: Annotated[str, Field(max_length=MOST_TEXT)] | None = None
    summary: dict[str, int] | None = None
    effect: RuleSetEffect | None = Field(default=None, exclude_if=lambda effect: effect is None)
    live_from: AwareDatetime | None = None
    confirms: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    assertion: Assertion | None = Field(default=None, description=_ASSERTED, exclude_if=lambda assertion: assertion is None)


PUBLISHED: tuple[type[Event], ...] = (
    ReferralReceived,
    ReferralUpdated,
    ReferralQuarantined,
    LegRouted,
    LegAcknowledged,
    ActionSubmitted,
    RulesetSubmitted,
    AlertSent,
    AlertFailed,
)
