"""Sample referrals are valid, invented, various, and the same for the same seed."""

import re
from datetime import date

import pytest

from fingerpost_intake.samples import sample, sample_agency
from fingerpost_intake.samples.people import DRAMA_NUMBERS, SURNAMES
from fingerpost_intake.samples.referrals import KINDS, STORIES, TOLD_ON
from fingerpost_shared.contracts.directory import read_directory
from tests.unit.samples.understanding import FACTS, HEREFORDSHIRE, facts_from

SEEDS = range(60)


@pytest.mark.parametrize("kind", KINDS)
def test_intake_understands_every_sample_of_a_kind(kind: str):
    for seed in SEEDS:
        facts = facts_from(sample(kind, seed))
        assert kind in facts["kinds"]
        assert not FACTS.is_impossible(facts)


def test_there_is_a_sample_of_every_kind_of_the_facts_file():
    assert set(KINDS) == set(FACTS.fact("kinds").members)


@pytest.mark.parametrize("fact", ["asb", "hate_strands", "abuse_kinds", "acquisitive_kinds", "exploitation_signs", "substances"])
def test_every_behaviour_strand_and_sign_occurs_in_some_story(fact: str):
    told = {value for story in STORIES for value in story.facts.get(fact, ())}
    assert told == set(FACTS.fact(fact).members)


def test_the_same_seed_tells_the_same_referral_and_another_seed_another():
    assert sample("asb", 7) == sample("asb", 7)
    assert sample("asb", 7) != sample("asb", 8)
    assert sample(None, 7) == sample(None, 7)


def test_no_two_samples_share_a_reference_so_that_load_makes_no_updates():
    references = [sample(None, seed)["agency_reference"] for seed in range(3000)]
    assert len(set(references)) == len(references)


def test_a_kind_without_a_story_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"no sample of the kind 'weather'.*domestic_abuse"):
        sample("weather", 1)


@pytest.mark.parametrize("kind", [None, *KINDS])
def test_the_sender_of_a_sample_is_an_agency_of_the_directory(kind: str | None):
    agencies = read_directory(HEREFORDSHIRE / "directory.yaml").agencies
    assert {sample_agency(kind, seed) for seed in SEEDS} <= set(agencies)


def test_people_places_and_numbers_in_samples_are_obviously_invented():
    drama = re.compile("|".join(pattern.replace("{:03}", r"\d{3}") for pattern in DRAMA_NUMBERS))
    for seed in range(400):
        referral = sample(None, seed)
        for person in referral.get("people", []):
            assert set(person["name"].split(" ", 1)[1].split("-")) <= set(SURNAMES)
            assert drama.fullmatch(person.get("phone", "07700 900000"))
            assert person.get("email", ".example").endswith(".example")
            assert person.get("nhs_number", "999").startswith("999")
        assert all(re.fullmatch(r"HR9\d \d[A-Z]{2}", incident["place"]["postcode"]) for incident in referral["incidents"])


def test_an_anonymous_sample_names_nobody():
    anonymous = [referral for seed in range(60) if (referral := sample("organised_crime", seed))["anonymous"]]
    assert anonymous
    assert all("people" not in referral and "referrer" not in referral for referral in anonymous)


def test_ages_stay_within_what_the_story_says_on_the_day_it_is_told():
    for seed in SEEDS:
        for person in sample("county_lines", seed)["people"]:
            if person["role"] == "victim" and "date_of_birth" in person:
                born = date.fromisoformat(person["date_of_birth"])
                age = TOLD_ON.year - born.year - ((TOLD_ON.month, TOLD_ON.day) < (born.month, born.day))
                assert 13 <= age <= 17 or 19 <= age <= 58
