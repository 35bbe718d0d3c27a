"""Saved web pages: tables with the titles above them, and pages whose table lies elsewhere.

Merged cells follow the table model of the HTML standard (WHATWG, 4.9.12 Processing model), but for
cells that overlap: there the later one is cut, so that every place belongs to one cell.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from ..errors import UnreadableFile
from . import csv, flattened
from .bounds import DEFAULT_BOUNDS, Bounds
from .flow import Cell, Flow, Link, Meter, Table, grids_in
from .grid import Grid, Span

if TYPE_CHECKING:
    from lxml import etree

_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div"),
        *("dl", "dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "table"),
        *("tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    }
)
_NOT_SHOWN = frozenset(
    {
        *("button", "datalist", "head", "iframe", "input", "math", "noscript", "object"),
        *("optgroup", "option", "script", "select", "style", "svg", "template", "textarea"),
    }
)
_HIDDEN = re.compile(r"(display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_ATTACHMENT = re.compile(r"\.(docx?|wps|rtf|xlsx?|et|csv|pdf|odt|ods|zip|rar)$", re.IGNORECASE)
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_SITE_NAME = re.compile(r"\s*[_|][^_|]*$")
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_CELLS = frozenset({"td", "th"})
_NOT_ROWS = frozenset({"caption", "colgroup", "col"})
_MOST = {"colspan": 1000, "rowspan": 65534}
"""The most that the standard lets a span cover."""
_FEWEST_COLUMNS = 5
"""Beside an attachment, a narrower table says when the page was published, and by whom."""

_ASCII_BLANKS = " \t\r\n\f"
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]"
_BREAK_IN_WORD = re.compile(rf"(?<={_WIDE})[ \t\r\f]*\n[ \t\r\n\f]*(?={_WIDE})")


def read(data: bytes, name: str, *, bounds: Bounds = DEFAULT_BOUNDS) -> list[Grid]:
    """The tables of a page in order, each below its title.

    Hidden text, menus made of links, and tables that only arrange the page are left out. A page
    whose table was flattened to one cell a line is folded where that is sure.
    Raises ``UnreadableFile`` for a page without a table (naming the files it links), one in an
    unknown encoding, one nested too deeply, and one with too many rows or cells.
    """
    if len(data) > bounds.xml:
        raise UnreadableFile(
            f"网页“{name}”超过 {bounds.xml // 1_000_000} MB。请只保存有目录表格的那一页，或拆成几个文件再导入。"
        )
    page = _Page(_parsed(_decoded(data, name), name), Meter(name, bounds))
    grids = grids_in(page.flow, page.title)
    files = "、".join(f"“{file}”" for file in page.attachments)
    if grids and not (files and max(grid.width for grid in grids) < _FEWEST_COLUMNS):
        return grids
    lines = [part for part in page.flow if isinstance(part, str) and not isinstance(part, Link)]
    if not grids and (grid := flattened.grid_in(lines, page.title, name)):
        return [grid]
    if files:
        raise UnreadableFile(
            f"网页“{name}”里没有目录表格，目录在它的附件里。请打开原网页，下载附件{files}，再导入附件。"
        )
    raise UnreadableFile(
        f"网页“{name}”里没有表格。请确认保存的是有目录表格的那一页；"
        "如果表格要点击或翻页才显示，请把表格复制到表格软件，另存为 .xlsx 再导入。"
    )


def _decoded(data: bytes, name: str) -> str:
    try:
        # What a page says of its own encoding is often wrong: gb2312 with characters of gb18030.
        return csv.decode(data, name)
    except UnreadableFile as error:
        raise UnreadableFile(
            f"无法识别网页“{name}”的文字编码。请在浏览器中打开，另存为“网页，仅 HTML”再导入。"
        ) from error


def _parsed(text: str, name: str) -> "etree._Element":
    # Pages are met seldom, and the library takes a moment to load.
    from lxml import etree

    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _damaged(name) from error
    # lxml stops at a depth of 256 and would leave out the rest without a word.
    stopped = any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    if root is None or stopped:
        raise _damaged(name)
    return root


def _damaged(name: str) -> UnreadableFile:
    return UnreadableFile(
        f"网页“{name}”已损坏或嵌套太深，无法读取。"
        "请在浏览器中打开，把表格复制到表格软件，另存为 .xlsx 再导入。"
    )


class _Page:
    """What a page shows: its title, its flow, and the files that it links."""

    def __init__(self, root: "etree._Element", meter: Meter) -> None:
        self.attachments: dict[str, None] = {}
        self.title = _title(root)
        self._meter = meter
        self.flow = self._inside(root)

    def _inside(self, element: "etree._Element") -> Flow:
        text = _Text()
        self._walk(element, text, False)
        text.end_block()
        return text.flow

    def _walk(self, element: "etree._Element", text: "_Text", verbatim: bool) -> None:
        text.add(element.text, verbatim)
        for child in element:
            self._child(child, text, verbatim)
            text.add(child.tail, verbatim)

    def _child(self, child: "etree._Element", text: "_Text", verbatim: bool) -> None:
        if not _is_shown(child):
            return
        if child.tag == "br":
            text.end_line()
            return
        if child.tag == "a" and (address := child.get("href")):
            self._link(child, address)
            text.links += 1
            self._walk(child, text, verbatim)
            text.links -= 1
            return
        block = child.tag in _BLOCKS
        if block:
            text.end_block()
        if child.tag == "table":
            text.flow.extend(self._table(child))
        else:
            self._walk(child, text, verbatim or child.tag == "pre")
        if block:
            text.end_block()

    def _link(self, link: "etree._Element", address: str) -> None:
        path = re.split("[?#]", address)[0].encode()
        path = _ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), path)
        file = path.decode("utf-8", "replace").rpartition("/")[2]
        words = "".join("".join(map(str, link.itertext())).split())
        if _ATTACHMENT.search(file) or _ATTACHMENT.search(words):
            self.attachments[words[:80] or file[:80]] = None

    def _table(self, table: "etree._Element") -> Iterator[str | Table]:
        for caption in table.iterchildren("caption"):
            yield from self._inside(caption)
        cells: list[Cell] = []
        height = 0
        for group in _row_groups(table):
            places = _Places(height, len(group))
            for row in group:
                self._meter.add(rows=1)
                for cell in row:
                    before = places.column
                    span = places.take(_span(cell, "colspan"), _span(cell, "rowspan"))
                    self._meter.add(cells=places.column - before)
                    cells.append(Cell(span, self._content(cell)))
                places.end_row()
            height += len(group)
        yield Table(height, cells)

    def _content(self, cell: "etree._Element") -> Flow:
        if cell.tag in _CELLS:
            return self._inside(cell)
        text = _Text()  # a table without a cell around it
        self._child(cell, text, False)
        return text.flow


class _Places:
    """The places of one row group from the top down. Spans end where their group ends."""

    def __init__(self, top: int, height: int) -> None:
        self.column = 0
        self._row = 0
        self._top, self._height = top, height
        self._free_from: dict[int, int] = {}

    def take(self, columns: int, rows: int) -> Span:
        """The next free place in this row for a cell of that size, cut where others stand.

        0 rows are all that are left in the group; 0 columns are one.
        """
        while not self._is_free():
            self.column += 1
        left = self.column
        bottom = min(self._row + rows, self._height) if rows else self._height
        while self.column < left + max(columns, 1) and self._is_free():
            self._free_from[self.column] = bottom
            self.column += 1
        return Span(self._top + self._row, left, self._top + bottom - 1, self.column - 1)

    def _is_free(self) -> bool:
        return self._free_from.get(self.column, 0) <= self._row

    def end_row(self) -> None:
        self._row += 1
        self.column = 0


class _Text:
    """Text on its way to lines: blanks fold as in a browser."""

    def __init__(self) -> None:
        self.flow: list[str | Table] = []
        self.links = 0
        self._line: list[str] = []
        self._plain = self._linked = False

    def add(self, text: str | None, verbatim: bool) -> None:
        """Adds text to the line; in ``verbatim`` text its breaks end lines."""
        first, *more = (text or "").split("\n") if verbatim else [text or ""]
        self._add(first)
        for line in more:
            self.end_line()
            self._add(line)

    def _add(self, text: str) -> None:
        if text.strip(_ASCII_BLANKS):
            self._linked |= self.links > 0
            self._plain |= self.links == 0
        self._line.append(text)

    def end_block(self) -> None:
        """Ends the line if something stands on it."""
        if self._linked or self._plain:
            self.end_line()
        self._line.clear()

    def end_line(self) -> None:
        """Ends the line, be it blank."""
        line = _BLANKS.sub(" ", _BREAK_IN_WORD.sub("", "".join(self._line)))
        self.flow.append(Link(line) if self._linked and not self._plain else line)
        self._line.clear()
        self._plain = self._linked = False


_Row: TypeAlias = "list[etree._Element]"


def _row_groups(table: "etree._Element") -> list[list[_Row]]:
    """The rows of a table by thead, tbody and tfoot, as lists of cells; tfoot stands last."""
    groups: list[list[_Row]] = []
    feet: list[list[_Row]] = []
    for tag, children in groupby(table, lambda child: child.tag if child.tag in _GROUPS else ""):
        if tag:
            (feet if tag == "tfoot" else groups).extend(
                [list(_rows([child])) for child in children]
            )
        else:
            groups.append(list(_rows(children)))
    return [*groups, *feet]


def _rows(elements: "Iterable[etree._Element]") -> Iterator[_Row]:
    """The rows that elements are or have in them. Cells without a row stand in one together."""
    loose: _Row = []
    for element in elements:
        if not _is_shown(element) or element.tag in _NOT_ROWS:
            continue
        if element.tag in _CELLS:
            loose.append(element)
            continue
        if loose:
            yield loose
            loose = []
        if element.tag == "tr":
            yield [cell for cell in element if _is_shown(cell) and cell.tag in _CELLS]
        elif element.tag == "table":
            yield [element]
        else:
            yield from _rows(element)
    if loose:
        yield loose


def _is_shown(element: "etree._Element") -> bool:
    if not isinstance(element.tag, str) or element.tag in _NOT_SHOWN:
        return False
    return element.get("hidden") is None and not _HIDDEN.search(element.get("style", ""))


def _span(cell: "etree._Element", attribute: str) -> int:
    digits = re.match(r"\s*\+?(\d{1,6})", cell.get(attribute, ""))
    return min(int(digits[1]), _MOST[attribute]) if digits else 1


def _title(root: "etree._Element") -> str:
    """What the page calls itself: by the tag that 《政府网站发展指引》 (国办发〔2017〕47号) demands."""
    for meta in root.iter("meta"):
        if meta.get("name", "").lower() == "articletitle" and meta.get("content", "").strip():
            return " ".join(meta.get("content", "").split())
    element = root.find(".//title")
    title = "" if element is None else " ".join("".join(map(str, element.itertext())).split())
    return _SITE_NAME.sub("", title)


def read_archive(data: bytes, name: str, *, bounds: Bounds = DEFAULT_BOUNDS) -> list[Grid]:
    """The tables of the pages in a web archive (.mht), as ``read`` gives them.

    Raises ``UnreadableFile`` when no page in it has one, for the reason of the first.
    """
    from email import message_from_bytes

    pages: list[list[Grid]] = []
    reasons: list[UnreadableFile] = []
    try:
        parts = [
            part.get_payload(decode=True)
            for part in message_from_bytes(data).walk()
            if part.get_content_type() == "text/html"
        ]
    except (ValueError, LookupError, RecursionError) as error:
        raise _damaged(name) from error
    for page in parts:
        try:
            pages.append(read(page if isinstance(page, bytes) else b"", name, bounds=bounds))
        except UnreadableFile as error:
            reasons.append(error)
    if not pages:
        raise next(iter(reasons), _damaged(name))
    return pages[0] if len(pages) == 1 else list(_numbered(pages))


def _numbered(pages: Iterable[list[Grid]]) -> Iterator[Grid]:
    for number, grids in enumerate(pages, 1):
        for grid in grids:
            yield replace(grid, name=f"第{number}页{grid.name}")
