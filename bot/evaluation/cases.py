"""Question sets: JSON Lines, a question a line with what is known of its right answer.

What makes an answer right follows from the fields that a line has:

    gold_faq       number(s) of the annex question: the first source is one of them
    must_contain   phrases: the text has all of them
    gold           items by 领域, 一级事项, 二级事项: the first source is one of them
    kind           out of scope: nothing is answered, and the route fits the kind

``id``, ``style``, ``asks``, ``area`` and ``context`` may stand beside them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answering.model import Question
from catalogue_index.areas import Areas
from catalogue_index.errors import UnknownArea, UnreadableFile, UnrecognisedFile
from catalogue_index.readers.text import read_text

NAMES = ("领域", "一级事项", "二级事项")
_GOLD = ("gold_faq", "must_contain", "gold", "kind")


@dataclass(frozen=True, slots=True)
class Case:
    """One question of a set and what is known of its right answer. ``area`` stands as the line has it."""

    id: str
    question: Question
    style: str
    gold: Mapping[str, Any]
    set: str = ""
    asks: str = ""
    area: str = ""


def read_cases(path: Path, areas: Areas) -> list[Case]:
    """Read a question set; raises ``Refused`` naming the line that cannot be used."""
    cases = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if line.strip():
            try:
                cases.append(_case(json.loads(line), number, path.stem, areas))
            except UnknownArea as error:
                raise UnrecognisedFile(f"“{path.name}”第 {number} 行用不了：{error}") from error
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise UnrecognisedFile(
                    f"“{path.name}”第 {number} 行用不了：每行应是一个 JSON 对象，"
                    "有 question，以及 gold_faq、must_contain、gold、kind 之一。"
                ) from error
    if not cases:
        raise UnreadableFile(f"“{path.name}”里没有题目。")
    return cases


def _case(line: Mapping[str, Any], number: int, name: str, areas: Areas) -> Case:
    text, context, area = line["question"], line.get("context"), str(line.get("area") or "")
    if not isinstance(text, str) or not isinstance(context, str | None):
        raise TypeError("question and context are text")
    return Case(
        id=str(line.get("id", number)),
        question=Question(text, areas.find(area).code if area else None, context),
        style=str(line.get("style") or line.get("kind") or "全部"),
        gold=_gold(line),
        set=name,
        asks=str(line.get("asks") or ""),
        area=area,
    )


def _gold(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is known of the right answer, in one shape; raises where it cannot be judged by."""
    gold = {key: line[key] for key in _GOLD if key in line}
    if not gold:
        raise ValueError("no gold")
    if "gold_faq" in gold:
        gold["gold_faq"] = [int(number) for number in _several(gold["gold_faq"])]
    if "must_contain" in gold:
        gold["must_contain"] = _several(gold["must_contain"])
        if not all(phrase and isinstance(phrase, str) for phrase in gold["must_contain"]):
            raise TypeError("must_contain is phrases")
    if "gold" in gold:
        gold["gold"] = [tuple(str(i.get(name) or "") for name in NAMES) for i in gold["gold"]]
    if "kind" in gold and not isinstance(gold["kind"], str):
        raise TypeError("kind is a word")
    if not all(gold.values()):
        raise ValueError("empty gold")
    return gold


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
