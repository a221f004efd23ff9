"""A rule set that is wrong says where, what, and what to write instead; all of it at once."""

import pytest

from fingerpost_rules import Unreadable, read_facts, read_rule_set
from fingerpost_rules.nearest import hint
from tests.unit.rules.examples import DIRECTORY, FACTS, RULES, read


def test_a_sound_rule_set_is_read_with_all_it_says(tmp_path):
    rule_set = read(tmp_path)
    assert (rule_set.version, rule_set.title, str(rule_set.effective_from)) == (7, "An example", "2025-04-01")
    assert {band: str(limit) for band, limit in rule_set.bands.items()} == {"P1": "24h", "P2": "72h", "P3": "5d"}
    assert [rule.id for rule in rule_set.rules] == ["DA-01", "AS-01"]
    assert rule_set.rules[0].overrides == ("AS-01",)
    assert len(rule_set.rules[0].condition.boxes) == 2


FAULTS = [
    # what is written, what is written instead, the line of the fault, and words of the message
    ("band: P1,", "band: P9,", 17, ["DA-01", "'P9'", "Did you mean 'P"]),
    ("lead: childrens_mash", "lead: childrens_mesh", 17, ["unknown destination", "Did you mean 'childrens_mash'"]),
    ("lead: matac", "lead: csp_board", 23, ["strategic", "copy"]),
    ("lead: csp_duty_desk", "lead: csp_board", 7, ["unrouted", "strategic"]),
    ("copy: [csp_board]", "also: [csp_board]", 17, ["strategic"]),
    ("alert: [police]", "alert: [polise]", 17, ["unknown agency", "Did you mean 'police'"]),
    ("alert: [police]", "alert: [matac]", 17, ["unknown agency", "'matac' is a destination: put it under 'also' or 'copy'."]),
    ("copy: [csp_board]", "copy: [police]", 17, ["unknown destination", "'police' is an agency: put it under 'alert'."]),
    ("lead: matac", "lead: [matac, childrens_mash]", 23, ["one group leads", "under 'also'"]),
    ("band_at_least: P1", "alerts: matac", 26, ["'matac' is a destination: put it under 'owned_by' or 'copied_to'."]),
    ("band_at_least: P1", "owned_by: police", 26, ["'police' is an agency: put it under 'alerts'."]),
    ("- id: AS-01", "  id: AS-01", 20, ["'id' is written twice", "Put '- ' before it"]),
    # what is no YAML
    ("  because: Because", "   because: Because", 24, ["a blank too far right"]),
    ("  because: Because", "    because: Because", 24, ["2 blanks too far right"]),
    ("  because: Because", " because: Because", 24, ["a blank too far left"]),
    ("    any_of:", "   any_of:", 14, ["a blank too far left"]),
    ("    any_of:", "     any_of:", 14, ["a blank too far right"]),
    ("    - dash_ticks", "     - dash_ticks", 16, ["a blank too far right"]),
    ("- id: AS-01", " - id: AS-01", 20, ["a blank too far right"]),
    ("  when: {}", "   when: {}", 22, ["a blank too far right"]),
    ("  when:\n", "  when\n", 12, ["'when' lacks a colon", "'when: …'"]),
    ("  title: Everything", "  title Everything", 21, ["lacks a colon", "'title: …'"]),
    ("  title: Everything", "  title:Everything", 21, ["lacks a colon and a blank", "'title: …'"]),
    ("- id: AS-01", "- id AS-01", 20, ["lacks a colon", "'id: …'"]),
    ("- id: AS-01", "-id: AS-01", 20, ["lacks a blank after its hyphen"]),
    ("alert: [police]", "alert: [police", 17, ["'[police, within", "not closed", "Put a ']'"]),
    ("overrides: [AS-01]", "overrides: [AS-01", 18, ["'[AS-01'", "Put a ']'"]),
    ("overrides: [AS-01]", "overrides: [AS-01]]", 18, ["The ']'", "closes nothing"]),
    ("lead: matac, band: P3}", "lead: matac, band: P3", 23, ["not closed", "Put a '}'"]),
    ("band: P1, copy", "band: P1 copy", 17, ["a colon too many", "comma"]),
    ("because: Because it is so", "because: “Act 1998, s.5: so”", 24, ["curly quotes", "straight"]),
    ('both people"', "both people", 19, ["a quote that is not closed"]),
    ('both people"', 'both" people', 19, ["goes on after", "in quotes"]),
    ("because: Because", "because: %Because", 24, ["begins with a sign", "in quotes"]),
    ("tag: [prevention]}", "tag: [prevntion]}", 17, ["unknown tag", "Did you mean 'prevention'"]),
    ("within: 12h", "within: 12 hours", 17, ["'12 hours'", "24h"]),
    ("within: 12h", "within: 0h", 17, ["'0h'"]),
    ("within: 12h", "wthin: 12h", 17, ["unknown key 'wthin'", "Did you mean 'within'"]),
    ("kinds: has domestic_abuse\n", "kind: has domestic_abuse\n", 13, ["unknown fact 'kind'", "Did you mean 'kinds'"]),
    ("at least 14\n", "at lest 14\n", 16, ["'at lest 14'", "DASH ticks", "Did you mean 'at least 14'"]),
    ("at least 14\n", "at least 25\n", 16, ["25", "outside the range", "0 to 24"]),
    ("at least 14\n", "over 24\n", 16, ["matches nothing"]),
    ("at least 14\n", "at most 24 or unknown\n", 16, ["matches everything"]),
    ("at least 14\n", "24 to 3\n", 16, ["matches nothing"]),
    ("at least 14\n", "\n", 16, ["empty condition"]),
    ("    - victim_age: under 16\n", "    - {}\n", 15, ["alternative", "empty"]),
    ("id: DA-01", "id: da-1", 10, ["two to four capitals"]),
    ("id: AS-01", "id: DA-01", 20, ["'DA-01'", "twice", "line 10"]),
    ("overrides: [AS-01]", "overrides: [AS-02]", 18, ["'AS-02'", "no rule", "Did you mean 'AS-01'"]),
    ("overrides: [AS-01]", "overrides: [DA-01]", 18, ["circle"]),
    ("  title: Everything\n", "", 20, ["AS-01", "'title' is missing"]),
    ("  because: Because it is so\n", "", 20, ["AS-01", "'because' is missing"]),
    ("then: {lead: matac, band: P3}", "then: {}", 23, ["'then' is empty"]),
    ("then: {lead: matac, band: P3}", "then: {lead: matac}", 20, ["'band' is missing"]),
    ("facts_version: 3", "facts_version: 4", 3, ["4", "3"]),
    ("effective_from: 2025-04-01", "effective_from: 1 April", 4, ["'1 April'", "2025-04-01"]),
    ("P2: 72h", "P2: 20h", 5, ["P2", "grow"]),
    ("P3: 5d", "P3: 3d", 5, ["P3", "grow"]),
    ("title: An example\n", "", 1, ["'title' is missing"]),
    ("band_at_least: P1", "band_atleast: P1", 26, ["band_atleast", "Did you mean 'band_at_least'"]),
    (", band_at_least: P1", "", 26, ["M1", "says nothing"]),
    ("  because: Because it is so", "  because: Section 1: it is so", 24, ["quotes"]),
    (
        "then: {lead: matac, band: P3}\n  because: Because it is so",
        "then: {lead: matac, band: P3}\n  because:\n    Act: so",
        25,
        ["quotes"],
    ),
    ("title: Everything", "title: Everything\n  title: Nothing", 22, ["'title' is written twice"]),
    ("lead_order: [childrens_mash, matac]", "lead_order: [matac, matac]", 6, ["twice"]),
]


def test_a_list_of_known_names_that_is_cut_begins_with_what_is_most_alike():
    many = [f"aaa_{number:02}" for number in range(20)]
    assert hint("zebra", [*many, "a_zebu_reserve_of_wales"]).startswith(" Known are: a_zebu_reserve_of_wales, ")
    assert hint("zebra", many[:3]) == " Known are: aaa_00, aaa_01, aaa_02."


def test_an_agency_where_a_destination_belongs_names_the_one_that_begins_with_it(tmp_path):
    directory = DIRECTORY.replace("agencies:", "  council_housing: {name: Council housing, level: casework}\nagencies:")
    with pytest.raises(Unreadable, match="'council' is an agency: put it under 'alert', or name the destination 'council_housing'"):
        read(tmp_path, directory=directory, rules=RULES.replace("lead: matac", "lead: council"))


@pytest.mark.parametrize(("old", "new", "line", "words"), FAULTS, ids=[f"{new.strip()[:40]}" for _, new, _, _ in FAULTS])
def test_a_fault_is_told_with_its_line_and_what_to_write(tmp_path, old, new, line, words):
    assert RULES.count(old) >= 1
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, rules=RULES.replace(old, new, 1))
    found = [error for error in caught.value.errors if error.line == line]
    assert found, str(caught.value)
    assert any(all(word in error.message for word in words) for error in found), str(caught.value)


def test_all_faults_of_a_file_are_told_together_in_the_order_of_lines(tmp_path):
    broken = RULES.replace("under 16", "undr 16").replace("band: P3", "band: P4").replace("[police]", "[polise]")
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, rules=broken)
    assert [error.line for error in caught.value.errors] == [15, 17, 23]
    assert str(caught.value).splitlines()[0].startswith(f"{tmp_path / 'rules.yaml'}:15: DA-01: ")


def test_a_reason_that_yaml_cut_at_a_comma_is_told_so(tmp_path):
    rule = "- {id: XX-01, title: One, when: {}, because: Act 1998, s.5, then: {tag: [prevention]}}\n"
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, rules=RULES.replace("rules:\n", f"rules:\n{rule}"))
    assert [(error.line, "Put it in quotes" in error.message) for error in caught.value.errors] == [(10, True)]


def test_overrides_need_a_lead_on_both_sides(tmp_path):
    with pytest.raises(Unreadable, match="AS-01 names no lead"):
        read(tmp_path, rules=RULES.replace("{lead: matac, band: P3}", "{alert: [police]}"))


def test_a_long_circle_of_overrides_is_told_by_name(tmp_path):
    broken = RULES.replace("then: {lead: matac, band: P3}", "then: {lead: matac, band: P3}\n  overrides: [DA-01]")
    with pytest.raises(Unreadable, match=r"circle: .*DA-01 overrides AS-01|circle: .*AS-01 overrides DA-01"):
        read(tmp_path, rules=broken)


def test_without_a_directory_names_are_taken_as_they_are_written(tmp_path):
    read(tmp_path, rules=RULES)
    facts = read_facts(tmp_path / "facts.yaml")
    (tmp_path / "rules.yaml").write_text(RULES.replace("[police]", "[anybody]").replace("lead: matac", "lead: csp_board"))
    assert read_rule_set(tmp_path / "rules.yaml", facts, None).rules[0].then.alert == ("anybody",)


def test_an_id_may_name_a_destination_and_an_agency(tmp_path):
    rule_set = read(tmp_path, rules=RULES.replace("alert: [police]", "alert: [childrens_mash]"))
    assert rule_set.rules[0].then.alert == ("childrens_mash",)


def test_a_destination_without_a_known_level_is_an_error_of_the_directory(tmp_path):
    with pytest.raises(Unreadable, match=r"directory\.yaml:4: matac: 'level' is 'tacticle'.*tactical"):
        read(tmp_path, directory=DIRECTORY.replace("level: tactical", "level: tacticle"))


def test_the_hash_is_of_the_content_and_not_of_the_layout(tmp_path):
    first = read(tmp_path).hash
    laid_out = RULES.replace("when: {}", "when: { }   # a remark").replace("id: DA-01", 'id: "DA-01"')
    assert read(tmp_path, rules=laid_out).hash == first
    assert read(tmp_path, rules=RULES.replace("under 16", "under 15")).hash != first
    assert read(tmp_path, rules=RULES.replace("Because it is so", "Because")).hash != first


FACT_FAULTS = [
    ("min: 0, max: 24", "min: 24, max: 0", 5, ["dash_ticks", "grow"]),
    ("min: 0, max: 24", "min: 0", 5, ["'max' is missing"]),
    ("type: flag", "type: flg", 10, ["child_at_risk", "Did you mean 'flag'"]),
    ("type: flag, risk: up", "type: flag, unknown: true", 10, ["unknown key 'unknown'"]),
    ("risk: up, counted: true}\n  repeats_12m", "counted: true}\n  repeats_12m", 7, ["risk: up"]),
    ("[none, other", "[none, none", 9, ["twice"]),
    ("[none, other", "[unknown, other", 9, ["cannot be a value"]),
    ("at_least: 1", "at_least: 9", 3, ["only 3"]),
    ("victim_age: under 10", "victim_aeg: under 10", 12, ["Did you mean 'victim_age'"]),
    ("[[repeats_6m, repeats_12m]]", "[[repeats_6m, weapon]]", 13, ["'weapon' is not a number fact"]),
    ("label: DASH ticks", "quiet: 99", 5, ["quiet"]),
    ("version: 3\n", "", 1, ["'version' is missing"]),
    ("victim_age:    {", "any_of: {", 6, ["cannot name a fact"]),
]


@pytest.mark.parametrize(("old", "new", "line", "words"), FACT_FAULTS, ids=[new[:40] for _, new, _, _ in FACT_FAULTS])
def test_a_fault_of_the_facts_is_told_with_its_line(tmp_path, old, new, line, words):
    assert old in FACTS
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, facts=FACTS.replace(old, new, 1))
    assert any(error.line == line and all(word in error.message for word in words) for error in caught.value.errors), str(caught.value)
