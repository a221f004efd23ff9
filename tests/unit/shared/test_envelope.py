"""How an event travels: what comes in is what went out, and what cannot be read says why without repeating it."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_shared.contracts.envelope import Envelope, Malformed, decode, traceparent
from fingerpost_shared.contracts.events import ActionSubmitted, AlertSent, Event, LegAcknowledged

STORED_AT = datetime(2026, 9, 4, 14, 0, tzinfo=UTC)
MOMENTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
CANARY = "Jemima Canaryworth"


def acknowledged(by: str = "Sam Sample", at: datetime = STORED_AT, **changed: object) -> LegAcknowledged:
    row = {
        "leg_id": UUID(int=1),
        "version": 2,
        "referral_id": UUID(int=2),
        "reference": "HC-PSZ5M-CT95K-A",
        "destination": "matac",
        "lane": "urgent",
        "by": by,
        "acknowledged_at": at,
    }
    return LegAcknowledged.model_validate({**row, **changed})


def message(**changed: object) -> dict:
    return {**json.loads(Envelope(acknowledged(), UUID(int=3), STORED_AT).encode("router")), **changed}


def read(body: bytes, event: type[Event] = LegAcknowledged) -> Event:
    return decode(event, "leg.acknowledged.v1.matac.urgent", body, lambda: STORED_AT).event


def fault_in(content: object) -> str:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(Malformed) as refused:
        read(body)
    return str(refused.value)


@given(st.text(), MOMENTS, st.uuids())
def test_what_comes_in_is_what_went_out(by: str, at: datetime, identity: UUID) -> None:
    event = acknowledged(by, at)

    received = decode(LegAcknowledged, event.subject, Envelope(event, identity, at).encode("router"), lambda: STORED_AT)

    assert received.event == event
    assert (received.id, received.source, received.stored_at) == (str(identity), "/fingerpost/router", STORED_AT)


def test_the_same_event_is_the_same_to_the_letter_each_time() -> None:
    assert len({Envelope(acknowledged(), UUID(int=3), STORED_AT).encode("router") for _ in range(3)}) == 1


def test_a_message_has_what_cloudevents_demands() -> None:
    head = message()
    assert head["specversion"] == "1.0"
    assert head["type"] == "org.fingerpost.leg.acknowledged.v1"
    assert head["source"] == "/fingerpost/router"
    assert head["datacontenttype"] == "application/json"
    assert datetime.fromisoformat(head["time"]) == STORED_AT


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    summer = STORED_AT.astimezone(timezone(timedelta(hours=1)))
    body = json.loads(Envelope(acknowledged(), UUID(int=3), summer).encode("router"))
    assert body["time"] == "2026-09-04T14:00:00+00:00"


def test_all_events_about_one_referral_are_one_trace() -> None:
    assert traceparent(UUID(int=2), UUID(int=3)).split("-")[1] == UUID(int=2).hex
    assert message()["traceparent"] == traceparent(UUID(int=2), UUID(int=3))


def test_an_event_knows_its_subject_and_its_filter() -> None:
    assert acknowledged().subject == "leg.acknowledged.v1.matac.urgent"
    assert LegAcknowledged.filter(lane="urgent") == "leg.acknowledged.v1.*.urgent"
    assert AlertSent.filter() == "alert.sent.v1"
    assert ActionSubmitted.filter(service="router") == "action.submitted.v1.router.*"


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (b"", "body: json_invalid"),
        (b"\xff\xfe", "body: json_invalid"),
        (b"[" * 100_000, "body: json_invalid"),
        (json.dumps(message()).replace("Sam Sample", "\\ud800").encode(), "body: json_invalid"),
        ([], "body: model_type"),
        (message(specversion="0.3"), "specversion: literal_error"),
        (message(type="org.fingerpost.leg.routed.v1"), "type: expected org.fingerpost.leg.acknowledged.v1"),
        (message(data=None), "data: model_type"),
        (message(time="yesterday"), "time: datetime_from_date_parsing"),
        (message(data={**message()["data"], "lane": "express"}), "data.lane: literal_error"),
        (message(data={**message()["data"], "version": 0}), "data.version: greater_than_equal"),
        (message(data={**message()["data"], "destination": "../matac"}), "data.destination: string_pattern_mismatch"),
        (message(data={**message()["data"], "acknowledged_at": "2026-09-04T14:00:00"}), "data.acknowledged_at: timezone_aware"),
    ],
)
def test_what_cannot_be_read_names_the_place_and_the_fault(broken: object, fault: str) -> None:
    assert fault_in(broken) == fault


def test_every_fault_is_named_at_once() -> None:
    faults = fault_in(message(specversion=None, data={**message()["data"], "version": -1, "lane": ""})).split("; ")
    assert {fault.split(":")[0] for fault in faults} == {"specversion", "data.version", "data.lane"}


def test_extensions_that_we_do_not_know_are_let_through() -> None:
    assert read(json.dumps(message(correlationid="abc", dataref=None)).encode()) == acknowledged()


PLACES = ["specversion", "type", "time", "data", *(f"data.{name}" for name in message()["data"]), "data.unknown"]


@pytest.mark.parametrize("place", PLACES)
def test_a_fault_never_repeats_what_was_sent(place: str) -> None:
    broken = message()
    if place.startswith("data."):
        broken["data"] = {**broken["data"], place.removeprefix("data."): [CANARY]}
    else:
        broken[place] = [CANARY]
    assert CANARY not in fault_in(broken)


def test_a_fault_does_not_repeat_a_field_name_that_is_none_of_ours() -> None:
    assert fault_in(message(data={**message()["data"], CANARY: 1})) == "data.?: extra_forbidden"


@given(st.binary())
def test_any_bytes_are_an_event_or_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3))


@given(st.sampled_from(sorted(message()["data"])), JSON)
def test_any_value_in_any_field_is_read_strictly_or_malformed(field: str, value: object) -> None:
    body = json.dumps(message(data={**message()["data"], field: value})).encode()
    fault, event = "", None
    try:
        event = read(body)
    except Malformed as malformed:
        fault = str(malformed)
    if event is None:
        assert f"data.{field}" in fault or "body: json_invalid" in fault
    else:
        assert read(Envelope(event, UUID(int=3), STORED_AT).encode("router")) == event


def test_a_dead_letter_keeps_of_a_message_what_was_read_and_nothing_that_a_sender_added() -> None:
    canary = "Canary Robin, 77 Hiddenrefuge Crescent"
    body = json.dumps(message(id=canary, source=canary, note=canary, time=None)).encode()
    received = decode(LegAcknowledged, "leg.acknowledged.v1.matac.urgent", body, lambda: STORED_AT)

    kept = decode(LegAcknowledged, received.subject, received.again(), lambda: STORED_AT)

    assert b"Canary" not in received.again()
    assert kept.event == received.event
    assert (kept.id, kept.source) == (str(received.event.about), "/outside")


def test_a_dead_letter_keeps_the_id_and_source_of_an_event_of_ours() -> None:
    received = decode(LegAcknowledged, "leg.acknowledged.v1.matac.urgent", json.dumps(message()).encode(), lambda: STORED_AT)
    kept = json.loads(received.again())
    assert (kept["id"], kept["source"], kept["type"]) == (received.id, "/fingerpost/router", "org.fingerpost.leg.acknowledged.v1")
