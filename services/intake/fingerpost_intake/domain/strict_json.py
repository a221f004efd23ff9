"""Reads JSON so that no two readers can understand it differently: no doubles, no NaN, no depth without end (ASVS 5.0, 1.5.3)."""

import json
import math
import re
from typing import Any, NoReturn

from fingerpost_shared.contracts.events import Reason

DEEPEST = 32
# an escape counts only where its backslash is not itself escaped
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class NotJson(ValueError):
    """The bytes are no JSON that we take. Carries the reason as a code, and says how to mend it; never shows the input."""

    def __init__(self, code: str, expected: str, advice: str) -> None:
        super().__init__(f"{code}: expected {expected}")
        self.reason = Reason(code=code)
        self.expected = expected
        self.advice = advice


def read(body: bytes, most_values: int | None = None) -> Any:
    """The value that the bytes hold, which may be made of no more than so many. Raises `NotJson`."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        advice = "Send it encoded as UTF-8: it may be in another encoding, such as Windows-1252."
        raise NotJson("invalid_utf8", f"UTF-8; byte {error.start} is not", advice) from None
    if "\x00" in text or ("\\u0000" in text and _NUL.search(text)):
        raise NotJson("nul_character", "text without NUL characters", "Send it as UTF-8 without them: it may be in another format.")
    try:
        value = _DECODER.decode(text)
    except NotJson:
        raise
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        place = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        advice = "Send the whole of it: look there for a comma, a bracket or a quotation mark that is missing or too much."
        raise NotJson("malformed_json", f"JSON (RFC 8259); it breaks off{place}", advice) from None
    # a text with so few openings cannot be deep, nor one with so few commas hold many values, and most have few
    openings = text.count("{") + text.count("[")
    if most_values and openings + text.count(",") >= most_values and _holds_more(value, most_values):
        raise NotJson("too_many_values", f"at most {most_values:,} values", "Send one referral at a time, or a CSV file to /v1/batches.")
    if openings > DEEPEST and _depth(value) > DEEPEST:
        raise _too_deep()
    if ("\\ud" in text or "\\uD" in text) and not _is_text(value):
        expected = "whole characters: a surrogate stands with its partner or not at all"
        raise NotJson("half_a_character", expected, "Send both escapes of such a character, or the character itself.")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson("duplicate_member", "each member of an object once", "Send it without the one that does not hold.")
    return members


def _constant(_name: str) -> NoReturn:
    raise NotJson("not_a_number", "finite numbers only", "Send a number in its place, or leave the member out.")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _constant(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_finite)


def _is_text(value: Any) -> bool:
    """Whether all of it can be written as UTF-8: a lone surrogate cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level and deepest <= DEEPEST:
        deepest += 1
        level = [child for item in level for child in _children(item)]
    return deepest


def _holds_more(value: Any, most: int) -> bool:
    """Whether it is made of more values than so many."""
    count, level = 0, [value]
    while level and count <= most:
        count += len(level)
        level = [child for item in level for child in _children(item)]
    return count > most


def _too_deep() -> NotJson:
    return NotJson("too_deep", f"at most {DEEPEST} levels", "Send fewer objects and lists within each other.")


def _children(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return list(item.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - any JSON
    return item if isinstance(item, list) else []  # pyright: ignore[reportUnknownVariableType] - any JSON
