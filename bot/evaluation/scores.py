"""Figures of outcomes: by style, by what the right answer is, what was taken for what, and what confidence is worth."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .judging import Outcome

ALL = "合计"
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
GROUPS = ("gold", "asks", "area")
"""What outcomes are also grouped by, where they differ in it."""


@dataclass(frozen=True, slots=True)
class Score:
    """Figures of a group of outcomes. ``plain``: how many the plain method has first, where every one was asked of it."""

    name: str
    cases: int
    first: int
    offered: int
    wrong: int
    plain: int | None

    def to_json(self, field: str) -> dict[str, Any]:
        """The object of ``--json``, the name under ``field``."""
        told = {
            field: self.name,
            "cases": self.cases,
            "first": self.first,
            "offered": self.offered,
            "wrong": self.wrong,
        }
        return told if self.plain is None else told | {"plain_first": self.plain}


@dataclass(frozen=True, slots=True)
class Part:
    """The questions to answer, or those to turn away: what is counted of them means different things.

    ``tables`` are figures by style, and by each of ``GROUPS`` in which they differ, without the total.
    """

    outside: bool
    total: Score
    tables: Mapping[str, Sequence[Score]]


@dataclass(frozen=True, slots=True)
class Confusion:
    """A unit that was taken for another: how often, and the questions."""

    expected: str
    taken: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reliability:
    """Of the answers at least so confident: how many there are, and how many are right."""

    at_least: float
    answers: int
    right: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How values are spread."""

    mean: float
    p50: float
    p99: float
    most: float


def score(name: str, outcomes: Sequence[Outcome]) -> Score:
    """Figures of some outcomes."""
    asked = bool(outcomes) and all(outcome.plain is not None for outcome in outcomes)
    return Score(
        name,
        len(outcomes),
        sum(outcome.first for outcome in outcomes),
        sum(outcome.offered for outcome in outcomes),
        sum(outcome.wrong for outcome in outcomes),
        sum(bool(outcome.plain) for outcome in outcomes) if asked else None,
    )


def scores(outcomes: Sequence[Outcome], by: str = "style") -> list[Score]:
    """Figures by a field of the outcomes, in order of appearance, then of all (合计)."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(getattr(outcome, by), []).append(outcome)
    return [*(score(name, group) for name, group in groups.items()), score(ALL, outcomes)]


def groupings(outcomes: Sequence[Outcome]) -> dict[str, list[Score]]:
    """Figures by each of ``GROUPS`` in which the outcomes differ."""
    return {
        by: scores(outcomes, by) for by in GROUPS if len({getattr(o, by) for o in outcomes}) > 1
    }


def parts(outcomes: Sequence[Outcome]) -> list[Part]:
    """The questions to answer, then those to turn away; only what there is."""
    found = []
    for outside in (False, True):
        if group := [outcome for outcome in outcomes if outcome.outside is outside]:
            tables = {"style": scores(group), **groupings(group)}
            shown = {by: table[:-1] for by, table in tables.items()}
            found.append(Part(outside, score(ALL, group), shown))
    return found


def confusions(outcomes: Sequence[Outcome]) -> list[Confusion]:
    """What was taken for what, most often first: units answered instead of the right one, and wrong doors."""
    found: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        if outcome.wrong or (outcome.outside and not outcome.right):
            found.setdefault((outcome.expected, outcome.taken), []).append(outcome.id)
    pairs = (Confusion(*pair, tuple(ids)) for pair, ids in found.items())
    return sorted(pairs, key=lambda pair: -len(pair.ids))


def reliability(outcomes: Sequence[Outcome]) -> list[Reliability]:
    """What each of ``THRESHOLDS`` is worth. An answer to a question from outside is never right."""
    answers = [outcome for outcome in outcomes if outcome.answered]
    table = []
    for threshold in THRESHOLDS:
        sure = [outcome for outcome in answers if outcome.confidence >= threshold]
        right = sum(not outcome.wrong for outcome in sure)
        table.append(Reliability(threshold, len(sure), right))
    return table


def milliseconds(outcomes: Sequence[Outcome]) -> Spread:
    """How long the questions took."""
    return _spread(outcomes, lambda outcome: outcome.ms)


def characters(outcomes: Sequence[Outcome]) -> Spread:
    """How long the answers are; what is said where nothing is answered does not count."""
    answers = [outcome for outcome in outcomes if outcome.answered]
    return _spread(answers, lambda outcome: len(outcome.text))


def _spread(outcomes: Sequence[Outcome], of: Callable[[Outcome], float]) -> Spread:
    values = sorted(map(of, outcomes)) or [0.0]

    def at(share: float) -> float:
        return values[math.ceil(share * len(values)) - 1]

    return Spread(sum(values) / len(values), at(0.5), at(0.99), values[-1])
