"""Ruled boxes and the glyphs in them → the part of a table that stands on one page."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .grid import Span
from .pdf_pages import Box, Glyph, Page
from .pdf_text import Line, doubts_about, lines_of, runs_over, text_in

_SAME_EDGE = 2.5


@dataclass(slots=True)
class Part:
    """Rows of a table on one page. ``edges`` are the x of its columns' borders, in points;
    ``doubts`` are cells to compare with the file: (row, column, why)."""

    edges: tuple[float, ...]
    rows: list[list[str]]
    spans: list[Span] = field(default_factory=list)
    doubts: list[tuple[int, int, str]] = field(default_factory=list)

    def has_edges(self, edges: Sequence[float]) -> bool:
        """Whether columns stand where those of another part do, so that a table may go on."""
        return len(edges) == len(self.edges) and all(
            abs(one - other) <= 2 * _SAME_EDGE for one, other in zip(edges, self.edges, strict=True)
        )


def blocks_of(page: Page) -> list[Line | Part]:
    """The tables of a page and the lines of text around them, from the top down."""
    tables = [boxes for boxes in page.tables if len({box[0] for box in boxes}) > 1]
    inside: list[list[Glyph]] = [[] for _ in tables]
    outside: list[Glyph] = []
    areas = [_area(boxes) for boxes in tables]
    for glyph in page.glyphs:
        found = (i for i, area in enumerate(areas) if _holds(area, glyph))
        index = next(found, None)
        (outside if index is None else inside[index]).append(glyph)
    placed: list[tuple[float, Line | Part]] = [
        (area[1], _part(boxes, glyphs))
        for area, boxes, glyphs in zip(areas, tables, inside, strict=True)
    ]
    placed += [(line.top, line) for line in lines_of(g for g in outside if g.turn == 0)]
    return [block for _, block in sorted(placed, key=lambda item: item[0])]


def _area(boxes: Iterable[Box]) -> Box:
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _holds(area: Box, glyph: Glyph) -> bool:
    x, y = (glyph.x0 + glyph.x1) / 2, (3 * glyph.top + glyph.bottom) / 4
    return area[0] <= x < area[2] and area[1] <= y < area[3]


def _part(boxes: Sequence[Box], glyphs: Iterable[Glyph]) -> Part:
    columns = _edges(x for box in boxes for x in (box[0], box[2]))
    lines = _edges(y for box in boxes for y in (box[1], box[3]))
    areas = _areas(boxes, columns, lines)
    covering = {cell: area for area in areas for cell in _cells(area)}
    held: dict[Span, list[Glyph]] = {}
    for glyph in glyphs:
        # Too tall a text runs over the border below it, but begins where it belongs.
        x, y = (glyph.x0 + glyph.x1) / 2, (3 * glyph.top + glyph.bottom) / 4
        cell = bisect_right(lines, y) - 1, bisect_right(columns, x) - 1
        area = covering.get(cell) or Span(*cell, *cell)
        held.setdefault(area, []).append(glyph)
    part = Part(
        tuple(columns),
        [[""] * (len(columns) - 1) for _ in lines[1:]],
        [area for area in areas if (area.top, area.left) != (area.bottom, area.right)],
    )
    for area, own in held.items():
        box = (columns[area.left], lines[area.top], columns[area.right + 1], lines[area.bottom + 1])
        text = text_in(own, box)
        part.rows[area.top][area.left] = text
        if why := doubts_about(own, text, box):
            # What runs over a border may also have ended up in the row behind it.
            above, below = runs_over(own, box)
            rows = range(max(0, area.top - above), min(area.bottom + below, len(part.rows) - 1) + 1)
            part.doubts += [(row, area.left, why) for row in rows]
    _fold_doubled(part)
    return part


def _edges(positions: Iterable[float]) -> list[float]:
    """Positions of borders in order; those drawn almost on one another are one."""
    edges: list[float] = []
    for position in sorted(positions):
        if not edges or position - edges[-1] > _SAME_EDGE:
            edges.append(position)
    return edges


def _areas(boxes: Iterable[Box], columns: Sequence[float], lines: Sequence[float]) -> list[Span]:
    """The boxes in grid coordinates; of overlapping ones the first."""
    taken: set[tuple[int, int]] = set()
    areas = []
    for x0, top, x1, bottom in boxes:
        area = Span(
            bisect_right(lines, top + _SAME_EDGE) - 1,
            bisect_right(columns, x0 + _SAME_EDGE) - 1,
            bisect_right(lines, bottom - _SAME_EDGE) - 1,
            bisect_right(columns, x1 - _SAME_EDGE) - 1,
        )
        cells = set(_cells(area))
        if cells and taken.isdisjoint(cells):
            taken |= cells
            areas.append(area)
    return areas


def _cells(area: Span) -> Iterable[tuple[int, int]]:
    return (
        (row, column)
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    )


def _fold_doubled(part: Part) -> None:
    """Takes one of two text layers that stand side by side: 序号序号, 序序号号.

    A word may repeat itself (常常), a whole table does not.
    """
    texts = [text for row in part.rows for text in row if text]
    folded = {text: _folded(text) for text in texts}
    if sum(folded[text] != text for text in texts) * 5 >= len(texts) * 4 and len(texts) > 3:
        part.rows = [[folded.get(text, text) for text in row] for row in part.rows]


def _folded(text: str) -> str:
    """The half of a text whose every line says itself twice; any other as it is."""
    halves = [_half(line) for line in text.split("\n")]
    lines = [half for half in halves if half is not None]
    if len(lines) == len(halves):
        return "\n".join(lines)
    whole = _half(text.replace("\n", ""))
    return text if whole is None else whole


def _half(line: str) -> str | None:
    middle = len(line) // 2
    if line[:middle] == line[middle:]:
        return line[:middle]
    return line[::2] if line[::2] == line[1::2] else None
