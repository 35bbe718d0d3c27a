"""Tables without lines: columns from the blank strips between words, rows from their numbers.

What belongs to which cell is guessed from where it stands, so every row is doubtful.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..headers import LABELS, MATTER, NUMBER, TICKS, plain
from .grid import Span
from .pdf_pages import Glyph, Page
from .pdf_tables import Part
from .pdf_text import Line, lines_of, text_in, words_of

_GUESSED = "没有框线，是按文字的位置分的栏，请逐格核对"
_KNOWN = {label for labels in LABELS.values() for label in labels} | set(TICKS)
_GROUPS = {label for key in (MATTER, "audience", "method", "level") for label in LABELS[key]}
_LEAST_LABELS = 4
_APART = 0.6
"""Words further apart than this, in heights of a glyph, are in different columns; rows without
numbers too stand further apart."""

_STRIP = 0.4
"""A blank strip down the whole table and at least so wide parts two columns."""

Strip = tuple[float, float]
"""From x to x, or from y to y, in points."""


@dataclass(frozen=True, slots=True)
class _Band:
    """What stands between two blank strips across a page: a row, a title, a page number."""

    glyphs: tuple[Glyph, ...]
    words: tuple[Line, ...]

    @property
    def is_header(self) -> bool:
        """Whether enough of its words are labels of a catalogue."""
        return len({plain(word.text) for word in self.words} & _KNOWN) >= _LEAST_LABELS


def find_columns(pages: Sequence[Page]) -> list[list[Line | Part]] | None:
    """The table of a document without lines, and the text around it; ``None`` where no header is.

    Below the header each row has a number, or else blank space around it.
    """
    numbered = _number_column(pages)
    bands = [_bands(page.glyphs, numbered) for page in pages]
    header = next((band for page in bands for band in page if band.is_header), None)
    if header is None:
        return None
    tabular = [band for page in bands for band in page if len(band.words) > 1]
    columns = _columns(
        [g for band in tabular if not band.is_header for g in band.glyphs],
        [word for band in tabular if band.is_header for word in band.words],
    )
    contents = []
    begun = False
    for page in bands:
        begun, content = _content(page, columns, begun)
        contents.append(content)
    return contents


def _number_column(pages: Iterable[Page]) -> Strip | None:
    """Where the column of row numbers stands: around its label."""
    words = (word for page in pages for word in words_of(page.glyphs, _APART))
    label = next((word for word in words if plain(word.text) in LABELS[NUMBER]), None)
    return (label.x0 - label.height, label.x1 + label.height) if label else None


def _bands(glyphs: Iterable[Glyph], numbered: Strip | None) -> list[_Band]:
    """The bands of a page from the top down, each with one row number at the most."""
    upright = [glyph for glyph in glyphs if glyph.turn == 0 and glyph.text.strip()]
    strips = _strips(((glyph.top, glyph.bottom) for glyph in upright), 0)
    gaps = [below[0] - above[1] for above, below in pairwise(strips)]
    anchors = [
        (word.top + word.bottom) / 2
        for word in words_of(upright, _APART)
        if numbered and numbered[0] <= word.x0 and word.x1 <= numbered[1] and _numbers(word.text)
    ]
    steps = {math.ceil(gap * 10) / 10 for gap in gaps}
    apart = max((step for step in steps if _parts(strips, step, anchors)), default=0.0)
    if len(anchors) < 2 and upright:
        apart = _APART * (upright[0].bottom - upright[0].top)
    tops = [top for top, _ in _merged(strips, apart)]
    bands: list[list[Glyph]] = [[] for _ in tops]
    for glyph in upright:
        bands[bisect_right(tops, glyph.top) - 1].append(glyph)
    return [_Band(tuple(band), tuple(words_of(band, _APART))) for band in bands]


def _numbers(text: str) -> bool:
    return text.isdigit() or plain(text) in LABELS[NUMBER]


def _strips(extents: Iterable[Strip], apart: float) -> list[Strip]:
    """Extents that overlap, or stand no further apart than ``apart``, as one."""
    return _merged(sorted(extents), apart)


def _merged(extents: Iterable[Strip], apart: float) -> list[Strip]:
    strips: list[Strip] = []
    for low, high in extents:
        if strips and low - strips[-1][1] <= apart:
            strips[-1] = strips[-1][0], max(strips[-1][1], high)
        else:
            strips.append((low, high))
    return strips


def _parts(strips: Sequence[Strip], apart: float, anchors: Sequence[float]) -> bool:
    """Whether no two row numbers share a band when gaps up to ``apart`` are inside rows."""
    tops = [top for top, _ in _merged(strips, apart)]
    bands = [bisect_right(tops, anchor) for anchor in anchors]
    return len(bands) == len(set(bands))


def _columns(body: Sequence[Glyph], header: Sequence[Line]) -> list[Strip]:
    """Where columns stand: what the body leaves blank parts them; blank columns have a label.

    Labels are taken from below, because a label that reaches over several columns is a group's.
    """
    height = max((glyph.bottom - glyph.top for glyph in body), default=0)
    columns = _strips(((glyph.x0, glyph.x1) for glyph in body), _STRIP * height)
    for word in sorted(header, key=lambda word: -word.top):
        over = _under(columns, word)
        if len(over) < 2:
            widened = [columns.pop(index) for index in over]
            columns = sorted([*columns, *_strips([*widened, (word.x0, word.x1)], 0)])
    return columns


def _under(columns: Sequence[Strip], word: Line) -> list[int]:
    return [
        index for index, (left, right) in enumerate(columns) if left < word.x1 and word.x0 < right
    ]


def _content(
    page: Iterable[_Band], columns: Sequence[Strip], begun: bool
) -> tuple[bool, list[Line | Part]]:
    """What stands on a page; what ``begun`` says: whether the table's header was seen."""
    content: list[Line | Part] = []
    part: Part | None = None
    header: list[Line] = []
    for band in page:
        if band.is_header:
            begun = True
            header += band.words
        elif not begun or len(band.words) == 1:
            content += lines_of(band.glyphs)
        else:
            if part is None:
                part = _part(columns, header)
                content.append(part)
            part.doubts.append((len(part.rows), -1, _GUESSED))
            part.rows.append(_cells(band, columns))
    return begun, content


def _part(columns: Sequence[Strip], words: Sequence[Line]) -> Part:
    """A table with its header only: one row, or two where labels have parts."""
    borders = [(left[1] + right[0]) / 2 for left, right in pairwise(columns)]
    part = Part((columns[0][0], *borders, columns[-1][1]), [])
    if not words:
        return part
    upper, lower = [""] * len(columns), [""] * len(columns)
    for word in sorted(words, key=lambda word: word.top):
        over = _under(columns, word)
        if len(over) > 1 or (plain(word.text) in _GROUPS and not lower[over[0]]):
            upper[over[0]] += word.text
            part.spans += [Span(0, over[0], 0, over[-1])] if len(over) > 1 else []
        else:
            lower[over[0]] += word.text
    for column, (group, label) in enumerate(zip(upper, lower, strict=True)):
        grouped = group or any(s.left <= column <= s.right for s in part.spans)
        if label and not grouped:
            upper[column], lower[column] = label, ""
            part.spans.append(Span(0, column, 1, column))
    part.rows += [upper, lower]
    return part


def _cells(band: _Band, columns: Sequence[Strip]) -> list[str]:
    borders = [(left[1] + right[0]) / 2 for left, right in pairwise(columns)]
    held: list[list[Glyph]] = [[] for _ in columns]
    for glyph in band.glyphs:
        held[bisect_right(borders, (glyph.x0 + glyph.x1) / 2)].append(glyph)
    return [
        text_in(glyphs, (left, 0, right, 0))
        for glyphs, (left, right) in zip(held, columns, strict=True)
    ]
