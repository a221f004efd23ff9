"""Facts are what the sender states and what people and assessments say; what contradicts itself is for a person to mend."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_intake.domain.faults import MOST_SUGGESTED
from fingerpost_rules import UNKNOWN
from tests.unit.intake.building import FACTS, TODAY, a_person, a_referral, facts, faults

ANY_DAY = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def test_what_is_not_said_is_unknown_and_not_no():
    found = facts(a_referral())
    assert found["kinds"] == {"asb"}
    assert {found[name] for name in ("weapon", "dash_ticks", "victim_age", "child_in_household", "asb")} == {UNKNOWN}
    assert (found["anonymous"], found["themes"], found["repeats_6m"]) == ("no", frozenset(), 0)


def test_every_referral_has_every_fact_of_the_facts_file():
    assert set(facts(a_referral())) == set(FACTS.names)


def test_stated_facts_are_taken_in_the_words_of_the_facts_file_or_as_true_and_false():
    found = facts(
        a_referral(facts={"weapon": "bladed", "asb": ["arson", "noise"], "incidents_12m": 3, "escalating": True, "ongoing": False})
    )
    assert (found["weapon"], found["asb"], found["incidents_12m"]) == ("bladed", {"arson", "noise"}, 3)
    assert (found["escalating"], found["ongoing"]) == ("yes", "no")


def test_the_same_kind_twice_counts_once():
    assert facts(a_referral(kinds=["asb", "asb", "hate_crime"]))["kinds"] == {"asb", "hate_crime"}


def test_the_youngest_of_several_counts_for_it_is_the_young_who_need_another_route():
    people = [a_person(age_years=34), a_person(age_years=15), a_person("subject", age_years=50), a_person("other", age_years=3)]
    found = facts(a_referral(people=people))
    assert (found["victim_age"], found["subject_age"]) == (15, 50)


def test_a_child_among_the_people_is_a_child_in_the_household_unless_the_sender_knows_better():
    child = [a_person("child")]
    assert facts(a_referral(people=child))["child_in_household"] == "yes"
    assert facts(a_referral(people=child, facts={"child_in_household": "no"}))["child_in_household"] == "no"


@pytest.mark.parametrize(
    ("dash", "ticks", "judgement"),
    [
        ({}, UNKNOWN, "no"),
        ({"total": 0}, 0, "no"),
        ({"total": 13, "judgement": True}, 13, "yes"),
        ({"answers": {"q1": "yes", "q2": "no", "q3": "yes", "q4": "unknown"}}, 2, "no"),
        ({"answers": {}}, 0, "no"),
        ({"answers": {"q1": "yes"}, "total": 9}, 9, "no"),
    ],
)
def test_a_dash_gives_its_ticks_and_a_missing_one_is_not_zero(dash: dict[str, Any], ticks: int | str, judgement: str):
    found = facts(a_referral(assessments={"dash": dash}))
    assert (found["dash_ticks"], found["professional_judgement"]) == (ticks, judgement)


def test_more_answers_than_a_dash_has_are_a_fault_and_no_guess():
    answers = {f"q{number}": "yes" for number in range(25)}
    assert faults(a_referral(assessments={"dash": {"answers": answers}}))["/facts/dash_ticks"].code == "not_a_value"


@pytest.mark.parametrize(
    ("parts", "pointer", "code"),
    [
        ({"assessments": {"dash": {"total": 16}}, "facts": {"dash_ticks": 6}}, "/facts/dash_ticks", "contradiction"),
        (
            {"assessments": {"police_risk_grade": "high"}, "facts": {"police_risk_grade": "medium"}},
            "/facts/police_risk_grade",
            "contradiction",
        ),
        ({"people": [a_person(date_of_birth="1990-01-01", age_years=20)]}, "/people/0/age_years", "contradiction"),
        ({"people": [a_person(), a_person(date_of_birth="2026-09-02")]}, "/people/1/date_of_birth", "in_the_future"),
        ({"anonymous": True, "people": [a_person("reporter", name="Ivy Notreal")]}, "/anonymous", "contradiction"),
    ],
)
def test_two_statements_that_cannot_both_be_true_are_for_a_person_to_mend(parts: dict[str, Any], pointer: str, code: str):
    assert {place: fault.code for place, fault in faults(a_referral(**parts)).items()} == {pointer: code}


@pytest.mark.parametrize(
    "parts",
    [
        {"assessments": {"dash": {"total": 16}}, "facts": {"dash_ticks": 16}},
        {"assessments": {"dash": {"total": 16}}, "facts": {"dash_ticks": "unknown"}},
        {"people": [a_person(date_of_birth="1990-09-02", age_years=36)]},
        {"people": [a_person(date_of_birth="2026-09-01")]},
        {"anonymous": True, "people": [a_person("reporter", phone="01632 960001")]},
        {"anonymous": True, "people": [a_person("victim", name="Ivy Notreal")]},
    ],
)
def test_what_can_be_true_together_is_no_contradiction(parts: dict[str, Any]):
    assert facts(a_referral(**parts))


@pytest.mark.parametrize(
    ("born", "on", "age_years"),
    [
        ("2008-02-29", date(2026, 2, 28), 17),
        ("2008-02-29", date(2026, 3, 1), 18),
        ("2008-02-29", date(2024, 2, 28), 15),
        ("2008-02-29", date(2024, 2, 29), 16),
        ("2008-03-01", date(2024, 2, 29), 15),
        ("2026-09-01", TODAY, 0),
        ("1850-01-01", TODAY, 120),
    ],
)
def test_a_birthday_is_the_day_on_which_an_age_changes_also_for_those_born_on_29_february(born: str, on: date, age_years: int):
    assert facts(a_referral(people=[a_person(date_of_birth=born)]), on)["victim_age"] == age_years


@given(ANY_DAY, ANY_DAY)
def test_whatever_the_dates_an_age_is_the_number_of_birthdays_since(born: date, on: date):
    sent = a_referral(people=[a_person(date_of_birth=born.isoformat())])
    if born > on:
        assert faults(sent, on)["/people/0/date_of_birth"].code == "in_the_future"
        return
    age = facts(sent, on)["victim_age"]
    assert isinstance(age, int)
    days = (on - born) / timedelta(days=1)
    assert age == 120 or abs(days / 365.2425 - age - 0.5) <= 0.51


@given(ANY_DAY)
def test_every_day_is_read_as_it_was_written(day: date):
    sent = a_referral(incidents=[{"occurred_at": day.isoformat()}], people=[a_person("other", date_of_birth=day.isoformat())])
    assert facts(sent, date(2100, 1, 1))


@pytest.mark.parametrize("sent_at", ["2062-09-01T09:00:00Z", "2026-09-02T11:00:01Z", "2026-09-02T12:00:01+01:00"])
def test_a_referral_that_was_updated_more_than_a_day_after_it_arrived_is_for_a_person_to_mend(sent_at: str):
    found = faults(a_referral(updated_at=sent_at))  # which arrives at noon, local summer time
    assert {place: (fault.code, fault.help) for place, fault in found.items()} == {
        "/updated_at": ("in_the_future", "Mend its date or its offset.")
    }


@pytest.mark.parametrize("sent_at", ["2026-09-02T11:00:00Z", "2026-09-01T12:00:00Z", "1999-01-01T00:00:00Z"])
def test_a_clock_that_is_ahead_by_no_more_than_a_day_is_no_fault(sent_at: str):
    assert facts(a_referral(updated_at=sent_at))


def test_names_are_suggested_for_the_first_unknown_facts_only():
    found = faults(a_referral(facts={f"weapn{number}": "bladed" for number in range(50)}))
    assert len(found) == 50
    assert sum("Did you mean 'weapon'?" in fault.help for fault in found.values()) == MOST_SUGGESTED
