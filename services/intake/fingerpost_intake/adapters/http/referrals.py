"""`/v1/referrals`: one referral in native JSON, and what its referrer may know of it."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from fingerpost_intake.adapters.http.accepting import Accepting
from fingerpost_intake.adapters.http.access import Access
from fingerpost_intake.adapters.http.asking import ask_book
from fingerpost_intake.adapters.http.bodies import expect_type, read_body
from fingerpost_intake.adapters.http.problems import Problem
from fingerpost_intake.adapters.look_ups import LookUps
from fingerpost_intake.domain import strict_json
from fingerpost_intake.domain.faults import MOST_FAULTS, Fault, Faulty
from fingerpost_intake.domain.normalising import Understanding, normalise, quarantine_id, read_referral
from fingerpost_intake.domain.referral import Referral
from fingerpost_intake.domain.submissions import JSON, not_json, read_json
from fingerpost_shared.contracts import ids

_MEND = "The referral was not taken; it is still with you. Mend what 'errors' names and send it again."


def router(access: Access, accepting: Accepting, look_ups: LookUps, by: Understanding, largest: int) -> APIRouter:
    """The routes under `/v1/referrals`, and the public schema."""
    routes = APIRouter()

    @routes.post("/v1/referrals", status_code=202)
    async def send_referral(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        """Send one referral. 202 once it is safely stored; the same again never has a second effect."""
        agency = access.agency_of(request)
        expect_type(request, JSON, agency)
        body = await read_body(request, largest, agency)
        referral = _read(body, agency)
        now = accepting.now()
        try:
            normalised = normalise(referral, agency, now, by)
        except Faulty as error:
            if not error.is_well_formed:
                raise _invalid(error, agency) from None
            await accepting.accept(agency, "urgent", JSON, body, now)
            return _quarantined(quarantine_id(agency, body, now, by), error.faults)
        is_known = await look_ups.is_saved(normalised.referral_id, normalised.content_hash)
        await accepting.accept(agency, normalised.lane, JSON, body, now)
        reference = ids.reference_of(normalised.referral_id, by.reference_prefix)
        links = {"self": f"/v1/referrals/{reference}"}
        answer = {"id": str(normalised.referral_id), "reference": reference, "status": "accepted", "duplicate": is_known, "links": links}
        return JSONResponse(answer, 200 if is_known else 202, headers={"Location": links["self"]})

    @routes.get("/v1/referrals/{reference}")
    async def show_referral(reference: str, request: Request) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """What its referrer may know of a referral, by its id or short reference: that it was received, no more."""  # I12
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
        return read_referral(read_json(body))
    except strict_json.NotJson as error:
        raise Problem(400, "malformed-json", _MEND, [not_json(error)], agency=agency) from None
    except Faulty as error:
        raise _invalid(error, agency) from None


def _invalid(error: Faulty, agency: str) -> Problem:
    detail = f"{_MEND} More is wrong than the {MOST_FAULTS} places that it names." if error.has_more else _MEND
    return Problem(422, "invalid-referral", detail, error.faults, agency=agency)


def _quarantined(identity: UUID, faults: tuple[Fault, ...]) -> JSONResponse:
    reference = ids.reference_of(identity, ids.QUARANTINE_PREFIX)
    answer = {"id": str(identity), "reference": reference, "status": "quarantined", "errors": [asdict(fault) for fault in faults]}
    return JSONResponse(answer, 202)
