"""Referrals of another facts file are decided all the same: what a rule set does not know of them is unknown, and that is marked."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fingerpost_rules import UNKNOWN
from tests.unit.rules import reference
from tests.unit.rules.examples import RULES, a_referral, read
from tests.unit.rules.invented import invent
from tests.unit.rules.test_decide_against_the_reference import some_referrals

MANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
A_CHILD = "when: {child_at_risk: not yes}"


@pytest.fixture
def rules(tmp_path):
    return read(tmp_path)


def test_facts_of_the_same_file_are_decided_as_ever(rules):
    facts = a_referral(kinds=["domestic_abuse"], dash_ticks=14)

    assert rules.decide_anyway(facts) == (rules.decide(facts), ())


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"dash_ticks": 25}, "dash_ticks"),
        ({"dash_ticks": "many"}, "dash_ticks"),
        ({"victim_age": None}, "victim_age"),
        ({"kinds": ["domestic_abuse", "stalking"]}, "kinds"),
        ({"kinds": ["domestic_abuse", 3]}, "kinds"),
    ],
    ids=str,
)
def test_what_is_no_value_of_a_fact_is_unknown_and_marked(rules, given, name):
    decision, strange = rules.decide_anyway(a_referral(kinds=["domestic_abuse"]) | given)

    assert strange == (name,)
    assert decision.impossible
    assert (decision.lead, decision.fired) == ("matac", ("AS-01",))


@pytest.mark.parametrize("kinds", [["stalking"], [], None, "domestic_abuse"], ids=str)
def test_a_set_of_which_too_little_is_known_is_unknown(rules, kinds):
    assert rules.facts.known_of(a_referral() | {"kinds": kinds})[0]["kinds"] == UNKNOWN


def test_members_that_are_known_still_count(rules):
    facts = a_referral(dash_ticks=14) | {"kinds": ["domestic_abuse", "stalking"]}

    assert rules.decide_anyway(facts)[0].fired == ("DA-01", "AS-01")


def test_not_holds_of_a_fact_that_cannot_be_unknown_and_is_missing(tmp_path):
    rules = read(tmp_path, rules=RULES.replace("when: {}", A_CHILD))
    facts = a_referral(kinds=["asb"])
    del facts["child_at_risk"]

    decision, strange = rules.decide_anyway(facts)

    assert (decision.fired, strange) == (("AS-01",), ("child_at_risk",))


@MANY
@given(seed=st.integers(0, 10**9), data=st.data())
def test_whatever_is_missing_is_decided_as_the_format_decides_what_is_unknown(seed, data, tmp_path):
    invented = invent(seed, tmp_path)
    for referral in some_referrals(invented.schema, seed)[:10]:
        missing = data.draw(st.sets(st.sampled_from(sorted(referral))))
        given = {name: value for name, value in referral.items() if name not in missing}
        required = sorted(name for name in missing if not invented.schema["facts"][name].get("unknown"))

        decision, strange = invented.rule_set.decide_anyway(given)

        wanted = reference.decide(invented.schema, invented.rules, given | dict.fromkeys(missing, UNKNOWN))
        got = {name: list(value) if isinstance(value, tuple) else value for name, value in decision.as_json().items()}
        assert list(strange) == (required if strange or set(required) & read_by(invented.rules) else [])
        assert got == wanted | ({"impossible": True} if strange else {})


def read_by(rules):
    """The facts that some rule asks about."""
    boxes = [box for rule in rules["rules"] for box in (rule["when"], *rule["when"].get("any_of", ()))]
    return {name for box in boxes for name in box}
