"""Parts of tables on pages → grids: repeated headers go, what a page break cut is made whole."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..documents import layout
from ..headers import Header, header_at
from ..sectors import national_sectors
from .grid import Grid, PageMark, Span
from .pdf_pages import Page
from .pdf_tables import Part
from .pdf_text import Line

Content = Sequence[Line | Part]
"""What stands on a page, from the top down."""

_PAGE_NUMBER = re.compile(r"[-－―—–─·\s第]*\d{1,4}[-－―—–─·\s页]*([/,，]?\s*共?\s*\d{1,4}\s*页?)?")
_GOES_ON = re.compile(r"[（(]?(续表|[接续][上下][页表]|转下页)[\d一二三四五六七八九十]*[）)]?")
_COVER_LINES = 3
"""A page of no more lines than this and no table is a cover: it belongs to the table after it."""

_HEADER_DEPTH = 8
"""A header begins within so many rows; above it stand titles and who filled in the form."""

_ENTRY_ENDS = ("。", "；", ";", ".", "！", "？")
_LIST_MARK = re.compile(r"\d{1,2}[.．、]|[①-⑳■□▲●◆☑☐]")
_SCANNED = "这一页是扫描图片，没有文字，没有读取。请对照原件补上。"
_JOINED = "被分页断成两截，已连成一行，请核对"
_MAYBE_REST = "在页首且多数栏空白，可能是上一页最后一行的后半截，请核对"
_MOVED = "所在页没有表头，栏宽也与上一页不同，按顺序对应各栏，请核对"
_CARRIED = "跨页空白，按合并单元格沿用上一页的内容，请核对"


def grids_of(pages: Sequence[Page], contents: Sequence[Content]) -> list[Grid]:
    """The tables of a document in order, from what stands on each of its pages.

    Lines above a table are rows of one cell over it, lines below it such rows at its end. Page
    numbers go, and running titles after the first. A page with only a picture is a grid with a note.
    """
    tables: list[_Table] = []
    pending: list[_Row] = []
    for page, content in zip(pages, _without_furniture(contents), strict=True):
        if page.has_image and not content:
            tables.append(_Table(_page_name(page.number), note=_SCANNED))
        number = 0
        for block in content:
            if isinstance(block, Part):
                if tables and tables[-1].is_on(page.number):
                    pending = tables[-1].take_notes(pending)
                if pending or not tables or not tables[-1].goes_on(block):
                    tables.append(_Table(_page_name(page.number), pending))
                    pending = []
                tables[-1].add(block, page.number, number)
                number += len(block.rows)
            else:
                number += 1
                pending.append(_Row([block.text], page.number, number))
        if any(isinstance(block, Part) for block in content):
            tables[-1].below += [row for row in pending if not _is_title(row)]
            pending = [row for row in pending if _is_title(row)]
        elif len(content) > _COVER_LINES:
            tables.append(_Table(_page_name(page.number), pending))
            pending = []
    if pending:
        tables.append(_Table(_page_name(pending[0].page), pending))
    return [table.grid() for table in tables]


def _page_name(number: int) -> str:
    return f"第{number}页"


def _without_furniture(contents: Sequence[Content]) -> Iterator[Content]:
    """The pages without page numbers; a running title stays once, a running footer never."""
    counted = Counter(
        text for page in contents for text in {_folded(b) for b in page if isinstance(b, Line)}
    )
    seen: set[str] = set()
    for page in contents:
        kept: list[Line | Part] = []
        above = True
        for block in page:
            if isinstance(block, Part):
                above = False
                kept.append(block)
                continue
            text = _folded(block)
            once = counted[text] == 1 or (above and text not in seen)
            if once and not _is_furniture(block.text):
                kept.append(block)
            seen.add(text)
        yield kept


def _folded(line: Line) -> str:
    return re.sub(r"[\d\s]", "", line.text)


def _is_furniture(text: str) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(text) or _GOES_ON.fullmatch(text))


@dataclass(slots=True)
class _Row:
    """Cells, and where they stand: the page, and which of its rows (1-based) they are."""

    cells: list[str]
    page: int
    number: int


def _is_title(row: _Row) -> bool:
    """Whether a line under a table is the title of the next one."""
    text = row.cells[0]
    return layout.is_title(text) or national_sectors().canonical(text) is not None


class _Table:
    """A grid in the making: lines above it, then one part after the other."""

    def __init__(self, name: str, lines: Sequence[_Row] = (), note: str = "") -> None:
        self.below: list[_Row] = []
        self._name = name
        self._note = note
        self._rows = list(lines)
        self._first = len(lines)
        self._edges: tuple[float, ...] = ()
        self._spans: list[Span] = []
        self._doubts: list[tuple[int, int, str]] = []
        self._header: Header | None = None

    def is_on(self, page: int) -> bool:
        """Whether rows of this table stand on a page."""
        return bool(self._edges) and self._rows[-1].page == page

    def take_notes(self, lines: list[_Row]) -> list[_Row]:
        """Takes the lines between this table and the next down to the first title; the rest is left."""
        titles = (index for index, row in enumerate(lines) if _is_title(row))
        first = next(titles, 0)
        self.below += lines[:first]
        return lines[first:]

    def goes_on(self, part: Part) -> bool:
        """Whether ``part`` is more of this table: as many columns, and no header of its own kind.

        Its columns may be of other widths where each page was set as a table of its own.
        """
        if len(part.edges) != len(self._edges):
            return False
        return part.has_edges(self._edges) or bool(self._repeated(part)) or not _has_header(part)

    def add(self, part: Part, page: int, above: int) -> None:
        """Takes the rows of ``part``, which has ``above`` rows over it on its page."""
        more = len(self._rows) > self._first
        moved = more and not part.has_edges(self._edges)
        self._edges = part.edges
        skipped = self._repeated(part) if more else 0
        last = len(self._rows) - 1
        if moved and not skipped:
            part.doubts += [(row, -1, _MOVED) for row in range(len(part.rows))]
        cut = more and self._is_cut(part, skipped)
        base = len(self._rows) - skipped - cut  # row r of the part is base + r here
        rows = [_Row(cells, page, above + r + 1) for r, cells in enumerate(part.rows)][skipped:]
        if cut:
            self._doubts = [doubt for doubt in self._doubts if doubt[0] != last]
            self._join(rows.pop(0))
        self._rows += rows
        body = [span for span in part.spans if span.top >= skipped]
        self._spans += [
            Span(base + span.top, span.left, base + span.bottom, span.right) for span in body
        ]
        self._doubts += [
            (base + row, column, why) for row, column, why in part.doubts if row >= skipped
        ]
        if not more:
            self._header = self._find_header()
        elif cut:
            self._mend(last)
        elif rows:
            self._bridge(last)

    def grid(self) -> Grid:
        """What was gathered."""
        rows = [*self._rows, *self.below]
        places = [(row.page, row.number - index) for index, row in enumerate(rows)]
        return Grid(
            self._name,
            tuple(tuple(row.cells) for row in rows),
            tuple(self._spans),
            note=self._note,
            pages=tuple(
                PageMark(index, _page_name(row.page), row.number)
                for index, row in enumerate(rows)
                if index == 0 or places[index] != places[index - 1]
            ),
            doubts=tuple(self._worded_doubts()),
        )

    def _worded_doubts(self) -> Iterator[tuple[int, str]]:
        for row, column, why in sorted(set(self._doubts)):
            if column < 0:
                yield row, f"这一行{why}。"
            elif self._header is None or row > self._header.bottom:
                yield row, f"“{self._label(column)}”{why}。"

    def _label(self, column: int) -> str:
        label = self._header.columns[column].label if self._header else ""
        return label or f"第{column + 1}列"

    def _find_header(self) -> Header | None:
        cells = [row.cells for row in self._rows]
        return _header_of(cells, self._spans, self._first)

    def _attribute(self, column: int) -> str:
        return self._header.columns[column].attribute if self._header else ""

    def _repeated(self, part: Part) -> int:
        """How many rows at the top of ``part`` say this table's header again."""
        top, bottom = self._first, self._first
        if self._header:
            top, bottom = self._header.top, self._header.bottom
        header = [_plain(row.cells) for row in self._rows[top : bottom + 1]]
        begins = [_plain(cells) for cells in part.rows[: len(header)]]
        again = len(begins) == len(header) and all(map(_says_again, begins, header))
        return len(header) if again and any(header[0]) else 0

    def _is_cut(self, part: Part, skipped: int) -> bool:
        """Whether the first row of ``part`` is the rest of the last row here.

        The rest has no number and no item of its own, only more text in some of the cells that
        say something above. A row that might be a rest, but follows finished text, is doubtful.
        """
        if skipped >= len(part.rows):
            return False
        above = [self._text(area) for area in self._areas(len(self._rows) - 1)]
        rest = part.rows[skipped]
        filled = {column for column, text in enumerate(rest) if text}
        said = {column for column, text in enumerate(above) if text}
        if not filled < said or filled & self._naming():
            if filled < said and 2 * len(filled) <= len(said):
                part.doubts.append((skipped, -1, _MAYBE_REST))
            return False
        if all(above[column].endswith(_ENTRY_ENDS) for column in filled):
            part.doubts.append((skipped, -1, _MAYBE_REST))
            return False
        part.doubts.append((skipped, -1, _JOINED))
        return True

    def _naming(self) -> set[int]:
        """Columns that every item fills anew: its number and name; the first where none is known."""
        columns = range(len(self._edges) - 1)
        named = {c for c in columns if self._attribute(c) in {"number", "item", "matter"}}
        return named or {0}

    def _join(self, rest: _Row) -> None:
        for area, text in zip(self._areas(len(self._rows) - 1), rest.cells, strict=True):
            if text:
                cells = self._rows[area.top].cells
                cells[area.left] = _continued(cells[area.left], text)

    def _mend(self, row: int) -> None:
        """Makes one of two merged areas that met in a row which a page break cut."""
        above = {s.left: s for s in self._spans if s.top < row <= s.bottom}
        below = {s.left: s for s in self._spans if s.top == row < s.bottom}
        for left in above.keys() & below.keys():
            self._unite(above[left], below[left])

    def _bridge(self, last: int) -> None:
        """Carries merged areas over the page break between rows ``last`` and ``last + 1``.

        一级事项 and 领域 are never blank, so a blank one under a page break goes on from above. With
        them go on the other blank cells that are merged on both sides; on one side is doubtful.
        """
        seams = [
            (above, below)
            for above, below in dict.fromkeys(
                zip(self._areas(last), self._areas(last + 1), strict=True)
            )
            if (above.left, above.right) == (below.left, below.right)
            and below.top == last + 1
            and self._text(above)
            and not self._text(below)
        ]
        attributes = {self._attribute(c) for c in range(len(self._edges) - 1)}
        never_blank = {"sector", "category" if "category" in attributes else "item"}
        if not any(self._attribute(above.left) in never_blank for above, _ in seams):
            return
        for above, below in seams:
            tall = (above.bottom > above.top) + (below.bottom > below.top)
            if self._attribute(above.left) in never_blank or tall == 2:
                self._unite(above, below)
            elif tall == 1:
                self._unite(above, below)
                self._doubts.append((last + 1, above.left, _CARRIED))

    def _areas(self, row: int) -> list[Span]:
        """The area that covers each cell of a row, merged or not."""
        areas = [Span(row, column, row, column) for column in range(len(self._edges) - 1)]
        for span in self._spans:
            if span.top <= row <= span.bottom:
                areas[span.left : span.right + 1] = [span] * (span.right - span.left + 1)
        return areas

    def _text(self, area: Span) -> str:
        return self._rows[area.top].cells[area.left]

    def _unite(self, above: Span, below: Span) -> None:
        self._spans = [span for span in self._spans if span not in (above, below)]
        self._spans.append(Span(above.top, above.left, below.bottom, below.right))


def _header_of(rows: Sequence[list[str]], spans: Sequence[Span], first: int) -> Header | None:
    grid = Grid("", tuple(map(tuple, rows)), tuple(spans))
    begins = range(first, min(first + _HEADER_DEPTH, len(rows)))
    return next(filter(None, (header_at(grid, row) for row in begins)), None)


def _has_header(part: Part) -> bool:
    return _header_of(part.rows, part.spans, 0) is not None


def _plain(cells: Sequence[str]) -> list[str]:
    return ["".join(text.split()) for text in cells]


def _says_again(cells: Sequence[str], labels: Sequence[str]) -> bool:
    """Whether a row says labels again; text of a merged cell, printed over the page break, may
    have run into a few of them."""
    pairs = list(zip(cells, labels, strict=True))
    same = sum(cell == label for cell, label in pairs)
    return 4 * same >= 3 * len(pairs) and all(cell.startswith(label) for cell, label in pairs)


def _continued(text: str, rest: str) -> str:
    """A cell's text from both sides of a page break; a new entry of a list begins a line."""
    apart = text.endswith(_ENTRY_ENDS) or _LIST_MARK.match(rest)
    return f"{text}\n{rest}" if apart else text + rest
