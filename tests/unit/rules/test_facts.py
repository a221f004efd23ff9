"""One referral's facts are checked strictly, and missing is never zero."""

import pytest

from fingerpost_rules import InvalidFacts
from tests.unit.rules.examples import FACTS, a_referral, read


@pytest.fixture
def facts(tmp_path):
    return read(tmp_path, facts=FACTS.replace("label: DASH ticks", "label: DASH ticks, quiet: 2")).facts


def test_what_is_missing_and_may_be_is_unknown(facts):
    checked = facts.check(a_referral(kinds=["asb", "fraud"], dash_ticks=3))
    assert checked["kinds"] == frozenset({"asb", "fraud"})
    assert (checked["dash_ticks"], checked["victim_age"], checked["signs"]) == (3, "unknown", "unknown")


WRONG = [
    ({"victim_agee": 3}, "unknown fact 'victim_agee'. Did you mean 'victim_age'?"),
    ({"victim_age": True}, "victim_age is 'true'"),
    ({"victim_age": 1.0}, "victim_age is '1.0'"),
    ({"victim_age": "3"}, "victim_age is '3'"),
    ({"victim_age": 111}, "a whole number from 0 to 110 or unknown"),
    ({"victim_age": None}, "victim_age is 'null'"),
    ({"victim_age": [3]}, "victim_age is '[3]'"),
    ({"repeats_6m": "unknown"}, "repeats_6m is 'unknown'"),
    ({"weapon": "sword"}, "none, other, bladed, firearm or unknown"),
    ({"weapon": {"a": 1}}, "weapon is"),
    ({"child_at_risk": True}, "no or yes"),
    ({"child_at_risk": "unknown"}, "no or yes"),
    ({"kinds": "asb"}, "must be a list"),
    ({"kinds": []}, "at least 1"),
    ({"kinds": ["asb", "asb"]}, "twice"),
    ({"kinds": ["abs"]}, "Did you mean 'asb'?"),
    ({"kinds": [1]}, "kinds has no value '1'"),
    ({"kinds": "unknown"}, "must be a list"),
]


@pytest.mark.parametrize(("given", "words"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_value_is_told_with_what_it_may_be(facts, given, words):
    with pytest.raises(InvalidFacts) as caught:
        facts.check(a_referral() | given)
    assert words in str(caught.value)
    assert len(caught.value.problems) == 1


def test_all_problems_of_a_referral_are_told_together(facts):
    with pytest.raises(InvalidFacts) as caught:
        facts.check({"kinds": ["asb"], "victim_age": -1, "colour": "red"})
    assert len(caught.value.problems) == 5  # colour, victim_age, and three facts that cannot be unknown


def test_of_facts_of_another_file_what_is_known_is_kept_and_the_rest_named(facts):
    known, strange = facts.known_of({"kinds": ["asb", "stalking"], "victim_age": 111, "dash_ticks": 3, "colour": "red"})

    assert (known["kinds"], known["victim_age"], known["dash_ticks"]) == (frozenset({"asb"}), "unknown", 3)
    assert known.keys() == set(facts.names)
    assert strange == ("child_at_risk", "colour", "kinds", "repeats_12m", "repeats_6m", "victim_age")


def test_counts_are_clamped_to_their_range_for_intake(facts):
    assert [facts.clamp("repeats_12m", number) for number in (-1, 0, 51, 10**9)] == [0, 0, 50, 50]
    with pytest.raises(KeyError):
        facts.clamp("weapon", 3)


def test_quiet_values_are_the_written_one_else_unknown_else_empty_or_the_first(facts):
    quiet = facts.quiet()
    assert (quiet["dash_ticks"], quiet["victim_age"], quiet["kinds"]) == (2, "unknown", frozenset())
    assert (quiet["child_at_risk"], quiet["repeats_12m"]) == ("no", 0)


def test_what_cannot_be_is_decided_and_marked(tmp_path):
    rule_set = read(tmp_path)
    assert rule_set.decide(a_referral(victim_age=9, weapon="firearm")).impossible
    assert rule_set.decide(a_referral(repeats_6m=3, repeats_12m=2)).impossible
    assert not rule_set.decide(a_referral(repeats_6m=2, repeats_12m=2, victim_age=9)).impossible


def test_deciding_refuses_facts_that_are_no_values(tmp_path):
    rule_set = read(tmp_path)
    numbers = ({"victim_age": 999}, {"victim_age": True}, {"victim_age": 1.0})
    words = ({"weapon": "spear"}, {"weapon": ["bladed"]})
    sets = ({"kinds": ["nonsense"]}, {"kinds": 3}, {"kinds": []}, {"kinds": ["asb", "asb"]}, {"kinds": [["asb"]]}, {"kinds": "asb"})
    for wrong in (*numbers, *words, *sets):
        with pytest.raises(InvalidFacts):
            rule_set.decide(a_referral() | wrong)
