"""What a measurement says: single figures, beside what is wanted of them, and tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; ``least`` or ``most`` is what is wanted of it."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether it is as wanted; ``None`` when nothing is wanted of it."""
        if self.least is None and self.most is None:
            return None
        above = self.least is None or self.value >= self.least
        return above and (self.most is None or self.value <= self.most)

    @property
    def wanted(self) -> str:
        """What is wanted, in words."""
        if self.least is not None:
            return f"≥ {self.least:g}"
        return f"≤ {self.most:g}" if self.most is not None else ""


@dataclass(frozen=True, slots=True)
class Findings:
    """Rows to be read side by side, each with the same columns."""

    title: str
    rows: Sequence[dict[str, Any]]


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
