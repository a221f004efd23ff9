"""Herefordshire's own files: whoever must own an item can be reached, nothing falls on a holiday, no alert gives a hint."""

import string
from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest

from fingerpost_rules import check
from fingerpost_rules.facts import SetFact
from fingerpost_shared.contracts.directory import read_directory
from tests.unit.samples.understanding import FACTS, HEREFORDSHIRE, RULES

DIRECTORY = read_directory(HEREFORDSHIRE / "directory.yaml")
OWNERS = [name for name, destination in DIRECTORY.destinations.items() if destination.level != "strategic"]
MESSAGES = sorted((HEREFORDSHIRE / "messages").iterdir())


def test_the_rule_set_is_proved_publishable():
    assert check(RULES) == ()


def test_who_refers_to_prevent_learns_no_more_than_that_it_was_received():
    assert RULES.decide(FACTS.quiet() | {"kinds": ["prevent", "asb"]}).feedback == "received"
    assert RULES.decide(FACTS.quiet() | {"kinds": ["asb"]}).feedback == "full"


@pytest.mark.parametrize("destination", OWNERS)
def test_two_people_at_least_can_take_what_a_group_must_own(destination: str):
    workers = [person for person in DIRECTORY.people.values() if person.works_for == destination]
    assert len(workers) >= 2


def test_a_second_coordinator_can_approve_and_somebody_audits():
    roles = Counter(role for person in DIRECTORY.people.values() for role in person.roles)
    assert roles["coordinator"] >= 2
    assert roles["auditor"] >= 1


def test_everybody_works_for_somebody_and_everybody_can_be_reached():
    known = DIRECTORY.destinations.keys() | DIRECTORY.agencies.keys()
    assert {person.works_for for person in DIRECTORY.people.values()} <= known
    for row in (*DIRECTORY.destinations.values(), *DIRECTORY.agencies.values()):
        assert row.channels
        assert all(channel.email and channel.email.endswith(".example") for channel in row.channels)


def test_there_are_the_five_responsible_authorities_of_the_act():
    authorities = {name for name, agency in DIRECTORY.agencies.items() if agency.responsible_authority}
    assert authorities == {"police", "council", "fire_and_rescue", "icb", "probation"}


def test_matac_meets_each_month_through_2027_and_nobody_meets_on_a_holiday_or_weekend():
    assert Counter((day.year, day.month) for day in DIRECTORY.destinations["matac"].meets if day.year == 2027) == {
        (2027, month): 1 for month in range(1, 13)
    }
    for destination in DIRECTORY.destinations.values():
        assert not set(destination.meets) & set(DIRECTORY.partnership.bank_holidays)
        assert all(day.weekday() < 5 for day in destination.meets)


def test_each_kind_counts_towards_one_strategic_priority():
    priorities = cast("dict[str, dict[str, Any]]", DIRECTORY.partnership.model_extra["strategic_priorities"])
    counted = Counter(kind for priority in priorities.values() for kind in priority["kinds"])
    kinds = FACTS.fact("kinds")
    assert isinstance(kinds, SetFact)
    assert counted == dict.fromkeys(kinds.members, 1)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda path: path.name)
def test_an_alert_says_who_which_how_urgent_and_where_and_nothing_else(message: Path):
    text = message.read_text(encoding="utf-8")
    placeholders = {field for _, field, _, _ in string.Formatter().parse(text) if field}
    assert {"organisation", "reference", "band"} <= placeholders <= {"organisation", "reference", "band", "link"}
    words = text.casefold()
    assert not [hint for hint in ("abuse", "marac", "prevent", "victim", "crime", "child", "safeguard", "police") if hint in words]


def test_no_mailbox_hints_at_what_is_in_the_mail():
    mailboxes = [channel.email or "" for row in DIRECTORY.destinations.values() for channel in row.channels]
    assert not [mailbox for mailbox in mailboxes for hint in ("abuse", "marac", "prevent", "violence", "mash", "dhr") if hint in mailbox]
