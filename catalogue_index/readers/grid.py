"""A table as it stands on the sheet: cells of text, and which of them were merged."""

from dataclasses import dataclass, replace
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Span:
    """A merged area, inclusive, in 0-based grid coordinates; its top left cell holds its text."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class PageMark:
    """From ``row`` on a table stands on the page ``name``, as that page's row ``number`` (1-based)."""

    row: int
    name: str
    number: int = 1


@dataclass(frozen=True)
class Grid:
    """One table of a file. ``cells`` may be ragged; what is missing is empty.

    ``name`` is the sheet's name ("" where the format has none), ``first_row`` the 1-based number
    of ``cells[0]`` as the clerk sees it, ``first_column`` that of its columns (2: column B).
    ``note`` says, in Chinese, why a table was not read; its cells are then empty.
    ``pages`` marks, in order, the pages of a table that goes on over several; ``doubts`` are rows
    that a clerk should compare with the file: (row, why in Chinese).
    """

    name: str
    cells: tuple[tuple[str, ...], ...]
    spans: tuple[Span, ...] = ()
    first_row: int = 1
    note: str = ""
    first_column: int = 1
    pages: tuple[PageMark, ...] = ()
    doubts: tuple[tuple[int, str], ...] = ()

    @cached_property
    def width(self) -> int:
        """The number of columns of the widest row."""
        return max(map(len, self.cells), default=0)

    def own(self, row: int, column: int) -> str:
        """The text in this very cell; empty where a merged area covers it and outside the table."""
        if 0 <= row < len(self.cells) and 0 <= column < len(self.cells[row]):
            return self.cells[row][column]
        return ""

    def at(self, row: int, column: int) -> str:
        """The text that a reader sees: that of the merged area covering the cell, else its own."""
        span = self.span_at(row, column)
        return self.own(span.top, span.left) if span else self.own(row, column)

    def span_at(self, row: int, column: int) -> Span | None:
        """The merged area that covers a cell."""
        return self._covering.get((row, column))

    def number(self, row: int) -> int:
        """The 1-based number of a row as the clerk sees it, on its page where there are pages."""
        page = self._page(row)
        return page.number + row - page.row

    def sheet(self, row: int) -> str:
        """The name of the sheet or page on which a row stands."""
        return self._page(row).name

    def _page(self, row: int) -> PageMark:
        start = PageMark(0, self.name, self.first_row)
        return next((page for page in reversed(self.pages) if page.row <= row), start)

    def below(self, line: str) -> "Grid":
        """The same table with a row above it that says ``line``; rows keep their numbers."""
        return replace(
            self,
            cells=((line,), *self.cells),
            spans=tuple(
                replace(span, top=span.top + 1, bottom=span.bottom + 1) for span in self.spans
            ),
            first_row=self.first_row - 1,
            pages=tuple(replace(mark, row=mark.row + 1) for mark in self.pages),
            doubts=tuple((row + 1, why) for row, why in self.doubts),
        )

    @cached_property
    def _covering(self) -> dict[tuple[int, int], Span]:
        return {
            (row, column): span
            for span in self.spans
            for row in range(span.top, span.bottom + 1)
            for column in range(span.left, span.right + 1)
        }
