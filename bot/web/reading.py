"""A document's text as paragraphs to link to: ``#p12`` for a passage, ``#q6`` for a question."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from faq.model import FaqEntry

from .published import Passage

_HEADINGS = (
    (2, re.compile(r"[一二三四五六七八九十]+、")),
    (3, re.compile(r"（[一二三四五六七八九十]+）")),
)
_LONGEST_HEADING = 40
_BLANK = re.compile(r"\s+")
_ENOUGH = 40


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; ``level`` is 2 or 3 for a heading (一、 or （一）) and 0 for running text."""

    text: str
    level: int = 0
    anchors: tuple[str, ...] = ()


def paragraphs(
    text: str, passages: Iterable[Passage] = (), entries: Iterable[FaqEntry] = ()
) -> list[Paragraph]:
    """The paragraphs of ``text``, every passage and entry anchored where it begins.

    One that cannot be found (its words were corrected after the scan) is anchored where the one
    before it stands, so that no link to a known passage leads nowhere.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    anchors: list[list[str]] = [[] for _ in lines]
    marks = [(f"p{p.ordinal}", p.title or p.text) for p in passages]
    questions = [(f"q{entry.number}", entry.question) for entry in entries]
    for series in (marks, questions):
        _anchor(series, [_BLANK.sub("", line) for line in lines], anchors)
    return [
        Paragraph(line, heading_level(line), tuple(names))
        for line, names in zip(lines, anchors, strict=True)
    ]


def heading_level(line: str) -> int:
    """2 for “一、…”, 3 for “（一）…”; 0 for text, as are long lines and whole sentences."""
    if len(line) > _LONGEST_HEADING or line.endswith(("。", "；", "：", "？")):
        return 0
    return next((level for level, pattern in _HEADINGS if pattern.match(line)), 0)


def _anchor(series: Iterable[tuple[str, str]], lines: list[str], anchors: list[list[str]]) -> None:
    if not lines:
        return
    place = 0
    for name, words in series:
        beginning = _BLANK.sub("", words.strip().split("\n")[0])[:_ENOUGH]
        later = range(place, len(lines))
        place = next((n for n in later if beginning and beginning in lines[n]), place)
        anchors[place].append(name)
