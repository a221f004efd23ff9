"""The time from which a rule set is to be live, as a coordinator types it: a day and an hour of the partnership's own clock."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")


@dataclass(frozen=True)
class Typed:
    """What stands in the form."""

    day: str = ""
    month: str = ""
    year: str = ""
    clock: str = ""


@dataclass(frozen=True)
class NotATime:
    """What was typed is no time; `help` says what to type, and `is_of_the_day` where."""

    help: str
    is_of_the_day: bool


def read_time(typed: Typed, zone: ZoneInfo) -> datetime | NotATime:
    """The moment in UTC. Where the clocks go back it is the first of the two."""
    written = _CLOCK.fullmatch(typed.clock.strip())
    if written is None:
        return NotATime("Enter an hour and minutes on the 24-hour clock, such as 09:00", is_of_the_day=False)
    clock = time(int(written[1]), int(written[2]))
    try:
        day = datetime(int(typed.year), int(typed.month), int(typed.day))
    except ValueError:
        return NotATime("Enter a day that is in the calendar, such as 27 3 2027", is_of_the_day=True)
    moment = datetime.combine(day, clock, zone).astimezone(UTC)
    if moment.astimezone(zone).time() != clock:
        return NotATime("Choose another hour: on that day the clocks go forward and there is no such time", is_of_the_day=False)
    return moment
