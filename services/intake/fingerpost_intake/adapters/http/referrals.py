"""`/v1/referrals`: one referral in native JSON, and what its referrer may know of it."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from fingerpost_intake.adapters.http.accepting import Accepting
from fingerpost_intake.adapters.http.access import Access
from fingerpost_intake.adapters.http.asking import ask_book
from fingerpost_intake.adapters.http.bodies import expect_type, read_body
from fingerpost_intake.adapters.http.problems import Problem
from fingerpost_intake.adapters.look_ups import LookUps
from fingerpost_intake.domain import strict_json
from fingerpost_intake.domain.faults import Fault, Faulty
from fingerpost_intake.domain.normalising import Understanding, normalise, quarantine, read_referral
from fingerpost_intake.domain.referral import Referral
from fingerpost_intake.domain.submissions import JSON
from fingerpost_shared.contracts import ids

_MEND = "The referral was not taken; it is still with you. Mend what 'errors' names and send it again."


def router(access: Access, accepting: Accepting, look_ups: LookUps, by: Understanding, largest: int) -> APIRouter:
    """The routes under `/v1/referrals`, and the public schema."""
    routes = APIRouter()

    @routes.post("/v1/referrals", status_code=202, openapi_extra={"requestBody": _body_schema()})
    async def send_referral(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        """Send one referral. 202 once it is safely stored; the same again never has a second effect."""
        agency = access.agency_of(request)
        expect_type(request, JSON, agency)
        body = await read_body(request, largest, agency)
        referral = _read(body, agency)
        today = by.day_of(accepting.now())
        try:
            normalised = normalise(referral, agency, today, by)
        except Faulty as error:
            if not error.is_well_formed:
                raise Problem(422, "invalid-referral", _MEND, error.faults, agency=agency) from None
            await accepting.accept(agency, "urgent", JSON, body)
            kept = quarantine(agency, JSON, body, error.faults, today, by)
            return _quarantined(str(kept.quarantine_id), ids.reference_of(kept.quarantine_id, ids.QUARANTINE_PREFIX), error.faults)
        is_known = await look_ups.is_saved(normalised.referral_id, normalised.content_hash)
        await accepting.accept(agency, normalised.lane, JSON, body)
        reference = ids.reference_of(normalised.referral_id, by.reference_prefix)
        links = {"self": f"/v1/referrals/{reference}"}
        answer = {"id": str(normalised.referral_id), "reference": reference, "status": "accepted", "duplicate": is_known, "links": links}
        return JSONResponse(answer, 200 if is_known else 202, headers={"Location": links["self"]})

    @routes.get("/v1/referrals/{reference}")
    async def show_referral(reference: str, request: Request) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """What its referrer may know of a referral, by its id or short reference: that it was received, no more (I12)."""
        agency = access.agency_of(request)
        found = await ask_book(look_ups.referral(reference), agency)
        if not found.found or found.agency != agency:
            raise Problem(404, "not-found", "No referral of yours has this reference.", agency=agency)
        return {
            "id": str(found.referral_id),
            "reference": found.reference,
            "status": found.status,
            "version": found.version,
            "received_at": found.received_at,
        }

    @routes.get("/schemas/referral.v1.json")
    async def referral_schema() -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """The JSON Schema of a referral."""
        return Referral.model_json_schema(by_alias=True)

    return routes


def _read(body: bytes, agency: str) -> Referral:
    try:
        return read_referral(strict_json.read(body))
    except strict_json.NotJson as error:
        fault = Fault("", error.reason.code, error.expected, f"Send {error.expected}.")
        raise Problem(400, "malformed-json", _MEND, [fault], agency=agency) from None
    except Faulty as error:
        raise Problem(422, "invalid-referral", _MEND, error.faults, agency=agency) from None


def _quarantined(identity: str, reference: str, faults: tuple[Fault, ...]) -> JSONResponse:
    answer = {"id": identity, "reference": reference, "status": "quarantined", "errors": [asdict(fault) for fault in faults]}
    return JSONResponse(answer, 202)


def _body_schema() -> dict[str, Any]:
    return {"required": True, "content": {JSON: {"schema": {"$ref": "/schemas/referral.v1.json"}}}}
