"""Herefordshire's expectations (cases.yaml) hold: each row of the partnership's table, each threshold on both sides."""

from typing import Any, cast

import pytest
import yaml

from fingerpost_rules import Decision
from fingerpost_rules.facts import ScalarFact
from tests.unit.samples.understanding import FACTS, HEREFORDSHIRE, RULES

# BaseLoader reads each scalar as the words that were typed: `no` stays no.
CASES = cast("list[dict[str, Any]]", yaml.load((HEREFORDSHIRE / "cases.yaml").read_text(encoding="utf-8"), yaml.BaseLoader))


def facts_of_a_case(when: dict[str, Any]) -> dict[str, Any]:
    """The facts that a case names, over the quiet ones."""
    return FACTS.quiet() | {name: typed(name, value) for name, value in when.items()}


def typed(name: str, value: Any) -> Any:
    fact = FACTS.fact(name)
    is_number = isinstance(fact, ScalarFact) and fact.kind == "number" and value != "unknown"
    return int(value) if is_number else value


def got(decision: Decision, what: str, expected: Any) -> Any:
    """What the decision says where the case expects something, in the form of the expectation."""
    if what == "not_alert":
        return [agency for agency in expected if agency not in decision.alert]
    value = getattr(decision, what)
    return sorted(value) if isinstance(expected, list) else str(value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_rules_say_what_is_expected(case: dict[str, Any]):
    decision = RULES.decide(facts_of_a_case(case["when"]))
    assert not decision.impossible
    expected = {what: sorted(value) if isinstance(value, list) else value for what, value in case["expect"].items()}
    assert {what: got(decision, what, value) for what, value in expected.items()} == expected


def test_the_cases_fire_every_rule_so_that_no_rule_is_without_an_expectation():
    fired = {rule for case in CASES for rule in RULES.decide(facts_of_a_case(case["when"])).fired}
    assert fired == {rule.id for rule in RULES.rules}
