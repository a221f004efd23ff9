"""What HTTP refuses stays with its sender, who is told what, where and how to mend it, and is shown nothing that was sent."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from fingerpost_intake.samples import sample
from tests.integration.intake.looking import outcomes_between, quiet_books, reasons
from tests.support.live import Live, fresh

CANARY = "Ivy Canaryson"


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem details of a refusal (RFC 9457)."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["type"]) == (status, f"/problems/{code}")
    assert body["detail"]
    assert CANARY not in answer.text
    return body


@pytest.mark.parametrize("service", ["intake", "console"])
async def test_a_request_whose_headers_have_no_end_is_cut_off(live: Live, service: str) -> None:
    url = httpx.URL(live.system.url(service))
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: here.example\r\nX-Filler: ")
    sent = 0
    try:
        while not reader.at_eof() and sent < 10_000_000:
            writer.write(b"a" * 65_536)
            await asyncio.wait_for(writer.drain(), 10)
            sent += 65_536
            await asyncio.sleep(0)
    except ConnectionError:
        pass
    finally:
        writer.close()
    assert sent < 10_000_000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed_json"),
        (b"Hi team, please see the attached form for Ivy Canaryson.", "malformed_json"),
        (b'{"agency_reference": "A-1", "people": [{"name": "Ivy Canaryson"', "malformed_json"),
        (b'{"narrative": "caf\xe9 Ivy Canaryson"}', "invalid_utf8"),
        (b'{"narrative": "\\u0000"}', "nul_character"),
        (b'{"kinds": ["asb"], "kinds": ["fraud"]}', "duplicate_member"),
        (b'{"facts": {"dash_ticks": NaN}}', "not_a_number"),
        (b'{"facts": {"\\ud800": 1}}', "half_a_character"),
        (b"[" * 100_000, "too_deep"),
    ],
)
async def test_what_is_no_json_is_400_and_says_where_it_breaks(live: Live, body: bytes, code: str) -> None:
    [error] = problem(await live.post(body), 400, "malformed-json")["errors"]
    assert (error["pointer"], error["code"]) == ("", code)
    assert error["help"].startswith("Send ")


async def test_wrong_types_and_missing_members_are_422_each_with_its_place(live: Live) -> None:
    sent = {"kinds": "asb", "people": [{"role": "victim", "name": CANARY, "date_of_birth": "31/02/2026"}], "anonymous": CANARY}
    body = problem(await live.post(sent), 422, "invalid-referral")
    assert {error["pointer"]: error["code"] for error in body["errors"]} == {
        "/agency_reference": "missing",
        "/kinds": "list_type",
        "/people/0/date_of_birth": "date_from_datetime_parsing",
        "/anonymous": "bool_type",
    }
    assert "it is still with you" in body["detail"]


@pytest.mark.parametrize("impossible", ["2026-02-31", "31/02/2026"])
async def test_a_date_that_does_not_exist_is_422(live: Live, impossible: str) -> None:
    referral = fresh(sample("asb", 1)) | {"incidents": [{"occurred_at": impossible}]}
    [error] = problem(await live.post(referral), 422, "invalid-referral")["errors"]
    assert error["pointer"] == "/incidents/0/occurred_at"


@pytest.mark.parametrize(
    ("parts", "pointer", "near"),
    [({"narative": CANARY}, "/narative", "narrative"), ({"facts": {"wepon": "none"}}, "/facts/wepon", "weapon")],
)
async def test_an_unknown_member_is_422_with_the_nearest_name(live: Live, parts: dict[str, Any], pointer: str, near: str) -> None:
    [error] = problem(await live.post(fresh(sample("asb", 1)) | parts), 422, "invalid-referral")["errors"]
    assert (error["pointer"], error["help"]) == (pointer, f"Did you mean '{near}'?")


@pytest.mark.parametrize("path", ["/v1/referrals", "/v1/batches"])
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "no-key"),
        ({"Authorization": "Bearer"}, "no-key"),
        ({"Authorization": "Basic cG9saWNlOng="}, "no-key"),
        ({"Authorization": "Bearer not-the-key-of-anybody"}, "unknown-key"),
        ({"Authorization": "Bearer clé".encode("latin-1").decode("latin-1")}, "unknown-key"),
    ],
)
async def test_without_a_known_key_nothing_is_taken(live: Live, path: str, headers: dict[str, str], code: str) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = await live.http.post(path, content=b"{}", headers={**raw, "Content-Type": "application/json"})  # type: ignore[dict-item]
    problem(answer, 401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("path", "sent_as", "expected"),
    [
        ("/v1/referrals", "text/csv", "application/json"),
        ("/v1/referrals", "", "application/json"),
        ("/v1/batches", "application/json", "text/csv"),
    ],
)
async def test_another_content_type_is_415_and_names_the_right_one(live: Live, path: str, sent_as: str, expected: str) -> None:
    answer = await live.http.post(path, content=b"{}", headers=live.headers("police", sent_as))
    assert expected in problem(answer, 415, "wrong-type")["detail"]


async def test_a_charset_and_capitals_in_the_content_type_do_not_matter(live: Live) -> None:
    answer = await live.http.post("/v1/referrals", content=b"{}", headers=live.headers("police", "Application/JSON; charset=utf-8"))
    problem(answer, 422, "invalid-referral")


async def test_a_body_of_50_mb_is_413_and_the_sender_sees_the_answer(live: Live) -> None:
    body = b'{"narrative": "' + b"x" * (50 * 1024 * 1024) + b'"}'
    assert "At most 5 MB" in problem(await live.post(body), 413, "too-large")["detail"]


async def test_a_file_of_70_mb_is_413_and_the_sender_sees_the_answer(live: Live) -> None:
    async def dripping() -> Any:
        for _ in range(70):
            yield b"x" * 1024 * 1024

    answer = await live.http.post("/v1/batches", content=dripping(), headers=live.headers("police", "text/csv"))
    assert "At most 64 MB" in problem(answer, 413, "too-large")["detail"]


async def test_an_unreadable_file_that_is_too_large_to_be_kept_is_422_with_its_reasons_and_no_server_error(live: Live) -> None:
    row = "A-1,asb," + "x" * 100_000 + "\r\n"
    [error] = problem(await live.post_csv("agency_reference,kinds,Who\r\n" + row * 80), 422, "unreadable-file")["errors"]
    assert (error["pointer"], error["code"]) == ("header/3", "unknown_column")


@pytest.mark.parametrize("reference", ["HC-00000-00000-0", "not-a-reference", "00000000-0000-0000-0000-000000000000"])
async def test_a_reference_that_is_not_known_is_404(live: Live, reference: str) -> None:
    problem(await live.http.get(f"/v1/referrals/{reference}", headers=live.headers("police")), 404, "not-found")


async def test_an_address_or_a_method_that_there_is_not_is_a_problem_too(live: Live) -> None:
    problem(await live.http.get("/v1/referral", headers=live.headers("police")), 404, "no-such-address")
    answer = await live.http.get("/v1/referrals", headers=live.headers("police"))
    problem(answer, 405, "wrong-method")
    assert answer.headers["allow"] == "POST"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_mistyped_year_is_for_a_person_to_mend_and_does_not_hold_off_the_right_update(live: Live) -> None:
    referral = fresh({"kinds": ["acquisitive"], "facts": {"weapon": "none", "child_at_risk": "no"}})
    mistyped = await live.post(referral | {"updated_at": "2062-11-27T09:00:00Z"})
    assert (mistyped.status_code, mistyped.json()["status"]) == (202, "quarantined")
    assert [(error["pointer"], error["code"]) for error in mistyped.json()["errors"]] == [("/updated_at", "in_the_future")]
    assert await reasons(live, mistyped.json()["reference"]) == [("/updated_at", "in_the_future")]

    before = await quiet_books(live)
    for weapon, hours_ahead in (("none", 1), ("bladed", 0)):  # first, local time in summer, sent as Z
        updated_at = (datetime.now(UTC) + timedelta(hours=hours_ahead)).isoformat()
        sent = referral | {"facts": {"weapon": weapon, "child_at_risk": "no"}, "updated_at": updated_at}
        assert (await live.post(sent)).status_code == 202
        after = await quiet_books(live)
    assert outcomes_between(before, after) == {"referral": 1, "update": 1}


async def test_refusals_are_counted_by_agency_and_status(live: Live) -> None:
    def counted(page: str) -> float:
        lines = [line for line in page.splitlines() if line.startswith('fingerpost_refused_total{agency="housing",status="422"}')]
        return float(lines[0].rpartition(" ")[2]) if lines else 0.0

    before = counted((await live.http.get("/metrics")).text)
    problem(await live.post({}, "housing"), 422, "invalid-referral")
    assert counted((await live.http.get("/metrics")).text) == before + 1
