"""A small partnership in files: what the tests of reading change one line of."""

from fingerpost_rules import read_facts, read_names, read_rule_set

FACTS = """\
version: 3
facts:
  kinds:         {type: set, values: [domestic_abuse, asb, fraud], at_least: 1, label: Kinds}
  signs:         {type: set, values: [trackers, debts, injuries], unknown: true, risk: up}
  dash_ticks:    {type: number, min: 0, max: 24, unknown: true, risk: up, label: DASH ticks}
  victim_age:    {type: number, min: 0, max: 110, unknown: true}
  repeats_6m:    {type: number, min: 0, max: 50, risk: up, counted: true}
  repeats_12m:   {type: number, min: 0, max: 50, risk: up, counted: true}
  weapon:        {type: choice, values: [none, other, bladed, firearm], unknown: true, risk: up}
  child_at_risk: {type: flag, risk: up}
impossible:
- {victim_age: under 10, weapon: firearm}
never_more_than: [[repeats_6m, repeats_12m]]
"""

DIRECTORY = """\
destinations:
  csp_duty_desk: {name: Duty desk, level: casework}
  childrens_mash: {name: MASH, level: casework}
  matac: {name: MATAC, level: tactical}
  csp_board: {name: Board, level: strategic}
agencies:
  police: {name: Police}
  council: {name: Council}
  childrens_mash: {name: MASH}
"""

RULES = """\
ruleset: 7
title: An example
facts_version: 3
effective_from: 2025-04-01
bands: {P1: 24h, P2: 72h, P3: 5d}
lead_order: [childrens_mash, matac]
unrouted: {lead: csp_duty_desk, band: P2}
tags: [prevention]
rules:
- id: DA-01
  title: Domestic abuse
  when:
    kinds: has domestic_abuse
    any_of:
    - victim_age: under 16
    - dash_ticks: at least 14
  then: {lead: childrens_mash, band: P1, copy: [csp_board], alert: [police], within: 12h, tag: [prevention]}
  overrides: [AS-01]
  because: "Domestic Abuse Act 2021 s.1: both people"
- id: AS-01
  title: Everything
  when: {}
  then: {lead: matac, band: P3}
  because: Because it is so
must_hold:
- {id: M1, when: {dash_ticks: at least 14, kinds: has domestic_abuse}, band_at_least: P1}
"""


def write(folder, *, facts=FACTS, directory=DIRECTORY, rules=RULES):
    """The three files in `folder`; answers with the path of the rules."""
    for name, text in (("facts", facts), ("directory", directory), ("rules", rules)):
        (folder / f"{name}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / "rules.yaml"


def read(folder, **texts):
    """The rule set of `write`, read back."""
    path = write(folder, **texts)
    return read_rule_set(path, read_facts(folder / "facts.yaml"), read_names(folder / "directory.yaml"))


def a_referral(**facts):
    """The facts of a referral that tells nothing much, but for those given."""
    quiet = {"kinds": ["asb"], "repeats_6m": 0, "repeats_12m": 0, "child_at_risk": "no"}
    return quiet | facts
