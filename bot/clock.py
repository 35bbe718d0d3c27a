"""The time of day in China, passed in as a value: below the composition root nothing asks."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

Clock = Callable[[], datetime]
"""Gives the present moment, aware of its zone. Tests pass a function of their own."""

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""One zone and, since 1992, no summer time: no zone file is needed."""


def china_clock() -> datetime:
    """The present moment in China: the clock of the running service."""
    return datetime.now(CHINA)
