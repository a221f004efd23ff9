"""Of each referral the newest version in a batch, in the order in which repeats are counted."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fingerpost_router.domain.snapshots import newest
from tests.unit.router.building import a_referral

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_newer_version_in_the_batch_replaces_the_older_wherever_it_stands() -> None:
    first, second = a_referral(version=1), a_referral(version=2, weapon="bladed")

    assert newest([first, second]) == newest([second, first]) == [second]


def test_who_came_first_is_counted_first() -> None:
    late = a_referral("late", at=MORNING + timedelta(minutes=1))
    early = a_referral("early", at=MORNING)

    assert newest([late, early]) == [early, late]


stories = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 4), st.integers(0, 3)), max_size=20)


@given(story=stories, data=st.data())
def test_the_order_of_arrival_in_the_batch_does_not_matter(story, data) -> None:
    batch = [a_referral(name, version=version, at=MORNING + timedelta(hours=ord(name))) for name, version, _ in story]

    chosen = newest(batch)

    assert newest(data.draw(st.permutations(batch))) == chosen
    assert [s.received_at for s in chosen] == sorted(s.received_at for s in chosen)
    highest = {name: max(version for other, version, _ in story if other == name) for name, _, _ in story}
    assert {s.referral_id: s.version for s in chosen} == {a_referral(n).referral_id: v for n, v in highest.items()}
