"""`fingerpost rules test` and `cases`: a coordinator's expectations, and a draft of them."""

import json
from xml.etree import ElementTree

import pytest
import yaml
from typer.testing import CliRunner

from fingerpost_rules.commands import app
from tests.unit.rules.examples import FACTS, RULES, write

MET = """\
- name: Fourteen ticks are urgent
  when: {kinds: [domestic_abuse], dash_ticks: 14, child_at_risk: no}
  expect: {lead: childrens_mash, band: P1, within_hours: 12, also: [], copy: [csp_board], alert: [police],
           not_alert: [council], tag: [prevention], fired: [AS-01, DA-01]}
- name: Thirteen are not
  when: {kinds: [domestic_abuse], dash_ticks: 13}
  expect: {lead: matac}
"""


def run(tmp_path, cases, *options, facts=FACTS, rules=RULES):
    path = write(tmp_path, facts=facts, rules=rules)
    (tmp_path / "cases.yaml").write_text(cases)
    return CliRunner().invoke(app, ["rules", "test", str(path), str(tmp_path / "cases.yaml"), *options])


def test_expectations_that_are_met_pass(tmp_path):
    answer = run(tmp_path, MET)
    assert answer.exit_code == 0
    assert "2 cases, 0 missed." in answer.stdout


MISSED = MET.replace("lead: matac", "lead: childrens_mash, band: P1, not_alert: [police], also: [matac]")


def test_a_miss_shows_expected_and_got_and_the_rules_that_applied(tmp_path):
    answer = run(tmp_path, MISSED)
    assert answer.exit_code == 1
    missed = answer.stdout[answer.stdout.index("MISS") :].splitlines()
    assert [line.split(" ", 1)[0] for line in map(str.strip, missed)] == ["MISS", "lead:", "band:", "also:", "AS-01", "2", "With"]
    assert missed[4].strip() == "AS-01 applied (Because it is so). It gave lead matac, band P3."
    assert "--explain" in missed[-1]


def test_a_miss_is_explained_in_full_where_that_is_asked_for(tmp_path):
    answer = run(tmp_path, MISSED, "--explain")
    assert "--explain" not in answer.stdout
    assert answer.exit_code == 1
    assert "MISS Thirteen are not" in answer.stdout
    assert "lead: expected childrens_mash, got matac" in answer.stdout
    assert "also: expected [matac], got []" in answer.stdout
    assert "DASH ticks 13 is not at least 14" in answer.stdout


def test_a_miss_of_who_must_not_be_alerted_says_so(tmp_path):
    answer = run(tmp_path, MET.replace("not_alert: [council]", "not_alert: [police, council]"))
    assert "not_alert: expected none of [council, police], got [police]" in answer.stdout


def test_the_json_holds_a_line_for_each_case(tmp_path):
    answer = run(tmp_path, MET.replace("lead: matac", "lead: childrens_mash, also: [matac]"), "--json")
    met, missed = map(json.loads, answer.stdout.splitlines())
    assert answer.exit_code == 1
    assert met == {"name": "Fourteen ticks are urgent", "line": 1, "misses": [], "explanation": []}
    assert missed["misses"] == [
        {"part": "lead", "expected": "childrens_mash", "got": "matac"},
        {"part": "also", "expected": ["matac"], "got": []},
    ]
    assert missed["explanation"]


def test_a_wrong_value_of_a_named_fact_does_not_ask_to_name_it(tmp_path):
    answer = run(tmp_path, MET.replace("dash_ticks: 13", "dash_ticks: 99"))
    assert answer.exit_code == 2
    assert answer.stderr.strip().endswith("Thirteen are not: dash_ticks is '99'; it must be a whole number from 0 to 24 or unknown.")


def test_junit_counts_and_names_the_misses(tmp_path):
    run(tmp_path, MET.replace("lead: matac", "lead: 'a <b> & \"c\"'"), "--junit", str(tmp_path / "junit.xml"), "--directory", "none")
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert (suite.tag, suite.get("tests"), suite.get("failures")) == ("testsuite", "2", "1")
    assert [case.get("name") for case in suite if case.find("failure") is not None] == ["Thirteen are not"]


def test_a_fact_that_is_not_named_is_quiet(tmp_path):
    facts = FACTS.replace("label: DASH ticks", "label: DASH ticks, quiet: 20")
    answer = run(tmp_path, "- {name: Quiet, when: {kinds: [domestic_abuse]}, expect: {lead: childrens_mash}}\n", facts=facts)
    assert answer.exit_code == 0


WRONG = [
    ("- {name: x, when: {}, expect: {lead: matac}}\n", "kinds has 0 values"),
    ("- {name: x, when: {kinds: [asb], victim_age: 3, weapon: firearm}, expect: {}}\n", "victim_age 3, weapon firearm"),
    ("- {name: x, when: {kinds: [asb], repeats_6m: 3}, expect: {}}\n", "repeats_6m 3, repeats_12m 0"),
    ("- {name: x, when: {kinds: [asb], victim_aeg: 3}, expect: {}}\n", "Did you mean 'victim_age'"),
    ("- {name: x, when: {kinds: [asb], victim_age: 3.5}, expect: {}}\n", "victim_age is '3.5'"),
    ("- {name: x, when: {kinds: [asb]}, expect: {band: P7}}\n", "'P7'"),
    ("- {name: x, when: {kinds: [asb]}, expect: {bnd: P1}}\n", "Did you mean 'band'"),
    ("- {name: x, when: {kinds: [asb]}, expect: {fired: [AS-02]}}\n", "Did you mean 'AS-01'"),
    ("- {name: x, when: {kinds: [asb]}, expect: {not_alert: [polise]}}\n", "no agency 'polise'. Did you mean 'police'?"),
    ("- {name: x, when: {kinds: [asb]}, expect: {alert: [matac]}}\n", "no agency 'matac'"),
    ("- {name: x, when: {kinds: [asb]}, expect: {lead: matak}}\n", "no destination 'matak'. Did you mean 'matac'?"),
    ("- {name: x, when: {kinds: [asb]}, expect: {tag: [preventing]}}\n", "no tag 'preventing'"),
    ("- {name: x, when: {kinds: [asb]}}\n", "'expect' is missing"),
    ("[]\n", "There is no case in this list"),
    ("name: x\n", "must hold a list of cases"),
    ("- x\n", "must be a table"),
    ("", "must hold a list of cases"),
    ("- &a [*a]\n", "inside itself"),
]


@pytest.mark.parametrize(("cases", "words"), WRONG, ids=[words for _, words in WRONG])
def test_cases_that_cannot_be_are_told_with_file_and_line(tmp_path, cases, words):
    answer = run(tmp_path, cases)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert words in answer.stderr
    assert f"{tmp_path / 'cases.yaml'}:1: " in answer.stderr


def test_drafted_cases_are_json_lines_for_a_script(tmp_path):
    path = str(write(tmp_path))
    lines = CliRunner().invoke(app, ["rules", "cases", path, "--json"]).stdout.splitlines()
    drafted = yaml.safe_load(CliRunner().invoke(app, ["rules", "cases", path]).stdout)
    assert [case["name"] for case in map(json.loads, lines)] == [case["name"] for case in drafted]


def test_drafted_cases_hold_and_stand_on_both_sides_of_each_threshold(tmp_path):
    path = write(tmp_path)
    draft = CliRunner().invoke(app, ["rules", "cases", str(path)]).stdout
    answer = run(tmp_path, draft)
    assert answer.exit_code == 0
    for name in ("DASH ticks 13", "DASH ticks 14", "victim age 15", "victim age 16"):
        assert f"DA-01: {name}" in draft
    assert run(tmp_path, draft, rules=RULES.replace("at least 14\n", "at least 15\n")).exit_code == 1
