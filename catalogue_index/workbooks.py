"""What all workbooks written here share: text that stays text, names of sheets, pages that print."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

CELL_LIMIT = 32_767
"""Characters in an Excel cell; more would be cut in silence."""

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\s]+")
_NAME_LIMIT = 31
_A4 = 9  # ST_PageSize in ECMA-376


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


def set_up_page(sheet: "Worksheet", *, header_rows: int, paper: int = _A4) -> None:
    """Prints ``sheet`` across, fit to the width, with its header and page numbers on every page."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = paper
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"1:{header_rows}"
    assert sheet.oddFooter is not None
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
