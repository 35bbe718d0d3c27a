"""Items → a file that opens anywhere and can be imported again without loss.

No format can hold every character: control characters and halves of surrogate pairs are left out
of all of them, and every line ends with ``\\n``. A web page also folds blanks. Personal data never
leave (个人信息保护法; article 15 of 政府信息公开条例).
"""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from .. import national, privacy
from ..errors import Refused
from ..model import COLUMNS, Item
from .webpage import webpage
from .workbooks import CELL_LIMIT, WRAPPED, add_styles, cell_text, national_sheet, put

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell


def export(
    items: Sequence[Item], format: str, *, layout: str = "plain", title: str = "", date: str = ""
) -> bytes:
    """The official eleven columns first, extras after, in the order they first appear.

    ``format`` is one of ``FORMATS``: csv has a byte order mark, so that Excel reads it. ``layout``
    is one of ``LAYOUTS``, for xlsx. ``title`` and ``date``, as they are to be shown, stand above
    the table of a web page and of the national layout. Personal data are masked.
    Raises ``Refused`` for another format or layout, and for a text too long for an Excel cell.
    """
    if format not in FORMATS:
        raise Refused(f"不支持导出为“{format}”。请选择 {'、'.join(FORMATS)}。")
    if layout not in LAYOUTS or (format != "xlsx" and layout != "plain"):
        raise Refused(f"导出为 {format} 时没有“{layout}”版式。national 版式只用于 xlsx。")
    shown = tuple(_each_text(item, _shown) for item in items)
    table = _Table(shown, _shown(title), _shown(date))
    return LAYOUTS[layout](table) if format == "xlsx" else FORMATS[format](table)


def masked(items: Sequence[Item]) -> list[str]:
    """A sentence about each cell in which ``export`` masks personal data."""
    sentences = []
    for item in items:
        name = privacy.mask(item.item or item.category or "未写名称的事项")[:30]
        for label, text in {**item.extras, **item.cells()}.items():
            found = [*privacy.find(label), *privacy.find(text)]
            if kinds := dict.fromkeys(privacy.NAMES[one.kind] for one in found):
                where = f"“{name}”的“{privacy.mask(label)}”"
                sentences.append(f"{where}含有疑似{'、'.join(kinds)}，导出时已隐去。")
    return sentences


@dataclass(frozen=True, slots=True)
class _Table:
    """What is written: the items, and what stands above them."""

    items: Sequence[Item]
    title: str
    date: str

    @property
    def extras(self) -> list[str]:
        """The labels outside the official eleven."""
        return list(dict.fromkeys(label for item in self.items for label in item.extras))

    @property
    def labels(self) -> list[str]:
        """All labels in the order of the columns."""
        return [*COLUMNS.values(), *self.extras]

    @property
    def rows(self) -> list[Mapping[str, str]]:
        """The known cells of each item by label."""
        return [{**item.extras, **item.cells()} for item in self.items]


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def _shown(text: str) -> str:
    return privacy.mask(_CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def _each_text(item: Item, change: Callable[[str], str]) -> Item:
    values = {name: getattr(item, name) for name in COLUMNS}
    changed: dict[str, Any] = {name: change(text) for name, text in values.items() if text}
    extras = {change(label): change(text) for label, text in item.extras.items()}
    return replace(item, **changed, extras=extras)


def _csv(table: _Table) -> bytes:
    labels = table.labels
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(labels)
    writer.writerows([row.get(label, "") for label in labels] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _json(table: _Table) -> bytes:
    labels = table.labels
    rows = [{label: row.get(label) for label in labels} for row in table.rows]
    return json.dumps(rows, ensure_ascii=False, indent=1).encode()


def _html(table: _Table) -> bytes:
    return webpage(table.items, table.extras, title=table.title, date=table.date).encode()


# --- workbooks -----------------------------------------------------------------------------------

_SHEET = "标准目录"
_WIDE = {COLUMNS["content"], COLUMNS["basis"], COLUMNS["channels"]}


def _plain(table: _Table) -> bytes:
    # Loaded where it is used: the service answers without it.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    _refuse_long(table)
    book = Workbook(write_only=True)
    add_styles(book)
    sheet = book.create_sheet(_SHEET)
    sheet.freeze_panes = "A2"
    for column, label in enumerate(table.labels, 1):
        sheet.column_dimensions[get_column_letter(column)].width = 40 if label in _WIDE else 16

    def cell(text: str) -> "Cell":
        written = WriteOnlyCell(sheet)
        put(written, text)
        written.style = WRAPPED
        return written

    header = [cell(label) for label in table.labels]
    for title in header:
        title.font = Font(bold=True)
    sheet.append(header)
    for row in table.rows:
        texts = (row.get(label) for label in table.labels)
        sheet.append([cell(text) if text else None for text in texts])
    return _saved(book)


def _national(table: _Table) -> bytes:
    from openpyxl import Workbook

    _refuse_long(table)
    book = Workbook()
    add_styles(book)
    sheet = book.worksheets[0]
    sheet.title = _SHEET
    above = (
        [table.title or _SHEET, f"更新日期：{table.date}"]
        if table.date
        else [table.title or _SHEET]
    )
    extras = table.extras
    rows = (
        [*national.cells_of(item, national.EXPORTED), *(item.extras.get(e, "") for e in extras)]
        for item in table.items
    )
    national_sheet(sheet, national.EXPORTED, above, rows, extras)
    return _saved(book)


def _refuse_long(table: _Table) -> None:
    for text in chain(table.labels, *(row.values() for row in table.rows)):
        if len(cell_text(text)) > CELL_LIMIT:
            raise Refused(f"“{text[:20]}…”超过 Excel 单元格的 {CELL_LIMIT} 字。请导出为 csv。")


def _saved(book: "Workbook") -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


LAYOUTS: Mapping[str, Callable[[_Table], bytes]] = {"plain": _plain, "national": _national}
"""How a workbook is laid out: one header row, or as the national guides print it."""

FORMATS: Mapping[str, Callable[[_Table], bytes]] = {
    "csv": _csv,
    "json": _json,
    "xlsx": _plain,
    "html": _html,
}
"""What a catalogue can be exported as."""
