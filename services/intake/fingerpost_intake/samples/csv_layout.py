"""Writes referrals in the CSV layout that agencies may send: a header row, UTF-8, one referral a row."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, cast

_COLUMNS = (
    "agency_reference,kinds,occurred_at,address,postcode,victim_name,victim_date_of_birth,victim_age_years,victim_phone,"
    "subject_name,subject_date_of_birth,subject_relationship,narrative,anonymous,aware,consent,lawful_basis,themes,updated_at"
)
COLUMNS = tuple(_COLUMNS.split(","))
ASSESSMENT_COLUMNS = ("dash_total", "dash_judgement", "police_risk_grade")
NOTHING: Mapping[str, Any] = {}


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """The referrals (native JSON) as CSV. The layout holds one victim, one subject and one incident: others are left out.

    Sets are separated by semicolons; a `fact:<name>` column stands for each fact that any row has.
    """
    referrals = list(rows)
    facts = sorted({name for referral in referrals for name in _facts(referral)})
    text = io.StringIO()
    header = [*COLUMNS, *(f"fact:{name}" for name in facts), *ASSESSMENT_COLUMNS]
    writer = csv.DictWriter(text, header, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_row(referral) for referral in referrals)
    return text.getvalue()


def _row(referral: Mapping[str, Any]) -> dict[str, str]:
    row = {
        "agency_reference": referral["agency_reference"],
        "kinds": _word(referral["kinds"]),
        "narrative": referral.get("narrative", ""),
        "anonymous": _word(referral.get("anonymous", False)),
        **{name: referral.get(name, "") for name in ("aware", "consent", "lawful_basis", "updated_at")},
        "themes": _word(referral.get("themes", [])),
        **{f"fact:{name}": _word(value) for name, value in _facts(referral).items()},
    }
    return row | _incident(referral) | _person(referral, "victim") | _person(referral, "subject") | _assessments(referral)


def _facts(referral: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that the referral states, and the subject's age, for which the layout has no column of its own."""
    ages = [person["age_years"] for person in referral.get("people", ()) if person["role"] == "subject" and "age_years" in person]
    return {**referral.get("facts", NOTHING), **({"subject_age": ages[0]} if ages else {})}


def _incident(referral: Mapping[str, Any]) -> dict[str, str]:
    incident: Mapping[str, Any] = next(iter(referral.get("incidents", ())), NOTHING)
    return {"occurred_at": incident.get("occurred_at", ""), **incident.get("place", NOTHING)}


def _person(referral: Mapping[str, Any], role: str) -> dict[str, str]:
    person: Mapping[str, Any] = next((person for person in referral.get("people", ()) if person["role"] == role), NOTHING)
    columns = {f"{role}_{name}": _word(value) for name, value in person.items() if isinstance(value, str | int)}
    return {name: value for name, value in columns.items() if name in COLUMNS}


def _assessments(referral: Mapping[str, Any]) -> dict[str, str]:
    assessments = referral.get("assessments", {})
    dash = assessments.get("dash", {})
    return {
        "dash_total": _word(dash.get("total", "")),
        "dash_judgement": _word(dash.get("judgement", "")),
        "police_risk_grade": assessments.get("police_risk_grade", ""),
    }


def _word(value: object) -> str:
    """A value as a cell: yes and no for truth, semicolons between the members of a set."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(cast("list[str]", value))
    return str(value)
