"""The demo shows every kind, and what a repeat, a resend and an update are."""

from collections import Counter

import pytest

from fingerpost_intake.samples import demo_referrals
from fingerpost_intake.samples.referrals import KINDS
from tests.unit.samples.understanding import decision_on

SEEDS = range(5)


def bands(seed: int) -> Counter[str]:
    return Counter(decision_on(sent).band for _, _, sent in demo_referrals(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_demo_sends_every_kind_through_every_door(seed: int):
    demo = demo_referrals(seed)
    assert len(demo) >= 36
    assert {sent["kinds"][0] for _, _, sent in demo} == set(KINDS)
    assert {door for _, door, _ in demo} == {"http", "csv", "nats"}


@pytest.mark.parametrize("seed", SEEDS)
def test_about_half_of_the_demo_is_urgent_enough_to_matter_and_not_all_of_it(seed: int):
    counted = bands(seed)
    urgent = counted["P1"] + counted["P2"]
    assert counted["P1"] >= 3
    assert counted["P3"] + counted["P4"] >= 8
    assert urgent >= 0.4 * counted.total()


@pytest.mark.parametrize("seed", SEEDS)
def test_exactly_one_submission_is_an_exact_resend(seed: int):
    demo = [(agency, sent) for agency, _, sent in demo_referrals(seed)]
    assert sum(demo.count(entry) - 1 for entry in demo) == 2  # the pair, seen from both sides


@pytest.mark.parametrize("seed", SEEDS)
def test_one_update_raises_the_risk_of_an_earlier_referral(seed: int):
    *_, (agency, _, first), (updating_agency, _, update) = demo_referrals(seed)
    assert (agency, first["agency_reference"]) == (updating_agency, update["agency_reference"])
    before, after = (decision_on(sent) for sent in (first, update))
    assert after.band == "P1" < before.band
    assert "marac" in after.also


@pytest.mark.parametrize("seed", SEEDS)
def test_further_incidents_of_the_same_two_people_are_new_referrals(seed: int):
    demo = {sent["agency_reference"]: sent for _, _, sent in demo_referrals(seed)}
    further = {reference: sent for reference, sent in demo.items() if reference.endswith("-B")}
    assert {sent["kinds"][0] for sent in further.values()} == {"domestic_abuse", "asb", "hate_crime"}
    for reference, sent in further.items():
        earlier = demo[reference.removesuffix("-B")]
        assert sent["people"] == earlier["people"]
        assert sent["incidents"][0]["occurred_at"] > earlier["incidents"][0]["occurred_at"]
