"""For whom somebody acts: a party for itself, the console for the person who is signed in, for one action, while it is fresh."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_router.adapters.assertions import Assertions
from fingerpost_router.domain.acting import Actor, Refused
from fingerpost_shared.contracts.events import RulesetSubmitted
from tests.unit.router.building import a_leg, an_action, an_id

KEY = b"k" * 64
SUBMITTED_AT = datetime(2026, 3, 3, 14, 5, tzinfo=UTC)
ACTION = an_action(a_leg())
CLAIMS = {
    "sub": "sam",
    "name": "Sam Sample",
    "works_for": "matac",
    "aud": "router",
    "action_id": str(ACTION.action_id),
    "exp": int((SUBMITTED_AT + timedelta(seconds=60)).timestamp()),
}


def signed(key: bytes = KEY, algorithm: str = "HS256", without: str = "", **claims: Any) -> str:
    chosen = {name: value for name, value in {**CLAIMS, **claims}.items() if name != without}
    return jwt.encode(chosen, key, algorithm)


def who(assertion: str | None, name: str = "console", at: datetime = SUBMITTED_AT) -> Actor | Refused:
    return Assertions(KEY).actor_of(name, ACTION.model_copy(update={"assertion": assertion}), at)


def test_the_console_acts_for_the_person_who_is_signed_in() -> None:
    assert who(signed()) == Actor("matac")


def test_a_party_acts_for_itself_whatever_it_asserts() -> None:
    assert who(signed(works_for="marac"), name="matac") == Actor("matac")


def test_an_action_that_waited_in_the_stream_counts_by_when_it_was_submitted() -> None:
    assert who(signed(), at=SUBMITTED_AT + timedelta(seconds=60)) == Actor("matac")


@pytest.mark.parametrize(
    ("assertion", "why"),
    [
        (None, "there is none"),
        ("", "it is empty"),
        ("not.a.token", "it is no token"),
        (signed(exp=int(SUBMITTED_AT.timestamp()) - 1), "it had expired when the action was submitted"),
        (signed(key=b"x" * 32), "another key signed it"),
        (signed(algorithm="HS384"), "another algorithm signed it"),
        (signed(action_id=str(an_id("another action"))), "it is for another action"),
        (signed(name="Robin Sample"), "another person is signed in"),
        (signed(aud="intake"), "it is for another service"),
        *((signed(without=claim), f"{claim} is missing") for claim in CLAIMS),
    ],
    ids=lambda value: value if value and " " in value else "",
)
def test_the_console_acts_for_nobody_when(assertion: str | None, why: str) -> None:
    refused = who(assertion)

    assert isinstance(refused, Refused), why
    assert refused.code == "not_signed_in"


def test_an_unsigned_assertion_counts_for_nothing() -> None:
    assert isinstance(who(jwt.encode(CLAIMS, None, "none")), Refused)


@given(st.text(max_size=300))
def test_whatever_stands_for_an_assertion_there_is_an_answer(text: str) -> None:
    assert isinstance(who(text), Refused)


@given(place=st.integers(0, 400), letter=st.sampled_from("ABab01-_"))
def test_one_changed_letter_makes_it_worthless(place: int, letter: str) -> None:
    good = signed()
    place %= good.rindex(".")  # the signature's last letter has spare bits
    changed = good[:place] + letter + good[place + 1 :]

    assert changed == good or isinstance(who(changed), Refused)


def step_refused(assertion: str | None, by: str = "sam", name: str = "console") -> bool:
    step = RulesetSubmitted(action_id=ACTION.action_id, action="approve", by=by, ruleset_hash="a" * 64, assertion=assertion)
    return Assertions(KEY).refuse_step(name, step, SUBMITTED_AT) is not None


def test_the_console_takes_a_step_of_the_rules_for_who_is_signed_in_and_for_nobody_else() -> None:
    assert not step_refused(signed())
    assert step_refused(signed(), by="robin")
    assert step_refused(None)
    assert step_refused(signed(action_id=str(an_id("another action"))))


def test_the_operator_takes_a_step_for_whom_they_name() -> None:
    assert not step_refused(None, name="operator")
