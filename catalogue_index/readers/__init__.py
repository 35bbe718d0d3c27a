"""Files in, tables out. Content decides the format, then the extension: offices rename files."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

from ..errors import UnreadableFile
from . import csv, docx, html, json, office, pdf, xlsx
from .bounds import Bounds
from .files import DAMAGED_ZIP, files_in, read_bytes
from .grid import Grid, Span

__all__ = ["FORMATS", "Bounds", "Format", "Grid", "Span", "grids_of", "read_grids"]


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: what it is called, its extensions, and how its bytes show it.

    ``recognises`` is ``None`` for plain text formats, which bear no mark and go by extension.
    ``read`` is ``None`` while the project cannot read the format.
    """

    name: str
    extensions: tuple[str, ...]
    recognises: Callable[[bytes], bool] | None = None
    read: Callable[[bytes, str], list[Grid]] | None = None


_PAGE_BEGINS = re.compile(
    r"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*+"
    r"<(?:!doctype\s+html|html|head|body|table|meta|div|p|center|title|script|style|link|form|font|span|h\d)\b",
    re.IGNORECASE | re.DOTALL,
)


def _is_page(data: bytes) -> bool:
    """Recognises a web page by its first tag, in any encoding: UTF-16 puts zeros between."""
    beginning = data[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"")
    return _PAGE_BEGINS.match(beginning.decode("latin-1")) is not None


def _packed(*members: str) -> Callable[[bytes], bool]:
    """Recognises a zip package by one of its members."""

    def recognises(data: bytes) -> bool:
        if not data.startswith(b"PK\x03\x04"):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return not set(members).isdisjoint(archive.namelist())
        except DAMAGED_ZIP:
            # The list of members at the end is lost; their names also stand before each member.
            return any(member.encode() in data for member in members)

    return recognises


def _compound(*streams: str) -> Callable[[bytes], bool]:
    """Recognises an OLE compound file (Office 97-2003, encrypted package) by one of its streams.

    Their names stand in directory entries of 128 bytes ([MS-CFB] 2.6.1), padded with zeros; text in
    a document may say the same words.
    """
    names = "|".join(map(re.escape, streams)).encode("utf-16-le").replace(b"|\0", b"|")
    entry = re.compile(rb"(?=(?:%b)(?:\0\0|\Z))" % names, re.DOTALL)
    return lambda data: (
        data.startswith(b"\xd0\xcf\x11\xe0")
        and any(match.start() % 128 == 0 for match in entry.finditer(data))
    )


def _begins(pattern: bytes) -> Callable[[bytes], bool]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda data: compiled.match(data[:1024]) is not None


def _refuse_encrypted(_: bytes, name: str) -> list[Grid]:
    raise xlsx.password_protected(name)


FORMATS: tuple[Format, ...] = (
    Format(
        "Excel 工作簿",
        (".xlsx", ".xlsm", ".xlsb"),
        _packed("xl/workbook.xml", "xl/workbook.bin"),
        xlsx.read,
    ),
    Format("加密的 Office 文件", (), _compound("EncryptedPackage"), _refuse_encrypted),
    Format("Excel 97-2003 工作簿", (".xls", ".et"), _compound("Workbook", "Book"), xlsx.read),
    Format("Word 文档", (".docx",), _packed("word/document.xml"), docx.read),
    Format("Word 97-2003 文档", (".doc", ".wps"), _compound("WordDocument"), office.read_document),
    Format("RTF 文档", (".rtf",), _begins(rb"\{\\rtf"), office.read_document),
    Format(
        "OpenDocument 文件",
        (".ods", ".odt"),
        _packed("META-INF/manifest.xml"),
        office.read_open_document,
    ),
    Format("PDF 文档", (".pdf",), _begins(rb"\s*%PDF-"), pdf.read),
    Format("图片", (".png", ".jpg", ".jpeg", ".gif"), _begins(rb"\x89PNG|\xff\xd8\xff|GIF8")),
    Format(
        "压缩包或已损坏的文件",
        (".zip", ".rar", ".7z"),
        _begins(rb"PK\x03\x04|PK\x05\x06|Rar!|7z\xbc\xaf"),
    ),
    Format("网页", (".html", ".htm"), _is_page, html.read),
    Format(
        "网页归档文件",
        (".mht", ".mhtml"),
        _begins(rb"[\w-]+:[\s\S]{0,900}?multipart/related"),
        html.read_archive,
    ),
    Format("XML 文件", (".xml",), _begins(rb"(\xef\xbb\xbf)?\s*<\?xml")),
    Format("JSON 数据", (".json",), read=json.read),
    Format("CSV 文本表格", (".csv", ".tsv", ".txt", ""), read=csv.read),
)
"""Every format that is told apart, in the order of asking."""


def read_grids(path: Path, *, max_bytes: int = 64_000_000) -> list[Grid]:
    """The tables of a file in order, or those of all files of a folder in name order.

    In a folder, names of tables begin with that of their file, which also stands in a row above
    them; a file that cannot be read is a table with a note. Raises ``UnreadableFile`` when the file
    is missing, not permitted, larger than ``max_bytes``, or what ``grids_of`` refuses, and for a
    folder of which no file can be read.
    """
    if (files := files_in(path)) is None:
        return grids_of(read_bytes(path, max_bytes), path.name)
    grids = [grid for file in files for grid in _grids_in_folder(file, max_bytes)]
    if all(grid.note for grid in grids):
        reasons = "".join(grid.note for grid in grids[:1])
        raise UnreadableFile(f"文件夹“{path}”里没有能读取的文件。{reasons}")
    return grids


def _grids_in_folder(file: Path, max_bytes: int) -> Iterator[Grid]:
    try:
        grids = grids_of(read_bytes(file, max_bytes), file.name)
    except UnreadableFile as error:
        yield Grid(file.name, (), note=str(error))
        return
    for grid in grids:
        titles = () if grid.note else filter(None, (grid.name, file.stem))
        named = replace(grid, name=f"{file.name} {grid.name}".rstrip())
        yield reduce(Grid.below, titles, named)


def grids_of(data: bytes, name: str) -> list[Grid]:
    """The tables in the bytes of a file called ``name`` (for its extension and for refusals).

    Raises ``UnreadableFile`` when they are empty, damaged, locked, too large, of an unsupported
    format, or not what the extension says.
    """
    if not data.strip(b"\0\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile(f"文件“{name}”是空的，没有内容可以导入。")
    extension = Path(name).suffix.lower()
    recognised = [f for f in FORMATS if f.recognises and f.recognises(data)]
    by_extension = next((f for f in FORMATS if extension in f.extensions), None)
    # Word documents hold workbooks and the other way round: there the extension tells.
    told = by_extension in recognised and by_extension is not None and by_extension.read
    by_content = by_extension if told else next(iter(recognised), None)
    chosen = by_content or by_extension
    if chosen is None or (chosen.read is None and by_content):
        what = f"是{chosen.name}" if chosen else f"的格式（{extension}）无法识别"
        raise UnreadableFile(f"文件“{name}”{what}，目前不能导入。{_ADVICE}")
    if chosen.recognises and not by_content:
        raise UnreadableFile(
            f"文件“{name}”的扩展名是 {extension}，内容却不是{chosen.name}，"
            f"可能已损坏或被改名。{_ADVICE}"
        )
    assert chosen.read is not None
    return chosen.read(data, name)


_ADVICE = "支持的格式：{}。请打开原文件，另存为其中一种再导入。".format(
    "、".join(extension for f in FORMATS if f.read for extension in f.extensions if extension)
)
