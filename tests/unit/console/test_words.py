"""Ids, codes and facts as a page says them."""

from pathlib import Path

import pytest

from fingerpost_console.adapters.fact_labels import read_fact_labels, read_may_be_unknown
from fingerpost_console.domain.facts import fact_sheet, gave_in_words
from fingerpost_console.domain.names import Names, in_words
from fingerpost_console.domain.reasons import failure_in_words, reason_in_words
from fingerpost_shared.contracts.directory import read_directory
from fingerpost_shared.contracts.events import Reason
from tests.unit.console.partnership import settings_in


@pytest.fixture
def names(tmp_path: Path) -> Names:
    settings_in(tmp_path)
    return Names(read_directory(tmp_path / "directory.yaml"), read_fact_labels(tmp_path / "facts.yaml"))


@pytest.mark.parametrize(
    ("code", "words"),
    [("domestic_abuse", "Domestic abuse"), ("asb_team", "ASB team"), ("hate_crime.asb", "Hate crime ASB"), ("", "")],
)
def test_a_code_is_read_as_words_with_its_abbreviations_in_capitals(code: str, words: str) -> None:
    assert in_words(code) == words


def test_an_organisation_that_the_directory_does_not_know_still_has_a_readable_name(names: Names) -> None:
    assert names.destination("housing_desk") == "Housing desk"
    assert names.agency("police") == "Mortimer Police"


def test_missing_is_neither_zero_nor_no(names: Names) -> None:
    sheet = fact_sheet({"weapon": "none", "repeats_12m": 0, "child_in_household": "yes"}, names, ("dash_ticks", "child_in_household"))

    assert sheet.telling == (("Child in the household", "Yes"),)
    assert sheet.ruled_out == (("Weapon", "None"), ("Repeats 12m", "0"))
    assert sheet.unknown == ("DASH ticks",)


def test_an_unknown_fact_that_a_rule_asked_about_stands_apart(names: Names) -> None:
    sheet = fact_sheet({"weapon": "none"}, names, ("dash_ticks", "child_in_household"), decisive={"child_in_household", "weapon"})

    assert (sheet.decisive, sheet.unknown) == (("Child in the household",), ("DASH ticks",))


def test_a_fact_that_is_always_known_and_one_that_the_router_counts_are_never_unknown(tmp_path: Path) -> None:
    settings_in(tmp_path)

    assert read_may_be_unknown(tmp_path / "facts.yaml") == ("dash_ticks", "child_in_household", "weapon")


@pytest.mark.parametrize(
    ("gave", "words"),
    [
        ("lead: matac", "MATAC leads"),
        ("also: childrens_mash, adult_safeguarding", "Children's MASH and Adult safeguarding must own a part"),
        ("alert: police, council, womens_aid", "Alert to Mortimer Police, Mortimer Vale Council and Vale Women's Aid"),
        ("copy: [csp_board]", "Copy to CSP Board"),
        ("band: P3", "Band P3"),
        ("within: 1d", "Within 1 working day"),
        ("within: 24h", "Within 24 hours"),
        ("within: soon", "Within soon"),
        ("feedback: received", "The referrer is told only that it was received"),
        ("something else", "something else"),
    ],
)
def test_what_a_rule_gave_is_said_with_the_directorys_names(names: Names, gave: str, words: str) -> None:
    assert gave_in_words(gave, names) == words


def test_a_quarantine_reason_says_what_is_wrong_and_where() -> None:
    assert reason_in_words(Reason(code="unreadable_cell", pointer="victim_dob")) == "The cell cannot be read (at victim_dob)"
    assert reason_in_words(Reason(code="never_seen_before")) == "Never seen before"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, ""),
        ("no_channel", "The directory has no way to reach them"),
        ("smtp_550", "The mail server refused it (550)"),
        ("smtp_connect_error", "The mail server could not be reached"),
        ("mailbox_full", "Mailbox full"),
    ],
)
def test_why_an_alert_failed_is_said_in_words(code: str | None, words: str) -> None:
    assert failure_in_words(code) == words


def test_a_damaged_facts_file_leaves_facts_their_ids(tmp_path: Path) -> None:
    broken = tmp_path / "facts.yaml"
    broken.write_text("facts: [not, a, mapping", encoding="utf-8")

    assert read_fact_labels(broken) == {}
    assert read_fact_labels(tmp_path / "absent.yaml") == {}
    assert read_may_be_unknown(broken) == ()
