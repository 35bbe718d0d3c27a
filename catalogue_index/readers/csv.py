"""Text tables: comma, tab or semicolon between cells, in the encodings that Chinese offices use."""

import codecs
import csv
import io
from itertools import islice

from ..errors import UnreadableFile
from .bounds import DEFAULT_BOUNDS, Bounds
from .grid import Grid

_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_DELIMITERS = (",", "\t", ";")
_FIRST, _LAST = "啊".encode("gb2312"), "座".encode("gb2312")
_NOT_IN_TEXT = frozenset(map(chr, range(0x09)))


def read(data: bytes, name: str, *, bounds: Bounds = DEFAULT_BOUNDS) -> list[Grid]:
    """The one table of a text file.

    Raises ``UnreadableFile`` for an unknown encoding, broken quoting and too many rows or cells.
    """
    text = decode(data, name)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    cells: list[tuple[str, ...]] = []
    count = 0
    try:
        for row in rows:
            cells.append(tuple(row))
            count += len(row)
            bounds.check(name, len(cells), count)
    except csv.Error as error:
        raise UnreadableFile(
            f"文件“{name}”第 {rows.line_num} 行附近无法读取，可能少了一个英文双引号。"
            "请用表格软件打开检查后另存。"
        ) from error
    return [Grid("", tuple(cells))]


def decode(data: bytes, name: str) -> str:
    """Text of a file by its byte order mark, else strictly UTF-8, GB18030 or Big5, in this order.

    GB18030 stands for gb2312 and gbk too: rare names (䶮) need it. As it also swallows most Big5
    bytes, what it reads must be mostly everyday characters where Big5 would do as well.
    Raises ``UnreadableFile`` for anything else.
    """
    text = _decoded(data)
    if text is None or not _NOT_IN_TEXT.isdisjoint(text):
        raise UnreadableFile(
            f"无法识别文件“{name}”的文字编码，它可能不是文本表格。"
            "请用表格软件打开，另存为“CSV UTF-8”或 .xlsx 后再导入。"
        )
    return text


def _decoded(data: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return _strict(data, encoding)
    if (text := _strict(data, "utf-8")) is not None:
        return text
    simplified, traditional = _strict(data, "gb18030"), _strict(data, "big5")
    if simplified is None or (traditional is not None and not _everyday(simplified)):
        return traditional
    return simplified


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _everyday(text: str) -> bool:
    """Whether two in three are GB 2312 level 1: 98 % in catalogues, 35 % in Big5 misread."""
    wide = [char for char in text if "\u3040" <= char <= "\uff00"]
    known = sum(_FIRST <= char.encode("gb2312", "ignore") <= _LAST for char in wide)
    return known * 3 >= len(wide) * 2


def _delimiter(text: str) -> str:
    """The separator that cuts the first row of at least three cells into the most."""
    heads = [
        islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 20)
        for delimiter in _DELIMITERS
    ]
    try:
        for versions in zip(*heads, strict=False):
            widest = max(versions, key=len)
            if len(widest) >= 3:
                return _DELIMITERS[versions.index(widest)]
    except csv.Error:
        pass  # the real reading meets it again and names the line
    return _DELIMITERS[0]
