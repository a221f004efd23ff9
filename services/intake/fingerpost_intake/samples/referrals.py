"""Tells a story as a referral in native JSON, the same for the same kind and seed."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import blake2b
from random import Random
from typing import Any

from fingerpost_intake.samples.abuse import ABUSE
from fingerpost_intake.samples.harm import HARM
from fingerpost_intake.samples.neighbourhood import NEIGHBOURHOOD
from fingerpost_intake.samples.organised import ORGANISED
from fingerpost_intake.samples.people import (
    Place,
    Pronoun,
    born,
    invented_email,
    invented_name,
    invented_nhs_number,
    invented_phone,
    invented_place,
)
from fingerpost_intake.samples.story import Ages, Story, told

STORIES = ABUSE + HARM + NEIGHBOURHOOD + ORGANISED
KINDS = tuple(dict.fromkeys(story.kinds[0] for story in STORIES))
# Samples need a day to be the same on every day; this one lies within the first live rule set.
TOLD_ON = date(2026, 9, 1)
ROLES = {
    "police": "Harm assessment unit",
    "schools": "Designated safeguarding lead",
    "nhs_trust": "Safeguarding nurse",
    "womens_aid": "Outreach worker",
    "probation": "Probation practitioner",
    "prisons": "Resettlement officer",
    "housing_association": "Neighbourhood officer",
}


def sample(kind: str | None, seed: int) -> dict[str, Any]:
    """A valid referral of that kind, or of any where it is None. Raises ValueError for a kind that has no story."""
    rng, story, agency = _outline(kind, seed)
    place = invented_place(rng)
    people = _people(story, rng, place)
    connection, facts = _connection(story, people, rng), {name: told(value, rng) for name, value in story.facts.items()}
    referral: dict[str, Any] = {
        "agency_reference": _agency_reference(agency, kind, seed),
        "kinds": list(story.kinds),
        "themes": list(story.themes),
        "incidents": [_incident(story, rng, place)],
        "people": people,
        "facts": facts | connection,
        "assessments": _assessments(story, rng),
        "narrative": _narrative(story, people, place),
        "anonymous": story.anonymous,
        "lawful_basis": story.lawful_basis,
    }
    if not story.anonymous:
        referral |= _sharing(story, rng) | {"referrer": _referrer(agency, rng)}
    return {name: value for name, value in referral.items() if value not in ([], {})}


def sample_agency(kind: str | None, seed: int) -> str:
    """The agency that sends `sample(kind, seed)`."""
    return _outline(kind, seed)[2]


def _outline(kind: str | None, seed: int) -> tuple[Random, Story, str]:
    rng = Random(f"{kind}/{seed}")  # noqa: S311 - invented people want repetition, not secrecy
    story = rng.choice(_stories(kind or rng.choice(KINDS)))
    return rng, story, rng.choice(story.agencies)


@cache
def _stories(kind: str) -> tuple[Story, ...]:
    stories = tuple(story for story in STORIES if story.kinds[0] == kind)
    if not stories:
        raise ValueError(f"There is no sample of the kind '{kind}'. There are: {', '.join(KINDS)}.")
    return stories


def _agency_reference(agency: str, kind: str | None, seed: int) -> str:
    digest = blake2b(f"{kind}/{seed}".encode(), digest_size=6).hexdigest().upper()
    initials = "".join(word[0] for word in agency.split("_")).upper()
    return f"{initials}-{digest[:6]}-{digest[6:]}"


def _people(story: Story, rng: Random, place: Place) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = []
    if story.victim:
        people.append(_victim(story, rng, place, story.victim))
    if story.subject:
        people.append({"role": "subject", **_known_as(rng, story.subject, story.subject_is)})
        if not story.victim and story.needs:
            people[-1]["needs"] = story.needs
    people += [{"role": "child", **_known_as(rng, ages)} for ages in story.children]
    return people


def _victim(story: Story, rng: Random, place: Place, ages: Ages) -> dict[str, Any]:
    person = {"role": "victim", **_known_as(rng, ages, story.victim_is), "address": f"{place.address}, {place.postcode}"}
    if rng.random() < 0.4:
        person["phone"] = invented_phone(rng)
    if rng.random() < 0.2:
        person["email"] = invented_email(rng, person["name"])
    if rng.random() < 0.3:
        person["nhs_number"] = invented_nhs_number(rng)
    if story.needs:
        person["needs"] = story.needs
    if story.safe_contact:
        person["safe_contact"] = dict(story.safe_contact)
    return person


def _known_as(rng: Random, ages: Ages, pronoun: Pronoun = "they") -> dict[str, Any]:
    """Nine in ten have a birth date, as in the exports of real systems; of the others only the age is known."""
    name, age_years = invented_name(rng, pronoun), rng.randint(*ages)
    if rng.random() < 0.9:
        return {"name": name, "date_of_birth": born(rng, age_years, TOLD_ON).isoformat()}
    return {"name": name, "age_years": age_years}


def _connection(story: Story, people: list[dict[str, Any]], rng: Random) -> dict[str, str]:
    """Says how the two are connected, as the fact, and in the sender's word beside the subject."""
    if not story.relations:
        return {}
    connected = rng.choice(tuple(story.relations))
    for person in people:
        if person["role"] == "subject":
            person["relationship"] = story.relations[connected]
    return {"personally_connected": connected}


def _incident(story: Story, rng: Random, place: Place) -> dict[str, Any]:
    minutes_ago = rng.randint(600, 60 * 24 * (6 if story.facts.get("assault_in_last_7_days") == "yes" else 40))
    occurred_at = datetime(TOLD_ON.year, TOLD_ON.month, TOLD_ON.day, 9, tzinfo=UTC) - timedelta(minutes=minutes_ago)
    return {"occurred_at": occurred_at.isoformat(), "place": place.on_the_wire()}


def _assessments(story: Story, rng: Random) -> dict[str, Any]:
    assessments: dict[str, Any] = {}
    if story.dash:
        assessments["dash"] = {"total": rng.randint(*story.dash)}
        if story.judgement is not None:
            assessments["dash"]["judgement"] = story.judgement
    if story.grades:
        assessments["police_risk_grade"] = rng.choice(story.grades)
    return assessments


def _narrative(story: Story, people: list[dict[str, Any]], place: Place) -> str:
    names = {person["role"]: person["name"] for person in people if person["role"] in ("victim", "subject")}
    text = " ".join(story.sentences)
    return text.format(place=place.address, **{"victim": "Somebody", "subject": "Somebody not known"} | names)


def _sharing(story: Story, rng: Random) -> dict[str, str]:
    if story.consent:
        return {"aware": "yes", "consent": "yes"}
    return {"aware": rng.choice(("yes", "no", "unknown")), "consent": "no"}


def _referrer(agency: str, rng: Random) -> dict[str, str]:
    name = invented_name(rng)
    return {"name": name, "role": ROLES.get(agency, "Duty officer"), "contact": invented_phone(rng)}
