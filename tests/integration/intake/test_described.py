"""`/openapi.json` tells the truth: what intake really answers is what the document says."""

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from fingerpost_intake.adapters.http import describing
from fingerpost_intake.samples import sample
from tests.support.live import Live, fresh


@pytest.fixture(scope="module")
async def document(live: Live) -> dict[str, Any]:
    return (await live.http.get("/openapi.json")).json()


def is_described(document: dict[str, Any], method: str, path: str, answer: httpx.Response) -> None:
    """Fails unless the document has this answer's status, type and shape."""
    described = document["paths"][path][method]["responses"][str(answer.status_code)]
    schema = described["content"][answer.headers["content-type"]]["schema"]
    names = [one["$ref"].rpartition("/")[2] for one in schema.get("oneOf", [schema])]
    assert set(names) <= set(document["components"]["schemas"])
    assert any(fits(name, answer.text) for name in names), (names, answer.text)


def fits(name: str, text: str) -> bool:
    """Whether it is what the model of this name describes, no more and no less."""
    try:
        getattr(describing, name).model_validate_json(text)
    except ValidationError:
        return False
    return True


async def test_every_answer_to_a_referral_is_described(live: Live, document: dict[str, Any]) -> None:
    referral = fresh(sample("asb", 3))
    contradicting = {**fresh(sample("asb", 4)), "updated_at": "2160-01-01T00:00:00Z"}
    answers = [
        *[await live.post(body) for body in (referral, contradicting, b"{", {"narative": 1})],
        await live.http.post("/v1/referrals", json=referral),
        await live.http.post("/v1/referrals", content=b"x", headers=live.headers("police", "text/plain")),
    ]
    assert [answer.status_code for answer in answers] == [202, 202, 400, 422, 401, 415]
    for answer in answers:
        is_described(document, "post", "/v1/referrals", answer)

    asked = [
        await live.http.get(f"/v1/referrals/{reference}", headers=live.headers("police"))
        for reference in (answers[0].json()["reference"], "HC-00000-00000-0")
    ]
    assert asked[1].status_code == 404
    for answer in asked:
        is_described(document, "get", "/v1/referrals/{reference}", answer)


async def test_every_answer_to_a_file_is_described(live: Live, document: dict[str, Any]) -> None:
    answers = [await live.post_csv(content) for content in ("agency_reference,kinds\nD-1,asb\nD-2,no such kind\n", "a,b\n\n1")]
    assert [answer.status_code for answer in answers] == [202, 202]
    for answer in answers:
        is_described(document, "post", "/v1/batches", answer)
    unknown = await live.http.get("/v1/batches/nope", headers=live.headers("police"))
    is_described(document, "get", "/v1/batches/{batch}", unknown)


async def test_every_address_of_an_agency_wants_its_key_and_says_how_it_refuses(document: dict[str, Any]) -> None:
    operations = [operation for path, methods in document["paths"].items() if path.startswith("/v1/") for operation in methods.values()]
    assert len(operations) == 4
    assert all(operation["security"] == [{"agency_key": []}] for operation in operations)
    assert all({"401", "503"} <= set(operation["responses"]) for operation in operations)
    assert "HTTPValidationError" not in str(document)
