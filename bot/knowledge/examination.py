"""What publishing a candidate would do to answers, as it is told to whoever decides."""

from collections.abc import Callable
from dataclasses import dataclass

from .library import Knowledge
from .service import Worse


@dataclass(frozen=True, slots=True)
class Changed:
    """A question whose answer changes: what the asker reads now, and what they would read."""

    question: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Examination:
    """Of ``asked`` questions these get ``worse``, and these are answered otherwise."""

    asked: int
    worse: tuple[Worse, ...] = ()
    changed: tuple[Changed, ...] = ()


Look = Callable[[Knowledge, Knowledge, str], Examination]
"""Examines a candidate: the version in force, the candidate, and the code of the area whose questions count."""
