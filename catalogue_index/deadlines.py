"""公开时限 as published → the terms in it: how many working days, days, months or years, after what and of what.

A cell may state several terms, or none (及时, 长期). Working days and days are never confused: article 26
of 政府信息公开条例 counts working days, 预算法 article 14 days.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Unit = Literal["工作日", "日", "月", "年"]
Kind = Literal["within", "for", "before", "every"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """One term. Weeks are seven 日, half a year and quarters are 月.

    ``kind``: to publish *within* it (20个工作日内), to show *for* at least as long (公示7个工作日), so
    long *before* (提前一周), or anew *every* so often (半年至少更新1次). ``event`` is what it is
    counted from (信息形成或者变更), ``applies_to`` what it is said of (行政处罚决定); "" where the cell
    does not say.
    """

    number: int
    unit: Unit
    event: str = ""
    applies_to: str = ""
    kind: Kind = "within"


def deadlines(text: str) -> tuple[Deadline, ...]:
    """The terms in the text of a 公开时限 cell, in order; none for 及时, 实时, 长期, and for dates."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return tuple(term for clause in re.split("[;。]", plain) for term in _terms(clause))


def lost_unit(text: str) -> str | None:
    """The words in which a number lost its unit: 20内, 20个内, 20个工作内; ``None`` where none did."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    found = _LOST_UNIT.search(plain)
    return found[0] if found else None


_LOST_UNIT = re.compile(r"\d+(?:个?(?=[以之]?内)|个?工作(?!日))[以之]?内?")
_NUMERALS = "一二两三四五六七八九十"
_AMOUNT = re.compile(
    rf"(?<![\d第年月次])(?P<every>每)?(?P<number>\d{{1,3}}|[{_NUMERALS}]{{1,3}}|半(?=年|个?月))?个?"
    r"(?P<unit>工作日|日|天|周|星期|月|季度?|年)(?!\d|度)(?:[以之]?内)?"
)
_UNITS: dict[str, tuple[int, Unit]] = {
    "工作日": (1, "工作日"),
    "日": (1, "日"),
    "天": (1, "日"),
    "周": (7, "日"),
    "星期": (7, "日"),
    "月": (1, "月"),
    "季": (3, "月"),
    "季度": (3, "月"),
    "年": (1, "年"),
}
_AT_LEAST = re.compile(r"(?:一般)?(?:不得?少于|不得?低于|不短于|至少|期限?为?)$")
_SHOWN = re.compile(r"(?:公[示告开]|保[留存]|有效)(?:期限?|时间)?为?:?$")
_RENEWED = re.compile(r"^(?:至少|不少于)?更新|^.{0,4}(?:一|\d)次")
_NUMBERED = re.compile(r"^[(]?\d{1,2}[.、)](?!\d)")
_SINCE = re.compile(r"自(?![然治行主查动])|(?:(?<=应)|(?<=信息)|(?<=事项)|^)[在于]|从(?![业事严])")
_AFTER = re.compile(r"(?:之日起?|之后|以后|后|起|之时|时)$")


def _terms(clause: str) -> Iterator[Deadline]:
    clause = _NUMBERED.sub("", clause)
    start = 0
    for amount in _AMOUNT.finditer(clause):
        if not (amount["number"] or amount["every"]):
            continue  # 之日, 当年
        words = clause[start : amount.start()].rpartition(",")[2].removeprefix("其中")
        yield _term(words, amount, clause[amount.end() :])
        start = amount.end()


def _term(words: str, amount: re.Match[str], rest: str) -> Deadline:
    number, unit = _measure(amount["number"] or "1", amount["unit"])
    kind = _kind(words, amount, rest)
    applies_to, _, words = words.rpartition(":")
    words = words.removesuffix("提前")
    if kind != "within":
        return Deadline(number, unit, "", applies_to or _AT_LEAST.sub("", words), kind)
    if since := _SINCE.search(words):
        applies_to = applies_to or re.sub("应当?$", "", words[: since.start()])
        words = words[since.end() :]
    return Deadline(number, unit, _AFTER.sub("", words), applies_to, kind)


def _measure(number: str, unit: str) -> tuple[int, Unit]:
    if number == "半":
        return (15, "日") if unit == "月" else (6, "月")
    times, named = _UNITS[unit]
    return (int(number) if number.isdigit() else _numeral(number)) * times, named


def _numeral(text: str) -> int:
    """A Chinese numeral below 100: 七, 十, 十五, 二十, 三十五."""
    tens, ten, ones = text.rpartition("十")
    digits = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"两": 2}
    return (digits.get(tens, 1) * 10 if ten else 0) + digits.get(ones, 0)


def _kind(words: str, amount: re.Match[str], rest: str) -> Kind:
    if amount["every"] or _RENEWED.match(rest):
        return "every"
    if words.endswith("提前"):
        return "before"
    within = amount[0].endswith("内")
    shown = _SHOWN.search(words) or _AT_LEAST.search(words)
    return "for" if shown and not within else "within"
