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

    def __init__(self, code: str, expected: str) -> None:
        super().__init__(f"{code}: expected {expected}")
        self.reason = Reason(code=code)
        self.expected = expected


def read(body: bytes) -> Any:
    """The value that the bytes hold. Raises `NotJson`."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotJson("invalid_utf8", f"UTF-8; byte {error.start} is not") from None
    if "\x00" in text or ("\\u0000" in text and _NUL.search(text)):
        raise NotJson("nul_character", "text without NUL characters")
    try:
        value = _DECODER.decode(text)
    except NotJson:
        raise
    except RecursionError:
        raise NotJson("too_deep", f"at most {DEEPEST} levels") from None
    except ValueError as error:
        place = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise NotJson("malformed_json", f"JSON (RFC 8259); it breaks off{place}") from None
    # a text with so few openings cannot be deep, and most have few
    if text.count("{") + text.count("[") > DEEPEST and _depth(value) > DEEPEST:
        raise NotJson("too_deep", f"at most {DEEPEST} levels")
    if ("\\ud" in text or "\\uD" in text) and not _is_text(value):
        raise NotJson("half_a_character", "whole characters: a surrogate stands with its partner or not at all")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson("duplicate_member", "each member of an object once")
    return members


def _constant(_name: str) -> NoReturn:
    raise NotJson("not_a_number", "finite numbers only")


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


def _children(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return list(item.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - any JSON
    return item if isinstance(item, list) else []  # pyright: ignore[reportUnknownVariableType] - any JSON
