"""Which of the changes that would alter an outcome are told, and in which order."""

import yaml

from fingerpost_rules import explain
from tests.unit.rules.examples import FACTS, a_referral, read

MORE_SIGNS = ", ".join(f"sign_{number}" for number in range(9))


def changes(tmp_path, *conditions, facts=FACTS, **referral):
    """The facts of each change, where a rule adds a limit, each another, for each condition."""
    rules = [{"id": "AA-01", "when": {}, "then": {"lead": "matac", "band": "P3"}}]
    for number, (when, within) in enumerate(conditions, start=2):
        rules.append({"id": f"AA-{number:02}", "when": when, "then": {"within": within}})
    content = {
        "ruleset": 1,
        "title": "An example",
        "facts_version": 3,
        "effective_from": "2026-01-01",
        "bands": {"P1": "24h", "P3": "5d"},
        "unrouted": {"lead": "csp_duty_desk", "band": "P3"},
        "rules": [{"title": "A rule", "because": "It is so"} | rule for rule in rules],
    }
    rule_set = read(tmp_path, facts=facts, rules=yaml.safe_dump(content))
    return [dict(change.set) for change in explain(rule_set, a_referral(**referral)).smallest_changes]


def test_of_values_that_come_to_the_same_the_nearest_is_told(tmp_path):
    assert changes(tmp_path, ({"dash_ticks": "5 to 8 or 13 to 15"}, "3d"), dash_ticks=10) == [{"dash_ticks": 8}]
    assert changes(tmp_path, ({"dash_ticks": "5 to 8 or 13 to 15"}, "3d"), dash_ticks=11) == [{"dash_ticks": 13}]


def test_of_two_that_are_as_near_the_lower_is_told(tmp_path):
    assert changes(tmp_path, ({"dash_ticks": "5 to 8 or 12 to 15"}, "3d"), dash_ticks=10) == [{"dash_ticks": 8}]


def test_nearer_values_come_first(tmp_path):
    limits = [({"dash_ticks": "under 3"}, "3d"), ({"dash_ticks": "at least 12"}, "2d")]
    assert changes(tmp_path, *limits, dash_ticks=10) == [{"dash_ticks": 12}, {"dash_ticks": 2}]


def test_for_the_same_fact_and_the_same_outcome_one_change_is_told(tmp_path):
    limits = [({"weapon": "bladed"}, "3d"), ({"weapon": "firearm"}, "3d"), ({"weapon": "other"}, "2d")]
    assert changes(tmp_path, *limits, weapon="none", victim_age=30) == [{"weapon": "other"}, {"weapon": "bladed"}]


def test_no_fact_crowds_out_the_others(tmp_path):
    limits = [({"weapon": "bladed"}, "3d"), ({"weapon": "firearm"}, "2d"), ({"child_at_risk": "yes"}, "1d")]
    told = changes(tmp_path, *limits, weapon="none", victim_age=30)
    assert told == [{"weapon": "bladed"}, {"child_at_risk": "yes"}, {"weapon": "firearm"}]


def test_no_set_becomes_smaller_than_it_may_be(tmp_path):
    assert changes(tmp_path, ({"kinds": "has asb"}, "3d"), kinds=["asb"]) == [{"kinds": frozenset({"domestic_abuse"})}]


def test_of_a_large_set_all_members_that_a_rule_wants_are_tried_together(tmp_path):
    facts = FACTS.replace("[trackers, debts, injuries]", f"[{MORE_SIGNS}]")
    wanted = {"signs": "has sign_1 and sign_4 and sign_7"}
    assert changes(tmp_path, (wanted, "3d"), facts=facts, signs=[]) == [{"signs": frozenset({"sign_1", "sign_4", "sign_7"})}]
