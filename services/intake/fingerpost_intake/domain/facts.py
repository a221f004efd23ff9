"""Derives the closed facts of a referral: what its sender states, and what its people and assessments say."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from fingerpost_intake.domain.faults import MOST_FAULTS, MOST_SUGGESTED, Fault, Faulty, near_name
from fingerpost_intake.domain.referral import Person, Referral
from fingerpost_rules import Facts
from fingerpost_rules.facts import UNKNOWN, Fact, ScalarFact, SetFact

CheckedFacts = dict[str, str | int | frozenset[str]]

MOST_AHEAD = timedelta(days=1)  # of `updated_at`: a wrong offset or clock is less, a mistyped date is more
_FACTS_ARE = "The facts are those of facts.yaml."


def facts_of(referral: Referral, as_of: datetime, facts: Facts, unstated: CheckedFacts) -> CheckedFacts:
    """Every fact of the facts file: what is neither stated nor derived is as in `unstated`, which see.

    `as_of` is the partnership's local time of arrival: ages are those on its day. Raises `Faulty` for values that no fact has, for
    contradictions, and for what lies in the future.
    """
    stated, faults = _stated(referral, facts)
    derived = _derived(referral, as_of.date())
    faults += _contradictions(stated, derived, referral, as_of)
    checked = {**unstated, **stated}
    for name, value in derived.items():
        if name in facts.place_of and name not in stated:
            try:
                checked[name] = facts.fact(name).checked(value)
            except ValueError:
                faults.append(_not_a_value(facts.fact(name), f"/facts/{name}"))
    if faults:
        raise Faulty(faults)
    return checked


def unstated_facts(facts: Facts) -> CheckedFacts:
    """What a referral that states nothing has: unknown where that may be, else nothing, no, or the first value. Counts are zero."""
    return {fact.name: UNKNOWN if fact.has_unknown else _first(fact) for fact in facts.facts}


def _stated(referral: Referral, facts: Facts) -> tuple[dict[str, Any], list[Fault]]:
    stated: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in referral.facts.items():
        if len(faults) > MOST_FAULTS:
            break
        pointer = f"/facts/{name[:60]}"
        if name not in facts.place_of or facts.fact(name).counted or name in ("kinds", "themes", "anonymous"):
            advice = _nearest_fact(name, facts) if len(faults) < MOST_SUGGESTED else _FACTS_ARE
            faults.append(Fault(pointer, "unknown_fact", "a fact of facts.yaml that is not counted", advice))
            continue
        value = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
        try:
            stated[name] = _checked(facts.fact(name), value)
        except ValueError:
            faults.append(_not_a_value(facts.fact(name), pointer))
    for name, members in (("kinds", referral.kinds), ("themes", referral.themes)):
        try:
            stated[name] = _checked(facts.fact(name), list(dict.fromkeys(members)))
        except ValueError:
            faults.append(_not_a_value(facts.fact(name), f"/{name}", "unknown_kind" if name == "kinds" else "not_a_value"))
    return stated, faults


def _derived(referral: Referral, on: date) -> dict[str, Any]:
    dash = referral.assessments.dash if referral.assessments else None
    ticks = dash.total if dash else None
    if dash and ticks is None and dash.answers is not None:
        ticks = sum(answer == "yes" for answer in dash.answers.values())
    derived: dict[str, Any] = {
        "victim_age": _youngest(referral.people, "victim", on),
        "subject_age": _youngest(referral.people, "subject", on),
        "child_in_household": "yes" if any(person.role == "child" for person in referral.people) else None,
        "dash_ticks": ticks,
        "professional_judgement": "yes" if dash and dash.judgement else None,
        "police_risk_grade": referral.assessments.police_risk_grade if referral.assessments else None,
        "anonymous": "yes" if referral.anonymous else "no",
    }
    return {name: value for name, value in derived.items() if value is not None}


def _contradictions(stated: Mapping[str, Any], derived: Mapping[str, Any], referral: Referral, as_of: datetime) -> list[Fault]:
    """Two statements, or a date and today, that cannot both be true: a person has to ask, for a guess could hide a risk."""
    on = as_of.date()
    faults = [
        Fault(f"/facts/{name}", "contradiction", "the same as elsewhere in the referral", "Two places of the referral disagree: mend one.")
        for name in ("dash_ticks", "police_risk_grade")
        if name in stated and name in derived and stated[name] not in (derived[name], UNKNOWN)
    ]
    for index, person in enumerate(referral.people):
        pointer = f"/people/{index}"
        if person.date_of_birth and person.date_of_birth > on:
            faults.append(Fault(f"{pointer}/date_of_birth", "in_the_future", "a date in the past", "Mend the date of birth."))
        elif person.date_of_birth and person.age_years is not None and abs(_years(person.date_of_birth, on) - person.age_years) > 1:
            faults.append(Fault(f"{pointer}/age_years", "contradiction", "the age that the date of birth gives", "Mend one of the two."))
    if referral.updated_at and referral.updated_at - as_of > MOST_AHEAD:
        # every later update would count as older than this one
        faults.append(Fault("/updated_at", "in_the_future", "a time no more than a day from now", "Mend its date or its offset."))
    if referral.anonymous and any(person.role == "reporter" and person.name for person in referral.people):
        faults.append(Fault("/anonymous", "contradiction", "no reporter's name", "An anonymous report names no reporter (I13)."))
    return faults


def _youngest(people: Iterable[Person], role: str, on: date) -> int | None:
    """The age of the youngest person in this role: it is the young who need another route."""
    ages = [age for person in people if person.role == role and (age := _age_of(person, on)) is not None]
    return min(ages, default=None)


def _age_of(person: Person, on: date) -> int | None:
    if person.age_years is not None:
        return person.age_years
    if person.date_of_birth is None or person.date_of_birth > on:
        return None
    return min(_years(person.date_of_birth, on), 120)


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _first(fact: Fact) -> str | int | frozenset[str]:
    return fact.values[0] if isinstance(fact, ScalarFact) else frozenset()


def _checked(fact: Fact, value: Any) -> str | int | frozenset[str]:
    """`fact.checked`, which would look for the nearest member to name it in its error: here nobody reads that."""
    if isinstance(fact, SetFact) and isinstance(value, list) and not fact.bit_of.keys() >= set(value):  # pyright: ignore[reportUnknownArgumentType] - words
        raise ValueError
    return fact.checked(value)


def _not_a_value(fact: Fact, pointer: str, code: str = "not_a_value") -> Fault:
    words = _values_in_words(fact)
    return Fault(pointer, code, words, f"Send {words}.")


@lru_cache(maxsize=256)
def _values_in_words(fact: Fact) -> str:
    if isinstance(fact, SetFact):
        return f"a list of {', '.join(fact.members)}"
    known = [str(value) for value in fact.domain]
    return f"a whole number from {known[0]} to {fact.values[-1]}" if fact.kind == "number" else f"one of {', '.join(known)}"


def _nearest_fact(name: str, facts: Facts) -> str:
    near = near_name(name, tuple(fact.name for fact in facts.facts if not fact.counted))
    return f"Did you mean '{near}'?" if near else _FACTS_ARE
