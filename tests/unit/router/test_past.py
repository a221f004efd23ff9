"""What a preview tells: how many move, from where to where, and which become less urgent by a later band or a limit left unmet."""

import pytest
from pydantic_core import from_json, to_json

from fingerpost_router.domain.past import PastDecision, effect_of, misreplayed
from tests.unit.rules.examples import FACTS, RULES, a_referral, read

THEN = "then: {lead: matac, band: P3}"


@pytest.mark.parametrize(
    ("limits", "is_less_urgent"),
    [
        ({"hours": 120, "working_days": None}, True),  # five working days may last a weekend longer
        ({"hours": 120, "working_days": 5}, True),
        ({"hours": None, "working_days": 4}, True),
        ({"hours": None, "working_days": 5}, False),
        ({"hours": None, "working_days": 6}, False),
    ],
)
def test_a_limit_that_is_left_unmet_is_less_urgent_in_the_same_band(tmp_path, limits, is_less_urgent):
    rules = read(tmp_path, rules=RULES)
    now = rules.decide(a_referral()).as_json()
    past = PastDecision("HC-1", a_referral(), now | {"limits": limits, "alert": ["police"]}, rules.hash)
    (move,) = effect_of(rules, [past]).moves
    assert move.is_less_urgent is is_less_urgent


def kept(reference, rules, facts):
    return PastDecision(reference, facts, from_json(to_json(rules.decide(facts))), rules.hash)


def test_a_preview_tells_how_many_move_from_where_to_where_and_which(tmp_path):
    old = read(tmp_path)
    new = read(tmp_path, rules=RULES.replace("at least 14\n", "at least 15\n").split("must_hold")[0])
    told = effect_of(new, [kept(f"HC-{ticks}", old, a_referral(kinds=["domestic_abuse"], dash_ticks=ticks)) for ticks in (3, 14, 15)])
    assert told.summary == {"decided": 3, "moves": 1, "less_urgent": 1}
    assert [move.reference for move in told.moves] == ["HC-14"]
    assert +told.leads == {("childrens_mash", "matac"): 1}
    assert +told.bands == {("P1", "P3"): 1}


def test_a_referral_that_only_alerts_others_moves_too(tmp_path):
    old, new = read(tmp_path), read(tmp_path, rules=RULES.replace(", alert: [police]", ""))
    told = effect_of(new, [kept("HC-1", old, a_referral(kinds=["domestic_abuse"], dash_ticks=14))])
    assert [move.reference for move in told.moves] == ["HC-1"]
    assert (+told.leads, +told.bands) == ({}, {})


def test_the_same_rules_move_nothing(tmp_path):
    rules = read(tmp_path)
    assert effect_of(rules, [kept("HC-1", rules, a_referral(kinds=["domestic_abuse"], dash_ticks=14))]).moves == []


def test_a_referral_that_the_new_set_could_not_read_is_previewed_all_the_same_and_told(tmp_path):
    old = read(tmp_path)
    past = kept("HC-1", old, a_referral(kinds=["domestic_abuse"], dash_ticks=14))
    new = read(tmp_path, rules=RULES.replace("at least 14", "at least 10"), facts=FACTS.replace("max: 24", "max: 12"))
    told = effect_of(new, [past, kept("HC-2", old, a_referral())])
    assert told.summary == {"decided": 2, "moves": 1, "less_urgent": 1}
    assert told.strange == {"dash_ticks": 1}
    assert told.workload_before == {"childrens_mash": 1, "matac": 1}
    assert told.workload_after == {"matac": 2, "csp_duty_desk": 1}


def test_a_set_that_asks_for_a_fact_which_past_referrals_lack_moves_all_of_them_to_the_duty_desk_too(tmp_path):
    old = read(tmp_path)
    new = read(
        tmp_path,
        rules=RULES.replace("when: {}", "when: {night: not yes}"),
        facts=FACTS.replace("impossible:", "  night: {type: flag}\nimpossible:"),
    )
    told = effect_of(new, [kept(f"HC-{number}", old, a_referral()) for number in range(3)])
    assert told.summary == {"decided": 3, "moves": 3, "less_urgent": 0}
    assert (told.workload_after, told.strange) == ({"matac": 3, "csp_duty_desk": 3}, {"night": 3})


def test_a_band_that_the_new_set_does_not_have_is_compared_all_the_same(tmp_path):
    old = read(tmp_path)
    new = read(tmp_path, rules=RULES.replace("{P1: 24h, P2: 72h", "{P2: 72h").replace("band: P1", "band: P2").split("must_hold")[0])
    (move,) = effect_of(new, [kept("HC-1", old, a_referral(kinds=["domestic_abuse"], dash_ticks=14))]).moves
    assert (move.old_band, move.new_band, move.is_less_urgent) == ("P1", "P2", True)


def test_a_decision_on_facts_that_its_set_could_not_read_replays_to_itself(tmp_path):
    rules = read(tmp_path)
    facts = a_referral(kinds=["domestic_abuse", "stalking"], dash_ticks=99)
    decision, _ = rules.decide_anyway(facts)
    past = PastDecision("HC-1", facts, from_json(to_json(decision)), rules.hash)
    assert misreplayed([past], {rules.hash: rules}.__getitem__) == []
