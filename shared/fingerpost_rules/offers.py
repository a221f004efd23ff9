"""What to say of a cell that means nothing: why, how to write one, and the nearest text that would mean something."""

import re
from collections.abc import Iterator, Sequence

from fingerpost_rules.cells import Cell
from fingerpost_rules.facts import Fact, SetFact
from fingerpost_rules.grammar import Meaningless, OutOfPlace, cell_of
from fingerpost_rules.nearest import nearest, shown

_LONGEST_CELL = 2_000
_BOOLEANS = {"true": "yes", "on": "yes", "false": "no", "off": "no"}
_SIGNED = re.compile(r"(>=|=>|<=|=<|==|[≥≤<>=])\s*(-?[0-9]+)|(-?[0-9]+)\s*(\+|[-–—]\s*(-?[0-9]+))")
_SIGNS = {">": "over", "<": "under", "=": "", "==": ""}
_SCALAR_WORDS = ("known", "unknown", "not", "neither", "nor", "or")
_NUMBER_WORDS = (*_SCALAR_WORDS, "at", "least", "most", "over", "under", "more", "to")
_SET_WORDS = ("has", "no", "or", "and", "neither", "nor", "but", "not", "none", "some", "known", "unknown")

_NEGATIONS = {"not", "no", "neither", "nor", "but"}


class CellError(ValueError):
    """A cell that is no condition; its text, a sentence or two, says how to write it."""


def read_cell(fact: Fact, texts: Sequence[str]) -> Cell:
    """What a cell of `fact` accepts; its text, or the entries of its list. Raises `CellError`."""
    if any(len(text) > _LONGEST_CELL for text in texts):
        raise CellError(f"the condition for {fact.label} is longer than {_LONGEST_CELL} signs; make it shorter.")
    try:
        return cell_of(fact, texts)
    except OutOfPlace as error:
        raise CellError(f"{error}.") from error
    except Meaningless as error:
        raise CellError(_explanation(fact, texts, str(error))) from error


def _explanation(fact: Fact, texts: Sequence[str], reason: str) -> str:
    text = ", ".join(texts)
    because = f": {reason}" if reason else ""
    offer = next(_working_offers(fact, texts), None)
    did_you_mean = f" Did you mean '{offer}'?" if offer else ""
    return f"{shown(text)} is not a condition for {fact.label}{because}. Write e.g. {_examples(fact)}.{did_you_mean}"


def _examples(fact: Fact) -> str:
    if isinstance(fact, SetFact):
        forms = [f"has {fact.members[0]}", f"has {' or '.join(fact.members[:2])}", f"has no {fact.members[-1]}"]
    elif fact.kind == "number":
        middle = fact.values[(len(fact.values) + 1) // 2]
        forms = [f"at least {middle}", f"under {middle}"]
    else:
        forms = [str(fact.values[-1]), f"not {fact.values[0]}"]
    forms += ["unknown"] if fact.has_unknown else []
    quoted = [f"'{form}'" for form in dict.fromkeys(forms)]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else quoted[0]


def _working_offers(fact: Fact, texts: Sequence[str]) -> Iterator[str]:
    for offer in _offers(fact, texts):
        try:
            cell_of(fact, [offer])
        except (Meaningless, OutOfPlace):
            continue
        yield offer


def _offers(fact: Fact, texts: Sequence[str]) -> Iterator[str]:
    text = " ".join(" or ".join(texts).split())
    straight = re.sub("[“”‘’\"'`,]", " ", text)
    words = [_BOOLEANS.get(word, word) for word in _without_signs(straight).split()]
    corrected = [_corrected(fact, word) for word in words]
    if isinstance(fact, SetFact):
        yield from _set_offers(fact, corrected)
    else:
        yield from _scalar_offers(corrected)


def _scalar_offers(words: list[str]) -> Iterator[str]:
    values = [word for word in words if word not in ("not", "or", "neither", "nor", "and", "has", "is")]
    if "not" in words and "or" in words:
        yield f"neither {' nor '.join(values)}"
    yield " ".join(words)
    yield " ".join(word for word in words if word not in ("has", "is"))
    if not _NEGATIONS & set(words):
        yield " or ".join(values)


def _set_offers(fact: SetFact, words: list[str]) -> Iterator[str]:
    members = [word for word in words if word in fact.bit_of]
    yield " ".join(words)
    yield f"has {' '.join(words)}"
    if words[:1] == ["not"] or words[:2] == ["has", "not"]:
        yield f"has no {' '.join(members)}"
        yield f"has neither {' nor '.join(members)}"
    if not _NEGATIONS & set(words) and "and" not in words:
        yield f"has {' or '.join(members)}"


def _without_signs(text: str) -> str:
    def in_words(match: re.Match[str]) -> str:
        sign, number, first, _, last = match.groups()
        if first is not None:
            return f"{first} to {last}" if last is not None else f"at least {first}"
        word = _SIGNS.get(sign) if sign in _SIGNS else "at least" if sign in (">=", "=>", "≥") else "at most"
        return f"{word} {number}"

    return _SIGNED.sub(in_words, text)


def _corrected(fact: Fact, word: str) -> str:
    if isinstance(fact, SetFact):
        known = [*_SET_WORDS, *fact.members]
    else:
        known = list(_NUMBER_WORDS) if fact.kind == "number" else [*_SCALAR_WORDS, *map(str, fact.values)]
    if word in known or word.removeprefix("-").isdecimal():
        return word
    return nearest(word, known) or word
