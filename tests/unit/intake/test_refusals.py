"""Whatever intake answers over HTTP may be stored by nobody between, and what it refuses it says as problem details (RFC 9457)."""

import pytest

from tests.unit.intake.building import CANARY, a_referral
from tests.unit.intake.edge import Book, Store, an_edge

JSON, CSV = {"Content-Type": "application/json"}, {"Content-Type": "text/csv"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "no-such-address"),
        ("GET", "/nothing", 404, "no-such-address"),
        ("GET", f"/v1/batches/{CANARY}", 404, "not-found"),
        ("GET", "/v1/referrals", 405, "wrong-method"),
        ("DELETE", "/v1/batches", 405, "wrong-method"),
    ],
)
async def test_an_address_or_a_method_that_there_is_not_is_told_as_any_other_refusal(method: str, path: str, status: int, code: str):
    async with an_edge(Store(), Book()) as client:
        answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    body = answer.json()
    assert (body["type"], body["status"]) == (f"/problems/{code}", status)
    assert body["title"]
    assert body["detail"]
    assert CANARY not in answer.text
    assert ("allow" in answer.headers) == (status == 405)


async def test_nobody_between_intake_and_a_sender_may_store_an_answer():
    good, unclear = a_referral(), a_referral(kinds=["abuse"])
    async with an_edge(Store(), Book()) as client:
        answers = [
            *[await client.post("/v1/referrals", json=sent, headers=JSON) for sent in (good, unclear, {}, "text")],
            await client.post("/v1/referrals", content=b"{", headers=JSON),
            await client.post("/v1/referrals", json=good, headers=CSV),
            await client.post("/v1/referrals", json=good, headers={**JSON, "Authorization": ""}),
            await client.post("/v1/batches", content=b"agency_reference,kinds\nA-1,asb\n", headers=CSV),
            *[await client.get(path) for path in ("/v1/batches/x", "/v1/nothing", "/v1/referrals")],
        ]
        schema = await client.get("/schemas/referral.v1.json")
    assert [answer.status_code for answer in answers] == [202, 202, 422, 422, 400, 415, 401, 202, 404, 404, 405]
    assert {answer.headers.get("cache-control") for answer in answers} == {"no-store"}
    assert "cache-control" not in schema.headers


@pytest.mark.parametrize(("places", "says_more"), [(50, False), (51, True)])
async def test_a_refusal_says_when_more_is_wrong_than_it_names(places: int, says_more: bool):
    async with an_edge(Store(), Book()) as client:
        answer = await client.post("/v1/referrals", json=a_referral(**{f"narativ{place}": 1 for place in range(places)}), headers=JSON)
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 50)
    assert ("More is wrong than the 50 places" in answer.json()["detail"]) == says_more
