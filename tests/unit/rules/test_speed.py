"""The sizes to hold, with room for a busy machine: a decision in microseconds, a check in milliseconds to seconds."""

from dataclasses import replace
from functools import cache
from time import process_time

import pytest

from fingerpost_rules import explain_fired
from fingerpost_rules.proofs.checking import check
from tests.unit.rules.large import a_large_rule_set, random_referrals

BUSY = 4
"""How much slower than meant a busy machine may be."""


@pytest.fixture(scope="module")
def sized(tmp_path_factory):
    """A rule set of each size, made once."""
    return cache(lambda count: a_large_rule_set(count, tmp_path_factory.mktemp("large")))


def best_of(times, run):
    seconds = []
    for _ in range(times):
        started = process_time()
        run()
        seconds.append(process_time() - started)
    return min(seconds)


@pytest.mark.parametrize(("rules", "microseconds"), [(25, 10), (1_000, 20)])
def test_a_decision_takes_microseconds_at_either_size(rules, microseconds, sized):
    rule_set = sized(rules)
    referrals = random_referrals(rule_set.facts, 500)
    seconds = best_of(5, lambda: [rule_set.decide(referral) for referral in referrals])
    assert seconds / len(referrals) * 1e6 < microseconds * BUSY


@pytest.mark.parametrize(("rules", "microseconds"), [(25, 10), (1_000, 20)])
def test_rules_that_fire_together_for_the_first_time_take_no_longer(rules, microseconds, sized):
    referrals = random_referrals(sized(rules).facts, 500)
    seconds = min(first_met(replace(sized(rules)), referrals) for _ in range(5))
    assert seconds / len(referrals) * 1e6 < microseconds * BUSY


def first_met(rule_set, referrals):
    """The seconds of a rule set that is ready, and has met no referral but one."""
    rule_set.decide(referrals[0])
    return best_of(1, lambda: [rule_set.decide(referral) for referral in referrals])


@pytest.mark.parametrize(("rules", "seconds"), [(25, 0.05), (200, 1), (1_000, 10)])
def test_a_check_takes_milliseconds_to_seconds(rules, seconds, sized):
    rule_set = sized(rules)
    assert best_of(2, lambda: check(rule_set)) < seconds * BUSY
    assert "not_proved" not in {finding.kind for finding in check(rule_set)}


def test_what_fired_is_explained_in_under_a_millisecond(sized):
    rule_set = sized(1_000)
    decisions = [rule_set.decide(referral) for referral in random_referrals(rule_set.facts, 100)]
    seconds = best_of(3, lambda: [explain_fired(rule_set, decision) for decision in decisions])
    assert seconds / len(decisions) < 0.001 * BUSY
