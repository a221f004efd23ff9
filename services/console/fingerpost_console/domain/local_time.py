"""Times as people say them: how long ago, how long left, and at what hour of which day, in the partnership's own time zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SOON = timedelta(hours=4)


@dataclass(frozen=True)
class Due:
    """When something is due: `left` in plain words, `moment` as a time."""

    left: str
    moment: str
    is_overdue: bool
    is_soon: bool


@dataclass(frozen=True)
class LocalTime:
    """The present moment somewhere; everything is said as seen from it."""

    now: datetime
    zone: ZoneInfo

    def moment(self, at: datetime) -> str:
        """`today at 14:30`, `Tue 24 Nov at 09:05`."""
        return f"{self._day(at)} at {self.clock(at)}"

    def clock(self, at: datetime) -> str:
        """`14:30`."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def to_the_second(self) -> str:
        """The present time with seconds, to show how fresh a page is."""
        return f"{self.now.astimezone(self.zone):%H:%M:%S}"

    def age(self, since: datetime) -> str:
        """How long it has been: `40 minutes`, `26 hours`, `3 days`."""
        return in_words(self.now - since)

    def due(self, at: datetime) -> Due:
        """How much time is left, or by how much it is overdue."""
        left = at - self.now
        is_overdue = left <= timedelta(0)
        words = f"{in_words(-left)} overdue" if is_overdue else f"{in_words(left)} left"
        return Due(words, self.moment(at), is_overdue, not is_overdue and left < SOON)

    def _day(self, at: datetime) -> str:
        local, today = at.astimezone(self.zone).date(), self.now.astimezone(self.zone).date()
        near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((local - today).days)
        return near or _written(local, today)


def in_words(length: timedelta) -> str:
    """A length of time in its largest sensible unit, rounded down; hours up to two days, for that is how shifts are counted."""
    minutes = int(length.total_seconds()) // 60
    if minutes < 1:
        return "under a minute"
    if minutes < 60:
        return plural(minutes, "minute")
    if minutes < 48 * 60:
        return plural(minutes // 60, "hour")
    return plural(minutes // (24 * 60), "day")


def plural(count: int, noun: str) -> str:
    """`1 hour`, `2 hours`, `0 hours`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _written(day: date, today: date) -> str:
    words = f"{day:%a} {day.day} {day:%b}"
    return words if day.year == today.year else f"{words} {day.year}"
