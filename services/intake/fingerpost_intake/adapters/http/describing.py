"""What `/openapi.json` says of intake's answers: the routes build them by hand, and tests hold them against these models."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema

from fingerpost_intake.domain.referral import Referral
from fingerpost_intake.domain.submissions import CSV, JSON

PROBLEM_TYPE = "application/problem+json"
_REF = "#/components/schemas/{model}"


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WrongPlace(_Answer):
    """A place of what was sent: a JSON pointer, a column, or nothing for the whole."""

    pointer: str
    code: str
    expected: str
    help: str


class ProblemDetails(_Answer):
    """A refusal (RFC 9457): the sender still holds what it sent. `type` is one of docs/problems.md."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongPlace] = []


class AcceptedReferral(_Answer):
    """It is stored. `duplicate` is true where it is known to be saved already: it then has no second effect."""

    id: UUID
    reference: str
    status: Literal["accepted"]
    duplicate: bool
    links: dict[str, str]


class QuarantinedReferral(_Answer):
    """It is stored for a person to mend; a corrected resend is welcome."""

    id: UUID
    reference: str
    status: Literal["quarantined"]
    errors: list[WrongPlace]


class KnownReferral(_Answer):
    """What its referrer may know."""

    id: UUID
    reference: str
    status: str
    version: int
    received_at: datetime


class BatchRow(_Answer):
    """What became of a row, under the number that a spreadsheet shows; 0 is the whole file."""

    row: int
    status: Literal["accepted", "quarantined"]
    id: UUID | None = None
    reference: str | None = None
    quarantine: str | None = None
    errors: list[WrongPlace] = []


class BatchAnswer(_Answer):
    """What became of a file. Of more than 1,000 rows `links.report` tells, and `rows` is empty."""

    batch: UUID
    encoding: str
    counts: dict[str, int]
    rows: list[BatchRow]
    links: dict[str, str]


_MODELS: tuple[type[BaseModel], ...] = (
    *(ProblemDetails, AcceptedReferral, QuarantinedReferral, KnownReferral, BatchAnswer),
    Referral,
)
_ANSWERS: dict[tuple[str, str], dict[int, tuple[type[BaseModel], ...]]] = {
    ("post", "/v1/referrals"): {200: (AcceptedReferral,), 202: (AcceptedReferral, QuarantinedReferral)},
    ("get", "/v1/referrals/{reference}"): {200: (KnownReferral,)},
    ("post", "/v1/batches"): {202: (BatchAnswer,)},
    ("get", "/v1/batches/{batch}"): {200: (BatchAnswer,)},
}
_REFUSALS = {"post": (400, 401, 413, 415, 422, 503), "get": (401, 404, 503)}
_WORDS = {
    200: "Known already, or found",
    202: "Stored safely",
    400: "Not JSON",
    401: "No key, or an unknown one",
    404: "Nothing of this agency",
    413: "Too large",
    415: "Not of the type for this address",
    422: "Not a referral, or not a file",
    503: "Not just now: see Retry-After",
}


def describe(http: FastAPI) -> None:
    """Have the application's OpenAPI document tell of keys, bodies, answers and refusals."""

    def document() -> dict[str, Any]:
        if http.openapi_schema is None:
            http.openapi_schema = _completed(get_openapi(title=http.title, version=http.version, routes=http.routes))
        return http.openapi_schema

    http.openapi = document


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    _, schemas = models_json_schema([(model, "validation") for model in _MODELS], ref_template=_REF)
    key = {"type": "http", "scheme": "bearer", "description": "The agency's key, which the partnership's coordinator gives."}
    document["components"] = {"schemas": schemas["$defs"], "securitySchemes": {"agency_key": key}}
    for (method, path), answers in _ANSWERS.items():
        operation = document["paths"][path][method]
        operation["security"] = [{"agency_key": []}]
        refusals = {status: (ProblemDetails,) for status in _REFUSALS[method] if not (status == 400 and path == "/v1/batches")}
        operation["responses"] = {
            **{str(status): _response(status, JSON, models) for status, models in answers.items()},
            **{str(status): _response(status, PROBLEM_TYPE, models) for status, models in refusals.items()},
        }
    bodies = {"/v1/referrals": {JSON: {"schema": _ref(Referral)}}, "/v1/batches": {CSV: {"schema": {"type": "string"}}}}
    for path, content in bodies.items():
        document["paths"][path]["post"]["requestBody"] = {"required": True, "content": content}
    return document


def _response(status: int, content_type: str, models: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    schema = _ref(models[0]) if len(models) == 1 else {"oneOf": [_ref(model) for model in models]}
    return {"description": _WORDS[status], "content": {content_type: {"schema": schema}}}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}
