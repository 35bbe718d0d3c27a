"""Pages of a PDF as glyphs and ruled boxes, read within a budget.

Heavy libraries load with this module, so ``pdf`` imports it where it reads.
"""

import io
import logging
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
_EACH_TIME = 8_000
"""How many bytes of content a file may draw, and what beginning to draw a part of it counts for."""

_MOST_RULES = 8_000
_MOST_POSITIONS = 400
_MOST_BOXES = 600 * 120**2
"""At how many places, across and down together, lines may stand on a page, and how large their
squares may grow in a file: so much it costs to find the boxes between them. A full page of a
catalogue has less than a hundred."""

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
    except Exception as error:
        # The libraries raise whatever damaged bytes lead to: assertions, keys, recursion, types.
        if _is_locked(error):
            raise _locked(name) from error
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
        packed = data[start:end] if end > 0 else data[start:]
        try:
            room -= len(zlib.decompressobj().decompress(packed, room + 1))
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
        self._boxes_left = _MOST_BOXES

    def spend(self, stream: PDFStream) -> None:
        """Counts a content stream, as often as it is drawn: forms may nest a million times."""
        self._left -= _EACH_TIME + _unpacked_size(stream, self._left)
        if self._left < 0:
            raise _TooLarge

    def spend_positions(self, count: int) -> None:
        """Counts the places of lines on a page."""
        self._boxes_left -= count**2
        if count > _MOST_POSITIONS or self._boxes_left < 0:
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
        self.resources = resources
        self._drawn: LTPage | None = None

    @property
    def layout(self) -> LTPage:
        if self._drawn is None:
            device = PDFPageAggregatorWithMarkedContent(self.resources, self.page_number, None)
            _Interpreter(self.resources, device).process_page(self.page_obj)
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


def _page(page: _BoundedPage) -> Page:
    ruled = page.filter(_is_rule)
    rules = [rule for kind in _RULES for rule in ruled.objects.get(kind, ())]
    if len(rules) > _MOST_RULES:
        raise _TooLarge
    page.resources.spend_positions(_positions(rules))
    open_ends = {
        "explicit_vertical_lines": _open_ends(rules, "x0", "x1", "width", "height"),
        "explicit_horizontal_lines": _open_ends(rules, "top", "bottom", "height", "width"),
    }
    found = ruled.find_tables({**_TABLES, **open_ends})
    tables = sorted(found, key=lambda table: table.bbox[1])
    glyphs = (_glyph(char) for char in page.chars if _is_on(page.bbox, char))
    return Page(
        page.page_number,
        tuple(_once(glyphs)),
        tuple(tuple(table.cells) for table in tables),
        bool(page.images),
    )


def _positions(rules: Sequence[Mapping[str, Any]]) -> int:
    across = {round(rule[x] / _THIN) for rule in rules for x in ("x0", "x1")}
    down = {round(rule[y] / _THIN) for rule in rules for y in ("top", "bottom")}
    return len(across) + len(down)


def _open_ends(
    rules: Sequence[Mapping[str, Any]], low: str, high: str, along: str, across: str
) -> list[float]:
    """Where lines in one direction end without a line across them, so that cells there are open.

    Some tables have no lines down their sides, others none under a row that the page break cuts.
    """
    lines = [rule for rule in rules if rule[along] > 3 * _THIN >= 3 * rule[across]]
    crossing = [rule for rule in rules if rule[across] > _THIN]
    closed = {round(end) for rule in crossing for end in (rule[low], rule[high])}
    counted = Counter(round(end) for line in lines for end in (line[low], line[high]))
    ends = [end for end, count in counted.items() if count > 2]
    return [
        end
        for end in {min(ends, default=0), max(ends, default=0)}
        if ends and crossing and closed.isdisjoint(range(end - 3, end + 4))
    ]


_RULES = ("line", "rect", "curve")


def _is_rule(drawn: Mapping[str, Any]) -> bool:
    """Whether a drawn thing is a line; a filled area is only the colour of a cell or of words."""
    if drawn["object_type"] not in _RULES:
        return False
    if drawn["object_type"] == "curve":
        return all(step in ("m", "l", "h") for step, *_ in drawn["path"])
    return min(drawn["width"], drawn["height"]) <= _THIN or bool(drawn["stroke"])


def _is_on(page: Box, char: Mapping[str, Any]) -> bool:
    """Whether a character can be seen: it has an extent and lies on the page."""
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    extended = char["x0"] < char["x1"] and char["top"] < char["bottom"]
    return bool(extended and page[0] <= x <= page[2] and page[1] <= y <= page[3])


def _glyph(char: Mapping[str, Any]) -> Glyph:
    turn = 0 if char["upright"] else (1 if char["matrix"][1] > 0 else -1)
    text = _plain(char["text"])
    return Glyph(text, char["x0"], char["top"], char["x1"], char["bottom"], turn)


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    """A character as it is typed: radicals that look like it, and boxes of symbol fonts, replaced."""
    text = _KANGXI_RADICAL.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = text.translate(_LOOK_ALIKES)
    return UNKNOWN if _NO_CHARACTER.fullmatch(text) else text


UNKNOWN = "\ufffd"
"""Stands for a glyph whose character the file does not tell."""

_NO_CHARACTER = re.compile(r"\(cid:\d+\)|[\ue000-\uf8ff]")

# Fonts draw a radical and the character that looks like it by one glyph, and some programs note
# the radical (Chrome writes ⽂件 for 文件). Unicode maps only the first block of radicals itself; these
# are the ones of the second block (CJK Radicals Supplement) that are characters of their own.
_KANGXI_RADICAL = re.compile("[\u2f00-\u2fd5]")
_RADICALS = (
    "⺁厂 ⺎兀 ⺒巳 ⺓幺 ⺝月 ⺟母 ⺠民 ⺩王 ⺬示 ⺶羊 ⻁虎 ⻄西 ⻅见 ⻆角 ⻉贝 ⻋车 ⻑長 ⻓长 ⻔门 ⻗雨 ⻘青 ⻙韦 ⻚页 "
    "⻛风 ⻜飞 ⻝食 ⻡首 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻫斉 ⻬齐 ⻭歯 ⻮齿 ⻯竜 ⻰龙 ⻲亀 ⻳龟"
)

# Boxes and ticks of the symbol fonts Wingdings and Wingdings 2, which Word writes to F000 + code.
_SYMBOLS = {
    0xF06E: "■",
    0xF06F: "□",
    0xF071: "□",
    0xF072: "□",
    0xF0A8: "□",
    0xF0A3: "□",
    0xF052: "☑",
    0xF0FC: "√",
    0xF050: "√",
    0xF0FE: "☑",
    0xF0FD: "☒",
    0xF06C: "●",
    0xF075: "◆",
}
_LOOK_ALIKES = {ord(pair[0]): pair[1] for pair in _RADICALS.split()} | _SYMBOLS


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
