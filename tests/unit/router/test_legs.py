"""The legs that a decision asks for, and what a newer decision does to those that are there (I2)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_router.domain.legs import Leg, legs_of, merged
from fingerpost_rules import Limits, RuleSet
from tests.unit.router.building import CALENDAR, RULES, a_decision, a_leg, a_rule_set, local, routed

STRENGTH = ["lead", "also", "copy"]
URGENCY = ["P1", "P2", "P3", "P4"]
DESTINATIONS = ["csp_duty_desk", "marac", "matac", "csp_board"]
LIMITS = {"P1": Limits(24, None), "P2": Limits(72, None), "P3": Limits(None, 5), "P4": Limits(None, 10)}
RECEIVED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    return a_rule_set(tmp_path_factory.mktemp("rules")).rules


def by_destination(legs: list[Leg]) -> dict[str, Leg]:
    return {leg.destination: leg for leg in legs}


def test_there_is_a_leg_for_the_lead_for_each_also_and_for_each_copy(rules: RuleSet) -> None:
    decision = a_decision(lead="marac", also=("matac",), copy=("csp_board",), alert=("council", "police"))

    legs = legs_of(routed(decision), rules, CALENDAR)

    assert [(leg.destination, leg.role) for leg in legs] == [("marac", "lead"), ("matac", "also"), ("csp_board", "copy")]


def test_only_the_lead_names_whom_to_alert_and_a_copy_has_no_clock(rules: RuleSet) -> None:
    legs = by_destination(legs_of(routed(a_decision(also=("marac",), copy=("csp_board",))), rules, CALENDAR))

    assert {name: leg.alert for name, leg in legs.items()} == {"matac": ("council",), "marac": (), "csp_board": ()}
    assert legs["csp_board"].due_at is None
    assert legs["matac"].due_at == legs["marac"].due_at == local("Mon 09 Mar 2026 09:00")


@pytest.mark.parametrize(("band", "lane"), [("P1", "urgent"), ("P2", "routine"), ("P4", "routine")])
def test_the_most_urgent_band_alone_takes_the_urgent_lane(rules: RuleSet, band: str, lane: str) -> None:
    legs = legs_of(routed(a_decision(band=band, limits=LIMITS[band])), rules, CALENDAR)

    assert {leg.lane for leg in legs} == {lane}


def test_an_impossible_combination_also_goes_to_the_duty_desk(rules: RuleSet) -> None:
    legs = by_destination(legs_of(routed(a_decision(impossible=True)), rules, CALENDAR))

    assert {name: leg.role for name, leg in legs.items()} == {"matac": "lead", "csp_duty_desk": "also"}


def test_the_duty_desk_leads_what_no_rule_routes_and_has_one_leg_all_the_same(rules: RuleSet) -> None:
    decision = a_decision(lead="csp_duty_desk", unrouted=True, impossible=True)

    assert [(leg.destination, leg.role) for leg in legs_of(routed(decision), rules, CALENDAR)] == [("csp_duty_desk", "lead")]


def test_the_same_decision_again_changes_nothing(rules: RuleSet) -> None:
    held = legs_of(routed(a_decision(copy=("csp_board",))), rules, CALENDAR)

    assert merged(held, routed(a_decision(copy=("csp_board",)), version=2), rules, CALENDAR) == ([], [])


def test_a_milder_decision_takes_nothing_away(rules: RuleSet) -> None:
    held = legs_of(routed(a_decision(band="P1", limits=LIMITS["P1"], also=("marac",), alert=("council", "police"))), rules, CALENDAR)

    assert merged(held, routed(a_decision(band="P4", limits=LIMITS["P4"]), version=2), rules, CALENDAR) == ([], [])


def test_a_graver_decision_makes_the_leg_more_urgent_and_counts_its_version_up(rules: RuleSet) -> None:
    held = legs_of(routed(a_decision()), rules, CALENDAR)
    later = RECEIVED_AT + timedelta(days=9)
    graver = replace(routed(a_decision(band="P1", limits=LIMITS["P1"], alert=("police",)), version=2), decided_at=later)

    added, changed = merged(held, graver, rules, CALENDAR)

    assert added == []
    (leg,) = changed
    assert (leg.band, leg.lane, leg.version, leg.routed_version) == ("P1", "urgent", 2, 2)
    assert leg.alert == ("council", "police")
    assert (leg.decision_id, leg.routed_at) == (graver.decision_id, later)


@pytest.mark.parametrize(
    ("hours_later", "due_after_hours"),
    [(0, 24), (5, 29), (60, 72)],  # 24 hours from the newer decision, and never later than the 72 hours that it had
)
def test_a_shorter_limit_runs_from_the_decision_that_brought_it_and_never_moves_a_clock_later(
    rules: RuleSet, hours_later: int, due_after_hours: int
) -> None:
    held = legs_of(routed(a_decision(band="P2", limits=LIMITS["P2"])), rules, CALENDAR)
    graver = replace(routed(a_decision(band="P1", limits=LIMITS["P1"]), version=2), decided_at=RECEIVED_AT + timedelta(hours=hours_later))

    _, (leg,) = merged(held, graver, rules, CALENDAR)

    assert leg.due_at == RECEIVED_AT + timedelta(hours=due_after_hours)


@pytest.mark.parametrize("added", [{"also": ("marac",)}, {"copy": ("csp_board",), "impossible": True}], ids=str)
def test_the_limit_of_a_leg_that_a_newer_decision_adds_runs_from_that_decision(rules: RuleSet, added: dict[str, Any]) -> None:
    held = legs_of(routed(a_decision()), rules, CALENDAR)
    later = RECEIVED_AT + timedelta(days=21)

    new, changed = merged(held, replace(routed(a_decision(**added), version=2), decided_at=later), rules, CALENDAR)

    assert [leg.due_at for leg in new if leg.role != "copy"] == [local("Mon 30 Mar 2026 09:00")]  # five working days
    assert changed == []


def test_a_copy_that_a_newer_decision_makes_an_owner_has_its_limit_from_that_decision(rules: RuleSet) -> None:
    held = legs_of(routed(a_decision(copy=("marac",))), rules, CALENDAR)
    later = RECEIVED_AT + timedelta(days=21)

    _, (marac,) = merged(held, replace(routed(a_decision(also=("marac",)), version=2), decided_at=later), rules, CALENDAR)

    assert marac.due_at == local("Mon 30 Mar 2026 09:00")


def test_the_limit_of_the_first_decision_runs_from_receipt_however_late_it_is_made(rules: RuleSet) -> None:
    late = replace(routed(a_decision(), version=2), decided_at=RECEIVED_AT + timedelta(days=21))

    assert merged([], late, rules, CALENDAR)[0][0].due_at == local("Mon 09 Mar 2026 09:00")


def test_a_set_without_the_band_of_a_leg_can_make_it_more_urgent(rules: RuleSet) -> None:
    _, (leg,) = merged([a_leg(band="P5")], routed(a_decision(band="P4", limits=LIMITS["P4"]), version=2), rules, CALENDAR)

    assert (leg.band, leg.due_at) == ("P4", a_leg().due_at)


def test_a_set_without_the_band_of_a_leg_makes_it_no_less_urgent(tmp_path: Path) -> None:
    rules = a_rule_set(tmp_path, RULES.replace("{P1: 24h, ", "{").replace("band: P1", "band: P2")).rules
    most_urgent = a_leg(band="P1", lane="urgent")

    assert merged([most_urgent], routed(a_decision(band="P3", limits=LIMITS["P3"]), version=2), rules, CALENDAR) == ([], [])


def test_a_copy_that_has_to_lead_gets_a_clock_and_somebody_to_alert(rules: RuleSet) -> None:
    held = legs_of(routed(a_decision(copy=("marac",))), rules, CALENDAR)

    _, changed = merged(held, routed(a_decision(lead="marac", alert=("police",)), version=2), rules, CALENDAR)

    marac = by_destination(changed)["marac"]
    assert (marac.role, marac.alert) == ("lead", ("police",))
    assert marac.due_at is not None


def test_a_leg_that_somebody_owns_stays_theirs_when_it_grows_more_urgent(rules: RuleSet) -> None:
    owned = a_leg(state="acknowledged", owner="Sam Sample", version=2, acknowledged_at=RECEIVED_AT)
    graver = routed(a_decision(band="P1", limits=LIMITS["P1"]), version=2)

    _, (leg,) = merged([owned], graver, rules, CALENDAR)

    assert (leg.state, leg.owner, leg.version, leg.routed_version) == ("acknowledged", "Sam Sample", 3, 3)


@st.composite
def decisions(draw: st.DrawFn):
    names = draw(st.permutations(DESTINATIONS))
    cut, end = sorted((draw(st.integers(1, 4)), draw(st.integers(1, 4))))
    band = draw(st.sampled_from(URGENCY))
    hours = draw(st.none() | st.integers(1, 240))
    limits = LIMITS[band] if hours is None else replace(LIMITS[band], hours=min(hours, LIMITS[band].hours or hours))
    return a_decision(
        lead=names[0],
        also=tuple(names[1:cut]),
        copy=tuple(names[cut:end]),
        band=band,
        limits=limits,
        alert=tuple(sorted(draw(st.sets(st.sampled_from(["police", "council", "housing"]))))),
        impossible=draw(st.booleans()),
    )


def history(story, rules: RuleSet) -> list[list[Leg]]:
    """The legs after each decision, one version after the other."""
    held: list[Leg] = []
    states: list[list[Leg]] = []
    for number, decision in enumerate(story, start=1):
        added, changed = merged(held, routed(decision, version=number), rules, CALENDAR)
        after = by_destination(held) | by_destination(added) | by_destination(changed)
        held = list(after.values())
        states.append(held)
    return states


@given(story=st.lists(decisions(), min_size=2, max_size=6))
def test_whatever_is_decided_later_no_leg_shrinks_and_no_clock_moves_later(rules: RuleSet, story) -> None:
    states = history(story, rules)
    for earlier, later in pairwise(states):
        after = by_destination(later)
        for old in earlier:
            new = after[old.destination]
            assert STRENGTH.index(new.role) <= STRENGTH.index(old.role)
            assert URGENCY.index(new.band) <= URGENCY.index(old.band)
            assert set(old.alert) <= set(new.alert)
            assert old.lane == "routine" or new.lane == "urgent"
            if old.due_at is not None:
                assert new.due_at is not None
                assert new.due_at <= old.due_at
            assert new.version == old.version + (replace(new, **_numbering(old)) != old)
            assert new.routed_version == new.version


def _numbering(old: Leg) -> dict[str, object]:
    return {"version": old.version, "routed_version": old.routed_version, "decision_id": old.decision_id}


@given(story=st.lists(decisions(), min_size=1, max_size=6))
def test_after_any_decision_everything_that_it_asks_for_is_there(rules: RuleSet, story) -> None:
    states = history(story, rules)
    for number, (decision, state) in enumerate(zip(story, states, strict=True), start=1):
        held = by_destination(state)
        for wanted in legs_of(routed(decision, version=number), rules, CALENDAR):
            have = held[wanted.destination]
            assert STRENGTH.index(have.role) <= STRENGTH.index(wanted.role)
            assert URGENCY.index(have.band) <= URGENCY.index(wanted.band)
            assert set(wanted.alert) <= set(have.alert)
            if wanted.due_at is not None:
                assert have.due_at is not None
                assert have.due_at <= wanted.due_at
        assert any(leg.role == "lead" for leg in state)


@given(story=st.lists(decisions(), min_size=1, max_size=5))
def test_the_last_decision_repeated_adds_nothing(rules: RuleSet, story) -> None:
    held = history(story, rules)[-1]

    assert merged(held, routed(story[-1], version=len(story) + 1), rules, CALENDAR) == ([], [])
