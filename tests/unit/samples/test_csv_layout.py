"""The CSV layout holds a referral's first victim, subject and incident, its facts and its assessments."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest

from fingerpost_intake.domain.rows import Layout, referral_of
from fingerpost_intake.samples import as_csv, sample
from fingerpost_intake.samples.referrals import KINDS
from fingerpost_rules.facts import SetFact
from tests.unit.samples.understanding import FACTS, facts_from

LAYOUT = Layout(ZoneInfo("Europe/London"), frozenset(fact.name for fact in FACTS.facts if isinstance(fact, SetFact)))


def rows(*referrals: dict) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(referrals))))


def a_referral(**parts: object) -> dict:
    return {"agency_reference": "A-1", "kinds": ["asb", "hate_crime"], "anonymous": False} | parts


def test_the_header_starts_with_the_agreed_columns_and_ends_with_the_assessments():
    header = as_csv([sample("asb", 1)]).splitlines()[0].split(",")
    assert header[:5] == ["agency_reference", "kinds", "occurred_at", "address", "postcode"]
    assert header[-3:] == ["dash_total", "dash_judgement", "police_risk_grade"]


def test_sets_are_separated_by_semicolons_and_truth_is_yes_or_no():
    [row] = rows(a_referral(facts={"asb": ["noise", "arson"]}))
    assert (row["kinds"], row["fact:asb"], row["anonymous"]) == ("asb;hate_crime", "noise;arson", "no")


def test_a_fact_of_one_row_is_an_empty_cell_in_the_others():
    first, second = rows(a_referral(facts={"weapon": "bladed"}), a_referral(facts={"in_county": "out"}))
    assert (first["fact:weapon"], first["fact:in_county"]) == ("bladed", "")
    assert (second["fact:weapon"], second["fact:in_county"]) == ("", "out")


def test_victim_subject_incident_and_assessments_stand_in_their_columns():
    [row] = rows(
        a_referral(
            people=[
                {"role": "victim", "name": "Ivy O'Sample", "age_years": 71, "phone": "01632 960001"},
                {"role": "subject", "name": "Leon Notreal", "date_of_birth": "1990-02-03", "relationship": "neighbour"},
            ],
            incidents=[{"occurred_at": "2026-08-01T10:00:00+00:00", "place": {"address": "1 Example Row", "postcode": "HR99 1AA"}}],
            assessments={"dash": {"total": 13, "judgement": True}, "police_risk_grade": "medium"},
        )
    )
    assert (row["victim_name"], row["victim_age_years"], row["victim_phone"]) == ("Ivy O'Sample", "71", "01632 960001")
    assert (row["subject_name"], row["subject_date_of_birth"], row["subject_relationship"]) == ("Leon Notreal", "1990-02-03", "neighbour")
    assert (row["occurred_at"], row["address"], row["postcode"]) == ("2026-08-01T10:00:00+00:00", "1 Example Row", "HR99 1AA")
    assert (row["dash_total"], row["dash_judgement"], row["police_risk_grade"]) == ("13", "yes", "medium")


def test_commas_quotes_and_line_breaks_of_a_narrative_survive():
    text = 'She said: "no, never"\nand left.'
    [row] = rows(a_referral(narrative=text))
    assert row["narrative"] == text


@pytest.mark.parametrize("kind", KINDS)
def test_intake_reads_the_same_facts_from_a_row_as_from_json(kind: str):
    for seed in range(20):
        sent = sample(kind, seed)
        [row] = rows(sent)
        assert facts_from(referral_of(row, LAYOUT)) == facts_from(sent)
