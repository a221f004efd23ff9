"""Freezing tells what only adds from what breaks."""

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from tests.contract.breaking import breaks


class Promised(BaseModel):
    """What was promised."""

    name: str
    lane: Literal["urgent", "routine"]
    count: int = Field(ge=1)


class WithOptional(Promised):
    """Something may be added."""

    note: str | None = None


class Note(BaseModel):
    text: str


class WithOptionalPart(Promised):
    """What is added may have parts."""

    note: Note | None = None


class WithMoreChoices(Promised):
    lane: Literal["urgent", "routine", "night"]  # pyright: ignore[reportIncompatibleVariableOverride]


class WithDemand(Promised):
    note: str


class WithFewerChoices(Promised):
    lane: Literal["urgent"]  # pyright: ignore[reportIncompatibleVariableOverride]


class WithOtherType(Promised):
    count: str  # pyright: ignore[reportIncompatibleVariableOverride]


class WithNarrowerNumber(Promised):
    count: int = Field(ge=2)


class WithPattern(Promised):
    name: str = Field(pattern="^[a-z]+$")


class WithoutName(BaseModel):
    lane: Literal["urgent", "routine"]
    count: int = Field(ge=1)


class WithNameLeftOut(Promised):
    name: str = "nobody"


def changes(after: type[BaseModel]) -> list[str]:
    return list(breaks(Promised.model_json_schema(), after.model_json_schema()))


@pytest.mark.parametrize("after", [Promised, WithOptional, WithOptionalPart, WithMoreChoices])
def test_what_only_adds_breaks_nothing(after: type[BaseModel]) -> None:
    assert changes(after) == []


@pytest.mark.parametrize(
    ("after", "place"),
    [
        (WithDemand, "/required"),
        (WithFewerChoices, "/properties/lane"),
        (WithOtherType, "/properties/count"),
        (WithNarrowerNumber, "/properties/count/minimum"),
        (WithPattern, "/properties/name/pattern"),
        (WithoutName, "/properties/name"),
        (WithNameLeftOut, "/required"),
    ],
)
def test_what_takes_away_or_demands_is_told_by_its_place(after: type[BaseModel], place: str) -> None:
    assert any(change.startswith(place) for change in changes(after))


def test_other_words_about_a_field_break_nothing() -> None:
    before: dict[str, Any] = {"properties": {"title": {"type": "string", "description": "old"}}}
    after: dict[str, Any] = {"properties": {"title": {"type": "string", "description": "new"}}}
    assert list(breaks(before, after)) == []


def test_a_field_that_is_called_title_is_a_field() -> None:
    assert list(breaks({"properties": {"title": {}}}, {"properties": {}})) == ["/properties/title: is gone"]
