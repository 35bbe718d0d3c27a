"""How good the answers are: a question set with right answers → figures by style, and each miss.

A question set is JSON Lines. What makes an answer right follows from the fields that a line has:

    gold_faq       number(s) of the annex question: the first source is one of them
    must_contain   phrases: the text has all of them
    gold           items by 领域, 一级事项, 二级事项: the first source is one of them
    kind           out of scope: nothing is answered, and the route fits the kind
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalogue_index.areas import Areas
from catalogue_index.errors import UnreadableFile, UnrecognisedFile
from catalogue_index.readers.text import read_text

from .model import Answer, Kind, Question, Source

ROUTES_OF_KIND: Mapping[str, frozenset[str]] = {
    "chitchat": frozenset({"chitchat"}),
    "other_gov": frozenset({"other_government"}),
    "near_miss": frozenset({"near_miss"}),
    "nonsense": frozenset({"nonsense"}),
    "injection": frozenset({"abuse"}),
    "sensitive": frozenset({"crisis", "personal_data", "complaint"}),
}
"""Kind of an out-of-scope question → the routes that fit it."""

_NAMES = ("领域", "一级事项", "二级事项")


@dataclass(frozen=True, slots=True)
class Case:
    """One question of a set and what is known of its right answer."""

    id: str
    question: Question
    style: str
    gold: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: right first, right among what was offered, or something wrong answered as if known."""

    case: Case
    answer: Answer
    first: bool
    offered: bool

    @property
    def wrong(self) -> bool:
        """Answered, and not right: the worst that can happen."""
        return self.answer.kind is Kind.ANSWER and not self.first


@dataclass(frozen=True, slots=True)
class Score:
    """Figures of a group of cases."""

    style: str
    cases: int
    first: int
    offered: int
    wrong: int


def read_cases(path: Path, areas: Areas) -> list[Case]:
    """Read a question set; raises ``Refused`` naming the line that cannot be used."""
    cases = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if line.strip():
            try:
                cases.append(_case(json.loads(line), number, areas))
            except (ValueError, KeyError, TypeError) as error:
                raise UnrecognisedFile(
                    f"“{path.name}”第 {number} 行用不了：每行应是一个 JSON 对象，"
                    "有 question，以及 gold_faq、must_contain、gold、kind 之一。"
                ) from error
    if not cases:
        raise UnreadableFile(f"“{path.name}”里没有题目。")
    return cases


def evaluate(cases: Iterable[Case], answer: Callable[[Question], Answer]) -> list[Outcome]:
    """Ask every question and judge what comes back."""
    return [_judged(case, answer(case.question)) for case in cases]


def scores(outcomes: Sequence[Outcome]) -> list[Score]:
    """Figures by style in order of appearance, then of all (style 合计)."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.case.style, []).append(outcome)
    groups["合计"] = list(outcomes)
    return [
        Score(
            style,
            len(group),
            sum(outcome.first for outcome in group),
            sum(outcome.offered for outcome in group),
            sum(outcome.wrong for outcome in group),
        )
        for style, group in groups.items()
    ]


def _case(line: Mapping[str, Any], number: int, areas: Areas) -> Case:
    gold = {key: line[key] for key in ("gold_faq", "must_contain", "gold", "kind") if key in line}
    if not gold:
        raise ValueError("no gold")
    area = areas.find(str(line["area"])).code if line.get("area") else None
    question = Question(str(line["question"]), area, line.get("context"))
    style = str(line.get("style") or line.get("kind") or "全部")
    return Case(str(line.get("id", number)), question, style, gold)


def _judged(case: Case, answer: Answer) -> Outcome:
    if "kind" in case.gold:
        fits = answer.route in ROUTES_OF_KIND.get(case.gold["kind"], frozenset())
        refused = answer.kind is not Kind.ANSWER
        return Outcome(case, answer, refused, refused and fits)
    if "must_contain" in case.gold:
        phrases = case.gold["must_contain"]
        has = answer.kind is Kind.ANSWER and all(phrase in answer.text for phrase in phrases)
        quotes = [str(c.source.quote) for c in answer.choices if c.source]
        offered = any(all(phrase in quote for phrase in phrases) for quote in quotes)
        return Outcome(case, answer, has, has or offered)
    first = answer.kind is Kind.ANSWER and _fits(answer.sources[0], case.gold)
    shown = [*answer.sources, *(c.source for c in (*answer.choices, *answer.related) if c.source)]
    return Outcome(case, answer, first, any(_fits(source, case.gold) for source in shown[:3]))


def _fits(source: Source, gold: Mapping[str, Any]) -> bool:
    if "gold_faq" in gold:
        numbers = gold["gold_faq"] if isinstance(gold["gold_faq"], list) else [gold["gold_faq"]]
        return source.type == "faq" and source.locator["number"] in numbers
    if source.type != "catalogue":
        return False
    names = tuple(source.locator[key] or "" for key in ("sector", "category", "item"))
    return any(names == tuple(item.get(name) or "" for name in _NAMES) for item in gold["gold"])
