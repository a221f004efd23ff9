"""Reads a facts file: the facts, what is impossible, and the counts that can never exceed others."""

from dataclasses import replace
from pathlib import Path

from fingerpost_rules.cells import Box
from fingerpost_rules.conditions import read_condition
from fingerpost_rules.facts import Fact, Facts, ScalarFact, SetFact
from fingerpost_rules.grammar import RESERVED_IN_SETS, RESERVED_WORDS
from fingerpost_rules.nearest import hint, shown
from fingerpost_rules.reading import ErrorBook, Place, number_of, open_file
from fingerpost_rules.source import Items, Node, Text, read_tree

_COMMON_KEYS = ("type", "label", "risk", "counted", "quiet")
_KEYS_OF = {
    "set": ("values", "unknown", "at_least"),
    "choice": ("values", "unknown"),
    "number": ("min", "max", "unknown"),
    "flag": (),
}
_REQUIRED_KEYS_OF = {"set": ("values",), "choice": ("values",), "number": ("min", "max"), "flag": ()}
_WIDEST_RANGE = 10_000

Written = dict[str, tuple[Text, Node]]


def read_facts(path: Path | str) -> Facts:
    """The facts file at `path`. Raises `Unreadable` with everything that is wrong with it."""
    book = ErrorBook(str(path))
    top = open_file(book, read_tree(path))
    keys = top.keys(("version", "facts", "impossible", "never_more_than"), required=("version", "facts"))
    version = top.number(*keys["version"], least=1) if "version" in keys else None
    facts = Facts(version or 0, _read_all(top, keys))
    impossible = [
        box
        for number, table in enumerate(top.tables(*keys["impossible"]) if "impossible" in keys else (), start=1)
        for box in _read_impossible(Place(book, f"impossible {number}", table), facts)
    ]
    pairs = _read_pairs(top, keys, facts)
    book.settle()
    return Facts(facts.version, facts.facts, tuple(impossible), pairs)


def _read_all(top: Place, keys: Written) -> tuple[Fact, ...]:
    place = top.within(*keys["facts"], name="facts") if "facts" in keys else None
    if place is None:
        return ()
    if not place.table.entries:
        place.error(place.table.line, "there is no fact. Write at least one.")
    read: list[Fact] = []
    for key, node in place.entries():
        _check_name(place, key)
        within = place.within(key, node, name=key.value)
        fact = _read_fact(key.value, within) if within else None
        if fact is not None:
            read.append(fact)
    return tuple(read)


def _check_name(place: Place, key: Text) -> None:
    if not key.value.isidentifier() or key.value in ("any_of", *RESERVED_WORDS):
        place.error(key.line, f"{shown(key.value)} cannot name a fact. Use letters, digits and '_', such as 'victim_age'.")


def _read_fact(name: str, place: Place) -> Fact | None:
    written = place.table.get("type")
    kind = written.value if isinstance(written, Text) else ""
    if kind not in _KEYS_OF:
        line = written.line if written else place.table.line
        place.error(line, f"its type must be set, number, choice or flag.{hint(kind, _KEYS_OF) if kind else ''}")
        return None
    keys = place.keys((*_COMMON_KEYS, *_KEYS_OF[kind]), required=_REQUIRED_KEYS_OF[kind])
    fact = _read_set(name, place, keys) if kind == "set" else _read_scalar(name, kind, place, keys)
    return _with_common_keys(fact, place, keys) if fact is not None else None


def _read_set(name: str, place: Place, keys: Written) -> SetFact | None:
    members = _values(place, keys, RESERVED_IN_SETS)
    at_least = place.number(*keys["at_least"], least=0) if "at_least" in keys else 0
    if members and (at_least or 0) > len(members):
        place.error(keys["at_least"][1].line, f"'at_least' is {at_least}, and there are only {len(members)} values.")
    return SetFact(name, name, members, at_least or 0) if members else None


def _read_scalar(name: str, kind: str, place: Place, keys: Written) -> ScalarFact | None:
    if kind == "flag":
        return ScalarFact(name, name, "flag", ("no", "yes"))
    if kind == "choice":
        values = _values(place, keys, RESERVED_WORDS)
        return ScalarFact(name, name, "choice", values) if values else None
    numbers = _range(place, keys)
    return ScalarFact(name, name, "number", numbers) if numbers else None


def _values(place: Place, keys: Written, reserved: frozenset[str]) -> tuple[str, ...]:
    if "values" not in keys:
        return ()
    words = place.words(*keys["values"])
    if not words:
        place.error(keys["values"][0].line, "'values' names none. Write at least one.")
    for word in words:
        if word.value in reserved or len(word.value.split()) != 1 or not word.value.isprintable():
            place.error(word.line, f"{shown(word.value)} cannot be a value: it must be one word, and none of the language's own.")
    return tuple(word.value for word in words)


def _range(place: Place, keys: Written) -> tuple[int, ...]:
    if not {"min", "max"} <= keys.keys():
        return ()
    ends = [_end(place, *keys[end]) for end in ("min", "max")]
    least, most = ends
    if least is None or most is None:
        return ()
    if not 0 <= most - least <= _WIDEST_RANGE:
        place.error(keys["max"][1].line, f"the range {least} to {most} must grow, and hold at most {_WIDEST_RANGE} numbers.")
        return ()
    return tuple(range(least, most + 1))


def _end(place: Place, key: Text, node: Node) -> int | None:
    text = place.text(key, node)
    number = number_of(text) if text is not None else None
    if text is not None and number is None:
        place.error(node.line, f"'{key.value}' is {shown(text)}; it must be a whole number.")
    return number


def _with_common_keys(fact: Fact, place: Place, keys: Written) -> Fact:
    label = place.text(*keys["label"]) if "label" in keys else None
    risk_up = "risk" in keys and place.one_of(*keys["risk"], known=("up",)) == "up"
    counted = "counted" in keys and place.truth(*keys["counted"])
    if counted and not risk_up:
        place.error(keys["counted"][0].line, "a counted fact must have 'risk: up', for more of it is never less risk.")
    has_unknown = "unknown" in keys and place.truth(*keys["unknown"])
    named = label or fact.name.replace("_", " ")
    read = replace(fact, label=named, risk_up=risk_up, counted=counted, has_unknown=has_unknown)
    return replace(read, quiet=_quiet(read, place, *keys["quiet"])) if "quiet" in keys else read


def _quiet(fact: Fact, place: Place, key: Text, node: Node) -> str | int | frozenset[str] | None:
    if isinstance(node, Items):
        value: object = [word.value for word in place.words(key, node)]
    else:
        text = place.text(key, node)
        number = number_of(text or "") if isinstance(fact, ScalarFact) and fact.kind == "number" else None
        value = text if number is None else number
    try:
        return fact.checked(value)
    except ValueError as error:
        place.error(node.line, f"its quiet value is none: {error}.")
        return None


def _read_impossible(place: Place, facts: Facts) -> tuple[Box, ...]:
    if not place.table.entries:
        place.error(place.table.line, "is empty, so everything would be impossible. Fill it or take it out.")
    return read_condition(place, facts).boxes


def _read_pairs(top: Place, keys: Written, facts: Facts) -> tuple[tuple[int, int], ...]:
    if "never_more_than" not in keys:
        return ()
    key, node = keys["never_more_than"]
    if not isinstance(node, Items):
        top.error(node.line, "'never_more_than' wants a list of pairs, such as [[repeats_6m, repeats_12m]].")
        return ()
    pairs = [_read_pair(top, key, pair, facts) for pair in node.items]
    return tuple(pair for pair in pairs if pair is not None)


def _read_pair(top: Place, key: Text, node: Node, facts: Facts) -> tuple[int, int] | None:
    words = top.words(key, node)
    numbers = [fact.name for fact in facts.facts if isinstance(fact, ScalarFact) and fact.kind == "number"]
    for word in words:
        if word.value not in numbers:
            top.error(word.line, f"{shown(word.value)} is not a number fact.{hint(word.value, numbers)}")
    if len(words) != 2:
        top.error(node.line, "each entry of 'never_more_than' names two different number facts, the lesser first.")
    if len(words) != 2 or any(word.value not in numbers for word in words):
        return None
    return facts.place_of[words[0].value], facts.place_of[words[1].value]
