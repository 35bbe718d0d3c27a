"""The regression gate: questions that no publication may make worse, asked of the version in force and of the candidate."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from bot.answering.model import Answer, Question
from bot.knowledge.examination import Changed, Examination
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

    def examine(
        self, in_force: Knowledge, candidate: Knowledge, questions: Iterable[Question] = ()
    ) -> Examination:
        """What the candidate makes worse, and which of the gate's and of these ``questions`` it answers otherwise."""
        asked = dict.fromkeys((*(case.question for case in self.cases()), *questions))
        before, after = self._answerer(in_force), self._answerer(candidate)
        pairs = ((q, _read(before.answer(q)), _read(after.answer(q))) for q in asked)
        changed = tuple(Changed(_said(q), was, now) for q, was, now in pairs if was != now)
        return Examination(len(asked), tuple(self(in_force, candidate)), changed)

    def cases(self) -> list[Case]:
        """All questions, folder by folder."""
        areas = self._areas()
        paths = (path for folder in self._folders for path in sorted(folder.glob("*.jsonl")))
        return [case for path in paths for case in read_cases(path, areas)]


def _read(answer: Answer) -> str:
    """What the asker reads."""
    return "\n".join((answer.text, *(choice.label for choice in answer.choices)))


def _said(question: Question) -> str:
    before = f"（上一句：{question.context}）" if question.context else ""
    return f"{question.text}{before}"


def _worse(was: Outcome, now: Outcome) -> Worse:
    return Worse(f"〔{now.set} {now.id}〕“{wording.asked(now)}”", was.told, now.told)
