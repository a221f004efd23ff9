"""The sizes to hold, with room for a busy machine: a decision in microseconds, a check in milliseconds to seconds."""

from time import perf_counter

import pytest

from fingerpost_rules import explain_fired
from fingerpost_rules.proofs.checking import check
from tests.unit.rules.large import a_large_rule_set, random_referrals

BUSY = 4
"""How much slower than meant a busy machine may be."""


def best_of(times, run):
    seconds = []
    for _ in range(times):
        started = perf_counter()
        run()
        seconds.append(perf_counter() - started)
    return min(seconds)


@pytest.mark.parametrize(("rules", "microseconds"), [(25, 10), (1_000, 20)])
def test_a_decision_takes_microseconds_at_either_size(rules, microseconds, tmp_path):
    rule_set = a_large_rule_set(rules, tmp_path)
    referrals = random_referrals(rule_set.facts, 500)
    seconds = best_of(5, lambda: [rule_set.decide(referral) for referral in referrals])
    assert seconds / len(referrals) * 1e6 < microseconds * BUSY


@pytest.mark.parametrize(("rules", "seconds"), [(25, 0.05), (200, 1), (1_000, 10)])
def test_a_check_takes_milliseconds_to_seconds(rules, seconds, tmp_path):
    rule_set = a_large_rule_set(rules, tmp_path)
    assert best_of(2, lambda: check(rule_set)) < seconds * BUSY
    assert not [finding for finding in check(rule_set) if finding.kind == "not_proved"]


def test_what_fired_is_explained_in_under_a_millisecond(tmp_path):
    rule_set = a_large_rule_set(1_000, tmp_path)
    decisions = [rule_set.decide(referral) for referral in random_referrals(rule_set.facts, 100)]
    seconds = best_of(3, lambda: [explain_fired(rule_set, decision) for decision in decisions])
    assert seconds / len(decisions) < 0.001 * BUSY
