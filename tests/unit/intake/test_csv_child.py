"""The child that cuts CSV files reads what Excel and others really write, and numbers rows as a spreadsheet shows them."""

import asyncio
import json
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Awaitable
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_intake.adapters import csv_files
from fingerpost_intake.adapters.csv_files import CutFile, cut, parts_of_file
from fingerpost_intake.csv_child import LONGEST_CELL, LONGEST_NAME, MOST_COLUMNS, MOST_ROWS, read
from fingerpost_intake.domain.faults import Fault
from fingerpost_intake.domain.normalising import Quarantined
from fingerpost_intake.domain.submissions import CSV
from tests.unit.intake.building import READER, a_submission, understood

T = TypeVar("T")
HEADER = "agency_reference,kinds,narrative"
KNOWN_BREAKS = {"empty_file", "malformed_csv", "unknown_encoding", "nul_character", "too_many_rows", "long_column_name"}


async def with_peak_memory(work: Awaitable[T]) -> tuple[T, int]:
    """What the work gives, and the most bytes that it held at a time in this process."""
    tracemalloc.start()
    try:
        return await work, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def lines(text: str | bytes) -> list[dict[str, Any]]:
    return list(read(text if isinstance(text, bytes) else text.encode()))


def rows(text: str | bytes) -> list[dict[str, Any]]:
    header, *found = lines(text)
    return list(CutFile("", columns=header["columns"], lines=[json.dumps(line).encode() for line in found]).rows)


@pytest.mark.parametrize(("encoding", "found"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("cp1252", "cp1252")])
def test_umlauts_and_pounds_survive_in_every_encoding_that_excel_saves(encoding: str, found: str):
    content = f"{HEADER}\r\nA-1,asb,Frau Müller paid £400 – “once”\r\n".encode(encoding)
    assert lines(content)[0]["encoding"] == found
    assert lines(content)[0]["columns"] == HEADER.split(",")
    assert rows(content)[0]["cells"]["narrative"] == "Frau Müller paid £400 – “once”"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\r\n , ,\r\n", "empty_file"),
        (b"\xff\xfeA", "unknown_encoding"),
        (b"caf\xe9 \x81", "unknown_encoding"),
        (f"{HEADER}\r\nA-1,asb,x\0y".encode(), "nul_character"),
        (HEADER.encode("utf-16-le"), "nul_character"),
        (f'{HEADER}\r\nA-1,asb,"never closed'.encode(), "malformed_csv"),
        (f'{HEADER}\r\nA-1,asb,"closed" too soon'.encode(), "malformed_csv"),
        (f"{HEADER}\r\nA-1,asb,{'x' * (LONGEST_CELL + 1)}".encode(), "malformed_csv"),
    ],
)
def test_a_file_that_cannot_be_cut_says_why(content: bytes, code: str):
    assert lines(content)[-1] == {"broken": code}


def test_a_file_of_more_rows_than_intake_can_hold_is_cut_no_further():
    found = lines("a,b\n" + "1,2\n" * (MOST_ROWS + 1000))
    assert found[-1] == {"broken": "too_many_rows"}
    assert len(found) <= MOST_ROWS + 1


def test_a_cell_as_long_as_the_limit_is_cut_like_any_other():
    assert len(rows(f"{HEADER}\r\nA-1,asb,{'x' * LONGEST_CELL}")[0]["cells"]["narrative"]) == LONGEST_CELL


def test_rows_have_the_numbers_that_a_spreadsheet_shows():
    text = f'\r\n,,\r\n{HEADER}\r\nA-1,asb,"two\r\nlines"\r\n,,\r\nA-2,asb,one\r\n\r\nA-3,asb,one'
    assert lines(text)[0]["header_row"] == 3
    assert [(row["row"], row["cells"]["agency_reference"]) for row in rows(text)] == [(4, "A-1"), (6, "A-2"), (8, "A-3")]
    assert rows(text)[0]["cells"]["narrative"] == "two\r\nlines"


def test_a_ragged_row_keeps_its_values_and_its_neighbours_are_cut_as_ever():
    short, long, right = rows(f"{HEADER}\nA-1,asb\nA-2,asb,x,y\nA-3,asb,z\n")
    assert short == {"row": 2, "values": ["A-1", "asb"]}
    assert long == {"row": 3, "values": ["A-2", "asb", "x", "y"]}
    assert right["cells"] == {"agency_reference": "A-3", "kinds": "asb", "narrative": "z"}


def test_blanks_around_a_columns_name_do_not_matter():
    assert lines(" agency_reference , kinds\nA-1,asb\n")[0]["columns"] == ["agency_reference", "kinds"]


@given(st.binary(max_size=300) | st.text(alphabet='ab",;\r\n\0é ', max_size=80).map(str.encode))
def test_whatever_the_bytes_they_are_cut_or_the_reason_is_told(content: bytes):
    found = lines(content)
    if "broken" in found[-1]:
        assert found[-1]["broken"] in KNOWN_BREAKS
    else:
        assert "columns" in found[0]
        assert all(("cells" in row) != ("values" in row) for row in found[1:])


async def test_a_process_of_its_own_cuts_the_file_and_the_answer_is_the_same():
    file = await cut(f"{HEADER}\r\nA-1,asb,£1\r\nA-2,asb\r\n".encode("cp1252"))
    assert (file.encoding, file.faults) == ("cp1252", ())
    assert list(file.rows) == rows(f"{HEADER}\r\nA-1,asb,£1\r\nA-2,asb\r\n")


@pytest.mark.parametrize(
    ("content", "code", "help_text"),
    [
        (b"", "empty_file", "send it again with its content"),
        (f"{HEADER}\r\n".encode(), "empty_file", "send it again with its content"),
        (f'{HEADER}\r\n"'.encode(), "malformed_csv", "quotation mark without its partner"),
        (b"Ref No,Type\r\n1,2\r\n", "missing_column", "Add the column 'agency_reference'"),
        (HEADER.encode("utf-16-be"), "nul_character", "CSV UTF-8"),
    ],
)
async def test_what_is_wrong_with_a_whole_file_says_how_to_mend_it(content: bytes, code: str, help_text: str):
    first: Fault = (await cut(content)).faults[0]
    assert first.code == code
    assert help_text in first.help


def a_header(columns: int = 2, longest: int = 5) -> str:
    return ",".join(["agency_reference", "kinds", *(f"fact:{place:0>{longest - 5}}" for place in range(columns - 2))])


@pytest.mark.parametrize(
    ("header", "pointer", "code", "expected"),
    [
        (a_header(MOST_COLUMNS + 1), "header", "too_many_columns", "at most 200 columns"),
        (a_header(3, LONGEST_NAME + 1), "header/3", "long_column_name", "a column's name of at most 100 characters"),
    ],
)
async def test_an_absurd_header_is_refused_before_the_first_row(header: str, pointer: str, code: str, expected: str):
    content = f"{header}\r\nA-1,asb\r\n"
    assert len(lines(content)) == 1
    [fault] = (await cut(content.encode())).faults
    assert (fault.pointer, fault.code, fault.expected) == (pointer, code, expected)
    assert "The first row names the columns" in fault.help


async def test_a_header_as_large_as_the_limits_is_read_like_any_other():
    row = ",".join(["A-1", "asb", *["x"] * (MOST_COLUMNS - 2)])
    file = await cut(f"{a_header(MOST_COLUMNS, LONGEST_NAME)}\r\n{row}\r\n".encode())
    assert file.faults == ()
    assert [len(row["cells"]) for row in file.rows] == [MOST_COLUMNS]


def test_the_columns_are_named_once_and_not_in_every_row():
    header, *found = lines(f"{HEADER}\nA-1,asb,x\nA-2,asb\n")
    assert header["columns"] == HEADER.split(",")
    assert found == [{"row": 2, "values": ["A-1", "asb", "x"]}, {"row": 3, "values": ["A-2", "asb"]}]


async def test_a_small_file_with_long_names_and_many_rows_takes_little_memory_and_is_kept_whole():
    """It was 1.5 MB, and took 3 GB."""
    names = ",".join(letter * 150_000 for letter in "abcdef")
    content = f"{names}\n".encode() + b"a,,,,,\n" * 90_000
    [part], peak = await with_peak_memory(parts_of_file(a_submission(content, CSV), READER))
    [entry] = understood([part])
    assert isinstance(entry.result, Quarantined)
    assert entry.content == content
    assert [(reason.pointer, reason.code) for reason in entry.result.reasons] == [("header/1", "long_column_name")]
    assert peak < 50_000_000


async def test_rows_that_come_to_too_much_with_their_columns_names_are_a_fault_of_the_file_and_take_little_memory():
    content = f"{a_header(MOST_COLUMNS, LONGEST_NAME)}\n".encode() + (b"a" + b"," * (MOST_COLUMNS - 1) + b"\n") * 40_000
    file, peak = await with_peak_memory(cut(content))
    assert [fault.code for fault in file.faults] == ["too_complex"]
    assert "256 MB in all" in file.faults[0].expected
    assert peak < 50_000_000


async def test_more_than_the_limit_of_bytes_is_read_no_further_and_the_child_is_gone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(csv_files, "MOST_BYTES", 1_000_000)
    children: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def started(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:
        children.append(await start(*arguments, **options))
        return children[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", started)
    file, peak = await with_peak_memory(cut(f"{HEADER}\n".encode() + (b"A-1,asb," + b"x" * 100_000 + b"\n") * 300))
    assert [fault.code for fault in file.faults] == ["too_complex"]
    assert [child.returncode for child in children] == [-signal.SIGKILL]
    assert peak < 10_000_000


async def test_a_child_that_takes_too_long_is_gone_and_the_file_has_the_fault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(csv_files, "TIMEOUT_SECONDS", 0.0)
    assert [fault.code for fault in (await cut(f"{HEADER}\nA-1,asb,x\n".encode())).faults] == ["too_complex"]


async def test_a_child_that_dies_is_a_fault_of_the_file_and_of_nobody_else(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    file = await cut(b"a,b")
    assert [fault.code for fault in file.faults] == ["too_complex"]


async def test_a_message_with_more_rows_than_its_lane_can_bear_is_kept_whole():
    content = b"agency_reference,kinds\n" + b"A-1,asb\n" * (csv_files.MOST_ROWS_IN_MESSAGE + 1)

    [entry] = understood(list(await parts_of_file(a_submission(content, CSV), READER)))

    assert isinstance(entry.result, Quarantined)
    assert entry.result.content == content
    assert [reason.code for reason in entry.result.reasons] == ["too_many_rows"]


def test_the_child_needs_nothing_that_is_slow_to_start():
    program = "import sys, json, fingerpost_intake.csv_child; print(json.dumps(list(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)
    assert not {"pydantic", "sqlalchemy", "fastapi", "nats"} & set(loaded)
