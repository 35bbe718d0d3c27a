"""Calendar months of China, as statistics count by them."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from bot.clock import CHINA

_WRITTEN = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month; as text 2026-11."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"

    @property
    def name(self) -> str:
        """As people write it: 2026年11月."""
        return f"{self.year}年{self.month}月"

    def earlier(self, months: int) -> "Month":
        """The month so many before this one; a negative number: after it."""
        count = self.year * 12 + self.month - 1 - months
        return Month(count // 12, count % 12 + 1)

    @property
    def begins(self) -> int:
        """Its first moment, in seconds since 1970."""
        return int(datetime(self.year, self.month, 1, tzinfo=CHINA).timestamp())

    @property
    def ends(self) -> int:
        """The first moment of the next month."""
        return self.earlier(-1).begins


def month_of(moment: date) -> Month:
    """The month of a day."""
    return Month(moment.year, moment.month)


def written(text: str) -> Month | None:
    """The month of a text like 2026-11; ``None`` for anything else."""
    found = _WRITTEN.fullmatch(text)
    return Month(int(found[1]), int(found[2])) if found else None
