"""How many cells of the forms in which catalogues are published are read right, by format."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.figures import Figure, Findings
from tests.fixtures.zoo.outcomes import Outcome, formats_of, outcome
from tests.fixtures.zoo.points import zoo

LEAST = {"xlsx": 100.0, "xls": 100.0, "csv": 100.0, "docx": 100.0, "html": 100.0, "pdf": 98.0}
"""Percent of the cells, by format."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What one format gave over all forms; ``unseen`` rows are wrong and not among the doubtful."""

    format: str
    cells: int
    right: int
    doubtful: int
    unseen: int

    @property
    def percent(self) -> float:
        """Percent of the cells that are right."""
        return 100 * self.right / self.cells


def measure() -> list[Accuracy]:
    """Every form in every format that the project reads."""
    outcomes: dict[str, list[Outcome]] = {}
    for case in zoo():
        if not case.refusal:
            for format in formats_of(case):
                outcomes.setdefault(format, []).append(outcome(case, format))
    return [_sum(format, outcomes[format]) for format in LEAST if format in outcomes]


def figures() -> Iterator[Figure | Findings]:
    """The table, and what is wanted of each format."""
    measured = measure()
    rows = [
        {
            "format": one.format,
            "cells": one.cells,
            "right": one.right,
            "%": round(one.percent, 2),
            "doubtful rows": one.doubtful,
            "wrong and not doubtful": one.unseen,
        }
        for one in measured
    ]
    yield Findings("cells of published forms", rows)
    for one in measured:
        yield Figure(f"{one.format}: cells right", one.percent, "%", least=LEAST[one.format])
        yield Figure(f"{one.format}: wrong rows not among the doubtful", one.unseen, "", most=0)


def _sum(format: str, outcomes: list[Outcome]) -> Accuracy:
    return Accuracy(
        format,
        sum(one.cells for one in outcomes),
        sum(one.right for one in outcomes),
        sum(len(one.doubted) for one in outcomes),
        sum(len(one.differences.keys() - one.doubted) for one in outcomes),
    )
