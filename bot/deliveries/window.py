"""When people may be disturbed: quiet hours, across midnight too, and days of rest."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

RestDay = Callable[[date], bool]
"""Whether nothing is sent on a day."""

_SATURDAY = 5
_LONGEST_REST = 366


def no_rest(_: date) -> bool:
    """Every day is a day for sending."""
    return False


def days_off(
    holidays: frozenset[date] = frozenset(), workdays: frozenset[date] = frozenset()
) -> RestDay:
    """Weekends and ``holidays``, but for the weekend days that the State Council makes ``workdays`` (调休)."""
    return lambda day: day in holidays or (day.weekday() >= _SATURDAY and day not in workdays)


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
