"""The regression gate: questions that no publication may make worse, asked of the version in force and of the candidate."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from bot.answering.model import Answer, Question
from bot.knowledge.library import Knowledge
from bot.knowledge.service import Worse
from catalogue_index.areas import Areas

from . import wording
from .cases import Case, read_cases
from .judging import Outcome, evaluate

FOLDER = "regression"
"""Name of a folder of question sets: of ours beside this module, and of an office's own in its data directory."""

OURS = Path(__file__).parent / FOLDER


class Answering(Protocol):
    """Whatever answers questions."""

    def answer(self, question: Question) -> Answer:
        """The answer to a question."""


class Gate:
    """Finds what a candidate makes worse, by the question sets in some folders."""

    def __init__(
        self,
        folders: Sequence[Path],
        areas: Callable[[], Areas],
        answerer: Callable[[Knowledge], Answering],
    ) -> None:
        self._folders = folders
        self._areas = areas
        self._answerer = answerer

    def __call__(self, in_force: Knowledge, candidate: Knowledge) -> list[Worse]:
        """The questions that ``in_force`` has right and ``candidate`` has not; raises ``Refused`` for a bad set.

        Only what the candidate misses need be asked of the version in force.
        """
        cases = self.cases()
        outcomes = evaluate(cases, self._answerer(candidate).answer)
        missed = [(case, o) for case, o in zip(cases, outcomes, strict=True) if not o.right]
        if not missed:
            return []
        before = evaluate([case for case, _ in missed], self._answerer(in_force).answer)
        pairs = zip(before, missed, strict=True)
        return [_worse(was, now) for was, (_, now) in pairs if was.right]

    def cases(self) -> list[Case]:
        """All questions, folder by folder."""
        areas = self._areas()
        paths = (path for folder in self._folders for path in sorted(folder.glob("*.jsonl")))
        return [case for path in paths for case in read_cases(path, areas)]


def _worse(was: Outcome, now: Outcome) -> Worse:
    return Worse(f"〔{now.set} {now.id}〕“{wording.asked(now)}”", was.told, now.told)
