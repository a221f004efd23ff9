"""A row of a CSV file becomes a referral in native JSON, or says which cell cannot be read and why."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_intake.domain.faults import Faulty
from fingerpost_intake.domain.rows import COLUMNS, header_faults, referral_of
from tests.unit.intake.building import CANARY, LAYOUT, a_referral, fault_of, normalised

REQUIRED = {"agency_reference": "A-1", "kinds": "asb"}


def read(**cells: str) -> dict[str, Any]:
    return referral_of(REQUIRED | cells, LAYOUT)


def refused(**cells: str) -> dict[str, str]:
    """The cells that cannot be read, and what was expected of each."""
    with pytest.raises(Faulty) as error:
        read(**cells)
    return {fault.pointer: fault.expected for fault in error.value.faults}


def test_empty_cells_are_not_there():
    blank = dict.fromkeys(COLUMNS, "  ")
    assert referral_of(blank | REQUIRED, LAYOUT) == {"agency_reference": "A-1", "kinds": ["asb"], "people": []}


def test_victim_subject_and_incident_have_their_columns():
    found = read(
        victim_name="Ivy Notreal", victim_age_years="71", subject_name="Leon Notreal", postcode="HR99 1AA", address="1 Example Row"
    )
    assert found["people"] == [
        {"role": "victim", "name": "Ivy Notreal", "age_years": 71},
        {"role": "subject", "name": "Leon Notreal"},
    ]
    assert found["incidents"] == [{"place": {"address": "1 Example Row", "postcode": "HR99 1AA"}}]


@pytest.mark.parametrize("written", ["03/02/1990", "1990-02-03", "3/2/1990", "03/02/90"])
def test_a_birth_date_is_read_as_people_here_write_it_day_first(written: str):
    assert read(victim_date_of_birth=written)["people"][0]["date_of_birth"] == "1990-02-03"


@pytest.mark.parametrize("written", ["31/02/2026", "2026-02-31", "29/02/2025", "02/13/1990", "last Tuesday", "1.2.1990"])
def test_a_date_that_does_not_exist_is_refused_with_what_was_expected(written: str):
    expected = {"victim_date_of_birth": "a date that exists, as DD/MM/YYYY or YYYY-MM-DD"}
    assert refused(victim_date_of_birth=written) == expected


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("01/07/2026 22:15", "2026-07-01T22:15:00+01:00"),
        ("01/12/2026 22:15", "2026-12-01T22:15:00+00:00"),
        ("01/07/2026 22:15:30", "2026-07-01T22:15:30+01:00"),
        ("2026-07-01T22:15", "2026-07-01T22:15:00+01:00"),
        ("2026-07-01 22:15:00Z", "2026-07-01T22:15:00+00:00"),
        ("2026-07-01T22:15:00+02:00", "2026-07-01T22:15:00+02:00"),
        ("01/07/2026", "2026-07-01"),
        ("29/02/2028", "2028-02-29"),
    ],
)
def test_a_time_without_an_offset_is_local_time_and_a_day_alone_stays_a_day(written: str, moment: str):
    assert read(occurred_at=written)["incidents"] == [{"occurred_at": moment}]


def test_a_time_that_does_not_exist_is_refused():
    assert refused(occurred_at="31/02/2026 22:15") == {"occurred_at": "a time that exists, as DD/MM/YYYY HH:MM or ISO 8601"}


def test_every_cell_that_cannot_be_read_is_named_at_once_and_never_shown():
    cells = dict.fromkeys(("occurred_at", "victim_date_of_birth", "victim_age_years", "dash_total", "anonymous", "consent"), CANARY)
    with pytest.raises(Faulty) as error:
        read(**cells)
    assert {fault.pointer for fault in error.value.faults} == set(cells)
    assert CANARY not in repr(error.value.faults)


@pytest.mark.parametrize(("written", "is_so"), [("Yes", True), ("y", True), ("TRUE", True), ("1", True), ("No", False), ("0", False)])
def test_tick_boxes_come_as_words(written: str, is_so: bool):
    assert read(anonymous=written, consent=written) | {"people": []} == a_referral(
        people=[], anonymous=is_so, consent="yes" if is_so else "no"
    )


def test_consent_may_be_unknown_but_truth_may_not():
    assert read(consent="Unknown", aware="unknown")["consent"] == "unknown"
    assert refused(anonymous="unknown") == {"anonymous": "yes or no"}


def test_sets_are_split_at_semicolons_and_facts_are_words_or_numbers():
    found = read(**{"kinds": "asb; hate_crime ;", "fact:asb": "noise;arson", "fact:weapon": "none", "fact:incidents_12m": "3"})
    assert found["kinds"] == ["asb", "hate_crime"]
    assert found["facts"] == {"asb": ["noise", "arson"], "weapon": "none", "incidents_12m": 3}
    assert read(**{"fact:asb": "unknown"})["facts"] == {"asb": "unknown"}


@given(st.dictionaries(st.sampled_from([*COLUMNS, "fact:weapon", "fact:asb"]), st.text(max_size=12)))
def test_whatever_stands_in_the_cells_a_row_is_understood_or_its_faults_are_told(cells: dict[str, str]):
    error = fault_of(lambda: normalised(referral_of(cells, LAYOUT)))
    assert error is None or error.faults


def test_a_right_header_has_no_faults_in_any_order():
    assert header_faults(["fact:weapon", *reversed(COLUMNS)]) == []


def test_a_header_is_told_what_is_missing_unknown_and_double():
    found = {fault.pointer: (fault.code, fault.help) for fault in header_faults(["agency_reference", "kind", "kind", "zzzz", "narrative"])}
    assert found["header/kinds"] == ("missing_column", "Add the column 'kinds'; the first row names the columns.")
    assert found["header/2"] == ("unknown_column", "Did you mean 'kinds'?")
    assert found["header/3"] == ("duplicate_column", "Remove one of the two.")
    assert found["header/4"][0] == "unknown_column"
    assert found["header/4"][1].startswith("Known columns: agency_reference, kinds, ")


def test_a_file_without_a_header_shows_nothing_of_the_person_in_its_first_row():
    assert CANARY not in repr(header_faults(["A-1", "asb", CANARY, "01/02/1990"]))
