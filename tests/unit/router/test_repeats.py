"""How many earlier referrals share a person, a pair or a place: a repeat is a signal, and is counted once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerpost_router.domain.repeats import Sightings, counted_facts, window_of
from fingerpost_rules.facts import Facts, ScalarFact
from tests.unit.router.building import a_token, an_id

NOW = datetime(2026, 8, 31, 12, tzinfo=UTC)
ALEX, HOME = a_token("alex"), a_token("home", "place")
PAIR = a_token("alex and blake", "pair")


def counted_to(most: int = 50, *names: str) -> Facts:
    chosen = names or ("repeats_6m", "repeats_12m", "pair_repeats_12m")
    return Facts(1, tuple(ScalarFact(name, name, "number", tuple(range(most + 1)), counted=True) for name in chosen))


def repeats(sightings: Sightings, *tokens, at: datetime = NOW, who: str = "new", facts: Facts | None = None):
    return counted_facts(window_of(tokens, an_id(who), at), sightings, facts or counted_to())


def seen_at(token, *moments: datetime) -> Sightings:
    sightings = Sightings({})
    for number, moment in enumerate(moments):
        sightings.add(token, moment, an_id(f"earlier {number}"))
    return sightings


def test_a_referral_like_no_other_repeats_nothing() -> None:
    assert repeats(Sightings({}), ALEX, HOME, PAIR) == {"repeats_6m": 0, "repeats_12m": 0, "pair_repeats_12m": 0}


@pytest.mark.parametrize(
    ("earlier", "short", "long"),
    [
        ("2026-08-31T12:00", 1, 1),
        ("2026-02-28T12:00", 1, 1),  # six months before 31 August is the last of February
        ("2026-02-28T11:59", 0, 1),
        ("2025-08-31T12:00", 0, 1),
        ("2025-08-31T11:59", 0, 0),
    ],
)
def test_the_windows_are_six_and_twelve_months_to_the_minute(earlier: str, short: int, long: int) -> None:
    counted = repeats(seen_at(ALEX, datetime.fromisoformat(f"{earlier}+00:00")), ALEX)

    assert (counted["repeats_6m"], counted["repeats_12m"]) == (short, long)


def test_in_a_batch_each_referral_counts_those_before_it_and_not_itself() -> None:
    sightings = Sightings({})
    found = []
    for number in range(5):
        at = NOW + timedelta(minutes=number)
        found.append(repeats(sightings, ALEX, at=at, who=f"{number}")["repeats_6m"])
        sightings.add(ALEX, at, an_id(f"{number}"))

    assert found == [0, 1, 2, 3, 4]


def test_a_referral_never_counts_its_own_earlier_version() -> None:
    sightings = Sightings({})
    sightings.add(ALEX, NOW, an_id("one"))

    assert repeats(sightings, ALEX, who="one")["repeats_6m"] == 0


def test_the_strongest_link_counts_and_links_do_not_add_up() -> None:
    sightings = Sightings({(ALEX.value, an_id("new")): (2, 3), (HOME.value, an_id("new")): (4, 4)})

    counted = repeats(sightings, ALEX, HOME)

    assert counted == {"repeats_6m": 4, "repeats_12m": 4, "pair_repeats_12m": 0}


def test_only_a_pair_gives_pair_repeats() -> None:
    sightings = Sightings({(ALEX.value, an_id("new")): (5, 6), (PAIR.value, an_id("new")): (1, 2)})

    assert repeats(sightings, ALEX, PAIR)["pair_repeats_12m"] == 2


def test_stored_and_batch_sightings_are_added() -> None:
    sightings = Sightings({(ALEX.value, an_id("new")): (2, 3)})
    sightings.add(ALEX, NOW - timedelta(days=300), an_id("in this batch"))

    counted = repeats(sightings, ALEX)

    assert (counted["repeats_6m"], counted["repeats_12m"]) == (2, 4)


def test_a_stored_referral_that_comes_again_in_the_batch_as_an_update_is_one_repeat() -> None:
    stored = {(ALEX.value, an_id("new")): (1, 1)}
    sightings = Sightings(stored, shown_before=frozenset({(ALEX.value, an_id("known"))}))
    sightings.add(ALEX, NOW, an_id("known"))

    assert repeats(sightings, ALEX)["repeats_6m"] == 1


def test_counts_stay_within_what_the_facts_file_allows() -> None:
    sightings = Sightings({(PAIR.value, an_id("new")): (51, 51)})

    assert repeats(sightings, PAIR, facts=counted_to(50)) == {"repeats_6m": 50, "repeats_12m": 50, "pair_repeats_12m": 50}


def test_a_facts_file_without_a_counted_fact_gets_none() -> None:
    assert repeats(Sightings({}), ALEX, facts=counted_to(50, "repeats_12m")) == {"repeats_12m": 0}


@given(st.lists(st.integers(-500, 30), max_size=30), st.integers(1, 12))
def test_the_shorter_window_never_counts_more_than_the_longer(days_ago: list[int], most: int) -> None:
    sightings = seen_at(PAIR, *(NOW + timedelta(days=days) for days in days_ago))

    counted = repeats(sightings, PAIR, facts=counted_to(most))

    assert 0 <= counted["repeats_6m"] <= counted["repeats_12m"] == counted["pair_repeats_12m"] <= most
