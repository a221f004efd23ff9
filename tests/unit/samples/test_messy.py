"""Each messy sample is wrong in the way that its description says."""

import csv
import io
import json

import pytest

from fingerpost_intake.domain.faults import Faulty
from fingerpost_intake.samples import as_csv, messy_samples, sample
from fingerpost_intake.samples.csv_layout import COLUMNS
from tests.unit.samples.understanding import facts_from

MESSY = {description: content for description, _, content in messy_samples()}


def rows(description: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(MESSY[description].decode())))


@pytest.mark.parametrize(
    "description",
    ["a kind that could be either of two", "two DASH totals that disagree", "a member whose name is misspelt"],
)
def test_intake_does_not_understand_well_formed_nonsense(description: str):
    with pytest.raises(Faulty):
        facts_from(json.loads(MESSY[description]))


@pytest.mark.parametrize("description", ["an e-mail where JSON should be", "JSON that stops in the middle"])
def test_some_is_not_json_at_all(description: str):
    with pytest.raises(json.JSONDecodeError):
        json.loads(MESSY[description])


def test_a_row_filled_in_by_half_stands_beside_a_whole_one():
    whole, half = rows("a row that was filled in by half")
    assert (whole["kinds"], half["kinds"]) == ("asb", "")
    assert half["agency_reference"]


def test_the_impossible_date_is_all_that_is_wrong_with_its_row():
    [row] = rows("a date that does not exist, 31/02/2026")
    [right] = csv.DictReader(io.StringIO(as_csv([sample("acquisitive", 506)])))
    assert row == right | {"occurred_at": "31/02/2026 22:15"}


def test_legacy_text_is_cp1252_and_no_utf_8():
    content = MESSY["text in cp1252 under the label of UTF-8"]
    assert "£400" in content.decode("cp1252")
    with pytest.raises(UnicodeDecodeError):
        content.decode()


def test_the_wrong_header_shares_no_column_with_the_layout():
    header = MESSY["a header with names that no column has"].decode().splitlines()[0]
    assert not set(header.split(",")) & set(COLUMNS)
