"""Workbooks (.xlsx, .xlsm, .xlsb, .xls) through calamine: visible sheets and merged areas."""

import datetime
import io
import re
import zipfile
from collections.abc import Iterable

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from ..errors import UnreadableFile
from .bounds import DEFAULT_BOUNDS, Bounds
from .files import DAMAGED_ZIP
from .grid import Grid, Span

# Looks at nothing twice, so that no file takes longer than its size: the first reference counts.
_CELL_WITH_VALUE = re.compile(
    rb'<(?:\w{1,9}:)?c\s(?>[^<>]*?\br="([A-Z]{1,3})(\d{1,7})")[^<>]*+(?<!/)>'
)


def read(data: bytes, name: str, *, bounds: Bounds = DEFAULT_BOUNDS) -> list[Grid]:
    """The sheets of a workbook in order; a hidden one keeps its name and a note, without cells.

    Raises ``UnreadableFile`` for damaged, password-protected and too large files.
    """
    try:
        if data.startswith(b"PK"):
            _weigh(data, name, bounds)
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return [
                _grid(book.get_sheet_by_name(sheet.name), name, bounds)
                if sheet.visible is SheetVisibleEnum.Visible
                else Grid(sheet.name, (), note="隐藏的工作表，没有读取。如需导入，请先取消隐藏。")
                for sheet in book.sheets_metadata
                if sheet.typ is SheetTypeEnum.WorkSheet
            ]
    except (PasswordError, RuntimeError) as error:  # RuntimeError: zipfile on an encrypted member
        raise password_protected(name) from error
    except (CalamineError, *DAMAGED_ZIP) as error:
        raise _damaged(name) from error
    except BaseException as error:
        # calamine panics at some damage in .xls, and does not export the class it raises then.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(name) from error


def _damaged(name: str) -> UnreadableFile:
    return UnreadableFile(
        f"工作簿“{name}”已损坏，无法打开。请用表格软件打开并另存为 .xlsx，或请提供者重新发送。"
    )


def password_protected(name: str) -> UnreadableFile:
    """The refusal of an encrypted file."""
    return UnreadableFile(
        f"文件“{name}”有密码保护，无法读取。请先在表格软件中取消密码，另存后再导入。"
    )


def _weigh(data: bytes, name: str, bounds: Bounds) -> None:
    """Refuses a packed workbook that would fill the memory, before calamine opens it.

    calamine lays a sheet out as a full rectangle: two values in far corners cost gigabytes.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > bounds.unpacked:
            bounds.refuse(name)
        for member in members:
            # Whole, because this also checks size and checksum of every part calamine will read.
            part = archive.read(member)
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", member.filename):
                found = _CELL_WITH_VALUE.findall(part)
                rows = _extent(int(row) for _, row in found)
                columns = _extent(map(_column, {letters for letters, _ in found}))
                bounds.check(name, rows, rows * columns)


def _extent(positions: Iterable[int]) -> int:
    known = set(positions)
    return max(known) - min(known) + 1 if known else 0


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _grid(sheet: CalamineSheet, name: str, bounds: Bounds) -> Grid:
    if sheet.start is None:
        return Grid(sheet.name, ())
    bounds.check(name, sheet.height, sheet.height * sheet.width)
    cells = tuple(tuple(map(_text, row)) for row in sheet.to_python())
    top, left = sheet.start
    spans = _spans(sheet.merged_cell_ranges or (), top, left, len(cells), sheet.width)
    return Grid(sheet.name, cells, spans, top + 1, first_column=left + 1)


def _spans(
    ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]],
    top: int,
    left: int,
    height: int,
    width: int,
) -> tuple[Span, ...]:
    """Merged areas in grid coordinates, cut to the grid.

    One that begins outside the grid is empty. Sound files never overlap them; damaged ones end
    here, before they cost more than the cells do.
    """
    spans = []
    free = height * width
    for first, last in ranges:
        span = Span(
            first[0] - top,
            first[1] - left,
            min(last[0] - top, height - 1),
            min(last[1] - left, width - 1),
        )
        if 0 <= span.top <= span.bottom and 0 <= span.left <= span.right:
            free -= (span.bottom - span.top + 1) * (span.right - span.left + 1)
            if free < 0:
                break
            spans.append(span)
    return tuple(spans)


def _text(value: object) -> str:
    """A value as a reader sees it: 1 rather than 1.0, dates as 2024-05-01."""
    match value:
        case str():
            return value
        case bool():
            return "是" if value else "否"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime.datetime():
            midnight = value.time() == datetime.time()
            return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
        case datetime.time():
            return value.isoformat("minutes")
        case _:
            return str(value)
