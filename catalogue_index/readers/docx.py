"""Word documents as text: one paragraph a line, one table row a line with tabs between cells."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UnreadableFile
from . import FORMATS
from .bounds import DEFAULT_BOUNDS, Bounds
from .files import read_bytes

if TYPE_CHECKING:
    from lxml import etree

    from .docx_numbering import Numbering

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT_BOX = f"{_W}txbxContent"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_NOT_SHOWN = frozenset({f"{_W}{tag}" for tag in ("del", "moveFrom", "pPr", "rPr", "instrText")})
_SIGNS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_SAME_AS_ABOVE = "〃"
_NAME = "Word 文档"
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,  # a part of the package is missing
    NotImplementedError,  # packed in a way that zipfile does not know
    RuntimeError,  # a member of the package is encrypted
    SyntaxError,  # lxml's error for XML that is not well-formed
    ValueError,  # the package is not a document
)


def read_docx_text(
    path: Path, *, max_bytes: int = 32_000_000, bounds: Bounds = DEFAULT_BOUNDS
) -> str:
    """The paragraphs and tables of a Word document (.docx) in order.

    Automatic numbers are written out. A merged cell stands once: the columns that it spans stay
    empty, and the rows below that it spans have 〃 (同上). Deleted text of tracked changes, headers,
    footers and notes are left out. Raises ``UnreadableFile`` when the file is missing, a folder, not
    permitted, empty, too large, damaged, locked by a password or of another format.
    """
    data = read_bytes(path, max_bytes)
    name = path.name
    found = next((f for f in FORMATS if f.recognises and f.recognises(data)), None)
    if found is None or found.name != _NAME:
        what = f"是{found.name}" if found else "不是 Word 文档"
        advice = "先取消密码，再" if found and "加密" in found.name else ""
        raise UnreadableFile(f"文件“{name}”{what}，无法读取。请{advice}在 Word 中另存为 .docx。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > bounds.unpacked:
                raise UnreadableFile(
                    f"文件“{name}”解开后超过 {bounds.unpacked // 1_000_000} MB。"
                    "请删去图片等多余内容，或拆成几个文件再导入。"
                )
        return "\n".join(_lines(data))
    except _DAMAGED as error:
        raise UnreadableFile(
            f"文件“{name}”已损坏，无法读取。请在 Word 中打开修复后另存为 .docx。"
        ) from error


def _lines(data: bytes) -> Iterator[str]:
    # Word is met seldom, and its library takes a moment to load.
    from docx import Document
    from docx.opc.constants import RELATIONSHIP_TYPE

    from .docx_numbering import Numbering

    document = Document(io.BytesIO(data))
    parts = {
        relation.reltype: relation.target_part
        for relation in document.part.rels.values()
        if not relation.is_external
    }
    numbering_part = parts.get(RELATIONSHIP_TYPE.NUMBERING)
    lists = getattr(numbering_part, "element", None)
    numbering = Numbering(lists, document.styles.element)
    body = document.element.find(f"{_W}body")
    if body is None:
        raise ValueError("the document has no body")
    yield from _of_blocks(body, numbering)


def _of_blocks(parent: "etree._Element", numbering: "Numbering") -> Iterator[str]:
    for child in parent:
        if child.tag == f"{_W}p":
            yield numbering.before(child) + _text(child)
            for box in _text_boxes(child):
                yield from _of_blocks(box, numbering)
        elif child.tag == f"{_W}tbl":
            # Empty lines keep neighbouring tables and paragraphs apart.
            yield from ("", *_of_table(child, numbering), "")
        elif child.tag not in _NOT_SHOWN:
            yield from _of_blocks(child, numbering)


def _of_table(table: "etree._Element", numbering: "Numbering") -> Iterator[str]:
    for row in _children(table, "tr"):
        cells = [""] * _number(row, f"{_W}trPr/{_W}gridBefore")
        for cell in _children(row, "tc"):
            merged = cell.find(f"{_W}tcPr/{_W}vMerge")
            if merged is not None and merged.get(f"{_W}val") != "restart":
                text = _SAME_AS_ABOVE
            else:
                lines = (line for line in _of_blocks(cell, numbering))
                text = " ".join(" ".join(lines).split())
            span = _number(cell, f"{_W}tcPr/{_W}gridSpan")
            cells += [text, *[""] * (span - 1)]
        yield "\t".join(cells)


def _children(parent: "etree._Element", tag: str) -> Iterator["etree._Element"]:
    """Rows or cells, also those inside content controls."""
    for child in parent:
        if child.tag == f"{_W}{tag}":
            yield child
        elif child.tag in {f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"}:
            yield from _children(child, tag)


def _number(element: "etree._Element", path: str) -> int:
    found = element.find(path)
    return int(found.get(f"{_W}val") or 0) if found is not None else 0


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
