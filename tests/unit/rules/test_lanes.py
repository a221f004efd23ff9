"""The lane that a referral takes before its repeats are counted."""

import pytest

from fingerpost_rules import InvalidFacts
from tests.unit.rules.examples import FACTS, RULES, a_referral, read

COUNTED_AND_UNKNOWN = FACTS.replace("repeats_12m:   {type: number,", "repeats_12m:   {type: number, unknown: true,")


def with_a_count(cell):
    """The example's rules with one more, most urgent by a count."""
    rule = f"- {{id: RE-01, title: Repeats, when: {{kinds: has asb, repeats_12m: {cell}}}, then: {{band: P1}}, because: It is so}}\n"
    return RULES.replace("must_hold:", f"{rule}must_hold:")


def test_a_referral_that_a_count_could_make_most_urgent_is_urgent(tmp_path):
    rule_set = read(tmp_path, rules=with_a_count("at least 3"))
    assert rule_set.lane(a_referral(kinds=["asb"], repeats_12m=0)) == "urgent"
    assert rule_set.lane(a_referral(kinds=["fraud"])) == "routine"


def test_a_count_of_less_makes_nothing_urgent(tmp_path):
    assert read(tmp_path, rules=with_a_count("under 3")).lane(a_referral(kinds=["asb"])) == "routine"


@pytest.mark.parametrize(("cell", "lane"), [("unknown", "urgent"), ("at least 3", "urgent"), ("under 3", "routine")])
def test_a_count_that_may_be_unknown_is_tried_as_unknown_too(cell, lane, tmp_path):
    assert read(tmp_path, facts=COUNTED_AND_UNKNOWN, rules=with_a_count(cell)).lane(a_referral(kinds=["asb"])) == lane


def test_counts_need_not_be_given(tmp_path):
    rule_set = read(tmp_path, rules=with_a_count("at least 3"))
    assert rule_set.lane({"kinds": ["asb"], "child_at_risk": "no"}) == "urgent"


def test_what_no_rule_leads_is_as_urgent_as_the_safety_net(tmp_path):
    rules = RULES.replace("when: {}", "when: {kinds: has asb}")
    urgent_net = read(tmp_path, rules=rules.replace("csp_duty_desk, band: P2", "csp_duty_desk, band: P1"))
    assert [urgent_net.lane(a_referral(kinds=[kind])) for kind in ("fraud", "asb")] == ["urgent", "routine"]
    assert read(tmp_path, rules=rules).lane(a_referral(kinds=["fraud"])) == "routine"


def test_facts_that_are_no_values_are_refused(tmp_path):
    with pytest.raises(InvalidFacts) as caught:
        read(tmp_path).lane({"kinds": ["asb"], "child_at_risk": "no", "victim_age": 999})
    assert len(caught.value.problems) == 1  # the counts that were not given are not among them
