"""What agencies' own systems publish: whatever the bytes and headers, it becomes a referral or a quarantine item, and nobody else's."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from nats.js.errors import NoStreamResponseError

from fingerpost_intake.domain import arrivals
from fingerpost_intake.domain.submissions import ROWS
from fingerpost_intake.samples import sample
from tests.integration.intake.looking import (
    item_in_quarantine,
    key,
    outcomes_between,
    quarantine_reference,
    quarantined_content,
    quiet_books,
    reasons,
)
from tests.integration.intake.raw_nats import publish_raw
from tests.support.live import JSON_TYPE, Live, eventually, fresh

JSON = "application/json"


def unique(text: str = "") -> bytes:
    return f"{text} {uuid4()}".encode()


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (unique("Hi team, please see attached."), JSON, "malformed_json"),
        (unique("caf") + b"\xe9", JSON, "invalid_utf8"),
        (b"", JSON, "malformed_json"),
        (unique("<referral/>"), "application/xml", "unsupported_content_type"),
        (unique("%PDF-1.7 \xff\x00"), "application/pdf", "unsupported_content_type"),
        (unique("nonsense"), ROWS, "malformed_json"),
        (json.dumps({"rows": [], "x": str(uuid4())}).encode(), ROWS, "not_a_value"),
        (json.dumps([str(uuid4())]).encode(), ROWS, "not_a_value"),
    ],
)
async def test_what_is_no_referral_is_in_quarantine_as_it_came(live: Live, body: bytes, content_type: str, code: str) -> None:
    await live.publish_as_agency(body, headers={"Content-Type": content_type})
    reference = quarantine_reference(live, body, content_type)
    assert [found for _, found in await reasons(live, reference)] == [code]
    assert await quarantined_content(live, reference) == body


async def test_a_message_without_headers_is_in_quarantine(live: Live) -> None:
    body = json.dumps(fresh(sample("asb", 1))).encode()
    await live.publish_as_agency(body, headers=None)
    assert await reasons(live, quarantine_reference(live, body, "")) == [("", "unsupported_content_type")]


async def test_of_a_content_type_that_nobody_reads_here_nothing_is_kept(live: Live) -> None:
    body = unique("<referral/>")
    await live.publish_as_agency(body, headers={"Content-Type": "ivy.canaryson/of-12-mill-lane"})
    assert (await item_in_quarantine(live, quarantine_reference(live, body))).content_type == ""


@pytest.mark.parametrize("headers", [{"content-type": JSON}, {"CONTENT-TYPE": "Application/JSON; charset=utf-8"}])
async def test_a_content_type_is_read_in_any_case(live: Live, headers: dict[str, str]) -> None:
    before = await quiet_books(live)
    await live.publish_as_agency(json.dumps(fresh(sample("asb", 1))).encode(), headers=headers)
    assert outcomes_between(before, await quiet_books(live)) == {"referral": 1}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"kinds": ["abuse"]}, ("/kinds", "unknown_kind")),
        ({"assessments": {"dash": {"total": 16}}, "facts": {"dash_ticks": 6}}, ("/facts/dash_ticks", "contradiction")),
        ({"incidents": [{"occurred_at": "2026-02-31"}]}, ("/incidents/0/occurred_at", "datetime_from_date_parsing")),
        ({"narative": "x"}, ("", "unknown_member")),
    ],
)
async def test_what_http_would_refuse_or_keep_is_kept_here(live: Live, parts: dict[str, Any], expected: tuple[str, str]) -> None:
    body = json.dumps(fresh({"kinds": ["asb"]}) | parts).encode()
    await live.publish_as_agency(body)
    assert expected in await reasons(live, quarantine_reference(live, body))


@pytest.mark.parametrize(
    "parts",
    [
        {"kinds": ["abuse"]},
        {"assessments": {"dash": {"total": 16}}, "facts": {"dash_ticks": 6}},
        {"people": [{"role": "victim", "date_of_birth": "2099-01-01"}]},
    ],
)
async def test_what_is_well_formed_and_not_understood_is_202_by_http_and_the_same_item_by_nats(live: Live, parts: dict[str, Any]) -> None:
    body = json.dumps(fresh({"kinds": ["asb"]}) | parts).encode()
    answer = await live.post(body)
    assert (answer.status_code, answer.json()["status"]) == (202, "quarantined")
    assert [error["help"] for error in answer.json()["errors"]]
    reference = quarantine_reference(live, body)
    assert answer.json()["reference"] == reference
    assert await reasons(live, reference)
    before = await quiet_books(live)
    await live.publish_as_agency(body)
    assert outcomes_between(before, await quiet_books(live)) == {"resend": 1}


async def test_the_time_that_the_edge_tells_reaches_its_consumer_under_a_mark_that_holds(live: Live) -> None:
    operator = await live.nats_as("operator")
    seen = await operator.subscribe("submission.received.v1.*.police")
    await operator.flush()
    before = datetime.now(UTC)
    await live.post(fresh(sample("asb", 1)))
    message = await seen.next_msg(timeout=10)
    await seen.unsubscribe()
    assert message.headers is not None
    told = arrivals.arrived_at(key(live, "id"), "police", message.data, message.headers[arrivals.HEADER])
    assert told is not None
    assert before <= told <= datetime.now(UTC)


async def test_a_reused_message_id_swallows_nothing_of_another_agency(live: Live) -> None:
    before = await quiet_books(live)
    headers = JSON_TYPE | {"Nats-Msg-Id": "1"}
    for agency in ("police", "council"):
        await asyncio.sleep(0.15)  # the stream's window for ids is 100 ms: within it a receipt that says `duplicate` is none
        await live.publish_as_agency(json.dumps(fresh(sample("asb", 1))).encode(), agency, headers=headers)
    assert outcomes_between(before, await quiet_books(live)) == {"referral": 2}


RAW_HEADERS = {
    "a status of JetStream's own": b"NATS/1.0 404 No Messages\r\nContent-Type: application/json\r\n\r\n",
    "a header called Status": b"NATS/1.0\r\nStatus: 409\r\nContent-Type: application/json\r\n\r\n",
    "a header that is not UTF-8": b"NATS/1.0\r\nContent-Type: application/json\r\nX-Name: caf\xe9\r\n\r\n",
    "a content type with a NUL": b"NATS/1.0\r\nContent-Type: application/json\0\r\n\r\n",
    "a line without a colon": b"NATS/1.0\r\nnonsense\r\nContent-Type: application/json\r\n\r\n",
    "a status that is no text": b"NATS/1.0 \xff\xfe\xfd \xff\r\n\r\n",
    "a heartbeat of a consumer": b"NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 1\r\n\r\n",
    "nothing but the version": b"NATS/1.0\r\n\r\n",
    "an endless content type": b"NATS/1.0\r\nContent-Type: " + b"x" * 5000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("headers", RAW_HEADERS.values(), ids=RAW_HEADERS)
async def test_whatever_the_headers_a_message_is_settled_and_intake_goes_on(live: Live, headers: bytes) -> None:
    before = await quiet_books(live)
    seed, subject = live.servers.seeds["agency-police"], "submission.received.v1.routine.police"
    await publish_raw(live.servers.nats_url, seed, subject, headers, json.dumps(fresh(sample("asb", 1))).encode())
    await live.publish_as_agency(json.dumps(fresh(sample("asb", 2))).encode())

    async def both() -> bool:
        return sum(outcomes_between(before, await quiet_books(live)).values()) == 2

    await eventually(both)


async def test_an_agency_cannot_submit_as_another_and_nothing_is_stored(live: Live) -> None:
    before = await quiet_books(live)
    police = await live.nats_as("agency-police")
    for subject in ("submission.received.v1.routine.council", "submission.received.v1.bogus.police", "referral.received.v1.urgent.x"):
        with pytest.raises(NoStreamResponseError):
            await police.jetstream(prefix="fp").publish(subject, b"{}", headers=JSON_TYPE)
    assert outcomes_between(before, await quiet_books(live)) == {}


@pytest.mark.parametrize(
    "reply", ["submission.received.v1.urgent.council", "action.submitted.v1.router.marac", "_INBOX.router.x", "$JS.API.STREAM.PURGE.LEGS"]
)
async def test_a_receipt_under_a_forged_reply_subject_lands_with_its_sender_alone(live: Live, reply: str) -> None:
    police, operator = await live.nats_as("agency-police"), await live.nats_as("operator")
    before = await quiet_books(live)
    at_home, abroad = await police.subscribe(reply), await operator.subscribe(reply)
    await asyncio.gather(police.flush(), operator.flush())
    try:
        body = json.dumps(fresh(sample("asb", 1))).encode()
        await police.publish("submission.received.v1.routine.police", body, reply=reply, headers=JSON_TYPE)
        receipt = json.loads((await at_home.next_msg(timeout=10)).data)
        await operator.flush()
    finally:
        await asyncio.gather(at_home.unsubscribe(), abroad.unsubscribe())
    assert receipt["stream"] == "SUBMISSIONS"
    assert abroad.pending_msgs == 0
    assert outcomes_between(before, await quiet_books(live)) == {"referral": 1}
