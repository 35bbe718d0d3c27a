"""One published table → items, read from the top down: titles, headers, rows and what stands between.

What is known of a row comes from its cells, from merged areas over it, and from the rows above: the
category that a page break cut, 同上, the title that names the sector.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from .. import privacy
from ..boxes import channels, doubts_of_boxes, ticked
from ..headers import ELEMENTS, LABELS, NUMBER, SUBITEM, Header, header_at, repeats
from ..model import COLUMNS, Item, Place
from ..national import ticked_value
from ..readers import Grid, Span
from ..sectors import national_sectors
from .categories import national_categories
from .cells import read, same_as_above
from .damage import is_marking
from .lookalikes import lookalike

OWN_SHEETS = ("填写说明", "检查结果")
"""Sheets that our templates and annotated workbooks have beside the catalogue."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a clerk should know about one place: what it is and what was done about it."""

    place: Place
    what: str
    why: str


@dataclass(slots=True)
class Log:
    """Findings about tables as they come up, and how many rows were read and joined."""

    rows_read: int = 0
    joined: int = 0
    repaired: list[Finding] = field(default_factory=list)
    doubtful: list[Finding] = field(default_factory=list)
    dropped: list[Finding] = field(default_factory=list)

    def add(self, other: "Log") -> None:
        """Takes in the findings about one table."""
        self.rows_read += other.rows_read
        self.joined += other.joined
        self.repaired += other.repaired
        self.doubtful += other.doubtful
        self.dropped += other.dropped


_PAGE_NUMBER = re.compile(r"[-―—–─\s第]*\d{1,4}[-―—–─\s页]*")
_REMARK = re.compile(r"(备?注|说明|标准目录要素说明|填[报表][^:：]*|编制单位)[:：]|\*")
_ANNEX = re.compile(r"附[件表]\s*[0-9一二三四五六七八九十]*[:：]?")


_LIKE_ITEM = 6
"""So many texts in a row above the header are no title and no form head (武昌 prints three)."""


class Table:
    """One grid read from the top down; a header in its body begins a page or another table."""

    def __init__(self, grid: Grid, sector: str | None, title: str) -> None:
        self.items: list[Item] = []
        self.titles: list[str] = [grid.name, title]
        self.log = Log()
        self._grid = grid
        self._width = grid.width
        self._spans = _by_row(grid.spans, len(grid.cells))
        self._header: Header | None = None
        self._given = sector
        self._titled: str | None = None
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
        """Whether it has a catalogue's header, and no title of another document."""
        return self._header is not None and self.kind is None

    def only_doubt(self) -> Log:
        """Why the table gave no items: hidden, without header, of another kind; nothing for an empty one."""
        name = f"工作表“{self.name}”" if self.name else "另一张表"
        if self.name in OWN_SHEETS:
            return Log(repaired=[Finding(Place(0, self.name), name, "本工具写的说明，不是目录。")])
        if self._grid.note:
            why = self._grid.note
        elif self.kind and self._header:
            why = f"像是{self.kind}，没有导入。"
        elif any(text.strip() for cells in self._grid.cells for text in cells):
            why = "没有目录表头，没有导入。"
        else:
            return Log()
        return Log(doubtful=[Finding(Place(0, self.name), name, why)])

    def read(self) -> None:
        """Fills ``items`` and ``log``."""
        grid = self._grid
        row = 0
        while row < len(grid.cells):
            if header := header_at(grid, row):
                self._begin(header)
                row = header.bottom + 1
                continue
            own = _own(grid.cells[row])
            if self._header is None:
                self._read_titles(row, own)
            elif own:
                row = self._read_row(row, own, self._header)
            row += 1
        self._mend_categories()
        for row, why in grid.doubts:
            self._doubt(self._place(row), "整行", why)

    def _begin(self, header: Header) -> None:
        rows = range(header.top, header.bottom + 1)
        if self._header is None:
            for label in header.twice:
                why = "与另一栏的含义相同，作为附加列保留，请核对。"
                self._doubt(self._place(header.top), label, why)
        else:
            self.log.rows_read += len(rows)
            for row in rows:
                self._drop(self._place(row), "表头", "正文中重复的表头。")
            self._new_page = True
        self._header = header

    def _read_titles(self, row: int, own: Mapping[int, str]) -> None:
        if len(own) >= _LIKE_ITEM:
            # As in a part of a longer table; whether it is one is known when a header comes.
            self.log.rows_read += 1
            what = privacy.mask(next(iter(own.values())))[:30]
            self._drop(self._place(row), what, "在表头之前，不知道各栏是什么。")
        for text in own.values():
            self._titled = national_sectors().canonical(text) or self._titled
            # Longer texts and those naming documents explain the table; they are not its title.
            if len(text) <= 50 and "《" not in text:
                self.titles.append(text)

    def _read_row(self, row: int, own: Mapping[int, str], header: Header) -> int:
        """Reads one row, and those below that only continue its channels; gives the last one read."""
        place = self._place(row)
        self.log.rows_read += 1
        if header.ours:
            self.items.append(self._our_item(row, place, header))
        elif repeats(header, own.values()):
            self._drop(place, "表头", "正文中重复的表头。")
            self._new_page = True
        elif len(own) == 1 and (why := self._aside(*own.values())):
            self._drop(place, privacy.mask(*own.values())[:30], why)
        elif {header.columns[position].attribute for position in own} == {NUMBER}:
            self._drop(place, "序号", "只有序号，没有内容。")
        else:
            self._doubt_covered(row, place)
            more = self._more_channels(row, header)
            self.items.append(self._item(row, place, header, more))
            self._new_page = False
            return max((row, *more))
        return row

    def _more_channels(self, row: int, header: Header) -> dict[int, str]:
        """Rows below that have nothing but channels: a list that is spread over rows (嘉荫, 阿巴嘎)."""
        found = {}
        for below in range(row + 1, len(self._grid.cells)):
            cells = self._grid.cells[below]
            first = next((at for at, text in enumerate(cells) if text.strip()), None)
            if first is None:
                continue
            if header.columns[first].attribute != "channels":
                break
            own = _own(cells)
            if {header.columns[at].attribute for at in own} != {"channels"}:
                break
            found[below] = " ".join(own.values())
            self.log.rows_read += 1
            self.log.joined += 1
            self._repair(self._place(below), "channels", "续行，已并入上一行。")
        return found

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
        ticks: dict[str, list[tuple[str, str]]] = {}
        for column, text in zip(header.columns, self._seen(row), strict=True):
            if column.tick:
                ticks.setdefault(column.attribute, []).append((column.tick, text))
                continue
            if not text.strip() or column.attribute == NUMBER:
                continue
            if not column.attribute:
                extras[column.label] = text
                continue
            values[column.attribute] = text
            if column.attribute == "channels" and (value := self._channels(text, place)) != text:
                values["channels"], raw["channels"] = value, text
            elif same_as_above(text):
                self._doubt(place, COLUMNS[column.attribute], "写的是“同上”，请改为具体内容。")
        values.update((attribute, ticked_value(cells)) for attribute, cells in ticks.items())
        values["sector"] = values["sector"] or self._given
        return Item(**values, place=place, extras=extras, raw=raw)

    def _item(self, row: int, place: Place, header: Header, more: Mapping[int, str]) -> Item:
        values: dict[str, Any] = dict.fromkeys(COLUMNS)
        raw: dict[str, str] = {}
        extras: dict[str, str] = {}
        texts = self._seen(row)
        for position, attribute, label in header.texts:
            published = texts[position]
            if attribute == "channels" and more:
                published = "\n".join(filter(None, (published, *more.values())))
            if not published or published.isspace():
                continue
            if label in LABELS[ELEMENTS] and is_marking(published):
                self._mark(place, label, published, extras, attribute)
            elif attribute:
                value = self._value(attribute, published, place)
                values[attribute] = value
                if value != published:
                    raw[attribute] = published
            else:
                extras[label] = read("", published).value or published.strip()
        for attribute, group in header.groups.items():
            cells = tuple([(says, texts[position]) for position, says in group])
            if values[attribute] is None and not all(not text.strip() for _, text in cells):
                values[attribute] = ticked(cells)
                raw[attribute] = "|".join([text for _, text in cells])
        self._doubt_deadlines(row, place, header, values["time_limit"])
        self._fill_category(row, place, header, values, raw)
        self._complete_item(place, values, raw)
        values["sector"] = values["sector"] or self._sector(place)
        return Item(**values, place=place, extras=extras, raw=raw)

    def _seen(self, row: int) -> list[str]:
        """The texts that a reader sees in a row, of each column of the table."""
        cells = self._grid.cells[row]
        texts = [*cells, *[""] * (self._width - len(cells))]
        for span in self._spans.get(row, ()):
            width = min(span.right + 1, self._width) - span.left
            texts[span.left : span.right + 1] = [self._grid.own(span.top, span.left)] * width
        return texts

    def _doubt_covered(self, row: int, place: Place) -> None:
        """Spreadsheets may keep a text in a cell that another covers; nobody sees it there."""
        for span in self._spans.get(row, ()):
            for column in range(span.left, span.right + 1):
                hidden = self._grid.own(row, column).strip()
                if hidden and (row, column) != (span.top, span.left):
                    what = self._header.columns[column].label if self._header else ""
                    self._doubt(
                        place, what, "合并的单元格下面还有文字，没有导入。请取消合并后核对。"
                    )

    def _value(self, attribute: str, published: str, place: Place) -> str | None:
        """What a cell says; ``None`` for a stroke and for a list in which nothing is chosen."""
        label = COLUMNS.get(attribute, "三级事项")
        if same_as_above(published):
            above = getattr(self.items[-1], attribute, None) if self.items else None
            done = "已按上一行填写，删过行的目录可能不对" if above else "上一行没有内容，按空白处理"
            self._doubt(place, label, f"写的是“同上”：{done}，请核对。")
            return above
        reading = read(attribute, published)
        for why in reading.repairs:
            self.log.repaired.append(Finding(place, label, why))
        for why in reading.doubts:
            self._doubt(place, label, why)
        return reading.value

    def _channels(self, text: str, place: Place) -> str | None:
        for why in doubts_of_boxes(text):
            self._doubt(place, COLUMNS["channels"], why)
        return channels(text)

    def _mark(
        self, place: Place, label: str, text: str, extras: dict[str, str], attribute: str
    ) -> None:
        """Marking rules in a column for elements (金寨): they tell inspectors, not citizens, what to do."""
        extras[f"{label}（评分标准）"] = text
        if attribute:
            why = "写的是评分标准，不是公开内容，没有作为公开内容导入。"
            self._doubt(place, COLUMNS[attribute], why)

    def _doubt_deadlines(
        self, row: int, place: Place, header: Header, time_limit: str | None
    ) -> None:
        """A merged cell with several deadlines may have one for each of its rows (武江, 班老乡)."""
        if time_limit is None or "\n" not in time_limit:
            return
        column = next(n for n, c in enumerate(header.columns) if c.attribute == "time_limit")
        span = self._grid.span_at(row, column)
        if span is not None and span.bottom > span.top:
            why = "合并的单元格里有几个时限，可能各对应一行，请核对。"
            self._doubt(place, COLUMNS["time_limit"], why)

    def _fill_category(
        self,
        row: int,
        place: Place,
        header: Header,
        values: dict[str, Any],
        raw: dict[str, str],
    ) -> None:
        """Carries 一级事项 across a page break, where its merged cell begins anew and blank."""
        if values["category"] or not self.items:
            return
        attributes = [column.attribute for column in header.columns]
        if "category" not in attributes:
            return
        span = self._grid.span_at(row, attributes.index("category"))
        if self._new_page or (span is not None and span == self._carried):
            self._carried = span
            values["category"] = self.items[-1].category
            raw["category"] = ""
            self._repair(place, "category", "跨页空白，沿用上一页的一级事项。")

    def _complete_item(self, place: Place, values: dict[str, Any], raw: dict[str, str]) -> None:
        """二级事项 with its third level, or the first where a stroke says there is no second."""
        subitem = values.pop(SUBITEM, None)
        raw.pop(SUBITEM, None)
        if values["item"] is None and "item" in raw and values["category"]:
            values["item"] = values["category"]
            self._repair(place, "item", "写的是横线，采用一级事项的名称。")
        if subitem and values["item"]:
            raw.setdefault("item", values["item"])
            values["item"] = f"{values['item']}/{subitem}"
        else:
            values["item"] = values["item"] or subitem
        if not values["item"] and not values["category"]:
            self._doubt(place, "二级事项", "一级事项和二级事项都是空白。")

    def _mend_categories(self) -> None:
        """Names of 一级事项 that a conversion cut, by the national list; what is not sure is doubted."""
        if self._header is None or self._header.ours:
            return
        names = [(item.sector or "", item.category or "") for item in self.items]
        for at, mended in national_categories().mended(names).items():
            item = self.items[at]
            if mended.sure:
                raw = {"category": item.category or "", **item.raw}
                self.items[at] = replace(item, category=mended.name, raw=raw)
                why = f"“{item.category}”不完整，已按全国目录补为“{mended.name}”。"
                self._repair(item.place, "category", why)
            else:
                why = f"像是“{mended.name}”没有写全，没有改动，请核对。"
                self._doubt(item.place, COLUMNS["category"], why)

    def _sector(self, place: Place) -> str | None:
        named = self._titled or self._named
        sector = self._given or named
        if sector is None and not self._sector_doubted:
            self._doubt(place, "领域", "表中没有写明领域。请在导入时指定，例如 --sector 安全生产。")
            self._sector_doubted = True
        elif self._given and named and named != self._given and not self._sector_doubted:
            self._doubt(place, "领域", f"标题写的是{named}，已按指定的{self._given}导入。")
            self._sector_doubted = True
        return sector

    @cached_property
    def _named(self) -> str | None:
        """The sector that the sheet's or the file's name tells."""
        return next(filter(None, map(national_sectors().canonical, self.titles[:2])), None)

    def _place(self, row: int) -> Place:
        return Place(self._grid.number(row), self._grid.sheet(row))

    def _doubt(self, place: Place, what: str, why: str) -> None:
        self.log.doubtful.append(Finding(place, what, why))

    def _repair(self, place: Place, attribute: str, why: str) -> None:
        self.log.repaired.append(Finding(place, COLUMNS[attribute], why))

    def _drop(self, place: Place, what: str, why: str) -> None:
        self.log.dropped.append(Finding(place, what, why))


def _own(cells: Sequence[str]) -> dict[int, str]:
    """The texts of a row by column, blank ones left out."""
    return {column: text for column, text in enumerate(cells) if text.strip()}


def _by_row(spans: Iterable[Span], height: int) -> Mapping[int, list[Span]]:
    rows: dict[int, list[Span]] = {}
    for span in spans:
        for row in range(span.top, min(span.bottom + 1, height)):
            rows.setdefault(row, []).append(span)
    return rows
