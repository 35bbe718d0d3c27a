"""The time of a drill: it passes faster than the world's, alike in all its processes."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import CHINA


@dataclass(frozen=True, slots=True)
class DrillClock:
    """A clock ``speed`` times as fast as the real one since ``start`` (seconds since 1970)."""

    start: float
    speed: int

    def __call__(self) -> datetime:
        """The moment in the drill."""
        begin = datetime.fromtimestamp(self.start, CHINA)
        return begin + timedelta(seconds=(time.time() - self.start) * self.speed)

    def __str__(self) -> str:
        return f"{self.start}:{self.speed}"


def parse(told: str) -> DrillClock:
    """The clock that ``str`` said."""
    start, _, speed = told.partition(":")
    return DrillClock(float(start), int(speed))
