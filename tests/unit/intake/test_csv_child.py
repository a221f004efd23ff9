"""The child that cuts CSV files reads what Excel and others really write, and numbers rows as a spreadsheet shows them."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_intake.adapters.csv_files import cut
from fingerpost_intake.csv_child import LONGEST_CELL, MOST_ROWS, read
from fingerpost_intake.domain.faults import Fault

HEADER = "agency_reference,kinds,narrative"
KNOWN_BREAKS = {"empty_file", "malformed_csv", "unknown_encoding", "nul_character", "too_many_rows"}


def lines(text: str | bytes) -> list[dict[str, Any]]:
    return list(read(text if isinstance(text, bytes) else text.encode()))


def rows(text: str | bytes) -> list[dict[str, Any]]:
    return lines(text)[1:]


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
    assert file.rows == rows(f"{HEADER}\r\nA-1,asb,£1\r\nA-2,asb\r\n")


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


async def test_a_child_that_dies_is_a_fault_of_the_file_and_of_nobody_else(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    file = await cut(b"a,b")
    assert [fault.code for fault in file.faults] == ["too_complex"]


def test_the_child_needs_nothing_that_is_slow_to_start():
    program = "import sys, json, fingerpost_intake.csv_child; print(json.dumps(list(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)
    assert not {"pydantic", "sqlalchemy", "fastapi", "nats"} & set(loaded)
