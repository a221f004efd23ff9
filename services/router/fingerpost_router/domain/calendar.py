"""Reckons when a leg is due: hours elapse, working days skip weekends and bank holidays and end at the same local time (I7)."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from fingerpost_rules import Limits

_SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The partnership's zone and its bank holidays."""

    timezone: ZoneInfo
    bank_holidays: Set[date]

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, and no bank holiday."""
        return day.weekday() < _SATURDAY and day not in self.bank_holidays

    def working_days_after(self, moment: datetime, days: int) -> datetime:
        """The same local time, so many working days later. On a day off, counting starts with the next working day."""
        local = moment.astimezone(self.timezone)
        day = self._day_after(local.date(), days)
        return datetime.combine(day, local.time().replace(fold=0), self.timezone).astimezone(UTC)

    @lru_cache(maxsize=1024)  # noqa: B019 - a calendar lives as long as its service
    def _day_after(self, day: date, days: int) -> date:
        left = days
        while left > 0:
            day += timedelta(days=1)
            left -= self.is_working_day(day)
        return day

    def due_at(self, received_at: datetime, limits: Limits) -> datetime:
        """The earlier of the two limits on the real calendar, in UTC; one is always given. No leg waits for a meeting (I6)."""
        ends = [] if limits.hours is None else [received_at.astimezone(UTC) + timedelta(hours=limits.hours)]
        if limits.working_days is not None:
            ends.append(self.working_days_after(received_at, limits.working_days))
        return min(ends)


def months_before(moment: datetime, months: int) -> datetime:
    """The same day and time so many months ago, or the last day of that month where it is shorter."""
    total = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(total, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")
