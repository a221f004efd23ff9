"""`fingerpost rules diff`: what a new rule set decides otherwise, over all referrals."""

import json
from random import Random

import pytest
from typer.testing import CliRunner

from fingerpost_rules.commands import app
from fingerpost_rules.difference import differences
from tests.unit.rules import reference
from tests.unit.rules.brute_force import BruteForce
from tests.unit.rules.examples import FACTS, RULES, write
from tests.unit.rules.invented import LEVELS, invent_rules, invent_schema, read_back

PLACES = ("lead", "also", "copy", "alert")


def diff(tmp_path, new, *options):
    old = write(tmp_path)
    (tmp_path / "new.yaml").write_text(new)
    return CliRunner().invoke(app, ["rules", "diff", str(old), str(tmp_path / "new.yaml"), *options])


def test_the_same_rules_in_another_layout_differ_nowhere(tmp_path):
    answer = diff(tmp_path, RULES.replace("when: {}", "when: { }"), "--json")
    assert (answer.exit_code, answer.stdout) == (0, "")


def test_each_line_shows_a_referral_and_both_decisions(tmp_path):
    answer = diff(tmp_path, RULES.replace("at least 14\n", "at least 15\n").split("must_hold")[0], "--json")
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    found = {(line["value"], line["change"]): line for line in lines}
    line = found["domestic_abuse", "less_urgent"]
    assert line["per"] == "kinds"
    assert line["example"]["dash_ticks"] == 14
    assert (line["old"]["band"], line["new"]["band"]) == ("P1", "P3")
    assert "DASH ticks: 14" in line["where"]
    assert len(found) == len(lines)
    assert not [line for line in lines if line["change"] == "more_urgent"]


def test_for_people_equal_changes_are_told_once_with_a_referral_that_shows_them(tmp_path):
    answer = diff(tmp_path, RULES.replace("then: {lead: matac, band: P3}", "then: {lead: matac, band: P2}"))
    assert answer.stdout.splitlines() == [
        "more urgent: domestic_abuse, asb, fraud",
        "  band: P3 -> P2",
        "  within hours: 120 -> 72",
        "  Example: kinds: [domestic_abuse]",
        "With --where: the whole condition of each.",
    ]


def test_for_people_what_becomes_less_urgent_comes_first_and_the_conditions_where_asked_for(tmp_path):
    new = RULES.replace("at least 14\n", "at least 15\n").replace("copy: [csp_board], alert", "alert").split("must_hold")[0]
    lines = diff(tmp_path, new, "--where").stdout.splitlines()
    assert lines[0] == "less urgent and sent elsewhere: domestic_abuse, asb, fraud"
    assert lines[1:3] == ["  lead: childrens_mash -> matac", "  band: P1 -> P3"]
    assert "  alert: no longer police" in lines
    assert "  Example: kinds: [domestic_abuse], dash_ticks: 14" in lines
    assert any(line.startswith("  Where, for domestic_abuse: ") and "DASH ticks: 14" in line for line in lines)
    assert not any("--where" in line for line in lines)


def test_for_people_no_difference_is_said(tmp_path):
    assert diff(tmp_path, RULES.replace("when: {}", "when: { }")).stdout == "They decide every possible referral alike.\n"


def test_a_limit_of_working_days_for_one_of_as_many_hours_is_told(tmp_path):
    lines = diff(tmp_path, RULES.replace("P3: 5d}", "P3: 120h}")).stdout.splitlines()
    assert "  limits: 5 working days -> 120 hours" in lines


def test_sets_for_different_facts_are_not_compared(tmp_path):
    old = write(tmp_path)
    (other := tmp_path / "other").mkdir()
    new = write(other, facts=FACTS.replace("values: [domestic_abuse, asb, fraud]", "values: [domestic_abuse, asb, fraud, noise]"))
    answer = CliRunner().invoke(app, ["rules", "diff", str(old), str(new)])
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "different facts files" in answer.stderr


def test_a_file_that_cannot_be_read_ends_it(tmp_path):
    answer = diff(tmp_path, "nonsense")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "new.yaml:1" in answer.stderr


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_the_differences_are_those_that_trying_every_referral_finds(first, tmp_path):
    for seed in range(first, first + 20):
        random = Random(seed)
        schema = invent_schema(random, most_facts=2)
        schema["facts"]["kinds"] = {"type": "set", "values": ["x", "y"], "at_least": 1}
        old_rules, new_rules = ({**invent_rules(random, schema), "must_hold": []} for _ in range(2))
        if seed % 2:
            new_rules = {**old_rules, "rules": old_rules["rules"][1:]}
            kept = {rule["id"] for rule in new_rules["rules"]}
            new_rules["rules"] = [
                {**rule, "overrides": [one for one in rule.get("overrides", []) if one in kept]} for rule in new_rules["rules"]
            ]
        if list(old_rules["bands"].items()) != list(new_rules["bands"].items()):
            continue
        old, new = read_back(schema, old_rules, tmp_path), read_back(schema, new_rules, tmp_path)
        found = list(differences(old.rule_set, new.rule_set))
        assert {(one.value, one.change) for one in found} == tried(schema, old_rules, new_rules), f"seed {seed}"
        for one in found:
            assert one.value in one.example["kinds"]
            assert not reference.is_impossible(schema, one.example)
            assert one.change in changes(schema, old_rules, new_rules, one.example)


def tried(schema, old, new):
    return {
        (value, change)
        for referral in reference.all_referrals(schema)
        for change in changes(schema, old, new, referral)
        for value in referral["kinds"]
    }


def changes(schema, old, new, referral):
    before, after = (reference.decide(schema, rules, referral) for rules in (old, new))
    if less_urgent(schema, old, before, after):
        yield "less_urgent"
    if less_urgent(schema, old, after, before):
        yield "more_urgent"
    if any(before[place] != after[place] for place in PLACES):
        yield "elsewhere"


def less_urgent(schema, rules, before, after):
    """The definition of *less urgent*, which the brute force over pairs of referrals holds too."""
    decided = iter((before, after))
    tried_pair = BruteForce(schema, rules, LEVELS)
    tried_pair.decide = lambda _: next(decided)
    return tried_pair.loses(None, None)
