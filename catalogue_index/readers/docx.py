"""Word documents: their tables as grids, or all of them as text, one table row a line."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UnreadableFile
from .bounds import DEFAULT_BOUNDS, Bounds
from .files import DAMAGED_ZIP, read_bytes
from .flow import Cell, Flow, Meter, Table, grids_in
from .grid import Grid, Span

if TYPE_CHECKING:
    from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH, _TABLE = f"{_W}p", f"{_W}tbl"
_TEXT_BOX = f"{_W}txbxContent"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_NOT_SHOWN = frozenset({f"{_W}{tag}" for tag in ("del", "moveFrom", "pPr", "rPr", "instrText")})
_SIGNS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_SAME_AS_ABOVE = "〃"
_XML = (".xml", ".rels")
_MOST_COLUMNS = 1000  # Word itself stops at 63
_NAME = "Word 文档"
_DAMAGED = (
    *DAMAGED_ZIP,  # ValueError also when the package is not a document
    RuntimeError,  # a member of the package is encrypted
    SyntaxError,  # lxml's error for XML that is not well-formed
)


def read(data: bytes, name: str, *, bounds: Bounds = DEFAULT_BOUNDS) -> list[Grid]:
    """The tables of a document in order, each below the paragraphs above it.

    Deleted text of tracked changes, headers, footers and notes are left out. Raises
    ``UnreadableFile`` for a document without a table, a damaged one, and one that is too large.
    """
    if grids := tables(data, name, bounds):
        return grids
    raise UnreadableFile(
        f"Word 文档“{name}”里没有表格。请确认选对了文件；表格如果是图片，请提供能选中文字的文件。"
    )


def tables(data: bytes, name: str, bounds: Bounds) -> list[Grid]:
    """Like ``read``, but none for a document without a table."""
    return grids_in(_flow_of(data, name, bounds))


def read_docx_text(
    path: Path, *, max_bytes: int = 32_000_000, bounds: Bounds = DEFAULT_BOUNDS
) -> str:
    """The paragraphs and tables of a Word document (.docx) in order.

    Automatic numbers are written out. A merged cell stands once: the columns that it spans stay
    empty, and the rows below that it spans have 〃 (同上). Deleted text of tracked changes, headers,
    footers and notes are left out. Raises ``UnreadableFile`` when the file is missing, a folder, not
    permitted, empty, too large, damaged, locked by a password or of another format.
    """
    from . import FORMATS  # they are made of readers, this one among them

    data = read_bytes(path, max_bytes)
    name = path.name
    found = next((f for f in FORMATS if f.recognises and f.recognises(data)), None)
    if found is None or found.name != _NAME:
        what = f"是{found.name}" if found else "不是 Word 文档"
        advice = "先取消密码，再" if found and "加密" in found.name else ""
        raise UnreadableFile(f"文件“{name}”{what}，无法读取。请{advice}在 Word 中另存为 .docx。")
    return "\n".join(_written(_flow_of(data, name, bounds)))


def _flow_of(data: bytes, name: str, bounds: Bounds) -> Flow:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist()}
        words = max((size for part, size in sizes.items() if part.endswith(_XML)), default=0)
        if sum(sizes.values()) > bounds.unpacked or words > bounds.xml:
            raise UnreadableFile(
                f"文件“{name}”解开后超过 {bounds.unpacked // 1_000_000} MB，"
                f"或文字部分超过 {bounds.xml // 1_000_000} MB。"
                "请删去图片等多余内容，或拆成几个文件再导入。"
            )
        return _Document(data, Meter(name, bounds)).flow
    except _DAMAGED as error:
        raise UnreadableFile(
            f"文件“{name}”已损坏，无法读取。请在 Word 中打开修复后另存为 .docx。"
        ) from error


def _opened(data: bytes) -> "tuple[etree._Element, etree._Element | None, etree._Element]":
    """The body of a document, the root of its lists, if it has any, and that of its styles."""
    # Word is met seldom, and its library takes a moment to load.
    from docx import Document
    from docx.opc.constants import RELATIONSHIP_TYPE

    try:
        document = Document(io.BytesIO(data))
        parts = {
            relation.reltype: relation.target_part
            for relation in document.part.rels.values()
            if not relation.is_external
        }
        lists = getattr(parts.get(RELATIONSHIP_TYPE.NUMBERING), "element", None)
        body, styles = document.element.find(f"{_W}body"), document.styles.element
    except Exception as error:  # the library trusts a package, and damage fails it in any way
        raise ValueError("the package is not a document") from error
    if body is None:
        raise ValueError("the document has no body")
    return body, lists, styles


class _Document:
    """What a document shows, in order: automatic numbers count on as it is walked."""

    def __init__(self, data: bytes, meter: Meter) -> None:
        from .docx_numbering import Numbering

        body, lists, styles = _opened(data)
        self._numbering = Numbering(lists, styles)
        self._meter = meter
        self.flow: Flow = list(self._of_blocks(body))

    def _of_blocks(self, parent: "etree._Element") -> Iterator[str | Table]:
        for child in parent:
            if child.tag == _PARAGRAPH:
                yield self._numbering.before(child) + _text(child)
                for box in _text_boxes(child):
                    yield from self._of_blocks(box)
            elif child.tag == _TABLE:
                yield self._table(child)
            elif child.tag not in _NOT_SHOWN:
                yield from self._of_blocks(child)

    def _table(self, table: "etree._Element") -> Table:
        cells: list[Cell] = []
        above: dict[int, int] = {}  # column → the cell that a merged one below it continues
        height = 0
        for row in _children(table, "tr"):
            if row.find(f"{_W}trPr/{_W}del") is not None:
                continue
            self._meter.add(rows=1)
            merging: dict[int, int] = {}
            left = _number(row, f"{_W}trPr/{_W}gridBefore")
            for cell in _children(row, "tc"):
                right = left + max(_number(cell, f"{_W}tcPr/{_W}gridSpan"), 1) - 1
                self._meter.add(cells=right - left + 1)
                merged = cell.find(f"{_W}tcPr/{_W}vMerge")
                continues = merged is not None and merged.get(f"{_W}val") != "restart"
                content = list(self._of_blocks(cell))
                upper = above.get(left)
                if continues and upper is not None and cells[upper].span.right == right:
                    span = cells[upper].span
                    cells[upper] = replace(cells[upper], span=replace(span, bottom=height))
                else:
                    upper = len(cells)
                    cells.append(Cell(Span(height, left, height, right), content))
                if merged is not None:
                    merging[left] = upper
                left = right + 1
            above = merging
            height += 1
        return Table(height, cells)


def _written(flow: Flow) -> Iterator[str]:
    for part in flow:
        if isinstance(part, Table):
            # Empty lines keep neighbouring tables and paragraphs apart.
            yield from ("", *map("\t".join, _rows(part)), "")
        else:
            yield part


def _rows(table: Table) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.height)]
    for cell in sorted(table.cells, key=lambda cell: cell.span.left):
        span = cell.span
        text = " ".join(" ".join(_written(cell.content)).split())
        for number in range(span.top, span.bottom + 1):
            row = rows[number]
            row.extend([""] * (span.left - len(row)))
            row.append(text if number == span.top else _SAME_AS_ABOVE)
            row.extend([""] * (span.right - span.left))
    return rows


def _children(parent: "etree._Element", tag: str) -> Iterator["etree._Element"]:
    """Rows or cells, also those inside content controls."""
    for child in parent:
        if child.tag == f"{_W}{tag}":
            yield child
        elif child.tag in {f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"}:
            yield from _children(child, tag)


def _number(element: "etree._Element", path: str) -> int:
    """A count of columns; 0 where there is none, and no more than a table may have."""
    found = element.find(path)
    number = int(found.get(f"{_W}val") or 0) if found is not None else 0
    return min(max(number, 0), _MOST_COLUMNS)


def _text(element: "etree._Element") -> str:
    """The words shown in a paragraph, without those of text boxes in it."""
    if element.tag == f"{_W}t":
        return element.text or ""
    if element.tag in _SIGNS:
        return _SIGNS[element.tag]
    return "".join(
        _text(child)
        for child in element
        if child.tag not in _NOT_SHOWN and child.tag not in {_TEXT_BOX, _FALLBACK}
    )


def _text_boxes(element: "etree._Element") -> Iterator["etree._Element"]:
    for child in element:
        if child.tag == _TEXT_BOX:
            yield child
        elif child.tag != _FALLBACK:
            yield from _text_boxes(child)
