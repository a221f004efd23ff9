"""A rule set as plain tables of words, and as the YAML text of a file that reads back as the same rule set."""

from collections.abc import Mapping
from typing import Any

import yaml

from fingerpost_rules.cells import Cell
from fingerpost_rules.conditions import ANY_OF, Condition
from fingerpost_rules.rows import Rule, Sentence, Then
from fingerpost_rules.rule_set import RuleSet

Words = dict[str, Any]


def as_words(rule_set: RuleSet) -> Words:
    """The rule set as its file holds it: tables, lists and words."""
    names = rule_set.facts.names
    top: Words = {
        "ruleset": rule_set.version,
        "title": rule_set.title,
        "facts_version": rule_set.facts.version,
        "effective_from": rule_set.effective_from.isoformat(),
        "bands": {band: str(limit) for band, limit in rule_set.bands.items()},
        "lead_order": list(rule_set.lead_order),
        "unrouted": {"lead": rule_set.unrouted_lead, "band": rule_set.unrouted_band},
        "tags": list(rule_set.tags),
        "rules": [_rule(rule, names) for rule in rule_set.rules],
    }
    sentences = [_sentence(sentence, names) for sentence in rule_set.must_hold]
    return top | ({"must_hold": sentences} if sentences else {})


def as_yaml(words: Words) -> str:
    """The text of a file that holds these words."""
    return yaml.safe_dump(words, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)


def _rule(rule: Rule, names: tuple[str, ...]) -> Words:
    return {
        "id": rule.id,
        "title": rule.title,
        "when": _condition(rule.condition, names),
        "then": _then(rule.then),
        **({"overrides": list(rule.overrides)} if rule.overrides else {}),
        "because": rule.because,
    }


def _sentence(sentence: Sentence, names: tuple[str, ...]) -> Words:
    return {"id": sentence.id, "when": _condition(sentence.condition, names), **dict(sentence.claims)}


def _condition(condition: Condition, names: tuple[str, ...]) -> Words:
    alternatives = [_cells(cells, names) for cells in condition.alternatives]
    return {**_cells(condition.always, names), **({ANY_OF: alternatives} if alternatives else {})}


def _cells(cells: Mapping[int, Cell], names: tuple[str, ...]) -> dict[str, str]:
    return {names[place]: cell.text for place, cell in cells.items()}


def _then(then: Then) -> Words:
    words = {"lead": then.lead, "band": then.band, "within": then.within, "feedback": then.feedback}
    lists = {"also": then.also, "copy": then.copy, "alert": then.alert, "tag": then.tag}
    given = {part: str(word) for part, word in words.items() if word is not None}
    return given | {part: list(names) for part, names in lists.items() if names}
