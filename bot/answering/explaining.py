"""Why an answer is what it is, for the office: everything that was considered, how much speaks for it, and what against."""

from collections.abc import Mapping
from dataclasses import dataclass

from .model import Answer, Source
from .scoring import Features

_SAID_OF = {
    "text": "原文的用词和问题相近",
    "said": "大家常用的问法和问题相近",
    "covered": "问题里的词它都有",
    "entry": "问题像在问这一条答疑",
    "kind": "问题像在问这一类内容",
    "leads": "问的是这个领域由谁牵头",
    "own": "是提问地区自己的文件",
    "named": "问题点名了这个地方",
    "others": "提问地区自己的目录里有更合适的行",
    "sector": "问题像在问这个领域",
    "told": "这一行写了所问的栏目",
    "nameless": "这一行有二级事项的名称",
    "discloses": "问题想看公开的内容",
    "transacts": "问题不是想办事",
}
"""What a feature says where it is high, by the last part of its name; every other is not told."""

_MATTERS = 0.3
"""Difference of weighted features (log-odds) that is worth a word."""
_TOLD = 2


@dataclass(frozen=True, slots=True)
class Considered:
    """A possible source: how likely it was (0 to 1), what spoke for it, and in what the first one was ahead."""

    source: Source
    score: float
    reasons: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer, and what was considered for it, the likeliest first; none where the question was never searched.

    ``nothing`` is how likely it was that nothing of ours answers; ``door`` the route that would then be taken.
    """

    answer: Answer
    considered: tuple[Considered, ...] = ()
    nothing: float = 0.0
    door: str = ""


def behind(first: Features, this: Features, weights: Mapping[str, float]) -> tuple[str, ...]:
    """In what the first candidate was ahead of this one, in words, what matters most first."""
    ahead = _spoke(first, weights)
    for name, value in _spoke(this, weights).items():
        ahead[name] = ahead.get(name, 0.0) - value
    told = sorted((name for name in ahead if ahead[name] >= _MATTERS), key=lambda n: -ahead[n])
    return tuple(_SAID_OF[name] for name in told if name in _SAID_OF)[:_TOLD]


def _spoke(features: Features, weights: Mapping[str, float]) -> dict[str, float]:
    """What each feature brought, by the last part of its name, so that kinds of sources can be compared."""
    spoke: dict[str, float] = {}
    for name, value in features.items():
        part = name.rpartition(".")[2]
        spoke[part] = spoke.get(part, 0.0) + value * weights.get(name, 0.0)
    return spoke
