"""A run kept in a file, and what a later run has better or worse."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from catalogue_index.errors import UnrecognisedFile
from catalogue_index.readers.text import read_text

from .judging import Outcome
from .scores import characters, milliseconds

_FORMAT = 1
_MOST_BYTES = 256_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """Question sets asked once: of which version of the knowledge, when, and what came of each question."""

    version: str
    made: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose outcome is better or worse than before."""

    before: Outcome
    now: Outcome

    @property
    def step(self) -> int:
        """Above 0 for better, below for worse."""
        return _grade(self.now) - _grade(self.before)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side; questions that only one of them has are counted, not judged."""

    before: Run
    now: Run
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    added: int
    removed: int

    @property
    def figures(self) -> Mapping[str, tuple[float, float]]:
        """Figures of the whole, before and now."""
        before, now = _figures(self.before.outcomes), _figures(self.now.outcomes)
        return {name: (before[name], now[name]) for name in before}


def save(run: Run, path: Path) -> None:
    """Keep a run. May raise ``OSError``."""
    kept = {"format": _FORMAT, **asdict(run)}
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> Run:
    """A run that was kept; raises ``Refused`` where the file holds none."""
    try:
        kept = json.loads(read_text(path, max_bytes=_MOST_BYTES))
        if kept.pop("format") != _FORMAT:
            raise ValueError("another format")
        outcomes = tuple(map(_outcome, kept.pop("outcomes")))
        return Run(**kept, outcomes=outcomes)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnrecognisedFile(
            f"“{path.name}”不是 zwgk eval --save 存下的成绩，或者是别的版本存的。"
        ) from error


def compare(before: Run, now: Run) -> Comparison:
    """What is better and worse, by question; one asked differently or judged by something else is another question."""
    known = {_key(outcome): outcome for outcome in before.outcomes}
    asked = {_key(outcome): outcome for outcome in now.outcomes}
    both = [Change(known[key], outcome) for key, outcome in asked.items() if key in known]
    return Comparison(
        before,
        now,
        better=tuple(change for change in both if change.step > 0),
        worse=tuple(change for change in both if change.step < 0),
        added=len(asked.keys() - known.keys()),
        removed=len(known.keys() - asked.keys()),
    )


def _outcome(kept: dict[str, Any]) -> Outcome:
    lists = {name: tuple(kept[name]) for name in ("choices", "reasons")}
    return Outcome(**{**kept, **lists})


def _key(outcome: Outcome) -> tuple[str, ...]:
    return (outcome.id, outcome.question, outcome.context, outcome.area, outcome.expected)


def _grade(outcome: Outcome) -> int:
    return 2 if outcome.right else 0 if outcome.wrong else 1


def _figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    ms, length = milliseconds(outcomes), characters(outcomes)
    return {
        "cases": len(outcomes),
        "right": sum(outcome.right for outcome in outcomes),
        "wrong": sum(outcome.wrong for outcome in outcomes),
        "ms_p50": round(ms.p50, 2),
        "ms_p99": round(ms.p99, 2),
        "length_mean": round(length.mean, 1),
        "length_most": length.most,
    }
