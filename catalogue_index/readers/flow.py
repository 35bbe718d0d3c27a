"""A document as a flow of lines and tables from the top down, and the grids in it.

Word documents and web pages both nest tables for the sake of layout and write the title of a table
above it. Both become the same flow, from which grids come by one set of rules.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from .bounds import Bounds
from .grid import Grid, Span

Flow: TypeAlias = "Sequence[str | Table]"


class Link(str):
    """A line of nothing but links: menus and attachments, never a title."""

    __slots__ = ()


_FEWEST_COLUMNS = 3
"""A catalogue's header has at least three labels; narrower tables hold titles and captions."""
_MOST_ROWS_ABOVE = 30
"""The title of a table stands near it; what is further up is the furniture of a page."""
_PAGE_NUMBER = re.compile(r"[-―—–─\s第]*\d{1,4}[-―—–─\s页]*")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: the area that it covers there, and what stands in it."""

    span: Span
    content: Flow

    @property
    def text(self) -> str:
        """Its lines, those of tables in it too."""
        return "\n".join(_lines(self.content)).strip()


@dataclass(frozen=True)
class Table:
    """A table of ``height`` rows; its cells never overlap."""

    height: int
    cells: Sequence[Cell]

    @cached_property
    def width(self) -> int:
        """The columns that some cell begins in. Nobody sees others, whatever a span claims."""
        return max((cell.span.left for cell in self.cells), default=-1) + 1

    @property
    def is_layout(self) -> bool:
        """Whether it only arranges a page: a table in it has more to say than its own cells."""
        return self._most_inside > self._filled

    @cached_property
    def _filled(self) -> int:
        return sum(
            any(isinstance(part, str) and part.strip() for part in cell.content)
            for cell in self.cells
        )

    @cached_property
    def _most_inside(self) -> int:
        inside = (part for cell in self.cells for part in cell.content if isinstance(part, Table))
        return max((max(table._filled, table._most_inside) for table in inside), default=0)

    def rows(self) -> list[tuple[str, ...]]:
        """The cells as texts, ragged; a merged area's text stands in its corner."""
        rows: list[list[str]] = [[] for _ in range(self.height)]
        for cell in sorted(self.cells, key=lambda cell: cell.span.left):
            row = rows[cell.span.top]
            row.extend([""] * (cell.span.left - len(row)))
            row.append(cell.text)
        return list(map(tuple, rows))

    def spans(self, below: int) -> Iterator[Span]:
        """Its merged areas in order, when ``below`` rows stand above it."""
        for cell in sorted(self.cells, key=lambda cell: (cell.span.top, cell.span.left)):
            span = cell.span
            right = min(span.right, self.width - 1)
            if (span.bottom, right) != (span.top, span.left):
                yield Span(span.top + below, span.left, span.bottom + below, right)


class Meter:
    """Measures the tables of one file as they are read: many may each be within bounds."""

    def __init__(self, name: str, bounds: Bounds) -> None:
        self._name, self._bounds = name, bounds
        self._rows = self._cells = 0

    def add(self, *, rows: int = 0, cells: int = 0) -> None:
        """Raises ``UnreadableFile`` when the file has too many rows or cells with these."""
        self._rows += rows
        self._cells += cells
        self._bounds.check(self._name, self._rows, self._cells)


def grids_in(flow: Flow, title: str = "") -> list[Grid]:
    """One grid a table, in order: first ``title``, then the lines above it, a row each.

    Page numbers, blank lines and mere links are left out. A table that follows another at once, as
    after a page break, continues it when it is as wide. A table of one or two columns counts as
    lines above the next. Row 1 is the first of the table
    itself. No grids where the flow has no table.
    """
    found: list[_Building] = []
    above: list[tuple[str, ...]] = []
    narrow = False
    for part in _unfolded(flow):
        if isinstance(part, Link):
            continue
        if isinstance(part, str):
            if part.strip() and not _PAGE_NUMBER.fullmatch(part):
                above.append((part.strip(),))
        elif part.width < _FEWEST_COLUMNS:
            rows = [row for row in part.rows() if any(row)]
            above.extend(rows)
            narrow |= bool(rows)
        elif found and not above and found[-1].width == part.width:
            found[-1].add(part)
        else:
            near = above[-_MOST_ROWS_ABOVE:]
            found.append(_Building([(title,), *near] if title else near, part))
            above = []
    if not found and narrow:
        return [Grid("", tuple(above))]
    several = len(found) > 1
    return [one.grid(f"第{n}张表" if several else "") for n, one in enumerate(found, 1)]


class _Building:
    """A grid as its parts come."""

    def __init__(self, above: Sequence[tuple[str, ...]], table: Table) -> None:
        self.width = table.width
        self._above = len(above)
        self._cells = list(above)
        self._spans: list[Span] = []
        self.add(table)

    def add(self, table: Table) -> None:
        self._spans.extend(table.spans(len(self._cells)))
        self._cells.extend(table.rows())

    def grid(self, name: str) -> Grid:
        return Grid(name, tuple(self._cells), tuple(self._spans), first_row=1 - self._above)


def _unfolded(flow: Flow) -> Iterator[str | Table]:
    """The flow with what layout tables arrange in their stead."""
    for part in flow:
        if isinstance(part, Table) and part.is_layout:
            for cell in part.cells:
                yield from _unfolded(cell.content)
        else:
            yield part


def _lines(flow: Flow) -> Iterator[str]:
    for part in flow:
        if isinstance(part, Table):
            for cell in part.cells:
                yield from _lines(cell.content)
        else:
            yield part
