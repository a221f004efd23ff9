"""A referral in native JSON: the closed model that every format is turned into. Its schema is public: `/schemas/referral.v1.json`."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StringConstraints
from pydantic_core import PydanticCustomError


def _day(value: Any) -> Any:
    return _written(value, "date_from_datetime_parsing")


def _moment(value: Any) -> Any:
    return _written(value, "datetime_parsing")


def _written(value: Any, otherwise: Literal["date_from_datetime_parsing", "datetime_parsing"]) -> Any:
    """A date as it is written, with hyphens: pydantic would read a number, or its digits, as seconds since 1970."""
    if isinstance(value, int | float):
        raise PydanticCustomError("string_type", "Input should be a valid string")
    if isinstance(value, str) and "-" not in value.strip()[1:]:
        raise PydanticCustomError(otherwise, "Input should be a date with hyphens")
    return value


def _sensible(moment: datetime) -> datetime:
    """Raises for a time that nobody can mean: the ends of the calendar cannot even be stored."""
    if not _EARLIEST < moment < _LATEST:
        raise PydanticCustomError("out_of_range", "Input should be within sensible times")
    return moment


_EARLIEST = datetime(1800, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _in_order(members: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(members.items()))


ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
LongText = Annotated[str, StringConstraints(max_length=50_000)]
Given = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_sensible)]
Consent = Literal["yes", "no", "unknown"]


class _Part(BaseModel):
    # hide_input_in_errors: an error's text never shows who a referral is about (I8)
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Place(_Part):
    address: ShortText | None = None
    postcode: ShortText | None = None
    uprn: Annotated[str, StringConstraints(pattern=r"^\d{1,12}$")] | None = None
    easting: float | None = Field(default=None, ge=0, le=700_000, allow_inf_nan=False)
    northing: float | None = Field(default=None, ge=0, le=1_300_000, allow_inf_nan=False)


class Incident(_Part):
    occurred_at: Moment | Day | None = None
    place: Place | None = None
    description: LongText | None = None


class SafeContact(_Part):
    by: ShortText | None = None
    when: ShortText | None = None
    # `not` is a keyword of the language, not of the format
    avoid: ShortText | None = Field(default=None, alias="not")


class Person(_Part):
    role: Literal["victim", "subject", "child", "reporter", "other"]
    name: ShortText | None = None
    date_of_birth: Day | None = None
    age_years: Annotated[StrictInt, Field(ge=0, le=120)] | None = None
    address: ShortText | None = None
    phone: ShortText | None = None
    email: ShortText | None = None
    nhs_number: Annotated[str, StringConstraints(pattern=r"^[0-9 -]{10,14}$")] | None = None
    relationship: ShortText | None = None
    needs: LongText | None = None
    safe_contact: SafeContact | None = None


class Dash(_Part):
    answers: Annotated[dict[ShortText, Literal["yes", "no", "unknown"]], Field(max_length=40), AfterValidator(_in_order)] | None = None
    total: Annotated[StrictInt, Field(ge=0, le=24)] | None = None
    judgement: StrictBool | None = Field(default=None, description="the assessor's professional judgement that the risk is high")


class Assessments(_Part):
    dash: Dash | None = None
    police_risk_grade: Literal["standard", "medium", "high"] | None = None


class Referrer(_Part):
    name: ShortText | None = None
    role: ShortText | None = None
    contact: ShortText | None = None


class Referral(_Part):
    """What an agency sends. The agency itself is known by its key, never by the body."""

    model_config = ConfigDict(title="Referral", json_schema_extra={"$id": "/schemas/referral.v1.json"})

    agency_reference: Given = Field(description="what this agency calls the referral; unique there")
    kinds: list[Given] = Field(min_length=1, max_length=16, description="what it is about: values of the fact `kinds`")
    updated_at: Moment | None = Field(default=None, description="orders the updates, as no later than it arrived; without it, arrival does")
    status: Literal["new", "withdrawn"] = "new"
    themes: list[Given] = Field(default=[], max_length=8)
    incidents: list[Incident] = Field(default=[], max_length=200)
    people: list[Person] = Field(default=[], max_length=100)
    facts: Annotated[dict[str, StrictInt | StrictBool | str | list[str]], AfterValidator(_in_order)] = Field(
        default={}, max_length=200, description="any fact of facts.yaml that is not counted"
    )
    assessments: Assessments | None = None
    narrative: LongText | None = None
    anonymous: StrictBool = False
    aware: Consent | None = Field(default=None, description="does the person know of the referral")
    consent: Consent | None = None
    lawful_basis: ShortText | None = None
    referrer: Referrer | None = None
