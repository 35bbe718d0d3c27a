"""A question that somebody asked, as it is kept: its words without personal data, and how it ended."""

from dataclasses import dataclass
from enum import StrEnum

from bot.answering.model import Answer, Kind, Question
from bot.answering.triage import STOPPED
from catalogue_index import privacy
from catalogue_index.analysis.normalise import clean

KEEP_DAYS = 400
"""How long a question is kept. Network logs must be kept for six months at least (网络安全法 第二十三条: 不少于六个月, so
184 days); a year and a month let an office compare a month with that of the year before, and no longer is needed
(个人信息保护法 第十九条)."""

UNANSWERED_ROUTE = "near_miss"
"""The one route on which we had nothing and knew no better door: every other refusal names whose business it is."""


class Wanting(StrEnum):
    """Why the desk should see a question."""

    NOTHING = ""
    UNANSWERED = "unanswered"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """A question as it is kept, and how it ended.

    ``words`` have their personal data masked, and are empty for what is not kept in words at all; ``area`` is the asker's
    area code, or empty; ``kind`` and ``route`` are the answer's, ``source`` is the page of its main source.
    """

    words: str
    area: str
    kind: str
    route: str
    source: str = ""
    wanting: Wanting = Wanting.NOTHING


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of a person's questions: how many, and the words of the newest."""

    count: int = 0
    words: tuple[str, ...] = ()


NOTHING_HELD = Held()


@dataclass(frozen=True, slots=True)
class Asker:
    """By which channel (wechat, web) and account somebody asked, and their hash; empty where nobody is known."""

    channel: str
    account: str = ""
    person: str = ""


WEB = Asker("web")


@dataclass(frozen=True, slots=True)
class Entry:
    """A question with all that is written of it but who asked and when."""

    past: PastQuestion
    likeness: str
    knowledge: str


def past_question(question: Question, answer: Answer) -> PastQuestion | None:
    """What is kept of a question and its answer; ``None`` while it only waits for the asker's area.

    Of calls for help, insults, complaints and questions for somebody's data no words are kept: they are counted only.
    """
    if answer.needs_area:
        return None
    sensitive = answer.flagged or answer.route in STOPPED
    return PastQuestion(
        words="" if sensitive else kept_words(question.text),
        area=question.area or "",
        kind=str(answer.kind),
        route=answer.route,
        source=answer.sources[0].page if answer.sources else "",
        wanting=_wanting(answer),
    )


def kept_words(text: str) -> str:
    """Words as they are kept: without invisible characters, personal data masked by the gate that everything passes."""
    return privacy.mask(clean(text))


def _wanting(answer: Answer) -> Wanting:
    if answer.kind is Kind.CHOICES:
        return Wanting.CHOICES
    return Wanting.UNANSWERED if answer.route == UNANSWERED_ROUTE else Wanting.NOTHING
