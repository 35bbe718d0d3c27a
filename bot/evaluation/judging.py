"""A question asked and its answer judged: everything that is counted, compared and shown later, in plain values."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.answering.model import Answer, Kind, Question, Source

from .cases import Case

ROUTES_OF_KIND: Mapping[str, frozenset[str]] = {
    "chitchat": frozenset({"chitchat"}),
    "other_gov": frozenset({"other_government"}),
    "near_miss": frozenset({"near_miss"}),
    "nonsense": frozenset({"nonsense"}),
    "injection": frozenset({"abuse"}),
    "sensitive": frozenset({"crisis", "personal_data", "complaint", "abuse"}),
}
"""Kind of an out-of-scope question → the routes that fit it."""

ROUTES: Mapping[str, str] = {
    "abuse": "辱骂或攻击",
    "chitchat": "闲聊",
    "complaint": "投诉举报",
    "crisis": "紧急求助",
    "near_miss": "相近但没有收录",
    "nonsense": "看不懂",
    "other_government": "别的部门的事",
    "personal_data": "个人信息",
}
"""Routes of what is not answered, as people call them."""

SHOWN_FIRST = 3
"""Sources and choices that a person sees without looking further."""

LONGEST_TITLE = 28
"""Characters of a title that name a unit well enough."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case.

    ``gold`` is what the answer is judged by: faq, plan, catalogue, or outside for a question that nothing must answer.
    ``expected`` and ``taken`` name the right unit and the one that was taken. ``first``: the right one came first; of a
    question from outside, nothing was answered. ``offered``: the right one was among the first shown; from outside, it
    was shown the right door. ``plain`` is whether the plain method has it first, where that was asked.
    """

    set: str
    id: str
    question: str
    context: str
    area: str
    style: str
    asks: str
    gold: str
    expected: str
    kind: str
    route: str
    taken: str
    confidence: float
    text: str
    choices: tuple[str, ...]
    reasons: tuple[str, ...]
    first: bool
    offered: bool
    ms: float
    plain: bool | None = None

    @property
    def outside(self) -> bool:
        """Nothing must answer it."""
        return self.gold == "outside"

    @property
    def answered(self) -> bool:
        """Something was said as the answer."""
        return self.kind == Kind.ANSWER

    @property
    def right(self) -> bool:
        """As good as can be: the right answer first, or the right door."""
        return self.offered if self.outside else self.first

    @property
    def wrong(self) -> bool:
        """Answered, and not right: the worst that can happen."""
        return self.answered and not self.first

    @property
    def told(self) -> str:
        """What the person got, in few words."""
        if self.answered:
            return self.taken
        return self.taken if self.choices else f"没有作答（{self.taken}）"


def evaluate(cases: Iterable[Case], answer: Callable[[Question], Answer]) -> list[Outcome]:
    """Ask every question and judge what comes back."""
    return list(_outcomes(cases, answer))


def _outcomes(cases: Iterable[Case], answer: Callable[[Question], Answer]) -> Iterator[Outcome]:
    for case in cases:
        started = time.perf_counter()
        given = answer(case.question)
        ms = (time.perf_counter() - started) * 1000
        first, offered = _judged(case.gold, given)
        yield Outcome(
            set=case.set,
            id=case.id,
            question=case.question.text,
            context=case.question.context or "",
            area=case.area,
            style=case.style,
            asks=case.asks,
            gold=_gold_kind(case.gold),
            expected=_expected(case.gold),
            kind=str(given.kind),
            route=given.route,
            taken=_taken(given),
            confidence=round(given.confidence, 3),
            text=given.text,
            choices=tuple(choice.label for choice in given.choices),
            reasons=given.reasons,
            first=first,
            offered=offered,
            ms=round(ms, 3),
        )


def _judged(gold: Mapping[str, Any], answer: Answer) -> tuple[bool, bool]:
    """(first, offered)."""
    answered = answer.kind is Kind.ANSWER
    if "kind" in gold:
        fits = answer.route in ROUTES_OF_KIND.get(gold["kind"], frozenset())
        return not answered, fits and not answered
    if "must_contain" in gold:
        phrases = gold["must_contain"]
        has = answered and _all_in(phrases, answer.text)
        quotes = [str(c.source.quote) for c in answer.choices if c.source]
        return has, has or any(_all_in(phrases, quote) for quote in quotes)
    first = answered and _fits(answer.sources[0], gold)
    shown = [*answer.sources, *(c.source for c in (*answer.choices, *answer.related) if c.source)]
    return first, any(_fits(source, gold) for source in shown[:SHOWN_FIRST])


def _all_in(phrases: Sequence[str], text: str) -> bool:
    return all(phrase in text for phrase in phrases)


def _fits(source: Source, gold: Mapping[str, Any]) -> bool:
    if "gold_faq" in gold:
        return source.type == "faq" and source.locator["number"] in gold["gold_faq"]
    if source.type != "catalogue":
        return False
    names = tuple(source.locator[key] or "" for key in ("sector", "category", "item"))
    return names in gold["gold"]


def _gold_kind(gold: Mapping[str, Any]) -> str:
    if "kind" in gold:
        return "outside"
    if "must_contain" in gold:
        return "plan"
    return "faq" if "gold_faq" in gold else "catalogue"


def _expected(gold: Mapping[str, Any]) -> str:
    if "kind" in gold:
        routes = sorted(ROUTES_OF_KIND.get(gold["kind"], {gold["kind"]}))
        return " / ".join(ROUTES.get(route, route) for route in routes)
    if "must_contain" in gold:
        return "含有" + "".join(f"“{phrase}”" for phrase in gold["must_contain"])
    if "gold_faq" in gold:
        return " / ".join(f"第{number}问" for number in gold["gold_faq"])
    return " / ".join("—".join(filter(None, names)) for names in gold["gold"])


def _taken(answer: Answer) -> str:
    if answer.choices:
        return "给了几个选项"
    if not answer.sources:
        return ROUTES.get(answer.route, answer.route)
    source = answer.sources[0]
    if source.type == "faq":
        return f"第{source.locator['number']}问 {_short(source.title)}"
    if source.type == "catalogue":
        names = (source.locator[key] for key in ("sector", "category", "item"))
        return "—".join(filter(None, names))
    return f"{source.area_name}方案 {_short(source.title)}"


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}……"
