"""Bytes are JSON that two readers understand alike, or are refused with a reason."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_intake.domain.strict_json import DEEPEST, NotJson, read
from tests.unit.intake.building import CANARY, json_values

CODES = {"invalid_utf8", "nul_character", "too_deep", "malformed_json", "duplicate_member", "not_a_number", "half_a_character"}


def read_or_refuse(body: bytes) -> tuple[Any, str]:
    """The value, or the code of the refusal; any other error passes through."""
    try:
        return read(body), ""
    except NotJson as refusal:
        return None, refusal.reason.code


def code_of(body: bytes) -> str:
    with pytest.raises(NotJson) as refusal:
        read(body)
    return refusal.value.reason.code


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0dD8e1-.NaIfn ', max_size=60).map(str.encode))
def test_whatever_the_bytes_they_are_read_or_refused_with_a_code(body: bytes):
    value, code = read_or_refuse(body)
    assert code in CODES or json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


@given(json_values)
def test_what_python_writes_is_read_as_it_was_unless_it_holds_what_is_refused(value: object):
    text = json.dumps(value)
    found, code = read_or_refuse(text.encode())
    assert code in ("not_a_number", "nul_character", "half_a_character") or found == json.loads(text)


BAD = [
    (b"", "malformed_json"),
    (b"Hi team, please see attached.", "malformed_json"),
    (b'{"a": 1', "malformed_json"),
    (b'{"a": 1} {"b": 2}', "malformed_json"),
    (b'{"a": 1, "a": 2}', "duplicate_member"),
    (b'{"outer": {"a": 1, "\\u0061": 2}}', "duplicate_member"),
    (b'{"a": NaN}', "not_a_number"),
    (b'{"a": -Infinity}', "not_a_number"),
    (b'{"a": 1e999}', "not_a_number"),
    (b'{"a": "caf\xe9"}', "invalid_utf8"),
    ('{"a": 1}'.encode("utf-16"), "invalid_utf8"),
    ('{"a": 1}'.encode("utf-16-le"), "nul_character"),
    (b'{"a": "x\\u0000y"}', "nul_character"),
    (b'{"a": "x\\\\\\u0000y"}', "nul_character"),
    (b'{"a": "\\ud800"}', "half_a_character"),
    (b'{"\\uDFFF": 1}', "half_a_character"),
    (b'{"a": ' + b"9" * 5000 + b"}", "malformed_json"),
    (b"[" * 40 + b"]" * 40, "too_deep"),
    (b"[" * 100_000, "too_deep"),
    (b'{"a":' * 100_000, "too_deep"),
]


@pytest.mark.parametrize(("body", "code"), BAD)
def test_each_kind_of_bad_json_has_its_code(body: bytes, code: str):
    assert code_of(body) == code


@pytest.mark.parametrize("body", [body for body, _ in BAD])
def test_what_was_expected_and_how_to_mend_it_are_two_things(body: bytes):
    with pytest.raises(NotJson) as refusal:
        read(body)
    assert refusal.value.advice.startswith("Send ")
    assert refusal.value.expected not in refusal.value.advice


def test_so_many_values_are_taken_and_no_more():
    for body in (b'{"a": [1, 2], "b": {"c": ","}}', b"[1, 2, 3, 4, 5]", b"[[[[[[]]]]]]"):
        assert read(body, most_values=6)
        with pytest.raises(NotJson) as refusal:
            read(body, most_values=5)
        assert refusal.value.reason.code == "too_many_values"


def test_a_byte_order_mark_is_no_fault():
    assert read(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_as_deep_as_the_limit_is_taken():
    assert read(b"[" * DEEPEST + b"]" * DEEPEST)
    assert code_of(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1)) == "too_deep"


@pytest.mark.parametrize("text", ["C:\\u0000 is a folder", "C:\\\\u0000", "\\ud800 in words", "an emoji \U0001f600"])
def test_an_escape_that_is_only_written_about_is_text(text: str):
    assert read(json.dumps({"a": text}).encode()) == {"a": text}


def test_a_refusal_says_where_it_breaks_off_and_shows_nothing_of_the_input():
    with pytest.raises(NotJson) as refusal:
        read(f'{{"name": "{CANARY}",\n "phone"'.encode())
    assert "line 2, column 9" in refusal.value.expected
    assert CANARY not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
