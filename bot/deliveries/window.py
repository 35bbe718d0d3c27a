"""When people may be disturbed: quiet hours, across midnight too, and days of rest."""

import csv
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files

RestDay = Callable[[date], bool]
"""Whether nothing is sent on a day."""

_SATURDAY = 5
_LONGEST_REST = 366


def no_rest(_: date) -> bool:
    """Every day is a day for sending."""
    return False


def days_off(holidays: Collection[date] = (), workdays: Collection[date] = ()) -> RestDay:
    """Weekends and ``holidays``, but for the weekend days that the State Council makes ``workdays`` (调休)."""
    return lambda day: day in holidays or (day.weekday() >= _SATURDAY and day not in workdays)


def national_days_off(holidays: Collection[date] = (), workdays: Collection[date] = ()) -> RestDay:
    """Weekends, and the holidays of each year as the State Council orders them (``data/holidays.csv``); those given too,
    for a year that the table does not have yet."""
    text = files("bot.deliveries").joinpath("data/holidays.csv").read_text(encoding="utf-8")
    table = list(csv.DictReader(text.splitlines()))
    rest, work = (
        {day for row in table if row["kind"] == kind for day in _days(row["first"], row["last"])}
        for kind in ("rest", "work")
    )
    return days_off({*rest, *holidays}, {*work, *workdays})


def _days(first: str, last: str) -> Iterator[date]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return (begin + timedelta(days=n) for n in range((end - begin).days + 1))


@dataclass(frozen=True, slots=True)
class Window:
    """Not between the hours ``quiet`` (from, to; local time; equal hours: never quiet), nor on days of rest."""

    quiet: tuple[int, int] = (21, 8)
    rest: RestDay = no_rest

    def opening(self, now: datetime) -> datetime:
        """The first moment from ``now`` on at which something may be sent: ``now`` itself while it may."""
        moment = self._after_quiet(now)
        for _ in range(_LONGEST_REST):
            if not self.rest(moment.date()):
                return moment
            midnight = datetime.combine(moment.date() + timedelta(days=1), time(), now.tzinfo)
            moment = self._after_quiet(midnight)
        return moment

    def open(self, now: datetime) -> bool:
        """Whether something may be sent now."""
        return self.opening(now) == now

    def _after_quiet(self, now: datetime) -> datetime:
        begin, end = self.quiet
        quiet = begin <= now.hour < end if begin <= end else now.hour >= begin or now.hour < end
        if not quiet:
            return now
        day = now.date() + timedelta(days=1 if now.hour >= end else 0)
        return datetime.combine(day, time(), now.tzinfo) + timedelta(hours=end)
