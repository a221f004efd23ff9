"""What becomes of a leg when somebody acts on it: every state and action has an answer, and sent is not owned (I4)."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_router.domain.acting import Actor, Done, Refused, act
from fingerpost_router.domain.legs import Leg
from tests.unit.router.building import a_leg, an_action

NOW = datetime(2026, 3, 3, 14, 5, tzinfo=UTC)
STATES = ("open", "acknowledged", "closed")
ACTIONS = ("acknowledge", "accept", "decline", "transfer", "close")
ACTORS = ("matac", "marac")
ROLES = ("lead", "also", "copy")


def in_state(state: str, **changes: object) -> Leg:
    owner = {"owner": "Robin Sample", "acknowledged_at": NOW, "version": 2} if state != "open" else {}
    return a_leg(**{"state": state, **owner, **changes})


@pytest.mark.parametrize(("state", "action", "actor", "role"), list(product(STATES, ACTIONS, ACTORS, ROLES)))
def test_only_a_person_of_the_destination_takes_an_open_leg_that_wants_an_owner(state: str, action: str, actor: str, role: str) -> None:
    leg = in_state(state, role=role)

    became = act(leg, an_action(leg, action=action), Actor(actor), NOW)

    may = (state, action, actor) == ("open", "acknowledge", "matac") and role != "copy"
    assert isinstance(became, Done) == may
    if isinstance(became, Refused):
        assert became.code
        assert became.help.endswith(".")


def test_who_takes_a_leg_owns_it_and_its_version_counts_up() -> None:
    leg = a_leg()

    became = act(leg, an_action(leg), Actor("matac"), NOW)

    assert isinstance(became, Done)
    assert became.is_new
    assert (became.leg.state, became.leg.owner, became.leg.acknowledged_at) == ("acknowledged", "Sam Sample", NOW)
    assert became.leg.version == leg.version + 1
    assert became.leg.routed_version == leg.routed_version
    assert became.leg.due_at == leg.due_at


def test_taking_it_again_is_done_but_nothing_new() -> None:
    leg = in_state("acknowledged")

    assert act(leg, an_action(leg, by="Robin Sample"), Actor("matac"), NOW) == Done(leg, is_new=False)


def test_a_colleague_cannot_take_what_somebody_owns() -> None:
    leg = in_state("acknowledged")

    became = act(leg, an_action(leg), Actor("matac"), NOW)

    assert isinstance(became, Refused)
    assert became.code == "already_owned"


@pytest.mark.parametrize(
    "name",
    ["Zoë O'Neill-Šimić", "PC 22110 Samplewood", "Sgt 1234567 Samplewood", "山田 太郎", "علی\u200cرضا نمونه", "Dr. A. Examplewick (MASH)"],
)
def test_a_person_is_named_as_people_are(name: str) -> None:
    leg = a_leg()

    became = act(leg, an_action(leg, by=name), Actor("matac"), NOW)

    assert isinstance(became, Done)
    assert became.leg.owner == name


@pytest.mark.parametrize(
    "nobody",
    [*(" ", "\t\n", "matac", " matac "), *("\u200b", "Dora\u202eSamplewood", "nul\0nul", "line\nfeed", "12345", "Robin 07700 900417")],
)
def test_a_system_is_nobody(nobody: str) -> None:
    leg = a_leg()

    became = act(leg, an_action(leg, by=nobody), Actor("matac"), NOW)

    assert isinstance(became, Refused)
    assert became.code == "nobody_named"


def test_who_looked_at_an_older_version_has_to_look_again() -> None:
    leg = a_leg(version=3, routed_version=3)

    stale = act(leg, an_action(leg, expected_version=2), Actor("matac"), NOW)
    fresh = act(leg, an_action(leg, expected_version=3), Actor("matac"), NOW)

    assert isinstance(stale, Refused)
    assert stale.code == "stale"
    assert isinstance(fresh, Done)


def test_a_copy_wants_no_owner() -> None:
    leg = a_leg(role="copy", due_at=None)

    became = act(leg, an_action(leg), Actor("matac"), NOW)

    assert isinstance(became, Refused)
    assert became.code == "is_a_copy"


@given(
    state=st.sampled_from(STATES),
    role=st.sampled_from(ROLES),
    action=st.sampled_from(ACTIONS),
    actor=st.sampled_from(ACTORS) | st.text(max_size=10),
    by=st.text(min_size=1, max_size=120),
    expected=st.none() | st.integers(1, 5),
)
def test_whatever_is_asked_by_whomever_there_is_an_answer_and_no_stranger_changes_a_leg(
    state: str, role: str, action: str, actor: str, by: str, expected: int | None
) -> None:
    leg = in_state(state, role=role)

    became = act(leg, an_action(leg, action=action, by=by, expected_version=expected), Actor(actor), NOW)

    if isinstance(became, Done):
        assert actor == leg.destination
        assert action == "acknowledge"
        assert became.leg.owner == by.strip() != ""
    else:
        assert became.code in {"not_yours", "nobody_named", "is_a_copy", "not_offered", "already_owned", "stale"}
