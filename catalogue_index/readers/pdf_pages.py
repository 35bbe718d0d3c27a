"""Pages of a PDF as glyphs and ruled boxes, read within a budget.

Heavy libraries load with this module, so ``pdf`` imports it where it reads.
"""

import io
import logging
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pdfplumber
from pdfminer.ascii85 import ascii85decode, asciihexdecode
from pdfminer.layout import LTPage
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdffont import PDFFont
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFStream, resolve1, stream_value
from pdfplumber.page import Page as PlumberPage
from pdfplumber.page import PDFPageAggregatorWithMarkedContent
from pdfplumber.pdf import PDF
from pdfplumber.utils.exceptions import PdfminerException

from ..errors import UnreadableFile
from .bounds import Bounds

# Without a handler, logging prints the libraries' remarks about odd files to the clerk's terminal.
for _library in ("pdfminer", "pdfplumber"):
    logging.getLogger(_library).addHandler(logging.NullHandler())

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in points, counted from the page's upper left corner."""

_MOST_PAGES = 600
_MOST_CONTENT = 48_000_000
_MOST_RULES = 8_000
_THIN = 3.0
"""A filled rectangle no thicker than this (points) is a drawn line, as Word and Excel draw them."""

_TABLES = {"snap_tolerance": 2.5, "join_tolerance": 2.5, "intersection_tolerance": 2.5}
_BRING = "请向提供者要 Word 或 Excel 原件再导入"


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character and its box. ``turn`` is 1 for text turned to read upwards, -1 downwards."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One page, 1-based: its glyphs, and the cell boxes of each ruled table from the top down."""

    number: int
    glyphs: tuple[Glyph, ...]
    tables: tuple[tuple[Box, ...], ...]
    has_image: bool


def read_pages(data: bytes, name: str, bounds: Bounds) -> list[Page]:
    """The pages of the PDF called ``name``.

    Raises ``UnreadableFile`` for locked, damaged and too large ones, and for those in which no
    page has readable text: scans, outlines, fonts without a table of characters.
    """
    try:
        _check_ending(data)
        _check_packing(data, bounds)
        with pdfplumber.open(io.BytesIO(data)) as document:
            pages = list(_pages(document))
    except _TooLarge as error:
        raise _too_large(name) from error
    except UnreadableFile:
        raise
    except Exception as error:
        # The libraries raise whatever damaged bytes lead to: assertions, keys, recursion, types.
        if _is_locked(error):
            raise _locked(name) from error
        if isinstance(error.args[0] if error.args else None, _TooLarge):
            raise _too_large(name) from error
        raise UnreadableFile(
            f"PDF 文档“{name}”已损坏，无法读取。请重新下载，或{_BRING}。"
        ) from error
    if sum(len(page.glyphs) for page in pages) > bounds.cells:
        raise _too_large(name)
    _check_text(pages, name)
    return pages


class _TooLarge(Exception):
    """The budget is spent."""


class _Damaged(Exception):
    """A part of the file is cut off or does not unpack."""


def _check_ending(data: bytes) -> None:
    """A PDF ends with this mark; one without it was cut off and would read as a shorter table."""
    if b"%%EOF" not in data[-4096:]:
        raise _Damaged("no end mark")


_STREAM = re.compile(rb"stream\r?\n")


def _check_packing(data: bytes, bounds: Bounds) -> None:
    """Refuses a file whose packed parts would fill the memory, before any library unpacks them."""
    room = bounds.unpacked
    for match in _STREAM.finditer(data):
        start = match.end()
        if data[start : start + 1] != b"x":  # the first byte of every common zlib stream
            continue
        end = data.find(b"endstream", start)
        try:
            room -= len(zlib.decompressobj().decompress(data[start : end % len(data)], room + 1))
        except zlib.error:
            continue  # whether it matters shows when the page is read
        if room < 0:
            raise _TooLarge


def _pages(document: PDF) -> Iterator[Page]:
    resources = _Resources()
    found = list(islice(PDFPage.create_pages(document.doc), _MOST_PAGES + 1))
    if len(found) > _MOST_PAGES:
        raise _TooLarge
    if len(found) < _announced(document):
        raise _Damaged("pages are missing")
    for number, page_object in enumerate(found, 1):
        page = _BoundedPage(document, page_object, number, resources)
        yield _page(page)
        page.close()


def _announced(document: PDF) -> int:
    """How many pages the document says it has."""
    tree = resolve1(document.doc.catalog.get("Pages"))
    count = resolve1(tree.get("Count")) if isinstance(tree, dict) else None
    return count if isinstance(count, int) else 1


class _Resources(PDFResourceManager):
    """Fonts of the document, and what is left of the budget that all its pages share."""

    def __init__(self) -> None:
        super().__init__()
        self._left = _MOST_CONTENT

    def spend(self, stream: PDFStream) -> None:
        """Counts a content stream, as often as it is drawn: forms may nest a million times."""
        self._left -= _unpacked_size(stream, self._left)
        if self._left < 0:
            raise _TooLarge

    def get_font(self, objid: object, spec: Mapping[str, object]) -> PDFFont:
        widths = resolve1(spec.get("W"))
        numbers = widths if isinstance(widths, list) else []
        if any(isinstance(number, int) and number > 0xFFFF for number in numbers):
            raise _Damaged("widths of more glyphs than a font can have")
        mapping = resolve1(spec.get("ToUnicode"))
        if isinstance(mapping, PDFStream):
            _unpacked_size(mapping, _MOST_CONTENT)
            if _WIDE_RANGE.search(mapping.get_data()):
                raise _Damaged("characters of more glyphs than a font can have")
        return super().get_font(objid, spec)


_WIDE_RANGE = re.compile(rb"<\s*[0-9A-Fa-f]{5,}\s*>\s*<\s*[0-9A-Fa-f]{5,}\s*>\s*<")


class _Interpreter(PDFPageInterpreter):
    """Draws a page as long as the budget lasts."""

    rsrcmgr: _Resources

    def execute(self, streams: Sequence[object]) -> None:
        for stream in streams:
            self.rsrcmgr.spend(stream_value(stream))
        super().execute(streams)


class _BoundedPage(PlumberPage):
    """A page that is drawn within the budget of ``resources``."""

    def __init__(self, document: PDF, page: PDFPage, number: int, resources: _Resources) -> None:
        super().__init__(document, page, number)
        self._resources = resources
        self._drawn: LTPage | None = None

    @property
    def layout(self) -> LTPage:
        if self._drawn is None:
            device = PDFPageAggregatorWithMarkedContent(self._resources, self.page_number, None)
            _Interpreter(self._resources, device).process_page(self.page_obj)
            self._drawn = device.get_result()
        return self._drawn


def _unpacked_size(stream: PDFStream, room: int) -> int:
    """How many bytes ``stream`` unpacks to; raises ``_TooLarge`` before they are more than ``room``."""
    if stream.rawdata is None:
        return len(stream.get_data())
    data = stream.rawdata
    if stream.decipher and stream.objid is not None and stream.genno is not None:
        data = stream.decipher(stream.objid, stream.genno, data, stream.attrs)
    for literal, _ in stream.get_filters():
        match literal.name:
            case "FlateDecode" | "Fl":
                unpacker = zlib.decompressobj()
                data = unpacker.decompress(data, room + 1)
                if len(data) > room:
                    raise _TooLarge
                if not unpacker.eof:
                    raise _Damaged("content is cut off")
            case "ASCII85Decode" | "A85":
                data = ascii85decode(data)
            case "ASCIIHexDecode" | "AHx":
                data = asciihexdecode(data)
            case _:
                # Old packings grow slowly enough to count their bytes many times over.
                if len(data) * 64 > room:
                    raise _TooLarge
                return len(data) * 64
    return len(data)


def _page(page: PlumberPage) -> Page:
    ruled = page.filter(_is_rule)
    rules = [rule for kind in _RULES for rule in ruled.objects.get(kind, ())]
    if len(rules) > _MOST_RULES:
        raise _TooLarge
    found = ruled.find_tables({**_TABLES, "explicit_vertical_lines": _open_sides(rules)})
    tables = sorted(found, key=lambda table: table.bbox[1])
    glyphs = (_glyph(char) for char in page.chars if _is_on(page.bbox, char))
    return Page(
        page.page_number,
        tuple(_once(glyphs)),
        tuple(tuple(table.cells) for table in tables),
        bool(page.images),
    )


def _open_sides(rules: Sequence[Mapping[str, Any]]) -> list[float]:
    """The x at which rows of a table end without a line down its side, as some print tables."""
    rows = [rule for rule in rules if rule["width"] > 3 * _THIN >= 3 * rule["height"]]
    sides = [rule for rule in rules if rule["height"] > _THIN]
    closed = {round(x) for side in sides for x in (side["x0"], side["x1"])}
    counted = Counter(round(end) for row in rows for end in (row["x0"], row["x1"]))
    ends = [end for end, count in counted.items() if count > 2]
    return [
        end
        for end in {min(ends, default=0), max(ends, default=0)}
        if ends and sides and closed.isdisjoint(range(end - 3, end + 4))
    ]


_RULES = ("line", "rect", "curve")


def _is_rule(drawn: Mapping[str, Any]) -> bool:
    """Whether a drawn thing is a line; a filled area is only the colour of a cell or of words."""
    if drawn["object_type"] not in _RULES:
        return False
    thin = min(drawn["width"], drawn["height"]) <= _THIN
    return thin or (drawn["object_type"] != "curve" and bool(drawn["stroke"]))


def _is_on(page: Box, char: Mapping[str, Any]) -> bool:
    """Whether a character can be seen: it has an extent and lies on the page."""
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    extended = char["x0"] < char["x1"] and char["top"] < char["bottom"]
    return bool(extended and page[0] <= x <= page[2] and page[1] <= y <= page[3])


def _glyph(char: Mapping[str, Any]) -> Glyph:
    turn = 0 if char["upright"] else (1 if char["matrix"][1] > 0 else -1)
    text = _SYMBOLS.get(char["text"], char["text"])
    if _NO_CHARACTER.fullmatch(text):
        text = UNKNOWN
    return Glyph(text, char["x0"], char["top"], char["x1"], char["bottom"], turn)


UNKNOWN = "\ufffd"
"""Stands for a glyph whose character the file does not tell."""

_NO_CHARACTER = re.compile(r"\(cid:\d+\)|[\ue000-\uf8ff]")

# Boxes and ticks of the symbol fonts Wingdings and Wingdings 2, which Word writes to F000 + code.
_SYMBOLS: Mapping[str, str] = {
    "\uf06e": "■",
    "\uf06f": "□",
    "\uf071": "□",
    "\uf072": "□",
    "\uf0a8": "□",
    "\uf0a3": "□",
    "\uf052": "☑",
    "\uf0fc": "√",
    "\uf050": "√",
    "\uf0fe": "☑",
    "\uf0fd": "☒",
    "\uf06c": "●",
    "\uf075": "◆",
}


def _once(glyphs: Iterator[Glyph]) -> Iterator[Glyph]:
    """Each character once where a second layer prints it (almost) on the same spot again."""
    seen: dict[tuple[str, int, int], list[Glyph]] = {}
    for glyph in glyphs:
        reach_x = max(glyph.x1 - glyph.x0, 0.1) / 2
        reach_y = max(glyph.bottom - glyph.top, 0.1) / 2
        column, row = int(glyph.x0 / 4), int(glyph.top / 4)
        near = (
            other
            for x in (column - 1, column, column + 1)
            for y in (row - 1, row, row + 1)
            for other in seen.get((glyph.text, x, y), ())
        )
        if glyph.text.strip() and any(
            abs(other.x0 - glyph.x0) < reach_x and abs(other.top - glyph.top) < reach_y
            for other in near
        ):
            continue
        seen.setdefault((glyph.text, column, row), []).append(glyph)
        yield glyph


def _check_text(pages: Sequence[Page], name: str) -> None:
    texts = [glyph.text for page in pages for glyph in page.glyphs if glyph.text.strip()]
    if not pages or (not texts and not any(page.has_image for page in pages)):
        raise UnreadableFile(f"PDF 文档“{name}”里没有文字：是空白页，或文字已转成图形。{_BRING}。")
    if not texts:
        raise UnreadableFile(
            f"PDF 文档“{name}”是扫描件，只有图片，没有文字。{_BRING}；"
            "没有原件的，请先做文字识别并校对成 Word 或 Excel 表格。"
        )
    if texts.count(UNKNOWN) * 5 > len(texts):
        raise UnreadableFile(
            f"PDF 文档“{name}”的字体没有附文字编码，读出来是乱码。{_BRING}，"
            "或在原软件中重新导出 PDF（选择嵌入字体）。"
        )


def _is_locked(error: BaseException) -> bool:
    causes = (error, *error.args) if isinstance(error, PdfminerException) else (error,)
    return any(isinstance(cause, PDFPasswordIncorrect) for cause in causes)


def _locked(name: str) -> UnreadableFile:
    return UnreadableFile(
        f"PDF 文档“{name}”有密码保护，无法读取。请先取消密码，另存后再导入，或{_BRING}。"
    )


def _too_large(name: str) -> UnreadableFile:
    return UnreadableFile(
        f"PDF 文档“{name}”太大：超过 {_MOST_PAGES} 页，或内容太多。"
        f"请按领域拆成几个文件再导入，或{_BRING}。"
    )
