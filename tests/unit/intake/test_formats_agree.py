"""The same referral by JSON and by CSV is the same content, so that a send in the other format is an exact resend (I5)."""

import json
from typing import Any

import pytest

from fingerpost_intake.adapters.csv_files import parts_of_file
from fingerpost_intake.domain.normalising import Normalised
from fingerpost_intake.domain.outcomes import after, outcome_of
from fingerpost_intake.domain.submissions import CSV
from fingerpost_intake.samples import as_csv, sample
from fingerpost_intake.samples.referrals import KINDS
from tests.unit.intake.building import NOW, READER, a_person, a_referral, a_submission, understood

SAMPLES = [(kind, seed) for seed in range(6) for kind in KINDS]
COLUMNS_OF = {
    "victim": ("role", "name", "date_of_birth", "age_years", "phone"),
    "subject": ("role", "name", "date_of_birth", "relationship"),
}


def as_the_layout_holds_it(referral: dict[str, Any]) -> dict[str, Any]:
    """The referral without what no column of a CSV file stands for."""
    people = []
    for role, columns in COLUMNS_OF.items():
        person = next((person for person in referral.get("people", []) if person["role"] == role), {})
        kept = {name: person[name] for name in columns if name in person}
        people += [kept] if len(kept) > 1 else []
    ages = [person["age_years"] for person in referral.get("people", []) if person["role"] == "subject" and "age_years" in person]
    facts = referral.get("facts", {}) | ({"subject_age": ages[0]} if ages else {})
    return {name: value for name, value in referral.items() if name != "referrer"} | {"people": people, "facts": facts}


async def by_csv(*referrals: dict[str, Any]) -> list[Normalised]:
    found = understood(await parts_of_file(a_submission(as_csv(referrals).encode("utf-16"), CSV), READER))
    return [entry.result for entry in found if isinstance(entry.result, Normalised)]


def by_json(referral: dict[str, Any]) -> Normalised:
    [entry] = understood(READER.parts(a_submission(json.dumps(referral, indent=2).encode())))
    assert isinstance(entry.result, Normalised)
    return entry.result


async def test_every_sample_has_the_same_content_hash_by_csv_and_by_json():
    referrals = [sample(kind, seed) for kind, seed in SAMPLES]
    told = await by_csv(*referrals)
    assert len(told) == len(referrals)
    for referral, from_csv in zip(referrals, told, strict=True):
        from_json = by_json(as_the_layout_holds_it(referral))
        assert from_csv.details == from_json.details
        assert (from_csv.referral_id, from_csv.content_hash) == (from_json.referral_id, from_json.content_hash)
        assert (from_csv.facts, from_csv.lane) == (from_json.facts, from_json.lane)


async def test_a_send_in_the_other_format_is_an_exact_resend():
    referral = as_the_layout_holds_it(sample("asb", 1))
    first = by_json(referral)
    [second] = await by_csv(referral)
    assert outcome_of(second, after("referral", first, None, NOW), NOW) == "resend"


@pytest.mark.parametrize(
    "same",
    [
        {"kinds": ["asb"], "agency_reference": " A-1 "},
        {"people": [], "themes": [], "anonymous": False, "status": "new", "narrative": None},
        {"facts": {}},
    ],
)
def test_order_blanks_and_defaults_make_no_other_content(same: dict[str, Any]):
    assert by_json(dict(reversed(a_referral(**same).items()))).content_hash == by_json(a_referral()).content_hash


def test_the_order_of_facts_and_answers_makes_no_other_content():
    facts, answers = {"weapon": "none", "injury": "minor"}, {"q1": "yes", "q2": "no"}
    one = a_referral(facts=facts, assessments={"dash": {"answers": answers}})
    other = a_referral(facts=dict(reversed(facts.items())), assessments={"dash": {"answers": dict(reversed(answers.items()))}})
    assert by_json(one).content_hash == by_json(other).content_hash


def test_any_word_more_is_other_content():
    contents = [a_referral(), a_referral(narrative="x"), a_referral(people=[a_person()]), a_referral(kinds=["asb", "fraud"])]
    assert len({by_json(content).content_hash for content in contents}) == 4
