"""The proofs find exactly what trying every referral finds, and each example shows the fault it stands for."""

import os

import pytest

from fingerpost_rules.proofs.checking import check
from tests.unit.rules import reference
from tests.unit.rules.brute_force import BruteForce
from tests.unit.rules.invented import LEVELS, invent

WORLDS = int(os.environ.get("FINGERPOST_WORLDS", "240"))
FIRST = int(os.environ.get("FINGERPOST_FIRST_WORLD", "0"))
CHUNK = 20
SORTS = [
    {"most_facts": 3},
    # rules that give little but leads and override each other, so that what matters hangs on who leads
    {"most_facts": 3, "most_rules": 7, "outputs": 0.04, "overriding": 0.5},
    # facts that are all risky and may be unknown, much of them impossible, so that lowest values are of every shape
    {"most_facts": 2, "most_rules": 3, "risky": 1, "most_impossible": 4, "widest": 4},
]

EXISTENTIAL = ("gap", "unowned", "not_monotone")


@pytest.mark.parametrize("first", range(FIRST, FIRST + WORLDS, CHUNK))
def test_the_proofs_find_what_trying_every_referral_finds(first, tmp_path):
    for seed in range(first, first + CHUNK):
        invented = invent(seed, tmp_path, **SORTS[seed % len(SORTS)])
        tried = BruteForce(invented.schema, invented.rules, LEVELS)
        found = check(invented.rule_set)
        assert {as_known(finding) for finding in found} == tried.findings(), f"seed {seed}"
        assert len(found) == len(
            {(finding.kind, finding.rules, finding.alternative, finding.where, str(finding.example)) for finding in found}
        )
        for finding in found:
            assert shows(tried, finding), f"seed {seed}: {finding}"


def as_known(finding):
    rules = () if finding.kind in EXISTENTIAL else finding.rules
    return finding.kind, rules, finding.alternative


def shows(tried, finding):
    """Whether the example of a finding is possible and shows the fault."""
    if finding.kind in ("unreachable", "masked"):
        return finding.example is None
    if finding.kind == "not_monotone":
        before, after = finding.example
        stopped = [rule for rule in tried.decide(before)["fired"] if rule not in tried.decide(after)["fired"]]
        return tried.is_riskier(before, after) and tried.loses(before, after) and list(finding.rules) == stopped
    referral, decision = finding.example, tried.decide(finding.example)
    assert not reference.is_impossible(tried.schema, referral)
    match finding.kind:
        case "gap":
            return tried.is_gap(decision)
        case "unowned":
            return tried.is_unowned(decision)
        case "conflict":
            return finding.rules in list(tried.conflicts_at(referral))
        case "must_hold":
            sentence = next(one for one in tried.rules["must_hold"] if one["id"] == finding.rules[0])
            return tried.breaks(sentence, referral, decision)
