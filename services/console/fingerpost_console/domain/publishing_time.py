"""The time from which a rule set is to be live, as a coordinator types it: a day and an hour of the partnership's own clock."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")
NO_DAY = "Enter a day that is in the calendar, such as 27 3 2027"
PAST_DAY = "That day is past; choose a later one"
SHORT_YEAR = "That day is past; write the year with four figures"
FOUR_FIGURES = 1000  # the first year that has them
NO_HOUR = "Enter an hour and minutes on the 24-hour clock, such as 09:00"


@dataclass(frozen=True)
class Typed:
    """What stands in the form."""

    day: str = ""
    month: str = ""
    year: str = ""
    clock: str = ""


@dataclass(frozen=True)
class NotATime:
    """What was typed is no time: what to type instead as the day, as the hour, or as both."""

    of_the_day: str | None = None
    of_the_hour: str | None = None


def read_time(typed: Typed, zone: ZoneInfo, now: datetime) -> datetime | NotATime:
    """The moment in UTC. Where the clocks go back it is the first of the two."""
    day, hour = _day(typed), _hour(typed)
    if day is None or hour is None:
        return NotATime(NO_DAY if day is None else None, NO_HOUR if hour is None else None)
    if day < now.astimezone(zone).date():
        return NotATime(of_the_day=PAST_DAY if day.year >= FOUR_FIGURES else SHORT_YEAR)
    moment = datetime.combine(day, hour, zone).astimezone(UTC)
    if moment.astimezone(zone).time() != hour:
        return NotATime(of_the_hour="Choose another hour: on that day the clocks go forward and there is no such time")
    return moment


def _day(typed: Typed) -> date | None:
    try:
        return date(int(typed.year), int(typed.month), int(typed.day))
    except ValueError:
        return None


def _hour(typed: Typed) -> time | None:
    written = _CLOCK.fullmatch(typed.clock.strip())
    return time(int(written[1]), int(written[2])) if written else None
