"""Glyphs → text: lines in reading order, words kept whole where a narrow cell broke them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .pdf_pages import UNKNOWN, Box, Glyph

_CLOSING = "，。、；：？！）》〉」』”’】〕］,.;:?!)%℃"
_OPENING = "（《〈「『“‘【〔［(["
_UNIT = re.compile(rf"[{re.escape(_OPENING)}]*(?:[!-~]+|.)[{re.escape(_CLOSING)}]*")
_BOX = re.compile(r"[■□▲●◆☑☐☒]")
_LIST_MARK = re.compile(r"\d{1,2}[.．、)）](?!\d)|[①-⑳√·•]|[（(][\d一二三四五六七八九十]+[)）]")
_ENDS_ENTRY = re.compile(r"[。；;：:]$")
_UNFINISHED = re.compile(r"[，、：（《〈“‘〔【和与及或]$")
_TOUCHING, _SLACK = 0.1, 0.05
"""How near the lower border a last line stands when more was cut off, and how far text may run over
a border by the measures of its font alone; both in heights of a glyph."""

_PAIRS = (("《", "》"), ("（", "）"), ("〔", "〕"), ("【", "】"), ("“", "”"))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text with its box."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def height(self) -> float:
        """Height in points, about the size of its characters."""
        return self.bottom - self.top


def text_in(glyphs: Sequence[Glyph], box: Box) -> str:
    """The text of a cell: lines that the cell's width broke are joined, others stay apart by \\n."""
    own = turn = _turn(glyphs)
    main = [glyph for glyph in glyphs if glyph.turn == own]
    if turn == 0 and _is_stacked(main):
        turn = -1
    texts = [_joined(lines_of(_laid_flat(glyph, turn) for glyph in main), _flat(box, turn))]
    if others := [g for g in glyphs if g.turn != own and g.text.strip()]:
        texts.append(text_in(others, box))
    return "\n".join(filter(None, texts))


def lines_of(glyphs: Iterable[Glyph]) -> list[Line]:
    """Upright glyphs as lines from the top down; blanks around a line are left out."""
    return [line for row in _rows(glyphs) if (line := _line(row)).text]


def words_of(glyphs: Iterable[Glyph], apart: float) -> list[Line]:
    """The same lines, parted where a gap is wider than ``apart`` (in heights of a glyph)."""
    words: list[list[Glyph]] = []
    for row in _rows(glyph for glyph in glyphs if glyph.text.strip()):
        row.sort(key=lambda glyph: glyph.x0)
        words.append(row[:1])
        for before, glyph in pairwise(row):
            if glyph.x0 - before.x1 > apart * (glyph.bottom - glyph.top):
                words.append([])
            words[-1].append(glyph)
    return [_line(word) for word in words]


def _rows(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: (glyph.top + glyph.bottom, glyph.x0)):
        if rows and _share_line(rows[-1][-1], glyph):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return rows


def doubts_about(glyphs: Sequence[Glyph], text: str, box: Box) -> str:
    """Why the text of a cell may be incomplete, in Chinese; empty when it looks whole."""
    if UNKNOWN in text:
        return "有无法识别的字形，请对照原件补上"
    if any(runs_over(glyphs, box, slack=-_TOUCHING)) or _runs_across(glyphs, box):
        return "文字压到或超出格线，可能没有显示完整"
    if _UNFINISHED.search(text) or any(text.count(a) > text.count(b) for a, b in _PAIRS):
        return "文字像是没有结束（缺少后半句或后半个括号）"
    return ""


def runs_over(glyphs: Iterable[Glyph], box: Box, slack: float = _SLACK) -> tuple[bool, bool]:
    """Whether text runs over the upper and the lower border by ``slack`` (in heights of a glyph)."""
    inked = [(glyph, slack * (glyph.bottom - glyph.top)) for glyph in glyphs if glyph.text.strip()]
    return (
        any(glyph.top < box[1] - abs(allowed) for glyph, allowed in inked),
        any(glyph.bottom > box[3] + allowed for glyph, allowed in inked),
    )


def _runs_across(glyphs: Iterable[Glyph], box: Box) -> bool:
    return any(
        glyph.x0 < box[0] - _SLACK * (glyph.bottom - glyph.top)
        or glyph.x1 > box[2] + _SLACK * (glyph.bottom - glyph.top)
        for glyph in glyphs
        if glyph.text.strip() and glyph.text not in _CLOSING  # which may hang over the edge
    )


def _turn(glyphs: Iterable[Glyph]) -> int:
    turns = [glyph.turn for glyph in glyphs]
    return max(set(turns), key=turns.count, default=0)


def _is_stacked(glyphs: Iterable[Glyph]) -> bool:
    """Whether upright characters are written in columns, downwards and right to left.

    Such columns stand further apart than the characters in them; with lines it is the other way.
    """
    columns: list[list[Glyph]] = []
    for glyph in sorted((g for g in glyphs if g.text.strip()), key=lambda glyph: glyph.x0):
        if columns and glyph.x0 - columns[-1][0].x0 < 0.2 * (glyph.bottom - glyph.top):
            columns[-1].append(glyph)
        else:
            columns.append([glyph])
    if len(columns) < 2 or min(len(column) for column in columns[1:]) < 2:
        return False
    size = columns[0][0].bottom - columns[0][0].top
    lefts = [column[0].x0 for column in columns]
    apart = min(right - left for left, right in pairwise(lefts))
    tops = sorted(glyph.top for glyph in columns[-1])
    below = max(lower - upper for upper, lower in pairwise(tops))
    return apart > 1.12 * size and below < 1.1 * size


def _laid_flat(glyph: Glyph, turn: int) -> Glyph:
    x0, top, x1, bottom = _flat((glyph.x0, glyph.top, glyph.x1, glyph.bottom), turn)
    return Glyph(glyph.text, x0, top, x1, bottom)


def _flat(box: Box, turn: int) -> Box:
    """A box as it lies once text that reads upwards or downwards is laid flat."""
    x0, top, x1, bottom = box
    match turn:
        case 1:
            return -bottom, x0, -top, x1
        case -1:
            return top, -x1, bottom, -x0
        case _:
            return box


def _share_line(one: Glyph, other: Glyph) -> bool:
    apart = abs((one.top + one.bottom) - (other.top + other.bottom)) / 2
    return apart < 0.5 * min(one.bottom - one.top, other.bottom - other.top)


def _line(glyphs: list[Glyph]) -> Line:
    """One line; a wide gap between words becomes a blank, as many files print none."""
    row = sorted(glyphs, key=lambda glyph: glyph.x0)
    inked = [glyph for glyph in row if glyph.text.strip()]
    if not inked:
        return Line("", 0, 0, 0, 0)
    text = ""
    for before, glyph in zip((None, *row), row, strict=False):
        if before and _is_gap(before, glyph):
            text += " "
        text += glyph.text
    return Line(
        text.strip(),
        inked[0].x0,
        min(glyph.top for glyph in inked),
        max(glyph.x1 for glyph in inked),
        max(glyph.bottom for glyph in inked),
    )


def _is_gap(before: Glyph, glyph: Glyph) -> bool:
    if not (before.text.strip() and glyph.text.strip()):
        return False
    narrow = before.text.isascii() and glyph.text.isascii()
    return glyph.x0 - before.x1 > (0.25 if narrow else 0.9) * (glyph.bottom - glyph.top)


def _joined(lines: Sequence[Line], box: Box) -> str:
    text = ""
    room = _room(lines, box)
    for above, line in zip((None, *lines), lines, strict=False):
        if above:
            text += "" if _is_broken(above, line, room) else "\n"
        text += line.text
    return text


def _room(lines: Sequence[Line], box: Box) -> float:
    """How wide a line may be: the cell without its margins, which are the least that lines leave."""
    if not lines:
        return 0
    margins = [gap for line in lines for gap in (line.x0 - box[0], box[2] - line.x1)]
    return box[2] - box[0] - 2 * max(0, min(*margins, lines[0].height))


def _is_broken(above: Line, line: Line, room: float) -> bool:
    """Whether a line was only broken for want of room: what begins the next did not fit on it."""
    if _BOX.match(line.text) or (_LIST_MARK.match(line.text) and _ENDS_ENTRY.search(above.text)):
        return False
    unit = _UNIT.match(line.text)
    head = unit[0] if unit else line.text[:1]
    return above.x1 - above.x0 + _width(head, line.height) > room - 0.35 * line.height


def _width(text: str, size: float) -> float:
    return sum(size * (0.5 if char.isascii() else 1) for char in text)
