"""What a rule set would have changed of past decisions: made where they are read, kept with the set, shown to who approves it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fingerpost_shared.contracts.ids import Reference

MOST_MOVES_SHOWN = 200


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Workload(_Part):
    """How many past referrals a destination had to own a part of, and how many it would have had."""

    destination: str
    before: int
    after: int


class Shift(_Part):
    """How many past referrals would have had another lead, or another band."""

    old: str
    new: str
    count: int


class Move(_Part):
    """A past referral that would have been decided otherwise."""

    reference: Reference
    old_lead: str
    old_band: str
    new_lead: str
    new_band: str
    is_less_urgent: bool


class RuleSetEffect(_Part):
    """Each destination's workload, where leads and bands go, and which referrals move: those that become less urgent first."""

    workload: Annotated[tuple[Workload, ...], Field(max_length=500)]
    leads: Annotated[tuple[Shift, ...], Field(max_length=500)]
    bands: Annotated[tuple[Shift, ...], Field(max_length=100)]
    shown: Annotated[tuple[Move, ...], Field(max_length=MOST_MOVES_SHOWN)]
