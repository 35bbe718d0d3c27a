"""Published catalogue tables → items, with a report of every liberty taken.

What a cell says is kept as published; only boxes, ticks, 同上 and torn words are turned into plain
text, and then ``Item.raw`` keeps the original. What is unknown stays ``None``: a catalogue that
leaves a cell blank must not be made to say anything.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import privacy
from .cells import NOTHING, SAME_AS_ABOVE, channels, has_both_marks, ticked, tidy
from .errors import UnrecognisedFile
from .headers import NUMBER, SUBITEM, Header, header_at, repeats
from .lookalikes import lookalike, other_kind, tampering
from .model import COLUMNS, Item, Place
from .readers import Grid, Span
from .sectors import national_sectors


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a clerk should know about one place: what it is and what was done about it."""

    place: Place
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the rows: ``rows_read`` rows below headers gave ``items`` items.

    ``repaired`` needs no attention, ``doubtful`` does; ``dropped`` rows are not items.
    """

    rows_read: int
    items: int
    repaired: tuple[Finding, ...] = ()
    doubtful: tuple[Finding, ...] = ()
    dropped: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """The items of a file in their order, the report about them, and the ``columns`` of each table (by sheet): attribute of
    ``Item`` → its 0-based columns in the grid, under the last header there."""

    items: tuple[Item, ...]
    report: Report
    columns: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)


def import_catalogue(
    grids: Sequence[Grid], *, sector: str | None = None, title: str = ""
) -> Import:
    """The items in the tables of one file called ``title`` (document title or file name).

    The sector of a row comes from its own column, else ``sector``, the title above its table, the
    sheet's name, or ``title``. Raises ``UnrecognisedFile`` for empty files, other kinds of
    documents, tampered copies, and tables without a catalogue's header.
    """
    texts = [text for grid in grids for row in grid.cells for text in row if text.strip()]
    if not texts:
        raise UnrecognisedFile(_nothing_to_read(grids))
    if reason := tampering(texts):
        raise UnrecognisedFile(f"文件{reason}，不能导入。请从政府网站重新下载原件。")
    log = _Log()
    tables = [_Table(grid, sector, title, log) for grid in grids]
    for table in tables:
        table.read()
    if not any(table.is_catalogue for table in tables):
        raise UnrecognisedFile(_not_a_catalogue(tables, texts))
    items = tuple(
        _without_personal_data(item, log)
        for table in tables
        if table.is_catalogue
        for item in table.items
    )
    findings = (tuple(log.repaired), tuple(log.doubtful), tuple(log.dropped))
    columns = {table.name: table.columns for table in tables if table.is_catalogue}
    return Import(items, Report(log.rows_read, len(items), *findings), columns)


@dataclass(slots=True)
class _Log:
    """Findings as they come up."""

    rows_read: int = 0
    repaired: list[Finding] = field(default_factory=list)
    doubtful: list[Finding] = field(default_factory=list)
    dropped: list[Finding] = field(default_factory=list)


_PAGE_NUMBER = re.compile(r"[-―—–─\s第]*\d{1,4}[-―—–─\s页]*")
_REMARK = re.compile(r"(备?注|说明|标准目录要素说明|填[报表][^:：]*|编制单位)[:：]|\*")
_ANNEX = re.compile(r"附[件表]\s*[0-9一二三四五六七八九十]*[:：]?")


class _Table:
    """One grid read from the top down; a header in its body begins a page or another table."""

    def __init__(self, grid: Grid, sector: str | None, title: str, log: _Log) -> None:
        self.items: list[Item] = []
        self.titles: list[str] = [grid.name, title]
        self._grid = grid
        self._header: Header | None = None
        self._given = sector
        self._titled: str | None = None
        self._log = log
        self._new_page = False
        self._carried: Span | None = None
        self._sector_doubted = False

    @property
    def kind(self) -> str | None:
        """The kind of document that the titles announce instead of a catalogue."""
        ours = self._header is not None and self._header.ours
        return None if ours else lookalike(" ".join(self.titles))

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self._grid.name

    @property
    def columns(self) -> dict[str, tuple[int, ...]]:
        """Where each attribute stands under the last header; ticks of one attribute stand in several columns."""
        found: dict[str, tuple[int, ...]] = {}
        for position, column in enumerate(self._header.columns if self._header else ()):
            if column.attribute in COLUMNS:
                found[column.attribute] = (*found.get(column.attribute, ()), position)
        return found

    @property
    def is_catalogue(self) -> bool:
        return self._header is not None and self.kind is None

    def read(self) -> None:
        """Fills ``items``. A row that only continues the one before is joined to it."""
        grid = self._grid
        row = 0
        while row < len(grid.cells):
            if header := header_at(grid, row):
                self._begin(header)
                row = header.bottom + 1
                continue
            own = {column: text for column, text in enumerate(grid.cells[row]) if text.strip()}
            if self._header is None:
                self._read_titles(own.values())
            elif own:
                self._log.rows_read += 1
                self._read_row(row, own, self._header)
            row += 1
        if grid.note:
            self._doubt(Place(0, grid.name), f"工作表“{grid.name}”", grid.note)
        elif self._header is None and any(text.strip() for cells in grid.cells for text in cells):
            self._doubt(Place(0, grid.name), f"工作表“{grid.name}”", "没有目录表头，没有导入。")
        elif self.kind:
            what = f"工作表“{grid.name}”"
            self._doubt(Place(0, grid.name), what, f"像是{self.kind}，没有导入。")

    def _begin(self, header: Header) -> None:
        if self._header is not None:
            self._log.rows_read += header.bottom - header.top + 1
            for row in range(header.top, header.bottom + 1):
                self._drop(self._place(row), "表头", "正文中重复的表头。")
            self._new_page = True
        self._header = header

    def _read_titles(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._titled = national_sectors().canonical(text) or self._titled
            # Longer texts and those naming documents explain the table; they are not its title.
            if len(text) <= 50 and "《" not in text:
                self.titles.append(text)

    def _read_row(self, row: int, own: dict[int, str], header: Header) -> None:
        place = self._place(row)
        columns = [header.columns[position] for position in own]
        if header.ours:
            self.items.append(self._our_item(row, place, header))
        elif repeats(header, self._grid, row):
            self._drop(place, "表头", "正文中重复的表头。")
            self._new_page = True
        elif len(own) == 1 and (why := self._aside(*own.values())):
            self._drop(place, privacy.mask(*own.values())[:30], why)
        elif all(column.attribute == NUMBER for column in columns):
            self._drop(place, "序号", "只有序号，没有内容。")
        elif self.items and all(column.attribute == "channels" for column in columns):
            self._join_channels(place, " ".join(own.values()))
        else:
            self.items.append(self._item(row, place, header))
            self._new_page = False

    def _aside(self, text: str) -> str | None:
        """Why a text that stands alone in its row is no item; a title sets the sector from here."""
        text = text.strip()
        if _PAGE_NUMBER.fullmatch(text):
            return "页码。"
        if _REMARK.match(text):
            return "表注。"
        sector = national_sectors().canonical(text)
        if sector and re.search(r"目录|领域", text):
            self._titled = sector
            return "下一张表的标题。"
        return "附件标记。" if _ANNEX.fullmatch(text) else None

    def _our_item(self, row: int, place: Place, header: Header) -> Item:
        """A row in the form of our own export: cells as they stand, but for boxes of channels."""
        values: dict[str, Any] = dict.fromkeys(COLUMNS)
        raw = {}
        extras = {}
        for position, column in enumerate(header.columns):
            text = self._grid.at(row, position)
            if not text.strip():
                continue
            if not column.attribute:
                extras[column.label] = text
                continue
            value = self._chosen(text, place) if column.attribute == "channels" else text
            values[column.attribute] = value
            if value != text:
                raw[column.attribute] = text
            if SAME_AS_ABOVE.fullmatch(text.strip()):
                self._doubt(place, COLUMNS[column.attribute], "写的是“同上”，请改为具体内容。")
        values["sector"] = values["sector"] or self._given
        return Item(**values, place=place, extras=extras, raw=raw)

    def _item(self, row: int, place: Place, header: Header) -> Item:
        values: dict[str, Any] = dict.fromkeys(COLUMNS)
        raw: dict[str, str] = {}
        extras: dict[str, str] = {}
        ticks: dict[str, list[tuple[str, str]]] = {}
        for position, column in enumerate(header.columns):
            published = self._grid.at(row, position)
            if column.tick:
                ticks.setdefault(column.attribute, []).append((column.tick, published))
            elif not published.strip():
                continue
            elif column.attribute in COLUMNS or column.attribute == SUBITEM:
                value = self._value(column.attribute, published, place)
                values[column.attribute] = value
                if value != published:
                    raw[column.attribute] = published
            else:
                extras[column.label] = tidy(published, "")
        for attribute, cells in ticks.items():
            if values[attribute] is None and any(cell.strip() for _, cell in cells):
                values[attribute] = ticked(cells)
                raw[attribute] = "|".join(cell for _, cell in cells)
        self._fill_category(row, place, header, values, raw)
        self._complete_item(place, values, raw)
        values["sector"] = values["sector"] or self._sector(place)
        return Item(**values, place=place, extras=extras, raw=raw)

    def _value(self, attribute: str, published: str, place: Place) -> str | None:
        """What a cell says; ``None`` for a stroke and for a list in which nothing is chosen."""
        text = tidy(published, attribute)
        label = COLUMNS.get(attribute, "三级事项")
        if text in NOTHING:
            return None
        if SAME_AS_ABOVE.fullmatch(text):
            above = getattr(self.items[-1], attribute, None) if self.items else None
            done = "已按上一行填写，删过行的目录可能不对" if above else "上一行没有内容，按空白处理"
            self._doubt(place, label, f"写的是“同上”：{done}，请核对。")
            return above
        if text.replace("\n", "") != published.strip().replace("\n", ""):
            self._log.repaired.append(Finding(place, label, "去掉了多余的空格、换行或不可见字符。"))
        if attribute == "sector":
            return national_sectors().canonical(text) or text
        return self._chosen(text, place) if attribute == "channels" else text

    def _chosen(self, text: str, place: Place) -> str | None:
        if has_both_marks(text):
            self._doubt(
                place, COLUMNS["channels"], "同时有■和▲，两种都算选中；请按表上的说明核对。"
            )
        chosen = channels(text)
        if chosen is None:
            self._doubt(place, COLUMNS["channels"], "列出的渠道一个也没有勾选，按空白处理。")
        return chosen

    def _fill_category(
        self,
        row: int,
        place: Place,
        header: Header,
        values: dict[str, Any],
        raw: dict[str, str],
    ) -> None:
        """Carries 一级事项 across a page break, where its merged cell begins anew and blank."""
        attributes = [column.attribute for column in header.columns]
        if values["category"] or not self.items or "category" not in attributes:
            return
        span = self._grid.span_at(row, attributes.index("category"))
        if self._new_page or (span is not None and span == self._carried):
            self._carried = span
            values["category"] = self.items[-1].category
            raw["category"] = ""
            self._log.repaired.append(
                Finding(place, "一级事项", "跨页空白，沿用上一页的一级事项。")
            )

    def _complete_item(self, place: Place, values: dict[str, Any], raw: dict[str, str]) -> None:
        """二级事项 with its third level, or the first where a stroke says there is no second."""
        subitem = values.pop(SUBITEM, None)
        raw.pop(SUBITEM, None)
        if values["item"] is None and "item" in raw and values["category"]:
            values["item"] = values["category"]
            self._log.repaired.append(
                Finding(place, "二级事项", "写的是横线，采用一级事项的名称。")
            )
        if subitem and values["item"]:
            raw.setdefault("item", values["item"])
            values["item"] = f"{values['item']}/{subitem}"
        else:
            values["item"] = values["item"] or subitem
        if not values["item"] and not values["category"]:
            self._doubt(place, "二级事项", "一级事项和二级事项都是空白。")

    def _join_channels(self, place: Place, text: str) -> None:
        last = self.items[-1]
        more = channels(tidy(text, "channels"))
        joined = ";".join(filter(None, (last.channels, more))) or None
        published = "\n".join(filter(None, (last.raw.get("channels", last.channels), text)))
        raw = {**last.raw, "channels": published}
        self.items[-1] = replace(last, channels=joined, raw=raw)
        self._log.repaired.append(Finding(place, "公开渠道和载体", "续行，已并入上一行。"))

    def _sector(self, place: Place) -> str | None:
        named = self._titled or next(
            filter(None, map(national_sectors().canonical, self.titles[:2])), None
        )
        sector = self._given or named
        if sector is None and not self._sector_doubted:
            self._doubt(place, "领域", "表中没有写明领域。请在导入时指定，例如 --sector 安全生产。")
            self._sector_doubted = True
        elif self._given and named and named != self._given and not self._sector_doubted:
            self._doubt(place, "领域", f"标题写的是{named}，已按指定的{self._given}导入。")
            self._sector_doubted = True
        return sector

    def _place(self, row: int) -> Place:
        return Place(self._grid.number(row), self._grid.sheet(row))

    def _doubt(self, place: Place, what: str, why: str) -> None:
        self._log.doubtful.append(Finding(place, what, why))

    def _drop(self, place: Place, what: str, why: str) -> None:
        self._log.dropped.append(Finding(place, what, why))


def _nothing_to_read(grids: Sequence[Grid]) -> str:
    if hidden := [grid.name for grid in grids if grid.note]:
        return f"只有隐藏的工作表（{'、'.join(hidden)}），没有可读的内容。请取消隐藏后再导入。"
    return "表格是空的，没有内容可以导入。请确认选对了文件。"


def _not_a_catalogue(tables: Sequence[_Table], texts: Sequence[str]) -> str:
    kinds = (table.kind for table in tables)
    kind = next(filter(None, kinds), None) or other_kind(" ".join(texts[:40]))
    if kind:
        return f"这个文件像是{kind}，不是基层政务公开标准目录，没有导入。请提供标准目录的表格。"
    return (
        "没有找到标准目录的表头（一级事项、二级事项、公开内容、公开依据、公开时限、公开主体等），"
        "没有导入。请确认文件是标准目录，并保留表头行。"
    )


def _without_personal_data(item: Item, log: _Log) -> Item:
    changes: dict[str, Any] = {}
    for attribute, label in COLUMNS.items():
        value = getattr(item, attribute)
        if value and (found := privacy.find(value)):
            changes[attribute] = privacy.mask(value)
            log.doubtful.append(_personal(item.place, label, found))
    extras = {privacy.mask(label): value for label, value in item.extras.items()}
    for label, value in tuple(extras.items()):
        if found := privacy.find(value):
            extras[label] = privacy.mask(value)
            log.doubtful.append(_personal(item.place, label, found))
    raw = {attribute: privacy.mask(value) for attribute, value in item.raw.items()}
    return replace(item, **changes, extras=extras, raw=raw)


def _personal(place: Place, label: str, found: Sequence[privacy.Personal]) -> Finding:
    kinds = "、".join(dict.fromkeys(privacy.NAMES[personal.kind] for personal in found))
    return Finding(
        place, label, f"含有疑似{kinds}，已隐去。请核对原件，确需公开的请改为办公电话等。"
    )
