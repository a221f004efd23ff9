"""Deciding agrees with the slow interpreter on referrals of many random small worlds, impossible ones included."""

import os
from itertools import count, product
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.rules import reference
from tests.unit.rules.invented import invent

REFERRALS = int(os.environ.get("FINGERPOST_REFERRALS", "8000"))
AT_ONCE = 2_000
SORTS = [{}, {"most_facts": 5, "most_rules": 20, "overriding": 0.5}]
MANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("first", range(0, REFERRALS, AT_ONCE))
def test_deciding_agrees_with_the_meaning_of_the_format(first, tmp_path):
    left = AT_ONCE
    for seed in count(first):
        invented = invent(seed, tmp_path, **SORTS[seed % len(SORTS)])
        for referral in some_referrals(invented.schema, seed)[:left]:
            assert invented.rule_set.decide(referral).as_json() == expected(invented, referral), f"seed {seed}: {referral}"
            left -= 1
        if not left:
            return


@MANY
@given(seed=st.integers(0, 10**9))
def test_the_lane_is_urgent_when_counts_at_their_riskiest_give_the_most_urgent_band(seed, tmp_path):
    invented = invent(seed, tmp_path)
    facts = invented.schema["facts"]
    for referral in some_referrals(invented.schema, seed)[:20]:
        worst = {name: max(reference.values_of(fact), key=len_or_place(fact)) for name, fact in facts.items() if fact.get("counted")}
        band = reference.decide(invented.schema, invented.rules, referral | worst)["band"]
        known_to_intake = {name: value for name, value in referral.items() if name not in worst}
        assert invented.rule_set.lane(known_to_intake) == ("urgent" if band == "P1" else "routine")


def len_or_place(fact):
    if fact["type"] == "set":
        return len
    return reference.values_of(fact).index


def expected(invented, referral):
    decided = reference.decide(invented.schema, invented.rules, referral)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in decided.items()}


def some_referrals(schema, seed):
    names = list(schema["facts"])
    every = [dict(zip(names, values, strict=True)) for values in product(*map(reference.values_of, schema["facts"].values()))]
    Random(seed).shuffle(every)
    return every[:60]
