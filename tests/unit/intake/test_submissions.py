"""Whatever bytes a submission holds, each entry of it is a referral or a quarantine item (I1)."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerpost_intake.domain.faults import Fault
from fingerpost_intake.domain.normalising import Normalised, Quarantined
from fingerpost_intake.domain.submissions import (
    CSV,
    JSON,
    MOST_CHUNK_BYTES,
    MOST_ROWS,
    MOST_VALUES,
    ROWS,
    Entry,
    chunks,
    known_type,
    unhandled,
    whole,
)
from fingerpost_intake.handlers import about
from fingerpost_intake.samples import as_csv, messy_samples
from tests.unit.intake.building import CANARY, READER, a_person, a_referral, a_submission, json_values, understood

TYPES = st.sampled_from([JSON, ROWS, "", "text/plain", "application/xml"])
CELLS = {"agency_reference": "A-1", "kinds": "asb"}


def entries(content: Any, content_type: str = JSON) -> Sequence[Entry]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return understood(READER.parts(a_submission(body, content_type)))


def reasons(entry: Entry) -> list[tuple[str, str]]:
    assert isinstance(entry.result, Quarantined), "it was understood"
    return [(reason.pointer, reason.code) for reason in entry.result.reasons]


@settings(max_examples=150)
@given(
    st.binary(max_size=100)
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.fixed_dictionaries({"rows": st.lists(json_values, max_size=4)}).map(lambda value: json.dumps(value).encode())
    | st.dictionaries(st.sampled_from([*a_referral(), "people", "facts"]), json_values).map(lambda value: json.dumps(value).encode()),
    TYPES,
)
def test_reading_is_total(content: bytes, content_type: str):
    found = entries(content, content_type)
    assert len(found) >= 1
    assert all(isinstance(entry.result, Normalised | Quarantined) for entry in found)
    for entry in found:
        if isinstance(entry.result, Quarantined):
            assert entry.result.reasons
            assert CANARY not in repr(entry.result.reasons)


@pytest.mark.parametrize("content", [json.dumps(a_referral()).encode(), b"no JSON"])
def test_a_submission_of_one_thing_is_about_what_it_becomes(content: bytes):
    [entry] = entries(content)
    assert about(a_submission(content, JSON), READER) == entry.about


def test_a_submission_of_many_things_is_about_none_of_them():
    two = json.dumps({"rows": [{"row": number, "cells": CELLS} for number in (1, 2)]}).encode()
    assert about(a_submission(two, ROWS), READER) is None
    assert about(a_submission(b"agency_reference,kinds\nA-1,asb\n", CSV), READER) is None


@pytest.mark.parametrize("content", [b for _, kind, b in messy_samples() if kind == JSON])
def test_messy_input_is_kept_as_it_came(content: bytes):
    [entry] = entries(content)
    assert isinstance(entry.result, Quarantined)
    assert entry.result.content == content


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        (b"", JSON, [("", "malformed_json")]),
        (b"\xff", JSON, [("", "invalid_utf8")]),
        ([], JSON, [("", "model_type")]),
        ("text", JSON, [("", "model_type")]),
        (a_referral(), "", [("", "unsupported_content_type")]),
        (b"<referral/>", "application/xml", [("", "unsupported_content_type")]),
        (a_referral(facts={CANARY: "yes"}), JSON, [("/facts", "unknown_fact")]),
        (a_referral(**{CANARY: "yes"}), JSON, [("", "unknown_member")]),
        (a_referral(assessments={"dash": {"answers": {CANARY: "maybe"}}}), JSON, [("/assessments/dash/answers", "literal_error")]),
    ],
)
def test_each_kind_of_input_that_is_no_referral_has_its_reason(content: Any, content_type: str, expected: list[tuple[str, str]]):
    [entry] = entries(content, content_type)
    assert reasons(entry) == expected


@pytest.mark.parametrize("chunk", [{}, [], 7, {"rows": []}, {"rows": "many"}, {"rows": [7]}, {"rows": None}, {"lines": [CELLS]}])
def test_nonsense_that_calls_itself_a_chunk_is_one_item_and_never_nothing(chunk: Any):
    [entry] = entries(chunk, ROWS)
    assert reasons(entry) == [("/rows", "not_a_value")]


def test_in_a_chunk_good_rows_go_on_and_bad_ones_are_kept_each_alone():
    rows = [
        {"row": 2, "cells": CELLS},
        {"row": 3, "cells": CELLS | {"kinds": ""}},
        {"row": 5, "values": ["A-3"]},
        {"row": 6, "cells": CELLS | {"occurred_at": "31/02/2026"}},
    ]
    good, half, ragged, impossible = entries({"rows": rows}, ROWS)
    assert isinstance(good.result, Normalised)
    assert [entry.row for entry in (good, half, ragged, impossible)] == [2, 3, 5, 6]
    assert [reasons(entry) for entry in (half, ragged, impossible)] == [
        [("/kinds", "missing")],
        [("", "cell_count")],
        [("occurred_at", "unreadable_cell")],
    ]


@pytest.mark.parametrize("numbers", [[2, 2], [True, 2], ["2", 3], [0, 1], [2**31, 1], [None, None], [-1, 4]])
def test_rows_without_numbers_of_their_own_are_counted_so_that_each_has_an_outcome(numbers: list[Any]):
    rows = [{"row": number, "cells": CELLS | {"agency_reference": f"A-{place}"}} for place, number in enumerate(numbers)]
    assert [entry.row for entry in entries({"rows": rows}, ROWS)] == [1, 2]


def test_a_submission_that_nothing_could_handle_is_kept_whole():
    [entry] = understood([unhandled(a_submission(b"anything", "text/plain"))])
    assert reasons(entry) == [("", "not_handled")]
    assert isinstance(entry.result, Quarantined)
    assert entry.result.content == b"anything"


def test_a_file_that_cannot_be_cut_is_one_item_with_its_reasons():
    faults = (Fault("header/kinds", "missing_column", "", ""), Fault("", "empty_file", "", ""))
    [entry] = understood([whole(a_submission(b"x", CSV), *faults)])
    assert (entry.row, reasons(entry)) == (0, [("header/kinds", "missing_column"), ("", "empty_file")])


def test_the_same_bad_content_is_the_same_item_for_one_agency_and_another_for_another():
    parts = [part for agency in ("police", "police", "council") for part in READER.parts(a_submission(b"?", agency=agency))]
    one, again, other = (entry.result for entry in understood(parts))
    assert isinstance(one, Quarantined)
    assert one == again
    assert isinstance(other, Quarantined)
    assert one.quarantine_id != other.quarantine_id


a_row = st.fixed_dictionaries(
    {"row": st.integers(1, 10_000), "cells": st.dictionaries(st.text(max_size=3), st.text(max_size=50), max_size=3)}
)


@given(st.lists(a_row, max_size=30))
def test_cut_into_chunks_nothing_is_lost_and_the_order_stays(rows: list[dict[str, Any]]):
    assert [row for chunk in chunks(rows) for row in json.loads(chunk)["rows"]] == rows


def test_a_chunk_has_at_most_256_rows():
    assert [len(json.loads(chunk)["rows"]) for chunk in chunks([{"row": n} for n in range(1, 601)])] == [MOST_ROWS, MOST_ROWS, 88]


def test_a_chunk_has_at_most_512_kb_and_a_larger_row_travels_alone():
    def row(number: int, size: int) -> dict[str, Any]:
        return {"row": number, "cells": {"narrative": "ü" * (size // 2)}}

    sizes = [200_000, 200_000, 200_000, 900_000, 10]
    cut = list(chunks([row(number, size) for number, size in enumerate(sizes, start=1)]))
    assert [[item["row"] for item in json.loads(chunk)["rows"]] for chunk in cut] == [[1, 2], [3], [4], [5]]
    assert all(len(chunk) <= MOST_CHUNK_BYTES + 1000 for chunk in cut if len(json.loads(chunk)["rows"]) > 1)


def test_as_csv_and_as_a_chunk_a_backslash_u0000_that_somebody_typed_spoils_nothing():
    [row] = csv.DictReader(io.StringIO(as_csv([a_referral(narrative=r"the path was C:\u0000\ud800")])))
    [chunk] = chunks([{"row": 2, "cells": row}])
    [entry] = entries(chunk, ROWS)
    assert isinstance(entry.result, Normalised)


def test_ages_go_by_the_day_that_it_is_for_the_partnership():
    content = json.dumps(a_referral(people=[a_person(date_of_birth="2008-07-10")])).encode()
    birthday_in_london = datetime(2026, 7, 9, 23, 30, tzinfo=UTC)

    [(_, entry)] = READER.entries(READER.parts(replace(a_submission(content), as_of=birthday_in_london)))

    assert isinstance(entry.result, Normalised)
    assert entry.result.facts["victim_age"] == 18


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("application/json", JSON),
        (" Text/CSV ; charset=utf-8", CSV),
        (ROWS, ROWS),
        ("application/xml", ""),
        (f"{CANARY.replace(' ', '.')}/x", ""),
        ("text/csv, ivy", ""),
        ("", ""),
    ],
)
def test_of_a_content_type_only_one_that_is_read_here_is_kept_and_never_its_senders_words(header: str, kept: str):
    assert known_type(header) == kept


def test_a_referral_of_far_more_values_than_one_has_is_kept_whole_and_a_long_row_spoils_no_chunk():
    [entry] = entries(a_referral(facts={"asb": ["noise"] * MOST_VALUES}))
    assert reasons(entry) == [("", "too_many_values")]
    long, good = entries({"rows": [{"row": 2, "values": [""] * MOST_VALUES}, {"row": 3, "cells": CELLS}]}, ROWS)
    assert reasons(long) == [("", "cell_count")]
    assert isinstance(good.result, Normalised)


def test_a_list_of_rows_that_is_longer_than_a_chunk_is_kept_whole():
    [entry] = entries({"rows": [{"row": number, "cells": CELLS} for number in range(MOST_ROWS + 1)]}, ROWS)
    assert reasons(entry) == [("/rows", "too_many_rows")]
