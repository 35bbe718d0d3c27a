"""The time of day in China, passed in as a value: below the composition root nothing asks."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

Clock = Callable[[], datetime]
"""Gives the present moment, aware of its zone. Tests pass a function of their own."""

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""One zone and, since 1992, no summer time: no zone file is needed."""


def china_clock() -> datetime:
    """The present moment in China: the clock of the running service."""
    return datetime.now(CHINA)


def chinese_day(moment: date) -> str:
    """A day as people write it: 2026年11月21日."""
    return f"{moment.year}年{moment.month}月{moment.day}日"


def chinese_moment(moment: datetime) -> str:
    """A moment as people write it, to the minute: 2026年11月21日 09:05."""
    return f"{chinese_day(moment)} {moment:%H:%M}"
