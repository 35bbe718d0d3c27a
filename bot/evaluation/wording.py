"""What a report says in its own name, on the screen and on the page."""

from collections.abc import Mapping

from .judging import Outcome
from .scores import Score

BY: Mapping[str, str] = {"style": "题型", "gold": "答案在哪", "asks": "问什么", "area": "地区"}
"""Field that outcomes are grouped by → heading."""

NAMES: Mapping[str, str] = {
    "faq": "答疑",
    "plan": "方案",
    "catalogue": "目录",
    "outside": "不该答",
    "": "没有写",
}
"""Names of groups that the code gives; those of a question set stand as they are."""

FIGURES: Mapping[str, str] = {
    "cases": "题数",
    "right": "答对",
    "wrong": "答错",
    "ms_p50": "毫秒（中位）",
    "ms_p99": "毫秒（99% 以内）",
    "length_mean": "平均字数",
    "length_most": "最长字数",
}

PARTS: Mapping[bool, str] = {False: "该答的题", True: "不该答的题"}
"""The two parts of a set, by whether nothing must answer them."""

FIRST_OFFERED_WRONG: Mapping[bool, tuple[str, str, str]] = {
    False: ("首答正确", "前三有", "答错"),
    True: ("没有误答", "去向正确", "误答"),
}
"""What these figures are called for questions to answer (``False``), and for those to turn away."""

PLAIN = "朴素方法"


def shades(score: Score, outside: bool) -> tuple[tuple[str, int], ...]:
    """The figures of a bar by name: the best that can be, what is still well, and what is wrong."""
    counts = (score.first, score.offered, score.wrong)
    first, offered, wrong = zip(FIRST_OFFERED_WRONG[outside], counts, strict=True)
    return (offered, first, wrong) if outside else (first, offered, wrong)


def of(count: int, all: int) -> str:
    """``88/90 (97.8%)``."""
    return f"{count}/{all} ({count / all:.1%})" if all else "0/0"


def number(value: float) -> str:
    """A figure without needless zeros."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def row(score: Score) -> list[object]:
    """A line of a table of scores, without the plain method."""
    shares = (of(score.first, score.cases), of(score.offered, score.cases))
    return [NAMES.get(score.name, score.name), score.cases, *shares, score.wrong]


def asked(outcome: Outcome) -> str:
    """The question with what was asked before it and where."""
    before = f"（上一句：{outcome.context}）" if outcome.context else ""
    return f"{outcome.question}{before}" + (f"〔{outcome.area}〕" if outcome.area else "")
