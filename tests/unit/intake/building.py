"""What the tests of intake's domain build on: Herefordshire's facts and rules, keys of their own, and referrals with one thing changed."""

import string
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from fingerpost_intake.domain.facts import CheckedFacts, facts_of, unstated_facts
from fingerpost_intake.domain.faults import Fault, Faulty
from fingerpost_intake.domain.normalising import Normalised, Understanding, normalise, read_referral
from fingerpost_intake.domain.rows import Layout
from fingerpost_intake.domain.submissions import JSON, Entry, Part, Reader, Submission
from fingerpost_intake.domain.tokens import TokenKeys
from fingerpost_rules.facts import SetFact
from tests.unit.samples.understanding import FACTS, RULES

TODAY = date(2026, 9, 1)
NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
BY = Understanding(FACTS, RULES, id_key=b"id" * 16, token_keys=TokenKeys(b"token" * 8), reference_prefix="HC", timezone=LONDON)
LAYOUT = Layout(LONDON, frozenset(fact.name for fact in FACTS.facts if isinstance(fact, SetFact)))
READER = Reader(BY, LAYOUT)

# Somebody invented, told in every field of the format that can hold a person's details
CANARY = "Ivy Canaryson"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just(CANARY),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(string.ascii_lowercase + "_/~[", max_size=8), inner, max_size=4),
    max_leaves=12,
)


def a_referral(**parts: Any) -> dict[str, Any]:
    """A referral with nothing in it but what has to be, and these parts."""
    return {"agency_reference": "A-1", "kinds": ["asb"]} | parts


def a_person(role: str = "victim", **parts: Any) -> dict[str, Any]:
    return {"role": role} | parts


def normalised(sent: dict[str, Any], agency: str = "police", as_of: datetime = NOW) -> Normalised:
    return normalise(read_referral(sent), agency, as_of, BY)


def facts(sent: dict[str, Any], on: date = TODAY) -> CheckedFacts:
    return facts_of(read_referral(sent), _noon(on), FACTS, unstated_facts(FACTS))


def faults(sent: Any, on: date = TODAY) -> dict[str, Fault]:
    """What is wrong with it, by place. Fails where nothing is."""
    try:
        normalise(read_referral(sent), "police", _noon(on), BY)
    except Faulty as error:
        return {fault.pointer: fault for fault in error.faults}
    raise AssertionError("nothing is wrong with it")


def fault_of(read: Callable[[], Any]) -> Faulty | None:
    """What reading says is wrong, if anything; any other error passes through."""
    try:
        read()
    except Faulty as error:
        return error
    return None


def a_submission(content: bytes, content_type: str = JSON, agency: str = "police") -> Submission:
    return Submission(UUID(int=1), agency, content_type, content, NOW, NOW)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), LONDON)


def understood(parts: Sequence[Part]) -> list[Entry]:
    return [entry for _, entry in READER.entries(parts)]
