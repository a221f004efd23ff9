"""The rows of a rule set as values: rules, what they give, and the coordinator's own sentences."""

from dataclasses import dataclass, field
from typing import Literal

from fingerpost_rules.conditions import Condition

HOURS_IN_A_DAY = 24

Feedback = Literal["received", "full"]
CLAIMS = ("band_at_least", "lead_is", "owned_by", "copied_to", "alerts", "never_led_by", "never_sent_to")


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit as it was written: hours, or working days."""

    amount: int
    unit: Literal["h", "d"]

    @property
    def hours(self) -> int:
        """The limit in hours, a working day as 24: for comparing, never for a clock."""
        return self.amount if self.unit == "h" else self.amount * HOURS_IN_A_DAY

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


@dataclass(frozen=True, slots=True)
class Then:
    """What a rule gives when it fires; what it does not mention, it leaves alone."""

    lead: str | None = None
    band: str | None = None
    also: tuple[str, ...] = ()
    copy: tuple[str, ...] = ()
    alert: tuple[str, ...] = ()
    within: Limit | None = None
    tag: tuple[str, ...] = ()
    feedback: Feedback | None = None

    @property
    def leads(self) -> tuple[str, ...]:
        """The lead, as a list of none or one."""
        return (self.lead,) if self.lead else ()


@dataclass(frozen=True)
class Rule:
    """One row of the table."""

    id: str
    title: str
    condition: Condition
    then: Then
    overrides: tuple[str, ...]
    because: str
    line: int = field(compare=False)


@dataclass(frozen=True)
class Sentence:
    """One of the coordinator's own `must_hold` sentences: claims about the outcome of all that meets the condition."""

    id: str
    condition: Condition
    claims: tuple[tuple[str, str], ...]
    line: int = field(compare=False)
