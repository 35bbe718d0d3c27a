"""Header rows of a published catalogue: which column holds what.

Counties write one, two or three header rows, in any order and with many labels for one thing. A
header is known by a cluster of such labels in a row, and each column by its labels read from the
top down through merged cells.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from . import national
from .model import COLUMNS
from .readers.grid import Grid

NUMBER, MATTER, SUBITEM = "number", "matter", "subitem"
ELEMENTS, PROPERTY = "elements", "property"
"""Columns besides those of ``Item``: 序号, 公开事项 not split in levels, 三级事项, 公开要素, 公开属性."""

LABELS: Mapping[str, tuple[str, ...]] = {
    NUMBER: ("序号", "序", "编号"),
    "sector": ("领域", "相应领域", "对应领域", "所属领域", "公开领域", "领域名称", "试点领域"),
    "category": ("一级事项", "一级", "一级目录", "一级指标", "一级公开事项", "事项一级"),
    "item": ("二级事项", "二级", "二级目录", "二级指标", "二级公开事项", "事项二级"),
    SUBITEM: ("三级事项", "三级", "三级目录", "三级指标", "三级公开事项"),
    MATTER: ("公开事项", "公开事项名称", "事项名称"),
    "content": ("公开内容", "公开内容要素", "公开内容及要求", "公开内容和测评依据", "公开的内容"),
    ELEMENTS: ("公开要素", "内容要素"),
    "basis": ("公开依据", "公开的依据", "法律依据"),
    "time_limit": ("公开时限", "公开的时限", "公开时间", "公开期限"),
    "discloser": ("公开主体", "公开责任主体", "责任主体", "公开的主体"),
    "channels": ("公开渠道和载体", "公开渠道", "公开载体", "公开渠道及载体", "公开渠道载体"),
    "audience": ("公开对象", "公开的对象"),
    "method": ("公开方式", "公开的方式"),
    PROPERTY: ("公开属性",),
    "level": ("公开层级", "公开层次", "公开级别"),
}
"""Labels seen in published catalogues, without blanks and brackets."""

TICKS: Mapping[str, tuple[str, str]] = {
    "全社会": ("audience", "全社会"),
    "特定群体": ("audience", "特定群体"),
    "特定群众": ("audience", "特定群体"),
    "特定对象": ("audience", "特定群体"),
    "特定": ("audience", "特定群体"),
    "主动": ("method", "主动"),
    "主动公开": ("method", "主动"),
    "依申请": ("method", "依申请"),
    "依申请公开": ("method", "依申请"),
    "申请": ("method", "依申请"),
}
"""Labels of columns that are ticked: the attribute, and what a tick there says."""

_ATTRIBUTES = {label: attribute for attribute, labels in LABELS.items() for label in labels}
_FIRST_SIGNS = frozenset(label[0] for label in _ATTRIBUTES)
_CORE = {"category", "item", MATTER, "content", "basis", "time_limit", "discloser", "channels"}
_READ = {*COLUMNS, SUBITEM}
_GROUPS = {MATTER, "audience", "method", "level"}
_LEVEL = re.compile(r"[省市州盟县区旗乡镇街道村居社嘎查园]{1,10}级|县|乡镇?")
_MOST_ROWS = 3


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds: an attribute of ``Item``, one of the four above, or "" for an extra.

    ``label`` is its own label as published; ``tick`` is what a tick in it says ("" in a text
    column).
    """

    attribute: str
    label: str
    tick: str = ""


@dataclass(frozen=True)
class Header:
    """Header rows ``top`` to ``bottom`` (0-based, inclusive) and the columns under them.

    ``twice`` are labels whose second column is an extra, because the first has its attribute.
    ``ours`` marks the forms that this project exports: the official eleven labels first, in order,
    in one row; or the columns of a guide with 领域 (``national.EXPORTED``). Cells are values already.
    """

    top: int
    bottom: int
    columns: tuple[Column, ...]
    labels: frozenset[str]
    ours: bool = False
    twice: tuple[str, ...] = ()

    @cached_property
    def texts(self) -> tuple[tuple[int, str, str], ...]:
        """Columns without ticks: position, attribute of ``Item`` or ``SUBITEM`` ("" for an extra), label."""
        return tuple(
            (position, column.attribute if column.attribute in _READ else "", column.label)
            for position, column in enumerate(self.columns)
            if not column.tick
        )

    @cached_property
    def groups(self) -> Mapping[str, Sequence[tuple[int, str]]]:
        """Columns with ticks by attribute: position, and what a tick says."""
        found: dict[str, list[tuple[int, str]]] = {}
        for position, column in enumerate(self.columns):
            if column.tick:
                found.setdefault(column.attribute, []).append((position, column.tick))
        return found


def header_at(grid: Grid, row: int) -> Header | None:
    """The header whose first row is ``row``, if one begins there."""
    if ours := _our_header(grid, row):
        return ours
    if not any(map(_attribute, grid.cells[row])):
        return None
    bottom = row + 1 if _all_groups(grid, row) else row
    if not _is_cluster(grid, bottom):
        return None
    while bottom - row + 1 < _MOST_ROWS and _continues(grid, row, bottom + 1):
        bottom += 1
    columns = _columns([_path(grid, row, bottom, column) for column in range(grid.width)])
    labels = {plain(text) for r in range(row, bottom + 1) for text in _owned(grid, r).values()}
    attributes = {column.attribute for column in columns}
    twice = [
        column.label
        for column in columns
        if not column.attribute and _attribute(_UNIQUE.sub("", column.label)) in attributes
    ]
    return Header(row, bottom, columns, frozenset(labels), twice=tuple(twice))


def repeats(header: Header, texts: Collection[str]) -> bool:
    """Whether the texts of a body row only say header labels again, as after a page break."""
    return len(texts) >= 3 and all(plain(text) in header.labels for text in texts)


@lru_cache(maxsize=4096)
def plain(label: str) -> str:
    """A label without blanks, and without the brackets and legends that follow its words."""
    folded = "".join(unicodedata.normalize("NFKC", label).split())
    unbracketed = re.sub(r"[()、/,]", "", folded)
    if _LEVEL.fullmatch(unbracketed):
        return unbracketed
    return re.split(r"[(\[“\"■□:]", folded)[0] or folded


def _our_header(grid: Grid, row: int) -> Header | None:
    for columns, *printed in _OURS:
        below = grid.cells[row : row + len(printed)]
        if [cells[: len(columns)] for cells in below] == printed:
            counted = Counter(COLUMNS.values())
            places = range(len(columns), grid.width)
            extras = (Column("", _unique(grid.own(row, at), at, counted)) for at in places)
            labels = frozenset(map(plain, below[0]))
            bottom = row + len(printed) - 1
            return Header(row, bottom, (*columns, *extras), labels, ours=True)
    return None


def _printed(columns: Sequence[national.Column]) -> tuple[Any, ...]:
    """Columns of ours, and the cells of each of their header rows."""
    ours = tuple(Column(c.attribute or NUMBER, c.lower or c.upper, c.tick) for c in columns)
    upper, lower = (tuple(c[row] for c in columns) for row in (1, 2))
    return (ours, upper, lower) if any(lower) else (ours, upper)


_OURS = (
    _printed([national.Column(attribute, label) for attribute, label in COLUMNS.items()]),
    _printed(national.EXPORTED),
)


def _is_cluster(grid: Grid, row: int) -> bool:
    known = set(map(_attribute, _owned(grid, row).values()))
    return len(known & _CORE) >= 3


def _attribute(text: str) -> str | None:
    """What a label names; the first sign tells most texts of the body from labels at once."""
    stripped = text.lstrip()
    known = stripped[:1] in _FIRST_SIGNS
    return _ATTRIBUTES.get(plain(text)) if known else None


def _owned(grid: Grid, row: int) -> dict[int, str]:
    """Texts that begin in this row, by column."""
    texts: dict[int, str] = {}
    if row >= len(grid.cells):
        return texts
    for column, text in enumerate(grid.cells[row]):
        span = grid.span_at(row, column)
        if text.strip() and (span is None or (span.top, span.left) == (row, column)):
            texts[column] = text
    return texts


def _all_groups(grid: Grid, row: int) -> bool:
    texts = _owned(grid, row).values()
    return bool(texts) and all(_attribute(text) in _GROUPS for text in texts)


def _continues(grid: Grid, top: int, row: int) -> bool:
    """Whether every text of ``row`` is a label under a label that has parts."""
    texts = _owned(grid, row)
    return bool(texts) and all(
        _is_part(_path(grid, top, row - 1, column, part=True), plain(text))
        for column, text in texts.items()
    )


def _is_part(above: list[str], label: str) -> bool:
    known = label in TICKS or label in _ATTRIBUTES or bool(_LEVEL.fullmatch(label))
    if not above:
        return known
    joined = plain(above[-1]) + label
    if joined in TICKS or joined in _ATTRIBUTES:
        return True
    group = any(_attribute(text) in _GROUPS for text in above)
    return group and (known or len(label) <= 6)


def _path(grid: Grid, top: int, bottom: int, column: int, part: bool = False) -> list[str]:
    """Labels of a column from the top down.

    Where merged cells were flattened, a group's label stands over its first column only; the
    others, blank above a label of their own (``part`` says there is one), take it from the left.
    """
    path: list[str] = []
    for row in range(top, bottom + 1):
        span = grid.span_at(row, column)
        if span and top <= span.top < row:
            continue
        text = grid.at(row, column).strip()
        parted = part or any(grid.own(r, column).strip() for r in range(row + 1, bottom + 1))
        if not text and not span and parted:
            left = (grid.at(row, c).strip() for c in range(column - 1, -1, -1))
            nearest = next((label for label in left if label), "")
            text = nearest if _ATTRIBUTES.get(plain(nearest)) in _GROUPS else ""
        if text:
            path.append(text)
    return path


def _columns(paths: list[list[str]]) -> tuple[Column, ...]:
    columns = [_column(path) for path in paths]
    attributes = [column.attribute for column in columns if not column.tick]
    # 公开事项 alone is the item; printed twice, 一级事项 means 二级事项 the second time; 公开要素
    # beside 公开内容 is something else (marking rules, once).
    stand_ins = {
        MATTER: "item" if "item" not in attributes else "",
        ELEMENTS: "content" if "content" not in attributes else "",
        # 平武 prints how a text is shown (全文发布) under 公开方式, and the method under 公开属性.
        PROPERTY: "method",
        "method": "method" if PROPERTY not in attributes else "",
    }
    counted = Counter(COLUMNS.values())
    seen: set[str] = set()
    final = []
    for position, column in enumerate(columns):
        attribute = column.attribute
        attribute = attribute if column.tick else stand_ins.get(attribute, attribute)
        if attribute == "category" and attribute in seen and "item" not in attributes:
            attribute = "item"
        if attribute in seen and not column.tick:
            attribute = ""
        seen.add("" if column.tick else attribute)
        label = column.label if attribute else _unique(column.label, position, counted)
        final.append(Column(attribute, label, column.tick))
    return tuple(final)


def _column(path: list[str]) -> Column:
    if not path:
        return Column("", "")
    label = "".join(path[-1].split())
    for start in range(len(path)):
        name = plain("".join(path[start:]))
        if name in TICKS:
            return Column(*_swap(label, TICKS[name]))
        if name in _ATTRIBUTES:
            return Column(_ATTRIBUTES[name], label)
        if _LEVEL.fullmatch(name):
            return Column("level", label, label)
    for text in path:
        attribute = _ATTRIBUTES.get(plain(text), "")
        if attribute in _GROUPS - {MATTER}:
            return Column(attribute, label, label)
    return Column("", label)


def _swap(label: str, tick: tuple[str, str]) -> tuple[str, str, str]:
    attribute, says = tick
    return attribute, label, says


_UNIQUE = re.compile(r"（\d+）$")


def _unique(label: str, position: int, counted: Counter[str]) -> str:
    """The key of an extra column: its label, told apart where it is blank or printed twice."""
    label = label or f"第{position + 1}列"
    counted[label] += 1
    return label if counted[label] == 1 else f"{label}（{counted[label]}）"
