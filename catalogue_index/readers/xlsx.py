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
from . import apart
from .bounds import DEFAULT_BOUNDS, Bounds
from .files import DAMAGED_ZIP
from .grid import Grid, Span

# These look at nothing twice, so that no file takes longer than its size.
_CELL = re.compile(rb"<(?:[^\s<>:/]++:)?c[\s>/]")
_REFERENCE = re.compile(
    rb'<(?:[^\s<>:/]++:)?c(?=\s)(?>[^<>]*?\sr="([A-Z]{1,3})(\d{1,7})")([^<>]*+)>'
)


def read(data: bytes, name: str, *, bounds: Bounds = DEFAULT_BOUNDS) -> list[Grid]:
    """The sheets of a workbook in order; a hidden one keeps its name and a note, without cells.

    Raises ``UnreadableFile`` for damaged, password-protected and too large files.
    """
    if _is_weighed(data, name, bounds):
        return read_here(data, name, bounds)
    if (grids := apart.read(data, name, bounds)) is None:
        raise _damaged(name)
    return grids


def read_here(data: bytes, name: str, bounds: Bounds) -> list[Grid]:
    """Like ``read``, but in this process, whatever the file does to it."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return [
                _grid(book.get_sheet_by_name(sheet.name), name, bounds)
                if sheet.visible is SheetVisibleEnum.Visible
                else Grid(sheet.name, (), note="隐藏的工作表，没有读取。如需导入，请先取消隐藏。")
                for sheet in book.sheets_metadata
                if sheet.typ is SheetTypeEnum.WorkSheet
            ]
    except PasswordError as error:
        raise password_protected(name) from error
    except (CalamineError, *DAMAGED_ZIP) as error:
        raise _damaged(name) from error
    except BaseException as error:
        # calamine panics at some damage, and does not export the class that it raises then.
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


def _is_weighed(data: bytes, name: str, bounds: Bounds) -> bool:
    """Whether the size of every sheet is known before calamine opens the file, and within bounds.

    Two values in far corners of a sheet cost gigabytes. What a binary workbook holds, and a cell
    without a plain reference, is not known.
    """
    if not data.startswith(b"PK"):
        return False
    known = True
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > bounds.unpacked:
                bounds.refuse(name)
            for member in members:
                # Whole, because this also checks the size and checksum of every part.
                part = archive.read(member)
                known &= (
                    not member.filename.endswith(".bin") or "/worksheets/" not in member.filename
                )
                found = _REFERENCE.findall(part)
                known &= len(found) == len(_CELL.findall(part))
                valued = [cell for cell in found if not cell[2].endswith(b"/")]
                rows = _extent(int(row) for _, row, _ in valued)
                columns = _extent(map(_column, {letters for letters, _, _ in valued}))
                bounds.check(name, rows, rows * columns)
    except RuntimeError as error:  # a member of the package is encrypted
        raise password_protected(name) from error
    except DAMAGED_ZIP as error:
        raise _damaged(name) from error
    return known


def _check_cells(part: bytes, name: str, bounds: Bounds) -> bool:
    """Whether every cell in a part says plainly where it stands; refuses a sheet too large."""
    references = 0
    rows: set[bytes] = set()
    columns: set[bytes] = set()
    for cell in _REFERENCE.finditer(part):
        references += 1
        if not cell[3].endswith(b"/"):
            columns.add(cell[1])
            rows.add(cell[2])
    height = _extent(map(int, rows))
    bounds.check(name, height, height * _extent(map(_column, columns)))
    return references == sum(1 for _ in _CELL.finditer(part))


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
