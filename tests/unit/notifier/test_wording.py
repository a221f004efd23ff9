"""What an alert may say: four fields, no word that tells what a referral is about."""

from dataclasses import fields
from pathlib import Path

import pytest

from fingerpost_notifier.domain.notices import Notice, UnusableWording, read_wording

NOTICE = Notice("Sampleshire CSP", "SS-7K3MQ-2XD9F-W", "P1", "https://console.example/referrals/SS-7K3MQ-2XD9F-W")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "alert_subject.txt").write_text("{organisation}: {reference}\n")
    (tmp_path / "alert.txt").write_text("Something is waiting: {reference}, band {band}\n{link}\n")
    return tmp_path


def refused(folder: Path, file: str, text: str) -> str:
    (folder / file).write_text(text)
    with pytest.raises(UnusableWording) as refusal:
        read_wording(folder)
    return str(refusal.value)


def test_a_notice_has_four_fields_so_nothing_else_can_leave():
    assert [field.name for field in fields(Notice)] == ["organisation", "reference", "band", "link"]


def test_the_four_fields_are_filled_in(folder: Path):
    subject, body = read_wording(folder).of(NOTICE)
    assert subject == f"Sampleshire CSP: {NOTICE.reference}"
    assert body == f"Something is waiting: {NOTICE.reference}, band P1\n{NOTICE.link}\n"


def test_the_partnerships_own_wording_can_be_used():
    subject, body = read_wording(Path("config/herefordshire/messages")).of(NOTICE)
    assert NOTICE.reference in subject
    assert NOTICE.link in body


@pytest.mark.parametrize("name", ["narrative", "victim_name", "kinds", "", "0", "reference.__class__", "link[0]", "Reference"])
def test_a_placeholder_that_no_notice_has_is_refused_by_name(folder: Path, name: str):
    said = refused(folder, "alert.txt", f"Waiting: {{{name}}}")
    assert f"{{{name}}} is no placeholder" in said
    assert "alert.txt" in said
    assert "'band', 'link', 'organisation', 'reference'" in said


@pytest.mark.parametrize("text", ["{", "}", "{reference", "{reference:{narrative}}", "{reference:>{band}}", "{reference!r}"])
def test_a_brace_that_is_no_plain_placeholder_is_refused_before_anything_is_sent(folder: Path, text: str):
    assert "alert.txt" in refused(folder, "alert.txt", f"Waiting: {text}")


def test_a_brace_that_is_meant_is_written_twice(folder: Path):
    (folder / "alert.txt").write_text("{{waiting}} {reference}")
    assert read_wording(folder).of(NOTICE)[1] == f"{{waiting}} {NOTICE.reference}"


@pytest.mark.parametrize(
    "word",
    [
        *("domestic abuse", "MARAC", "Prevent", "a safeguarding matter", "the victim", "Suspects", "hate crime", "MASH", "MATAC"),
        *("sexual violence", "child", "children", "drugs", "police", "offender", "perpetrators", "rape", "refuge", "stalking", "terrorism"),
        *("homicide", "DASH", "weapons", "substance misuse", "violent"),
    ],
)
@pytest.mark.parametrize("file", ["alert.txt", "alert_subject.txt"])
def test_a_word_that_tells_what_it_is_about_is_refused_in_subject_and_body(folder: Path, file: str, word: str):
    said = refused(folder, file, f"About {word}: {{reference}}")
    assert file in said
    assert "leave it out" in said


@pytest.mark.parametrize("text", ["Please do this without delay", "preventive is part of no word here", "household", "a dashboard"])
def test_an_innocent_word_is_let_through(folder: Path, text: str):
    (folder / "alert.txt").write_text(text)
    assert read_wording(folder).body == text


def test_a_subject_of_two_lines_would_be_another_header_and_is_refused(folder: Path):
    assert "one line" in refused(folder, "alert_subject.txt", "{reference}\nBcc: somebody@else.example\n")
