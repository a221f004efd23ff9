"""`fingerpost rules check`: each finding names its rules, says where in plain words, and shows the plainest example."""

import json

import pytest
from typer.testing import CliRunner

from fingerpost_rules import Unreadable
from fingerpost_rules.commands import app
from fingerpost_rules.proofs.checking import check as prove
from fingerpost_rules.proofs.search import Effort
from tests.unit.rules.examples import RULES, read, write

CASEWORK = RULES.replace("lead: matac, band: P3}", "lead: matac, band: P3, also: [csp_duty_desk]}")


def check(*files, options=("--json",)):
    return CliRunner().invoke(app, ["rules", "check", *map(str, files), *options])


def findings(tmp_path, rules):
    answer = json.loads(check(write(tmp_path, rules=rules)).stdout)
    assert answer["errors"] == []
    return answer["findings"]


def test_a_sound_rule_set_is_publishable(tmp_path):
    path = write(tmp_path)
    answer = check(path)
    assert answer.exit_code == 0
    line = json.loads(answer.stdout)
    assert line.pop("seconds") < 5
    assert line == {"file": str(path), "publishable": True, "findings": [], "errors": []}


def test_a_gap_is_shown_by_the_plainest_referral_that_falls_into_it(tmp_path):
    (gap,) = findings(tmp_path, RULES.replace("when: {}", "when: {kinds: has no fraud}"))[:1]
    assert (gap["kind"], gap["rules"], gap["alternative"]) == ("gap", [], None)
    assert "has fraud" in gap["where"]
    assert gap["example"] == {
        "kinds": ["fraud"],
        "signs": "unknown",
        "dash_ticks": "unknown",
        "victim_age": "unknown",
        "repeats_6m": 0,
        "repeats_12m": 0,
        "weapon": "unknown",
        "child_at_risk": "no",
    }


def test_a_conflict_names_the_pair_in_file_order(tmp_path):
    rules = RULES.replace("lead_order: [childrens_mash, matac]\n", "").replace("  overrides: [AS-01]\n", "")
    (conflict,) = findings(tmp_path, rules)
    assert (conflict["kind"], conflict["rules"]) == ("conflict", ["DA-01", "AS-01"])
    assert conflict["example"]["kinds"] == ["domestic_abuse"]


def test_an_alternative_that_can_never_hold_is_named_by_its_number(tmp_path):
    rules = RULES.replace("kinds: has domestic_abuse\n", "kinds: has domestic_abuse\n    dash_ticks: under 14\n").split("must_hold")[0]
    unreachable = [found for found in findings(tmp_path, rules) if found["kind"] == "unreachable"]
    assert [(found["rules"], found["alternative"], found["example"]) for found in unreachable] == [(["DA-01"], 2, None)]


def test_a_rule_that_is_impossible_is_named_once_without_its_alternatives(tmp_path):
    rules = RULES.replace("    kinds: has domestic_abuse\n", "    repeats_6m: over 40\n    repeats_12m: under 10\n").split("must_hold")[0]
    unreachable = [found for found in findings(tmp_path, rules) if found["kind"] == "unreachable"]
    assert [(found["rules"], found["alternative"]) for found in unreachable] == [(["DA-01"], None)]


def test_a_rule_that_changes_nothing_is_masked(tmp_path):
    extra = "- {id: XX-01, title: x, when: {weapon: firearm}, then: {band: P3}, because: x}\n"
    masked = findings(tmp_path, RULES.replace("rules:\n", f"rules:\n{extra}"))
    assert [(found["kind"], found["rules"], found["example"]) for found in masked] == [("masked", ["XX-01"], None)]


def test_a_loss_of_urgency_shows_the_referral_before_and_after(tmp_path):
    rules = RULES.replace("dash_ticks: at least 14\n", "dash_ticks: 14 to 20\n").split("must_hold")[0]
    (found,) = findings(tmp_path, rules)
    before, after = found["example"]
    assert (found["kind"], found["rules"]) == ("not_monotone", ["DA-01"])
    assert {name for name in before if before[name] != after[name]} == {"dash_ticks"}
    assert "P1" in found["message"]
    assert "P3" in found["message"]


def test_a_broken_sentence_is_named(tmp_path):
    rules = RULES + "- {id: M2, when: {child_at_risk: yes}, alerts: childrens_mash}\n"
    (found,) = findings(tmp_path, rules)
    assert (found["kind"], found["rules"]) == ("must_hold", ["M2"])
    assert found["example"]["child_at_risk"] == "yes"


def test_a_broken_sentence_is_called_a_promise_and_names_the_rules_that_break_it(tmp_path):
    rules = RULES + "- {id: M2, when: {child_at_risk: yes}, never_sent_to: matac}\n- {id: M3, when: {}, never_led_by: childrens_mash}\n"
    sent, led = (found["message"] for found in findings(tmp_path, rules))
    assert sent.startswith("M2 does not hold: something is sent to matac here. It is a promise under 'must_hold'")
    assert sent.endswith("AS-01 would break it.")
    assert led.endswith("DA-01 would break it.")


@pytest.mark.parametrize(("file", "option"), [("facts.yaml", "--facts"), ("directory.yaml", "--directory")])
def test_a_file_that_is_wanted_beside_the_rules_is_told_so(tmp_path, file, option):
    path = write(tmp_path)
    (tmp_path / file).unlink()
    answer = check(path, options=())
    assert answer.exit_code == 2
    assert f"{tmp_path / file}:1: Cannot be opened: no such file" in answer.stderr
    assert f"It is read beside the rules: copy it there, or name it with {option}" in answer.stderr
    named = check(path, options=(option, str(tmp_path / "nowhere.yaml")))
    assert "beside the rules" not in named.stderr


def test_the_most_urgent_band_needs_somebody_who_works_every_day(tmp_path):
    rules = RULES.replace("lead: childrens_mash, band: P1", "lead: matac, band: P1").replace("  overrides: [AS-01]\n", "")
    (found,) = findings(tmp_path, rules)
    assert (found["kind"], found["rules"]) == ("unowned", [])
    path = write(tmp_path, rules=rules)
    assert json.loads(check(path, options=["--json", "--directory", "none"]).stdout)["publishable"]


def test_a_search_that_stops_at_its_limit_is_not_publishable(tmp_path):
    found = prove(read(tmp_path), Effort(left=0))
    assert {finding.kind for finding in found} == {"not_proved"}
    assert all("limit" in finding.message for finding in found)


def test_a_sentence_that_no_possible_referral_meets_is_an_error(tmp_path):
    rules = RULES + "- {id: M2, when: {victim_age: under 10, weapon: firearm}, alerts: police}\n"
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, rules=rules)
    assert [(error.line, "M2: no possible referral" in error.message) for error in caught.value.errors] == [(27, True)]


def test_a_folder_that_is_not_there_is_told_by_its_rule_set_too(tmp_path):
    missing = tmp_path / "herefordshier" / "rules.yaml"
    answer = CliRunner().invoke(app, ["rules", "check", str(missing)])
    assert answer.exit_code == 2
    assert f"{missing}:1: Cannot be opened" in answer.stderr


def test_several_files_answer_a_line_each_and_the_highest_exit_code(tmp_path):
    names = ("sound", "faulty", "broken")
    for name in names:
        (tmp_path / name).mkdir()
    sound, faulty, broken = (
        write(tmp_path / name, rules=rules)
        for name, rules in zip(names, (RULES, RULES.replace("when: {}", "when: {kinds: has asb}"), "nonsense"), strict=True)
    )
    answer = check(sound, faulty, broken)
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [line["file"] for line in lines] == [str(sound), str(faulty), str(broken)]
    assert [(line["publishable"], bool(line["findings"]), bool(line["errors"])) for line in lines] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    assert answer.exit_code == 2
    assert check(sound, faulty).exit_code == 1
    assert lines[2]["errors"][0].keys() == {"file", "line", "message"}


def test_the_page_for_people_says_the_same_in_words(tmp_path):
    answer = check(write(tmp_path, rules=RULES.replace("when: {}", "when: {kinds: has no fraud}")), options=[])
    assert "not publishable" in answer.stdout
    assert "Example: kinds: [fraud]." in answer.stdout


KEEPS_ANOTHER_FROM_LEADING = """\
ruleset: 1
title: Who leads hangs on what is overridden
facts_version: 3
effective_from: 2026-01-01
bands: {P1: 24h, P2: 72h}
lead_order: [childrens_mash, csp_duty_desk, matac]
unrouted: {lead: csp_duty_desk, band: P2}
rules:
- {id: AA-01, title: Leads, when: {}, then: {lead: csp_duty_desk, band: P1, also: [childrens_mash, matac]}, because: x}
- {id: AA-02, title: Would lead, when: {kinds: has asb}, then: {lead: childrens_mash, band: P1}, because: x}
- {id: AA-03, title: Overrides, when: {kinds: has asb}, then: {lead: matac, band: P1}, overrides: [AA-02], because: x}
"""


def test_a_rule_that_only_keeps_another_from_leading_is_not_masked(tmp_path):
    masked = [found["rules"] for found in findings(tmp_path, KEEPS_ANOTHER_FROM_LEADING) if found["kind"] == "masked"]
    assert ["AA-03"] not in masked
    assert ["AA-02"] in masked


def test_one_finding_is_not_said_to_be_several(tmp_path):
    rules = RULES.replace("lead_order: [childrens_mash, matac]\n", "").replace("  overrides: [AS-01]\n", "")
    assert ": 1 finding, not publishable" in check(write(tmp_path, rules=rules), options=()).stdout
