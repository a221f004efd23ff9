"""A coordinator's file of expectations: read, and compared with what the rules decide."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fingerpost_rules.combining import Decision
from fingerpost_rules.errors import InvalidFacts
from fingerpost_rules.facts import Fact, Facts, ScalarFact
from fingerpost_rules.names import Names
from fingerpost_rules.nearest import hint, shown
from fingerpost_rules.reading import ErrorBook, Place, number_of
from fingerpost_rules.rule_set import RuleSet
from fingerpost_rules.source import Items, Node, Text, read_tree

NOT_ALERT = "not_alert"
_LISTS = ("also", "copy", "alert", "not_alert", "tag", "fired")
EXPECTED = ("lead", "band", "within_hours", "also", "copy", "alert", "not_alert", "tag", "fired")

_KIND_OF = {
    **dict.fromkeys(("lead", "also", "copy"), "destination"),
    **dict.fromkeys(("alert", NOT_ALERT), "agency"),
    "tag": "tag",
    "fired": "rule",
}

CheckedFacts = dict[str, str | int | frozenset[str]]
Expected = str | int | frozenset[str]


@dataclass(frozen=True)
class Case:
    """One expectation. What it leaves out is not compared."""

    name: str
    facts: CheckedFacts
    expect: Mapping[str, Expected]
    line: int


@dataclass(frozen=True)
class Miss:
    """What a case expected of one part of the decision, and what it got."""

    part: str
    expected: Expected
    got: Expected

    def __str__(self) -> str:
        none_of = "none of " if self.part == NOT_ALERT else ""
        return f"{self.part}: expected {none_of}{_in_words(self.expected)}, got {_in_words(self.got)}"


def read_cases(path: Path | str, rule_set: RuleSet) -> tuple[Case, ...]:
    """The cases in a file. Raises `Unreadable` with all that is wrong with it: unknown words, facts that cannot be, or no case at all.

    Expected destinations and agencies are looked up in the directory that the rules were read with, where there is one.
    """
    book = ErrorBook(str(path))
    tree = read_tree(path)
    if not isinstance(tree, Items):
        book.note(tree.line, "This file must hold a list of cases; begin each with '- name: …'.")
    items = tree.items if isinstance(tree, Items) else ()
    if isinstance(tree, Items) and not items:
        book.note(tree.line, "There is no case in this list; begin each with '- name: …'.")
    known = _known_words(rule_set)
    cases = [_read_case(book, node, number, rule_set, known) for number, node in enumerate(items, start=1)]
    book.settle()
    return tuple(case for case in cases if case is not None)


def misses(case: Case, decision: Decision) -> tuple[Miss, ...]:
    """Where a decision is not what the case expects."""
    return tuple(found for part, expected in case.expect.items() if (found := _miss(part, expected, decision)) is not None)


def _miss(part: str, expected: Expected, decision: Decision) -> Miss | None:
    if part == NOT_ALERT and isinstance(expected, frozenset):
        alerted = expected & frozenset(decision.alert)
        return Miss(part, expected, alerted) if alerted else None
    value: Any = getattr(decision, part)
    got: Expected = frozenset(value) if isinstance(expected, frozenset) else value
    return None if got == expected else Miss(part, expected, got)


def _known_words(rule_set: RuleSet) -> dict[str, Collection[str]]:
    """By part, the words that may be expected there."""
    known: dict[str, Collection[str]] = {"tag": rule_set.tags, "fired": [rule.id for rule in rule_set.rules]}
    if rule_set.names is not None:
        known |= dict.fromkeys(("lead", "also", "copy"), tuple(rule_set.names.destinations))
        known |= dict.fromkeys(("alert", NOT_ALERT), sorted(rule_set.names.agencies))
    return known


def _read_case(book: ErrorBook, node: Node, number: int, rule_set: RuleSet, known: Mapping[str, Collection[str]]) -> Case | None:
    if isinstance(node, (Items, Text)):
        book.note(node.line, "each case must be a table with name, when and expect.")
        return None
    place = Place(book, f"case {number}", node)
    keys = place.keys(("name", "when", "expect"), required=("name", "when", "expect"))
    name = place.text(*keys["name"]) if "name" in keys else None
    when = place.within(*keys["when"], name=name or place.name) if "when" in keys else None
    expect = place.within(*keys["expect"], name=name or place.name) if "expect" in keys else None
    facts = _read_facts(when, rule_set.facts) if when is not None else None
    expected = _read_expected(expect, rule_set, known) if expect is not None else {}
    return Case(name or place.name, facts, expected, node.line) if facts is not None else None


def _read_facts(place: Place, facts: Facts) -> CheckedFacts | None:
    given: dict[str, Any] = {}
    for key, node in place.entries():
        if key.value not in facts.place_of:
            place.error(key.line, f"unknown fact {shown(key.value)}.{hint(key.value, facts.names)}")
            return None
        given[key.value] = _typed(facts.fact(key.value), node)
    try:
        checked = facts.check(facts.quiet() | given)
    except InvalidFacts as error:
        for problem in error.problems:
            mending = "" if problem.split()[0] in given else " Name the fact in the case."
            place.error(place.table.line, f"{problem}{'' if problem.endswith('?') else '.'}{mending}")
        return None
    contradicting = facts.contradicting(checked)
    if contradicting:
        place.error(
            place.table.line, f"these facts cannot be together: {_telling(checked, contradicting)}. Name them in the case, otherwise."
        )
        return None
    return checked


def _telling(checked: CheckedFacts, names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {_in_words(checked[name])}" for name in names)


def _typed(fact: Fact, node: Node) -> Any:
    """The value as the checking of facts wants it: numbers as integers, lists as lists of words."""
    if isinstance(node, Items):
        return [item.value if isinstance(item, Text) else None for item in node.items]
    if not isinstance(node, Text):
        return None
    number = number_of(node.value) if isinstance(fact, ScalarFact) and fact.kind == "number" else None
    return node.value if number is None else number


def _read_expected(place: Place, rule_set: RuleSet, known: Mapping[str, Collection[str]]) -> dict[str, Expected]:
    keys = place.keys(EXPECTED)
    expected: dict[str, Expected] = {}
    for part, (key, node) in keys.items():
        if part in _LISTS:
            words = place.words(key, node)
            _check_words(place, part, words, known, rule_set.names)
            expected[part] = frozenset(word.value for word in words)
        elif part == "band":
            expected[part] = place.one_of(key, node, known=rule_set.bands) or ""
        elif part == "lead":
            lead = place.text(key, node) or ""
            _check_words(place, part, (Text(lead, node.line),), known, rule_set.names)
            expected[part] = lead
        else:
            expected[part] = place.number(key, node, least=1) or 0
    return expected


def _check_words(place: Place, part: str, words: tuple[Text, ...], known: Mapping[str, Collection[str]], names: Names | None) -> None:
    for word in words:
        if part in known and word.value not in known[part]:
            place.error(word.line, f"no {_KIND_OF[part]} {shown(word.value)}.{_advice(part, word.value, known, names)}")


def _advice(part: str, word: str, known: Mapping[str, Collection[str]], names: Names | None) -> str:
    if names is not None and _KIND_OF[part] == "destination":
        return names.destination_hint(word)
    if names is not None and _KIND_OF[part] == "agency":
        return names.agency_hint(word)
    return hint(word, known[part])


def _in_words(value: Expected) -> str:
    if isinstance(value, frozenset):
        return f"[{', '.join(sorted(value))}]"
    return str(value)
