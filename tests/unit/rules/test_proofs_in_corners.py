"""Faults, and what only looks like one, that few rule sets show."""

import yaml

from fingerpost_rules import check
from tests.unit.rules.examples import read

CAREFUL = {"id": "AA-02", "when": {"child_at_risk": "no"}, "then": {"within": "3d"}}


def found(tmp_path, *rules, kind, must_hold=(), order=("matac", "childrens_mash", "csp_duty_desk")):
    """The rules of each finding of a kind."""
    content = {
        "ruleset": 1,
        "title": "A corner",
        "facts_version": 3,
        "effective_from": "2026-01-01",
        "bands": {"P1": "24h", "P2": "72h", "P3": "5d"},
        "lead_order": [*order],
        "unrouted": {"lead": "csp_duty_desk", "band": "P2"},
        "rules": [{"title": "A rule", "because": "It is so"} | rule for rule in rules],
        "must_hold": [*must_hold],
    }
    return [finding.rules for finding in check(read(tmp_path, rules=yaml.safe_dump(content))) if finding.kind == kind]


def everything_to(lead, **more):
    return {"id": "AA-01", "when": {}, "then": {"lead": lead, "band": "P3", **more}}


def test_a_limit_in_working_days_is_met_by_one_of_as_many_hours(tmp_path):
    hasty = {"id": "AA-03", "when": {"child_at_risk": "yes"}, "then": {"within": "72h"}}
    assert found(tmp_path, everything_to("matac"), CAREFUL, hasty, kind="not_monotone") == []


def test_a_limit_in_working_days_is_not_met_by_one_of_more_hours(tmp_path):
    slow = {"id": "AA-03", "when": {"child_at_risk": "yes"}, "then": {"within": "73h"}}
    assert found(tmp_path, everything_to("matac"), CAREFUL, slow, kind="not_monotone") == [("AA-02",)]


def test_a_rule_that_only_keeps_another_from_owning_a_part_is_not_masked(tmp_path):
    risky = {"kinds": "has asb", "child_at_risk": "yes"}  # where the plainest referral that fires the other is not
    owning = {"id": "AA-02", "when": risky, "then": {"lead": "childrens_mash", "band": "P3"}}
    keeping = {"id": "AA-03", "when": {"kinds": "has asb"}, "then": {"lead": "matac", "band": "P3"}, "overrides": ["AA-02"]}
    assert found(tmp_path, everything_to("matac"), owning, keeping, kind="masked") == [("AA-02",)]


def test_who_owns_a_part_gets_no_copy(tmp_path):
    copied = everything_to("csp_duty_desk", copy=["childrens_mash"])
    owning = {"id": "AA-02", "when": {"kinds": "has asb"}, "then": {"also": ["childrens_mash"]}}
    sentence = {"id": "M1", "when": {"child_at_risk": "yes"}, "copied_to": "childrens_mash"}
    assert found(tmp_path, copied, kind="must_hold", must_hold=[sentence]) == []
    assert found(tmp_path, copied, owning, kind="must_hold", must_hold=[sentence]) == [("M1",)]
