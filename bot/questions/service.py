"""Keeping questions: each once, in the transaction that handles it, and no longer than is said."""

from collections.abc import Callable
from functools import lru_cache

import structlog

from bot.answering.model import Answer, Question
from bot.clock import Clock
from bot.storage.database import Database

from . import repository
from .model import WEB, Entry, PastQuestion, past_question

_LIKENESSES_KEPT = 4096

log = structlog.get_logger()


class Questions:
    """The questions of one installation; safe to share between threads and processes.

    ``likeness`` tells what questions of like words share, ``knowledge`` the version in force.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        likeness: Callable[[str], str],
        knowledge: Callable[[], str],
    ) -> None:
        self._database = database
        self._clock = clock
        self._likeness = lru_cache(maxsize=_LIKENESSES_KEPT)(likeness)
        self._knowledge = knowledge

    def entry(self, past: PastQuestion) -> Entry:
        """What is written of a question; to be made before the transaction that writes it begins."""
        likeness = self._likeness(past.words) if past.words else ""
        return Entry(past, likeness, self._knowledge())

    def record(self, question: Question, answer: Answer) -> None:
        """Keep a question of the web page, of nobody known. It never fails: the answer is worth more than its record."""
        if (past := past_question(question, answer)) is None:
            return
        try:
            entry = self.entry(past)
            now = int(self._clock().timestamp())
            with self._database.statements(writing=True) as statements:
                repository.write(statements, entry, WEB, now)
        except Exception as error:
            # Neither the words nor the error, which may show them.
            log.warning("question_not_recorded", error=type(error).__name__)
