"""Notes on a clerk's table → a workbook that shows each at its cell, and all of them on the first sheet.

A workbook (.xlsx) keeps its look; tables of other formats are laid out anew at the same rows and
columns. A note is told by words, by a hatching that survives a black-and-white print, and by
colour last (WCAG 2.1, 1.4.1). Comments are printed after each sheet.
"""

import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..errors import Refused
from ..readers import Grid
from .workbooks import cell_text, fit_height, framed, put, set_up_page, sheet_titles

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.styles import PatternFill
    from openpyxl.worksheet.worksheet import Worksheet

AUTHOR = "政务公开小助手"
"""The author of our comments, by which an annotated workbook is known when it comes back."""

OVERVIEW = "检查结果"
"""The name of the sheet that lists all notes, and how its first cell begins."""


class Severity(NamedTuple):
    """How a note is shown: its word, and the hatching and colour (RGB) of its cell."""

    word: str
    pattern: Literal["solid", "lightUp", "gray125"]
    colour: str


SEVERITIES: Mapping[str, Severity] = MappingProxyType(
    {
        "error": Severity("必须改", "solid", "F8CBAD"),
        "warn": Severity("建议改", "lightUp", "BF9000"),
        "hint": Severity("请核对", "gray125", "2E75B6"),
    }
)
"""Severity of a ``Note`` → how it is shown, worst first."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell about one place of the sheet (``Grid.name``) called ``sheet``.

    ``row`` is 1-based as the clerk sees it (0: the whole sheet), ``column`` 0-based in the grid
    (``None``: the whole row); ``severity`` is a key of ``SEVERITIES``.
    """

    sheet: str
    row: int
    column: int | None
    severity: str
    text: str


def annotate(data: bytes, name: str, grids: Sequence[Grid], notes: Sequence[Note]) -> bytes:
    """The table in ``data`` (a file called ``name``, read as ``grids``) as an xlsx with ``notes``.

    Macros and links to other workbooks are left out. Raises ``Refused`` for tables of too many
    cells. ``data`` must have been read by ``readers``, which weighs it first.
    """
    if sum(len(grid.cells) * grid.width for grid in grids) > _MOST_CELLS:
        raise Refused(f"“{name}”超过 {_MOST_CELLS} 格，做不成批注表。请拆成几个文件再试。")
    earlier = {grid.name for grid in grids if _lists_notes(grid)}
    grids = [grid for grid in grids if grid.name not in earlier]
    book = _own_workbook(data)
    if book is None:
        book = _made_workbook(grids)
        pages = list(map(_Page, grids, book.worksheets))
    else:
        pages = _pages(book, grids)
        _take_away(book, pages, earlier)
    placed = [_place(note, pages) for note in notes if note.sheet not in earlier]
    for sheet, cell, said in _by_cell(placed):
        _mark(cell, said)
        sheet.page_setup.cellComments = "atEnd"  # printed too
    _list(book, name, placed)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class _Page(NamedTuple):
    """A grid and the sheet that shows it."""

    grid: Grid
    sheet: "Worksheet"

    def cell(self, row: int, column: int) -> "Cell | MergedCell":
        """The cell at a place of the grid."""
        return self.sheet.cell(self.grid.number(row), self.grid.first_column + column)


class _Placed(NamedTuple):
    """A note, the sheet that it is about and its cell, where it has them."""

    note: Note
    sheet: "Worksheet | None"
    cell: "Cell | None"


# --- the workbook --------------------------------------------------------------------------------

_MOST_CELLS = 1_000_000  # openpyxl holds a cell in some 500 bytes
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_AREA = re.compile(rb"<(?:\w+:)?(?:mergeCell|hyperlink)\b[^>]*?\bref=[\"']([^\"']*:[^\"']*)")


def _own_workbook(data: bytes) -> "Workbook | None":
    """The clerk's own workbook, where it is an .xlsx and openpyxl can keep it."""
    from openpyxl import load_workbook

    if not data.startswith(b"PK\x03\x04") or not _is_light(data):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of each extension that openpyxl does not keep
        try:
            return load_workbook(io.BytesIO(data), keep_links=False)
        except Exception:  # whatever a part breaks that it does not know; the grids have the text
            return None


def _is_light(data: bytes) -> bool:
    """Whether openpyxl may open a package: it makes every cell, also empty and merged ones."""
    from openpyxl.utils import range_boundaries

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        parts = [archive.read(name) for name in names if name.lower().endswith(".xml")]
    cells = sum(1 for part in parts for _ in _CELL.finditer(part))  # a sheet may have any name
    for area in (match[1].decode() for part in parts for match in _AREA.finditer(part)):
        try:
            bounds = range_boundaries(area)
        except ValueError:
            return False
        left, top, right, bottom = (bound or _MOST_CELLS for bound in bounds)
        cells += (abs(right - left) + 1) * (abs(bottom - top) + 1)
    return "xl/workbook.xml" in names and cells <= _MOST_CELLS


def _made_workbook(grids: Sequence[Grid]) -> "Workbook":
    """A plain workbook, a sheet a grid, every text where the clerk knows it."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    book = Workbook()
    del book[book.sheetnames[0]]
    wrapped = Alignment(wrap_text=True, vertical="top")
    frame = framed()
    _, *titles = sheet_titles([OVERVIEW, *(grid.name for grid in grids)])
    for grid, title in zip(grids, titles, strict=True):
        page = _Page(grid, book.create_sheet(title))
        for row, cells in enumerate(grid.cells):
            for column, text in enumerate(cells):
                cell = page.cell(row, column)
                put(cell, text, cut=True)
                cell.alignment, cell.border = wrapped, frame
        for span in grid.spans:
            first, last = page.cell(span.top, span.left), page.cell(span.bottom, span.right)
            page.sheet.merge_cells(f"{first.coordinate}:{last.coordinate}")
        for column in range(grid.width):
            longest = max(len(grid.own(row, column)) for row in range(len(grid.cells)))
            letter = get_column_letter(grid.first_column + column)
            page.sheet.column_dimensions[letter].width = min(40, max(8, 2 * longest))
    return book


def _pages(book: "Workbook", grids: Sequence[Grid]) -> list[_Page]:
    """The sheets of the clerk's own workbook."""
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    return [_Page(grid, sheets[grid.name]) for grid in grids if grid.name in sheets]


def _lists_notes(grid: Grid) -> bool:
    """Whether a sheet is our list of an earlier check, in a workbook that was corrected since."""
    return grid.name == OVERVIEW and grid.own(0, 0).startswith(OVERVIEW)


def _take_away(book: "Workbook", pages: Sequence[_Page], earlier: Iterable[str]) -> None:
    """Removes the lists and comments of an earlier check."""
    from openpyxl.styles import PatternFill

    for name in earlier:
        del book[name]
    for page in pages:
        for row, cells in enumerate(page.grid.cells):
            for cell in (page.cell(row, column) for column in range(len(cells))):
                if cell.comment and cell.comment.author == AUTHOR:
                    cell.comment = None
                    cell.fill = PatternFill()


# --- the notes -----------------------------------------------------------------------------------


def _place(note: Note, pages: Sequence[_Page]) -> _Placed:
    named = [page for page in pages if page.grid.name == note.sheet]
    for page in named:  # a file without sheet names may have several tables
        row = note.row - page.grid.first_row
        if 0 <= row < len(page.grid.cells):
            return _Placed(note, page.sheet, _cell(page, row, note.column))
    return _Placed(note, named[0].sheet if named else None, None)


def _cell(page: _Page, row: int, column: int | None) -> "Cell":
    """The cell to mark: the top left one of a merged area; for a row the first that is its own."""
    from openpyxl.cell.cell import Cell

    grid = page.grid
    if column is None:
        own = (c for c in range(grid.width) if not (s := grid.span_at(row, c)) or s.top == row)
        column = next(own, 0)
    cell = page.cell(row, column)
    if isinstance(cell, Cell):
        return cell
    area = next(a for a in page.sheet.merged_cells.ranges if cell.coordinate in a)
    top_left = page.sheet.cell(area.min_row, area.min_col)
    assert isinstance(top_left, Cell)
    return top_left


def _by_cell(
    placed: Iterable[_Placed],
) -> Iterable[tuple["Worksheet", "Cell", Sequence[Note]]]:
    """The notes of each marked cell, worst first."""
    found: dict[tuple[Worksheet, Cell], list[Note]] = {}
    for note, sheet, cell in placed:
        if sheet and cell:
            found.setdefault((sheet, cell), []).append(note)
    worst_first = list(SEVERITIES)
    for (sheet, cell), notes in found.items():
        yield sheet, cell, sorted(notes, key=lambda note: worst_first.index(note.severity))


def _mark(cell: "Cell", notes: Sequence[Note]) -> None:
    from openpyxl.comments import Comment

    lines = [f"【{SEVERITIES[note.severity].word}】{note.text}" for note in notes]
    if cell.comment:  # the clerk's own
        lines.insert(0, cell.comment.text)
    text = cell_text("\n".join(lines), cut=True)
    height = 24 + 18 * sum(1 + len(line) // 18 for line in text.split("\n"))
    cell.comment = Comment(text, AUTHOR, height=min(height, 600), width=300)
    cell.fill = _fill(SEVERITIES[notes[0].severity])


def _fill(severity: Severity) -> "PatternFill":
    from openpyxl.styles import PatternFill

    return PatternFill(severity.pattern, fgColor=severity.colour)


_COLUMNS = {"序号": 6, "程度": 10, "位置": 28, "问题和建议": 90}


def _list(book: "Workbook", name: str, placed: Sequence[_Placed]) -> None:
    """Puts the sheet first that counts and lists the notes, each with a link to its cell."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter, quote_sheetname
    from openpyxl.worksheet.hyperlink import Hyperlink

    sheet = book.create_sheet(OVERVIEW, 0)
    put(sheet["A1"], f"{OVERVIEW}：{name}")
    put(sheet["A2"], _counted([one.note for one in placed]))
    sheet["A1"].font = Font(bold=True, size=14)
    for column, (label, width) in enumerate(_COLUMNS.items(), 1):
        put(sheet.cell(4, column), label)
        sheet.cell(4, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, (note, target, cell) in enumerate(placed, 1):
        severity = SEVERITIES[note.severity]
        texts = (str(number), severity.word, _where(note, target, cell), note.text)
        for column, text in enumerate(texts, 1):
            shown = sheet.cell(4 + number, column)
            put(shown, text, cut=True)
            shown.alignment = Alignment(wrap_text=True, vertical="top")
        fit_height(sheet, 4 + number, texts, list(_COLUMNS.values()))
        sheet.cell(4 + number, 2).fill = _fill(severity)
        if target is not None:
            link = sheet.cell(4 + number, 3)
            place = f"{quote_sheetname(target.title)}!{cell.coordinate if cell else 'A1'}"
            link.hyperlink = Hyperlink(ref=link.coordinate, location=place)
            link.font = Font(underline="single", color="0563C1")
    sheet.freeze_panes = "A5"
    set_up_page(sheet, header_rows=4)
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    book.active = sheet


def _counted(notes: Sequence[Note]) -> str:
    if not notes:
        return "没有发现问题。"
    counts = Counter(note.severity for note in notes)
    parts = [f"{s.word} {counts[key]} 处" for key, s in SEVERITIES.items() if counts[key]]
    return f"共 {len(notes)} 处：{'，'.join(parts)}。点“位置”可跳到那一格，格上的批注写着同样的话。"


def _where(note: Note, sheet: "Worksheet | None", cell: "Cell | None") -> str:
    title = sheet.title if sheet else note.sheet
    if cell is None or note.row == 0:
        return title
    return f"{title} 第{note.row}行" + (f"（{cell.coordinate}）" if note.column is not None else "")
