"""A decision is explained by what fired, what nearly did, and the fewest facts that would have changed it."""

import json
from itertools import combinations, product
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fingerpost_rules import explain
from fingerpost_rules.changes import MOST_CHANGES
from fingerpost_rules.commands import app
from fingerpost_rules.loading import load_rule_set
from tests.unit.rules import reference
from tests.unit.rules.brute_force import outcome
from tests.unit.rules.examples import RULES, a_referral, read, write
from tests.unit.rules.invented import invent

HEREFORDSHIRE = Path(__file__).parents[3] / "config" / "herefordshire" / "rules.yaml"


def ask(tmp_path, referral, *options):
    sent = referral if isinstance(referral, str) else json.dumps(referral)
    return CliRunner().invoke(app, ["rules", "explain", str(write(tmp_path)), *options], input=sent)


def test_a_near_miss_says_what_the_fact_is_and_what_the_rule_needs(tmp_path):
    answer = ask(tmp_path, a_referral(kinds=["domestic_abuse"], dash_ticks=13, victim_age=30)).stdout
    assert "DA-01 did not apply: DASH ticks 13 is not at least 14." in answer
    assert "AS-01 applied (Because it is so). It gave lead matac, band P3." in answer
    assert "If DASH ticks were 14: childrens_mash leads, P1" in answer


def test_a_near_miss_of_a_set_reads_as_a_sentence_and_is_told_once(tmp_path):
    rules = RULES.replace("victim_age: under 16", "victim_age: under 90").replace("at least 14\n", "at least 1\n")
    sent = json.dumps(a_referral(kinds=["fraud"], dash_ticks=2, victim_age=30))
    answer = CliRunner().invoke(app, ["rules", "explain", str(write(tmp_path, rules=rules))], input=sent).stdout
    assert answer.count("DA-01 did not apply: Kinds fraud, and it needs: has domestic_abuse.") == 1


def test_from_unknown_the_values_told_are_those_where_the_rules_turn():
    rule_set = load_rule_set(HEREFORDSHIRE)
    named = {"kinds": ["domestic_abuse"], "incidents_12m": "unknown", "victim_age": "unknown"}
    explanation = explain(rule_set, rule_set.facts.quiet() | named)
    told = {name: value for change in explanation.smallest_changes for name, value in change.set.items()}
    assert (told["incidents_12m"], told["victim_age"]) == (3, 35)


def test_the_json_holds_every_part(tmp_path):
    answer = json.loads(ask(tmp_path, a_referral(kinds=["domestic_abuse"], dash_ticks=13), "--json").stdout)
    assert answer["decision"]["fired"] == ["AS-01"]
    assert answer["fired"] == [{"id": "AS-01", "because": "Because it is so", "gave": {"lead": "matac", "band": "P3"}}]
    assert {"rule": "DA-01", "fact": "dash_ticks", "is": 13, "needs": "at least 14"} in answer["near_misses"]
    assert {"dash_ticks": 14} in [change["set"] for change in answer["smallest_changes"]]


def test_a_lead_that_was_overridden_is_not_told_as_given(tmp_path):
    answer = json.loads(ask(tmp_path, a_referral(kinds=["domestic_abuse"], dash_ticks=14), "--json").stdout)
    assert answer["fired"][1]["gave"] == {"band": "P3"}
    assert answer["decision"]["overridden"] == ["AS-01"]


@pytest.mark.parametrize("line", ["", "nonsense", "[]", '{"kinds": null}', '{"a": 1, "a": 2}'])
def test_a_referral_that_cannot_be_read_is_told_on_standard_error(tmp_path, line):
    answer = ask(tmp_path, line)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_the_smallest_changes_are_as_small_as_trying_all_shows_and_do_change_the_outcome(first, tmp_path):
    for seed in range(first, first + 10):
        invented = invent(seed, tmp_path, most_facts=3)
        possible = list(reference.all_referrals(invented.schema))
        for referral in possible[:: max(1, len(possible) // 4)]:
            found = explain(invented.rule_set, referral).smallest_changes
            now = outcome(reference.decide(invented.schema, invented.rules, referral))
            assert bool(found) == bool(size := smallest_size(invented, referral, now))
            for change in found:
                changed = reference.decide(invented.schema, invented.rules, referral | dict(change.set))
                assert len(change.set) == size
                assert outcome(changed) != now
                assert not changed["impossible"]
                assert all(referral[name] != value for name, value in change.set.items())


def smallest_size(invented, referral, now):
    """The fewest facts that change the outcome, tried one by one; 0 if none do."""
    facts = invented.schema["facts"]
    for size in range(1, len(facts) + 1):
        for names in combinations(facts, size):
            for values in product(*(reference.values_of(facts[name]) for name in names)):
                decision = reference.decide(invented.schema, invented.rules, referral | dict(zip(names, values, strict=True)))
                if not decision["impossible"] and outcome(decision) != now:
                    return size
    return 0


def test_near_misses_are_the_rules_that_one_fact_alone_kept_from_firing(tmp_path):
    for seed in range(40):
        invented = invent(seed, tmp_path)
        for referral in list(reference.all_referrals(invented.schema))[:5]:
            told = {(miss.rule, miss.fact) for miss in explain(invented.rule_set, referral).near_misses}
            assert told == set(near_misses(invented, referral)), f"seed {seed}"


def near_misses(invented, referral):
    facts = invented.schema["facts"]
    for rule in invented.rules["rules"]:
        if reference.condition_met(invented.schema, rule["when"], referral):
            continue
        rest = [(name, cell) for name, cell in rule["when"].items() if name != "any_of"]
        for alternative in rule["when"].get("any_of", [{}]):
            cells = [*rest, *alternative.items()]
            failing = {name for name, cell in cells if not reference.meets(facts[name], cell, referral[name])}
            if len(failing) == 1:
                yield rule["id"], failing.pop()


def test_the_example_rules_are_explained_the_same_from_python(tmp_path):
    explanation = explain(read(tmp_path), a_referral())
    assert explanation.decision.lead == "matac"


def test_a_referral_that_cannot_be_in_several_ways_is_explained_by_what_would_mend_it_all():
    rule_set = load_rule_set(HEREFORDSHIRE)
    contradictions = {"anonymous": "yes", "pair_repeats_12m": 1, "repeats_6m": 6, "repeats_12m": 5}
    explanation = explain(rule_set, rule_set.facts.quiet() | {"kinds": ["fraud"], "abuse_kinds": []} | contradictions)
    assert explanation.decision.impossible
    assert len(explanation.smallest_changes) == MOST_CHANGES
    for change in explanation.smallest_changes:
        assert len(change.set) == 3  # two mend what cannot be, and leave the outcome as it is
        assert not change.becomes.impossible
        assert change.becomes.outcome != explanation.decision.outcome


def test_each_fact_at_fault_has_a_line_and_the_facts_file_is_named(tmp_path):
    lines = ask(tmp_path, {"kinds": ["asb"]}).stderr.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["repeats_6m", "repeats_12m", "child_at_risk"]
    assert str(tmp_path / "facts.yaml") in lines[-1]


def test_the_example_of_the_help_is_explained():
    shown = CliRunner().invoke(app, ["rules", "explain", "--help"], env={"COLUMNS": "80"}).stdout
    example = shown.split("echo '")[1].split("'")[0]
    answer = CliRunner().invoke(app, ["rules", "explain", str(HEREFORDSHIRE)], input=example)
    assert answer.exit_code == 0, answer.stderr
    assert "leads" in answer.stdout
