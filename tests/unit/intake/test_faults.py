"""Each fault of a referral says where, what was expected and how to mend it, and shows nothing that was sent."""

from dataclasses import astuple
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerpost_intake.domain import faults as faults_module
from fingerpost_intake.domain.faults import MOST_FAULTS, MOST_SUGGESTED, Fault, Faulty
from fingerpost_intake.domain.normalising import quarantine
from fingerpost_intake.domain.referral import Referral
from tests.unit.intake.building import BY, CANARY, NOW, a_person, a_referral, fault_of, faults, json_values, normalised

A_DATE = "a date as YYYY-MM-DD"
WRONG: list[tuple[dict[str, Any], str, str, str, str]] = [
    ({"kinds": None}, "/kinds", "list_type", "a list in [ ]", "Send a list in [ ]."),
    ({"kinds": []}, "/kinds", "too_short", "at least 1 long", "Send at least 1 long."),
    ({"agency_reference": " "}, "/agency_reference", "string_too_short", "at least 1 long", "Send at least 1 long."),
    ({"agency_reference": 7}, "/agency_reference", "string_type", "text in quotes", "Send text in quotes."),
    ({"anonymous": "yes"}, "/anonymous", "bool_type", "true or false", "Send true or false."),
    ({"status": "old"}, "/status", "literal_error", "'new' or 'withdrawn'", "Send 'new' or 'withdrawn'."),
    ({"updated_at": "2026-09-01T10:00:00"}, "/updated_at", "timezone_aware", "a time with Z or an offset such as +01:00", ""),
    ({"updated_at": 1788300000}, "/updated_at", "string_type", "text in quotes", ""),
    ({"updated_at": "20261126"}, "/updated_at", "datetime_parsing", "a time as YYYY-MM-DDThh:mm:ss with Z or an offset", ""),
    ({"updated_at": "-62135596800"}, "/updated_at", "datetime_parsing", "a time as YYYY-MM-DDThh:mm:ss with Z or an offset", ""),
    ({"updated_at": "0001-01-01T00:00:00+14:00"}, "/updated_at", "out_of_range", "a time between the years 1800 and 2200", ""),
    ({"updated_at": "9999-12-31T23:59:59-14:00"}, "/updated_at", "out_of_range", "a time between the years 1800 and 2200", ""),
    ({"people": [a_person(date_of_birth="20131200")]}, "/people/0/date_of_birth", "date_from_datetime_parsing", A_DATE, ""),
    ({"incidents": [{"occurred_at": "20261126"}]}, "/incidents/0/occurred_at", "datetime_parsing", "", ""),
    (
        {"people": [a_person(date_of_birth="31/02/2026")]},
        "/people/0/date_of_birth",
        "date_from_datetime_parsing",
        "a date as YYYY-MM-DD",
        "",
    ),
    (
        {"people": [a_person(date_of_birth="2026-02-31")]},
        "/people/0/date_of_birth",
        "date_from_datetime_parsing",
        "a date as YYYY-MM-DD",
        "",
    ),
    ({"people": [a_person(age_years=121)]}, "/people/0/age_years", "less_than_equal", "at most 120", "Send at most 120."),
    ({"people": [a_person(age_years="forty")]}, "/people/0/age_years", "int_type", "a whole number", "Send a whole number."),
    ({"people": "nobody"}, "/people", "list_type", "a list in [ ]", ""),
    ({"people": ["nobody"]}, "/people/0", "model_type", "an object in { }", ""),
    ({"incidents": [{"place": {"uprn": "A1"}}]}, "/incidents/0/place/uprn", "string_pattern_mismatch", r"^\d{1,12}$", ""),
    ({"narrative": "x" * 50_001}, "/narrative", "string_too_long", "at most 50000 long", ""),
    ({"facts": {"weapon": "axe"}}, "/facts/weapon", "not_a_value", "one of none, other, bladed, firearm, unknown", ""),
    ({"facts": {"dash_ticks": 25}}, "/facts/dash_ticks", "not_a_value", "a whole number from 0 to 24", ""),
    ({"facts": {"asb": "noise"}}, "/facts/asb", "not_a_value", "a list of noise, shouting_fighting", ""),
    ({"facts": {"weapon": {}}}, "/facts/weapon", "int_type", "a whole number", ""),
    ({"facts": {"repeats_6m": 4}}, "/facts/repeats_6m", "unknown_fact", "a fact of facts.yaml that is not counted", ""),
    ({"themes": ["crime"]}, "/themes", "not_a_value", "a list of serious_violence", ""),
    ({"kinds": ["abuse"]}, "/kinds", "unknown_kind", "a list of domestic_abuse", ""),
]


@pytest.mark.parametrize(("parts", "pointer", "code", "expected", "help_text"), WRONG)
def test_each_kind_of_fault_has_its_place_code_and_words(parts: dict[str, Any], pointer: str, code: str, expected: str, help_text: str):
    [fault] = faults(a_referral(**parts)).values()
    assert (fault.pointer, fault.code) == (pointer, code)
    assert fault.expected.startswith(expected)
    assert fault.help.startswith(help_text or "Send ") or code == "unknown_fact"


def test_what_is_missing_is_named_and_everything_is_told_at_once():
    found = faults({"people": [{}], "narrative": 4})
    assert {pointer: fault.code for pointer, fault in found.items()} == {
        "/agency_reference": "missing",
        "/kinds": "missing",
        "/people/0/role": "missing",
        "/narrative": "string_type",
    }
    assert found["/kinds"].help == "Add it: it is required."


@pytest.mark.parametrize(
    ("parts", "pointer", "near"),
    [
        ({"narative": ""}, "/narative", "narrative"),
        ({"agencyReference": ""}, "/agencyReference", "agency_reference"),
        ({"people": [a_person(dateOfBirth="")]}, "/people/0/dateOfBirth", "date_of_birth"),
        ({"incidents": [{"place": {"post_code": ""}}]}, "/incidents/0/place/post_code", "postcode"),
        ({"people": [a_person(safe_contact={"nott": ""})]}, "/people/0/safe_contact/nott", "not"),
        ({"facts": {"wepon": "none"}}, "/facts/wepon", "weapon"),
    ],
)
def test_a_misspelt_member_is_refused_with_the_nearest_known_name(parts: dict[str, Any], pointer: str, near: str):
    [fault] = faults(a_referral(**parts)).values()
    assert fault.pointer == pointer
    assert fault.help == f"Did you mean '{near}'?"


@pytest.mark.parametrize(
    "parts",
    [
        {f"narativ{place}": 1 for place in range(2000)},
        {"people": [a_person(**{f"nam{place}": 1 for place in range(40)}) for _ in range(50)]},
        {"facts": {f"weapon{place}": {} for place in range(2000)}},
        {"facts": {"asb": [1] * 2000}},
        {"assessments": {"dash": {"answers": {f"q{place}": 1 for place in range(2000)}}}},
        {"facts": {f"weapn{place}": "bladed" for place in range(200)}},
        {"people": [a_person(date_of_birth="2099-01-01")] * 100},
    ],
)
def test_of_all_that_is_wrong_the_first_50_places_are_told_and_that_there_are_more(parts: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    looked_up: list[str] = []
    faults_module._near_name.cache_clear()
    monkeypatch.setattr(faults_module, "nearest", lambda name, _known: looked_up.append(name))
    error = fault_of(lambda: normalised(a_referral(**parts)))
    assert error is not None
    assert (len(error.faults), error.has_more) == (MOST_FAULTS, True)
    assert len(looked_up) <= MOST_SUGGESTED


def test_as_many_places_as_are_told_are_no_more_than_are_told():
    error = fault_of(lambda: normalised(a_referral(**{f"narativ{place}": 1 for place in range(MOST_FAULTS)})))
    assert error is not None
    assert (len(error.faults), error.has_more) == (MOST_FAULTS, False)


def test_a_fault_of_form_beyond_those_that_are_told_is_one_all_the_same():
    answers = {f"q{number}": "yes" for number in range(25)}
    people = [a_person(date_of_birth="2099-01-01")] * 100
    error = fault_of(lambda: normalised(a_referral(people=people, assessments={"dash": {"answers": answers}})))
    assert error is not None
    assert "not_a_value" not in {fault.code for fault in error.faults}
    assert not error.is_well_formed


def test_a_member_like_no_other_is_refused_with_the_known_names():
    [fault] = faults(a_referral(assessments={"zzzz": 1})).values()
    assert (fault.code, fault.help) == ("unknown_member", "Known here: dash, police_risk_grade.")


@pytest.mark.parametrize("name", ["date", "str", "int", "x[0]"])
def test_an_unknown_member_keeps_its_place_though_it_is_called_like_a_type(name: str):
    assert set(faults(a_referral(incidents=[{name: "2026-09-01"}]))) == {f"/incidents/0/{name}"}


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        ({"incidents": [{"occurred_at": "last Tuesday"}]}, "/incidents/0/occurred_at"),
        ({"facts": {"weapon": 1.5}}, "/facts/weapon"),
        ({"facts": {"asb": [1]}}, "/facts/asb"),
    ],
)
def test_the_branches_of_a_union_are_one_fault_at_one_place(parts: dict[str, Any], pointer: str):
    found = set(faults(a_referral(**parts)))
    assert pointer in found
    assert found <= {pointer, f"{pointer}/0"}


def test_a_place_is_a_json_pointer_whatever_the_members_name():
    assert set(faults(a_referral(**{"a/b~c": 1}))) == {"/a~1b~0c"}


@pytest.mark.parametrize(
    ("parts", "is_well_formed"),
    [({"kinds": ["abuse"]}, True), ({"facts": {"weapon": "axe"}}, False), ({"kinds": ["abuse"], "facts": {"weapon": "axe"}}, False)],
)
def test_only_what_a_sender_could_not_know_better_is_well_formed(parts: dict[str, Any], is_well_formed: bool):
    with pytest.raises(Faulty) as error:
        normalised(a_referral(**parts))
    assert error.value.is_well_formed is is_well_formed


members = st.sampled_from([*Referral.model_fields, "narative", "zz"])


@settings(max_examples=300)
@given(st.dictionaries(members, json_values | st.just(CANARY), max_size=6))
def test_no_value_that_was_sent_is_ever_echoed(sent: dict[str, Any]):
    error = fault_of(lambda: normalised(a_referral(**sent)))
    assert CANARY not in str(error)
    assert CANARY not in repr([astuple(fault) for fault in error.faults] if error else "")


POINTERS = st.lists(st.sampled_from([CANARY, "people", "facts", "weapon", "header", "0", "12", "07700900123", "name"]), max_size=6)


@given(POINTERS)
def test_what_leaves_intake_is_a_pointer_in_our_own_words_however_the_sender_called_things(parts: list[str]):
    fault = Fault("".join(f"/{part}" for part in parts), "unknown_member", "", "")
    [reason] = quarantine("police", "text/csv", b"", (fault,), NOW, BY).reasons
    assert fault.pointer.startswith(reason.pointer)
    assert CANARY not in reason.pointer
    assert "07700900123" not in reason.pointer


def test_known_places_leave_intake_whole():
    known = [Fault(pointer, "c", "", "") for pointer in ("/people/0/safe_contact/not", "/facts/weapon", "occurred_at", "header/3", "")]
    assert [reason.pointer for reason in quarantine("police", "text/csv", b"", tuple(known), NOW, BY).reasons] == [
        fault.pointer for fault in known
    ]
