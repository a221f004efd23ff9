"""How the Today page groups and sorts the queues, and what counts as news."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from fingerpost_console.domain.books import verdict
from fingerpost_console.domain.queues import Seen, Totals, news, overview, read_seen, seen
from fingerpost_shared.contracts.queries.router import QueueView

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


def a_queue(destination: str, *, waiting: dict[str, int] | None = None, overdue: int = 0, owned: int = 0, hours: int = 1) -> QueueView:
    bands = waiting or {}
    return QueueView(
        destination=destination,
        open=sum(bands.values()),
        owned=owned,
        copies=0,
        overdue=overdue,
        oldest_open_at=NOW - timedelta(hours=hours) if bands else None,
        open_by_band=bands,
    )


def names(queues: tuple[QueueView, ...]) -> list[str]:
    return [queue.destination for queue in queues]


def test_overdue_queues_come_first_and_quiet_ones_last() -> None:
    view = overview(
        [a_queue("quiet", owned=4), a_queue("waiting", waiting={"P1": 1}), a_queue("late", waiting={"P4": 1}, overdue=1)],
        ["quiet", "waiting", "late", "never_used"],
    )

    assert (names(view.overdue), names(view.waiting), names(view.quiet)) == (["late"], ["waiting"], ["quiet", "never_used"])
    assert view.totals == Totals(open=2, owned=4, overdue=1)


def test_in_a_group_the_most_urgent_band_comes_first_then_the_longest_waiting() -> None:
    view = overview(
        [a_queue("b", waiting={"P2": 9}), a_queue("c", waiting={"P1": 1}, hours=1), a_queue("a", waiting={"P1": 1, "P3": 2}, hours=5)], []
    )

    assert names(view.waiting) == ["a", "c", "b"]


def test_no_news_where_nothing_changed() -> None:
    before = seen([a_queue("a", waiting={"P1": 1})])

    assert news(before, seen([a_queue("a", waiting={"P1": 1})])) is None


def test_news_tell_what_is_more() -> None:
    before = seen([a_queue("a", waiting={"P1": 1})])

    assert news(before, seen([a_queue("a", waiting={"P1": 3}, overdue=1)])) == "2 more waiting, 1 more overdue"
    assert news(before, seen([a_queue("a")])) == "1 fewer waiting"


def test_one_taken_and_another_come_is_news_too_although_the_counts_are_the_same() -> None:
    before = seen([a_queue("a", waiting={"P1": 1}, hours=9)])

    assert news(before, seen([a_queue("a", waiting={"P1": 1}, hours=1)])) == "Something has changed"


@given(st.integers(0, 10**8), st.integers(0, 10**8), st.integers(0, 10**8))
def test_what_was_seen_can_be_written_into_an_address_and_read_back(waiting: int, owned: int, overdue: int) -> None:
    look = Seen(Totals(waiting, owned, overdue), "0f3a9b7c")

    assert read_seen(look.written()) == look


@given(st.text(max_size=60))
def test_an_address_that_was_tampered_with_is_no_error(written: str) -> None:
    assert read_seen(written) is None or written.count(".") == 3


def test_the_books_balance_in_words() -> None:
    assert verdict(12, (), is_balanced=True).startswith("The books balance: each of 12 referrals is owned")


def test_what_is_missing_is_told_by_who_misses_it() -> None:
    said = verdict(12, (str(uuid4()), f"leg {uuid4()}", f"leg {uuid4()}"), is_balanced=False)

    assert "routing does not know 1 referral that intake saved over a minute ago" in said
    assert said.endswith("and alerting does not know 2 parts that routing made over a minute ago.")


def test_books_in_motion_are_not_called_faulty() -> None:
    assert "look again in a moment" in verdict(12, (), is_balanced=False)
