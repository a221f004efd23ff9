"""A coordinator edits the directory: what is wrong in it is told by its place, all at once, and never with a stack trace."""

from pathlib import Path

import pytest

from fingerpost_shared.contracts.directory import Channel, UnreadableDirectory, read_directory

GOOD = """
partnership: {id: sampleshire, name: Sampleshire Community Safety Partnership, reference_prefix: SS, bank_holidays: [2026-12-25]}
agencies:
  police: {name: Sampleshire Police, responsible_authority: true, channels: [{email: desk@police.example}]}
destinations:
  matac: {name: MATAC, level: casework, meets: [2026-09-10]}
people:
  sam_sample: {name: Sam Sample, works_for: matac, roles: [coordinator]}
"""


def read(folder: Path, text: str | bytes):
    path = folder / "directory.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_directory(path)


def faults_in(folder: Path, text: str | bytes) -> list[str]:
    with pytest.raises(UnreadableDirectory) as refused:
        read(folder, text)
    return str(refused.value).splitlines()


def test_a_good_file_is_read_with_its_defaults(tmp_path: Path) -> None:
    directory = read(tmp_path, GOOD)

    assert directory.partnership.timezone == "Europe/London"
    assert directory.agencies["police"].responsible_authority
    assert directory.destinations["matac"].channels == ()
    assert directory.people["sam_sample"].works_for == "matac"


def test_what_other_parts_keep_in_it_does_no_harm(tmp_path: Path) -> None:
    directory = read(tmp_path, GOOD.replace("level: casework", "level: casework, chair: Pat Placeholder"))
    assert directory.destinations["matac"].name == "MATAC"


@pytest.mark.parametrize(
    ("good", "bad", "place"),
    [
        ("reference_prefix: SS", "reference_prefix: Ss", "partnership.reference_prefix"),
        ("reference_prefix: SS", "reference_prefix: SAMPLES", "partnership.reference_prefix"),
        ("level: casework", "level: weekly", "destinations.matac.level"),
        ("  matac:", "  MATAC group:", "destinations.MATAC group.[key]"),
        ("2026-12-25", "2026-13-25", "partnership.bank_holidays.0"),
        ("2026-09-10", "10/09/2026", "destinations.matac.meets.0"),
        ("name: Sampleshire Police, ", "", "agencies.police.name"),
        ("works_for: matac, ", "", "people.sam_sample.works_for"),
        ("id: sampleshire, ", "id: sampleshire, timezone: Europe/Lundon, ", "partnership.timezone"),
        ("id: sampleshire, ", "id: sampleshire, timezone: ../etc, ", "partnership.timezone"),
        ("id: sampleshire, ", "id: sampleshire, timezone: '', ", "partnership.timezone"),
    ],
)
def test_a_fault_is_told_by_file_and_place(tmp_path: Path, good: str, bad: str, place: str) -> None:
    assert good in GOOD
    (fault,) = faults_in(tmp_path, GOOD.replace(good, bad))
    assert fault.startswith(f"directory.yaml: {place}: ")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    assert len(faults_in(tmp_path, GOOD.replace("level: casework", "level: weekly").replace("reference_prefix: SS, ", ""))) == 2


@pytest.mark.parametrize(
    "text", ["", "just words", "[1, 2]", "a: [", "\t- tab", b"\xff\xfe\x00", "partnership: !!python/object:os.system {}"]
)
def test_a_file_that_is_no_directory_is_refused_in_words(tmp_path: Path, text: str | bytes) -> None:
    assert "directory.yaml" in faults_in(tmp_path, text)[0]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDirectory, match=r"nowhere\.yaml"):
        read_directory(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        (Channel(email="desk@police.example"), "email"),
        (Channel(webhook="https://police.example/in"), "webhook"),
        (Channel(sms="07700 900123"), "sms"),
        (Channel(), "none"),
    ],
)
def test_a_channel_says_what_kind_it_is(channel: Channel, kind: str) -> None:
    assert channel.kind == kind
