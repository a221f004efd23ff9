"""The answer to an action: what became of what a person asked for."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from fingerpost_shared.contracts.events import Code
from fingerpost_shared.contracts.queries.rule_sets import LiveRuleSet


class LegState(BaseModel):
    """A leg as it stands after an action."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    state: Literal["open", "acknowledged", "closed"]
    version: Annotated[int, Field(ge=1)]
    owner: str | None
    due_at: AwareDatetime | None


class RuleSetState(BaseModel):
    """A rule set as it stands after a step of its life."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hash: str
    ruleset: int
    state: Literal["draft", "checked", "previewed", "approved"]
    author: str
    approved_by: str | None
    live_from: AwareDatetime | None = None
    was_announced: bool = Field(
        default=False, exclude_if=lambda was: not was, description="it was announced for this very time before, so nothing changed"
    )
    withdrawn: tuple[LiveRuleSet, ...] = Field(
        default=(), exclude_if=lambda some: not some, description="the announcements whose place this publication took"
    )
    also_from: tuple[AwareDatetime, ...] = Field(
        default=(), exclude_if=lambda some: not some, description="the other times from which this set is announced; they stand"
    )
    findings: tuple[str, ...] = Field(default=(), description="what the proofs found, in words")
    redecided: int | None = None


class ActionAnswered(BaseModel):
    """The answer to an action, the same again for a resend. It is a core message: who asked listens before asking."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action_id: UUID
    result: Literal["done", "refused"]
    code: Code
    help: str
    leg: LegState | None = None
    rule_set: RuleSetState | None = Field(default=None, exclude_if=lambda state: state is None, description="of a step of the rules only")


def answer_subject(actor: str, action_id: UUID | str) -> str:
    """Where the answer to an action is published: only its actor may listen there."""
    return f"action.answered.v1.{actor}.{action_id}"
