"""The table as the national guides print it: two header rows, and ticks in three groups of columns.

Source: the tables annexed to the ministries' guides (国务院部门试点领域标准指引). Our export adds 领域,
because one file may hold several; columns may be added (粤 notice, annex 1, 怎样编制).
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from .boxes import ticked
from .model import COLUMNS, Item

TICK = "√"
_TICKS = "√✓✔☑■●▲"
NUMBER = "序号"


class Column(NamedTuple):
    """One column: attribute of ``Item`` ("" for 序号), its two header cells, and what a tick says.

    The upper cell of a group stands over its first column only, the lower cell of a column without
    a group is empty: both as merged cells read.
    """

    attribute: str
    upper: str
    lower: str = ""
    tick: str = ""


GUIDE = (
    Column("", NUMBER),
    Column("category", "公开事项", COLUMNS["category"]),
    Column("item", "", COLUMNS["item"]),
    *(
        Column(name, COLUMNS[name])
        for name in ("content", "basis", "time_limit", "discloser", "channels")
    ),
    Column("audience", COLUMNS["audience"], "全社会", "全社会"),
    Column("audience", "", "特定群体", "特定群体"),
    Column("method", COLUMNS["method"], "主动", "主动"),
    Column("method", "", "依申请公开", "依申请"),
    Column("level", COLUMNS["level"], "县级", "县级"),
    Column("level", "", "乡级", "乡级"),
)
"""The columns of a guide, in order."""

EXPORTED = (GUIDE[0], Column("sector", COLUMNS["sector"]), *GUIDE[1:])
"""The columns of our export in this layout, by which it is known when it comes back."""


def cells_of(item: Item, columns: Sequence[Column]) -> list[str]:
    """The texts of an item under ``columns``; blank under 序号 and where it is unknown."""
    cells: list[str] = []
    for attribute, group in groupby(columns, key=lambda column: column.attribute):
        says = [column.tick for column in group]
        value = (getattr(item, attribute) or "") if attribute else ""
        blank = [""] * (len(says) - 1)
        cells += tick_cells(value, says) if value and all(says) else [value, *blank]
    return cells


def tick_cells(value: str, says: Sequence[str]) -> list[str]:
    """``value`` as the cells of a group whose ticks say ``says``: ``全社会;特定群体:申请人`` → √, 申请人.

    What ticks cannot tell stands in the first cell as it is. ``ticked_value`` undoes it.
    """
    parts = value.split(";")
    words = [next((p for p in parts if p.startswith(f"{one}:")), "") for one in says]
    cells = [
        TICK if one in parts else text.removeprefix(f"{one}:")
        for one, text in zip(says, words, strict=True)
    ]
    if ticked_value(zip(says, cells, strict=True)) != value:
        cells = [value if value.strip(_TICKS) else value + TICK, *[""] * (len(says) - 1)]
    return cells


def ticked_value(cells: Iterable[tuple[str, str]]) -> str | None:
    """What the cells of a group say, from (what a tick there says, the cell) in order."""
    (first, cell), *others = cells
    if not cell.strip():
        said = None
    elif not cell.strip(_TICKS):
        said = cell[:-1] or first  # a value of ticks only has got one more
    else:
        said = cell
    return ";".join(filter(None, (said, ticked(others)))) or None
