"""What all workbooks written here share: text that stays text, names of sheets, pages that print."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..national import NUMBER, TICK, Column

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.styles import Border
    from openpyxl.worksheet.worksheet import Worksheet

CELL_LIMIT = 32_767
"""Characters in an Excel cell; more would be cut in silence."""

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\s]+")
_NAME_LIMIT = 31
_A4 = 9  # ST_PageSize in ECMA-376
_WIDTHS = {
    "": 6,  # 序号
    "sector": 12,
    "category": 14,
    "item": 16,
    "content": 36,
    "basis": 36,
    "time_limit": 18,
    "discloser": 16,
    "channels": 26,
}
_TICK_WIDTH = 7
_LINE, _MOST_HEIGHT = 15, 409  # points; Excel allows no higher row


def cell_text(text: str, *, cut: bool = False) -> str:
    """``text`` as a cell stores it: without what XML cannot hold; ``_x0041_`` stays itself.

    ``cut`` ends a text too long for a cell with ``…``.
    """
    stored = _LOOKS_ESCAPED.sub("_x005F_", _NOT_IN_XML.sub("", text))
    return f"{stored[: CELL_LIMIT - 1]}…" if cut and len(stored) > CELL_LIMIT else stored


def put(cell: "Cell | MergedCell", text: str, *, cut: bool = False) -> None:
    """Write ``text`` into ``cell`` as text: “=…” is no formula there and “#N/A” no error."""
    if text:
        cell.value = cell_text(text, cut=cut)
        cell.data_type = "s"


def national_sheet(
    sheet: "Worksheet",
    columns: Sequence[Column],
    above: Sequence[str],
    rows: Iterable[Sequence[str]],
    extras: Sequence[str] = (),
) -> int:
    """Fills ``sheet`` in the guides' layout, ready to print; returns the number of its last row.

    ``above`` are the lines above the header, the first a title; ``rows`` hold a cell for each of
    ``columns`` and then of ``extras``. 序号 is counted here, for rows that are not blank. The
    workbook has ``add_styles``.
    """
    printed = [*columns, *(Column(label, label) for label in extras)]
    upper = len(above) + 1
    _write_above(sheet, above, len(printed))
    _write_header(sheet, upper, printed)
    last = upper + 1
    for last, texts in enumerate(rows, upper + 2):
        _write_row(sheet, last, str(last - upper - 1), texts, printed)
    sheet.freeze_panes = f"A{upper + 2}"
    set_up_page(sheet, header_rows=upper + 1)
    return last


def _write_above(sheet: "Worksheet", above: Sequence[str], width: int) -> None:
    from openpyxl.styles import Alignment, Font

    for row, text in enumerate(above, 1):
        if not text:
            continue
        cell = sheet.cell(row, 1)
        put(cell, text)
        cell.font = Font(bold=row == 1, size=16 if row == 1 else 11)
        cell.alignment = Alignment(horizontal="center" if row == 1 else "left", vertical="center")
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
    sheet.row_dimensions[1].height = 2 * _LINE


def _write_header(sheet: "Worksheet", upper: int, columns: Sequence[Column]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for at, column in enumerate(columns, 1):
        for row, text in ((upper, column.upper), (upper + 1, column.lower)):
            cell = sheet.cell(row, at)
            put(cell, text)
            cell.font, cell.border = Font(bold=True), framed()
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            cell.fill = PatternFill("solid", fgColor="E7EDF4")
        sheet.column_dimensions[get_column_letter(at)].width = _width(column)
    for left, right, parted in _header_spans(columns):
        bottom = upper if parted else upper + 1
        sheet.merge_cells(start_row=upper, end_row=bottom, start_column=left, end_column=right)
    sheet.row_dimensions[upper].height = 1.5 * _LINE
    sheet.row_dimensions[upper + 1].height = 2.5 * _LINE


def _write_row(
    sheet: "Worksheet", row: int, number: str, texts: Sequence[str], columns: Sequence[Column]
) -> None:
    for at, (text, column) in enumerate(zip(texts, columns, strict=True), 1):
        numbered = column.upper == NUMBER
        cell = sheet.cell(row, at)
        put(cell, number if numbered and any(texts) else text)
        cell.style = _CENTRED if numbered or text == TICK else WRAPPED
    fit_height(sheet, row, texts, list(map(_width, columns)))


WRAPPED, _CENTRED = "目录文字", "目录勾选"
"""Named styles of cells with text and with a tick, see ``add_styles``."""


def add_styles(book: "Workbook") -> None:
    """Names our styles in a workbook: a name is set much faster than its parts, and easily changed."""
    from openpyxl.styles import Alignment, Font, NamedStyle

    for name, horizontal in ((WRAPPED, "left"), (_CENTRED, "center")):
        style = NamedStyle(name, font=Font(name="Calibri", size=11), border=framed())
        style.alignment = Alignment(horizontal=horizontal, vertical="top", wrap_text=True)
        book.add_named_style(style)


def fit_height(sheet: "Worksheet", row: int, texts: Sequence[str], widths: Sequence[int]) -> None:
    """Makes a row high enough for wrapped ``texts``, because not every program does so itself."""
    lines = max(map(_lines, texts, widths))
    sheet.row_dimensions[row].height = min(_MOST_HEIGHT, _LINE * lines + 5)


def framed() -> "Border":
    """Thin lines around a cell."""
    from openpyxl.styles import Border, Side

    line = Side("thin")
    return Border(left=line, right=line, top=line, bottom=line)


def _width(column: Column) -> int:
    return _TICK_WIDTH if column.tick else _WIDTHS.get(column.attribute, 16)


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column; a Chinese character is as wide as two others."""
    widths = (sum(1 if char < "\u2e80" else 2 for char in line) for line in text.split("\n"))
    return sum(1 + wide // (width - 2) for wide in widths)


def _header_spans(columns: Sequence[Column]) -> Iterator[tuple[int, int, bool]]:
    """First and last column (1-based) of each heading, and whether it has parts below."""
    starts = [at for at, column in enumerate(columns, 1) if column.upper]
    for left, after in zip(starts, [*starts[1:], len(columns) + 1], strict=True):
        yield left, after - 1, bool(columns[left - 1].lower)


def sheet_titles(names: Sequence[str]) -> list[str]:
    """``names`` made fit for the sheets of one workbook: allowed characters, 31 at most, told apart."""
    titles: list[str] = []
    taken: set[str] = set()
    for number, name in enumerate(names, 1):
        bare = _NOT_IN_NAMES.sub(" ", cell_text(name)).strip("' ")[:_NAME_LIMIT].strip("' ")
        title = bare or f"表{number}"
        while title.lower() in taken:
            tail = f"({number})"
            title = title[: _NAME_LIMIT - len(tail)] + tail
            number += 1
        taken.add(title.lower())
        titles.append(title)
    return titles


def set_up_page(sheet: "Worksheet", *, header_rows: int) -> None:
    """Prints ``sheet`` across on A4, fit to the width, with its header and page numbers on every page."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"1:{header_rows}"
    assert sheet.oddFooter is not None
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
