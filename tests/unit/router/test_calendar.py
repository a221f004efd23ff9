"""When a leg is due (I7), against an oracle that knows nothing but how to step: an hour, or a day, at a time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fingerpost_router.domain.calendar import Calendar, months_before
from fingerpost_rules import Limits
from tests.unit.router.building import CALENDAR, LONDON, TIMETABLE_2026, local

DAY = timedelta(days=1)

moments = st.datetimes(datetime(2025, 11, 1), datetime(2027, 1, 31), timezones=st.just(UTC))
holidays = st.frozensets(st.dates(date(2025, 11, 1), date(2027, 3, 31)), max_size=60)


def after_hours(moment: datetime, hours: int) -> datetime:
    """Hour by hour on the clock of the universe."""
    stamp = moment.timestamp()
    for _ in range(hours):
        stamp += 3600
    return datetime.fromtimestamp(stamp, UTC)


def after_working_days(moment: datetime, days: int, off: frozenset[date], zone: ZoneInfo) -> datetime:
    """Day by day on the wall calendar, the hands of the clock left alone."""
    wall = moment.astimezone(zone).replace(tzinfo=None, fold=0)
    while days > 0:
        wall += DAY
        if wall.strftime("%a") not in ("Sat", "Sun") and wall.date() not in off:
            days -= 1
    return wall.replace(tzinfo=zone).astimezone(UTC)


@given(moments, st.integers(1, 400))
def test_hours_elapse_whatever_the_clocks_on_the_wall_do(moment: datetime, hours: int) -> None:
    assert CALENDAR.due_at(moment, Limits(hours, None)) == after_hours(moment, hours)


@given(moments, st.integers(1, 30), holidays)
@example(datetime(2026, 3, 27, 23, 30, tzinfo=UTC), 1, frozenset())  # the Friday before the clocks go on
@example(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 1, frozenset())  # half past one, the first time
@example(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 1, frozenset())  # half past one, the second time
@example(datetime(2026, 12, 31, 23, 59, tzinfo=UTC), 10, frozenset(TIMETABLE_2026))
def test_working_days_end_at_the_same_local_time_and_skip_days_off(moment: datetime, days: int, off: frozenset[date]) -> None:
    calendar = Calendar(LONDON, off)

    assert calendar.due_at(moment, Limits(None, days)) == after_working_days(moment, days, off, LONDON)


@given(moments, st.integers(1, 20), st.sampled_from(["Asia/Kolkata", "America/New_York", "Pacific/Apia", "Africa/Cairo"]))
def test_a_partnership_elsewhere_has_its_own_local_time(moment: datetime, days: int, zone_name: str) -> None:
    zone = ZoneInfo(zone_name)

    assert Calendar(zone, frozenset()).due_at(moment, Limits(None, days)) == after_working_days(moment, days, frozenset(), zone)


@given(moments, st.integers(1, 200), st.integers(1, 20))
def test_the_earlier_of_two_limits_counts(moment: datetime, hours: int, days: int) -> None:
    both = CALENDAR.due_at(moment, Limits(hours, days))

    assert both == min(CALENDAR.due_at(moment, Limits(hours, None)), CALENDAR.due_at(moment, Limits(None, days)))


@given(moments, st.integers(1, 20), holidays)
def test_it_is_due_on_a_working_day_and_never_before_it_came(moment: datetime, days: int, off: frozenset[date]) -> None:
    calendar = Calendar(LONDON, off)
    due = calendar.due_at(moment, Limits(None, days))

    assert due > moment
    assert calendar.is_working_day(due.astimezone(LONDON).date())


TIMETABLE = [
    # received, working days, due
    ("Mon 02 Mar 2026 09:00", 5, "Mon 09 Mar 2026 09:00"),
    ("Fri 28 Aug 2026 16:30", 5, "Mon 07 Sep 2026 16:30"),  # the summer bank holiday is the Monday after
    ("Sat 28 Feb 2026 10:15", 1, "Mon 02 Mar 2026 10:15"),  # a weekend start: Monday is the first working day
    ("Sun 01 Mar 2026 23:59", 2, "Tue 03 Mar 2026 23:59"),
    ("Thu 02 Apr 2026 12:00", 1, "Tue 07 Apr 2026 12:00"),  # over Good Friday and Easter Monday
    ("Mon 31 Aug 2026 08:00", 1, "Tue 01 Sep 2026 08:00"),  # received on a bank holiday
    ("Fri 27 Mar 2026 17:00", 1, "Mon 30 Mar 2026 17:00"),  # the clocks go on in between: 71 hours, not 72
    ("Fri 23 Oct 2026 17:00", 1, "Mon 26 Oct 2026 17:00"),  # and back: 73 hours
    ("Thu 24 Dec 2026 09:30", 5, "Tue 05 Jan 2027 09:30"),  # Christmas, a substitute day, a year's end
    ("Thu 31 Dec 2026 23:30", 1, "Mon 04 Jan 2027 23:30"),
]


@pytest.mark.parametrize(("received", "days", "due"), TIMETABLE)
def test_the_office_timetable(received: str, days: int, due: str) -> None:
    assert CALENDAR.due_at(local(received), Limits(None, days)) == local(due)


@pytest.mark.parametrize(
    ("received", "hours", "due"),
    [
        ("Sat 28 Mar 2026 23:00", 24, "Mon 30 Mar 2026 00:00"),  # the clocks went on that night
        ("Sat 24 Oct 2026 23:00", 24, "Sun 25 Oct 2026 22:00"),  # and back that night
        ("Fri 28 Aug 2026 16:30", 72, "Mon 31 Aug 2026 16:30"),  # hours know no bank holiday
    ],
)
def test_hours_over_the_nights_on_which_the_clocks_change(received: str, hours: int, due: str) -> None:
    assert CALENDAR.due_at(local(received), Limits(hours, None)) == local(due)


def test_a_leap_day_is_a_working_day_like_any_other() -> None:
    assert CALENDAR.due_at(local("Mon 28 Feb 2028 09:00"), Limits(None, 1)) == local("Tue 29 Feb 2028 09:00")
    assert CALENDAR.due_at(local("Tue 29 Feb 2028 09:00"), Limits(None, 1)) == local("Wed 01 Mar 2028 09:00")


@given(moments, st.integers(0, 40))
def test_months_before_is_the_same_day_or_the_last_one_of_a_shorter_month(moment: datetime, months: int) -> None:
    before = months_before(moment, months)

    assert (moment.year * 12 + moment.month) - (before.year * 12 + before.month) == months
    assert before.timetz() == moment.timetz()
    assert before.day == moment.day or (before.day < moment.day and (before + DAY).day == 1)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2024-02-29", 12, "2023-02-28"),
        ("2025-02-28", 12, "2024-02-28"),
        ("2026-08-31", 6, "2026-02-28"),
        ("2024-08-31", 6, "2024-02-29"),
        ("2026-12-31", 6, "2026-06-30"),
        ("2026-01-15", 12, "2025-01-15"),
    ],
)
def test_months_before_at_the_ends_of_months(day: str, months: int, before: str) -> None:
    moment = datetime.fromisoformat(f"{day}T10:20:30+00:00")

    assert months_before(moment, months) == datetime.fromisoformat(f"{before}T10:20:30+00:00")
