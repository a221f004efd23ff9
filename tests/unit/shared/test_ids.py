"""The same cause gives the same id, whoever computes it and however often; another cause gives another."""

import json
from datetime import date
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from fingerpost_shared.contracts import ids

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
TEXTS = st.text(max_size=30)


@given(TEXTS, TEXTS)
def test_the_same_referral_has_the_same_id_for_ever(agency: str, reference: str) -> None:
    assert ids.referral_id(KEY, agency, reference) == ids.referral_id(KEY, agency, reference)


def test_the_id_of_a_referral_is_what_it_was_when_the_first_one_was_saved() -> None:
    assert ids.referral_id(KEY, "police", "22/XX/000123") == UUID("9be9edd1-7381-888d-b904-884d46a9bddb")
    assert ids.unreferenced_id(KEY, "police", "0" * 64, date(2026, 9, 4)) == UUID("fbd97617-c172-8740-8ae8-10bbf76b5b51")
    assert ids.submission_cause(7, 1_788_530_587_250_000_000) == UUID("fe56d2b4-6c5f-58d7-9c42-c8ec23dbcb31")
    assert ids.reference_of(UUID("7a57bfeb-b404-8e2e-91d5-f249645f0813"), "HC") == "HC-PSZ5M-CT95K-A"


@given(st.uuids(), TEXTS)
def test_what_names_a_part_of_something_has_the_id_that_the_standard_gives_that_name(of: UUID, name: str) -> None:
    assert ids.alert_id(of, name) == uuid5(of, f"alert/{name}")
    assert ids.leg_id(of, name) == uuid5(of, f"leg/{name}")


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_two_referrals_share_an_id_only_if_agency_and_reference_are_the_same(a: str, b: str, c: str, d: str) -> None:
    assert (ids.referral_id(KEY, a, b) == ids.referral_id(KEY, c, d)) == ((a, b) == (c, d))


@given(TEXTS, TEXTS)
def test_without_the_key_nobody_can_compute_an_id(agency: str, reference: str) -> None:
    assert ids.referral_id(KEY, agency, reference) != ids.referral_id(OTHER_KEY, agency, reference)


@given(TEXTS, TEXTS)
def test_a_referrals_id_is_a_uuid_of_version_8(agency: str, reference: str) -> None:
    identity = ids.referral_id(KEY, agency, reference)
    assert str(identity)[14] == "8"
    assert str(identity)[19] in "89ab"


@given(TEXTS, st.dates())
def test_a_reference_never_meets_the_id_of_something_without_one(text: str, day: date) -> None:
    assert ids.unreferenced_id(KEY, "police", text, day) != ids.referral_id(KEY, "police", text)


def test_an_event_of_another_lane_is_the_same_event() -> None:
    cause, leg = uuid4(), str(uuid4())
    assert ids.event_id(cause, "leg.routed.v1.matac.*", leg) == ids.event_id(cause, "leg.routed.v1.matac.*", leg)


def test_two_legs_of_one_decision_are_two_events() -> None:
    cause = uuid4()
    assert ids.event_id(cause, "leg.routed.v1.matac.*", "a") != ids.event_id(cause, "leg.routed.v1.matac.*", "b")


def test_a_recreated_stream_that_counts_from_one_again_brings_other_causes() -> None:
    assert ids.submission_cause(1, 1_788_530_587_000_000_000) != ids.submission_cause(1, 1_788_530_588_000_000_000)


@pytest.mark.parametrize("derive", [ids.leg_id, ids.alert_id])
def test_there_is_one_leg_for_a_destination_and_one_alert_for_an_agency(derive) -> None:
    parent = uuid4()
    assert derive(parent, "matac") == derive(parent, "matac") != derive(parent, "marac")
    assert ids.leg_id(parent, "police") != ids.alert_id(parent, "police")


def test_each_version_of_a_referral_has_its_decision() -> None:
    parent = uuid4()
    assert len({ids.decision_id(parent, version) for version in range(1, 50)}) == 49


class Holder(BaseModel):
    id: ids.Id


@given(st.uuids())
def test_an_id_in_an_event_is_a_uuid_to_everybody(of: UUID) -> None:
    written = Holder(id=of).model_dump_json()
    read = Holder.model_validate_json(written).id
    assert json.loads(written) == {"id": str(of)}
    assert isinstance(read, UUID)
    assert (read, str(read), hash(read), read.bytes, read.hex) == (of, str(of), hash(of), of.bytes, of.hex)
    assert {of: 1}[read] == {read: 1}[of] == 1
    assert (read < UUID(int=2**127), UUID(int=2**127) < read) == (of < UUID(int=2**127), UUID(int=2**127) < of)
    assert ids.leg_id(read, "matac") == ids.leg_id(of, "matac")


@pytest.mark.parametrize("typed", ["", "x", "{9be9edd1-7381-888d-b904-884d46a9bddb}", "9be9edd1-7381-888d-b904-884d46a9bdd", 7, None])
def test_what_is_no_id_is_refused(typed: object) -> None:
    with pytest.raises(ValidationError):
        Holder.model_validate_json(json.dumps({"id": typed}))
