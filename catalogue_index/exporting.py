"""Items → a file that opens anywhere and can be imported again without loss."""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from .errors import Refused
from .model import COLUMNS, Item

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

_CELL_LIMIT = 32_767  # characters in an Excel cell; more would be cut in silence
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def export(items: Sequence[Item], format: str) -> bytes:
    """The official eleven columns first, extras after, in the order they first appear.

    ``format`` is csv (UTF-8 with a byte order mark, so that Excel reads it), json or xlsx. Raises
    ``Refused`` for another format, and for a text too long for an Excel cell.
    """
    if format not in _FORMATS:
        raise Refused(f"不支持导出为“{format}”。请选择 csv、json 或 xlsx。")
    extras = dict.fromkeys(label for item in items for label in item.extras)
    labels = (*COLUMNS.values(), *extras)
    return _FORMATS[format](labels, [{**item.extras, **item.cells()} for item in items])


def _csv(labels: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(labels)
    writer.writerows([row.get(label, "") for label in labels] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _json(labels: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    table = [{label: row.get(label) for label in labels} for row in rows]
    return json.dumps(table, ensure_ascii=False, indent=1).encode()


def _xlsx(labels: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    # Loaded where it is used: the service answers without it.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for text in chain(labels, *(row.values() for row in rows)):
        if len(text) > _CELL_LIMIT:
            raise Refused(f"“{text[:20]}…”超过 Excel 单元格的 {_CELL_LIMIT} 字。请导出为 csv。")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("标准目录")
    sheet.freeze_panes = "A2"
    for column, label in enumerate(labels, 1):
        sheet.column_dimensions[get_column_letter(column)].width = 40 if label in _WIDE else 16

    wrapped = Alignment(wrap_text=True, vertical="top")

    def cell(text: str) -> "Cell":
        written = WriteOnlyCell(sheet, _LOOKS_ESCAPED.sub("_x005F_", _NOT_IN_XML.sub("", text)))
        written.data_type = "s"  # always text: “=…” must not become a formula, nor “#N/A” an error
        written.alignment = wrapped
        return written

    header = [cell(label) for label in labels]
    for title in header:
        title.font = Font(bold=True)
    sheet.append(header)
    for row in rows:
        texts = (row.get(label) for label in labels)
        sheet.append([cell(text) if text else None for text in texts])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_WIDE = {COLUMNS["content"], COLUMNS["basis"], COLUMNS["channels"]}
_FORMATS: Mapping[str, Callable[[Sequence[str], Sequence[Mapping[str, str]]], bytes]] = {
    "csv": _csv,
    "json": _json,
    "xlsx": _xlsx,
}
