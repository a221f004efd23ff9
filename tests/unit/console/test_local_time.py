"""Times as people say them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fingerpost_console.domain.local_time import LocalTime, in_words

LONDON = ZoneInfo("Europe/London")


def at(text: str) -> LocalTime:
    return LocalTime(datetime.fromisoformat(text).replace(tzinfo=UTC), LONDON)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-5), "under a minute"),
        (timedelta(seconds=59), "under a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=47, minutes=59), "47 hours"),
        (timedelta(hours=48), "2 days"),
        (timedelta(days=12, hours=23), "12 days"),
    ],
)
def test_a_length_of_time_is_said_in_its_largest_sensible_unit(length: timedelta, words: str) -> None:
    assert in_words(length) == words


def test_a_day_is_named_by_the_clock_on_the_wall_not_by_utc() -> None:
    late_evening_in_utc = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)

    assert at("2026-07-02 09:00").moment(late_evening_in_utc) == "today at 00:30"


def test_the_hour_moves_with_summer_time() -> None:
    local = at("2026-10-24 12:00")

    assert local.moment(datetime(2026, 10, 24, 14, 0, tzinfo=UTC)) == "today at 15:00"
    assert local.moment(datetime(2026, 10, 25, 14, 0, tzinfo=UTC)) == "tomorrow at 14:00"


def test_another_year_is_named() -> None:
    assert at("2026-01-02 09:00").moment(datetime(2025, 12, 24, 9, 0, tzinfo=UTC)) == "Wed 24 Dec 2025 at 09:00"


def test_what_is_due_this_very_moment_is_overdue() -> None:
    local = at("2026-11-25 09:30")

    assert local.due(local.now).is_overdue
    assert not local.due(local.now + timedelta(seconds=1)).is_overdue


def test_due_says_how_long_is_left_or_by_how_much_it_is_late() -> None:
    local = at("2026-11-25 09:30")
    ahead, behind = local.due(local.now + timedelta(hours=3, minutes=5)), local.due(local.now - timedelta(hours=26))

    assert (ahead.left, ahead.moment, ahead.is_soon) == ("3 hours left", "today at 12:35", True)
    assert (behind.left, behind.moment, behind.is_soon) == ("26 hours overdue", "yesterday at 07:30", False)
