"""Published catalogue tables → items, with a report of every liberty taken.

What a cell says is kept as published; only boxes, ticks, 同上, torn words and damaged document
numbers are turned into plain text, and then ``Item.raw`` keeps the original. What is unknown stays
``None``: a catalogue that leaves a cell blank must not be made to say anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from typing import Any

from .. import privacy
from ..errors import UnrecognisedFile
from ..model import COLUMNS, Item, Place
from ..readers import Grid
from .lookalikes import other_kind, tampering, without_cells
from .tables import OWN_SHEETS, Finding, Log, Table

__all__ = ["OWN_SHEETS", "Finding", "Import", "Report", "import_catalogue"]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the rows of the catalogue's tables; nothing is lost in silence.

    Every row below a header that is not blank, and every row like an item above the first one,
    became an item, was dropped with a reason, or was ``joined`` to the item above it:
    ``rows_read == items + len(dropped) + joined``. ``repaired`` needs no attention, ``doubtful``
    does. A finding about a cell names its column's label; its
    place has row 0 where it is about a whole table.
    """

    rows_read: int
    items: int
    repaired: tuple[Finding, ...] = ()
    doubtful: tuple[Finding, ...] = ()
    dropped: tuple[Finding, ...] = ()
    joined: int = 0


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
    if reason := tampering(dict.fromkeys(texts)):
        raise UnrecognisedFile(f"文件{reason}，不能导入。请从政府网站重新下载原件。")
    tables = [Table(grid, sector, title) for grid in grids]
    for table in tables:
        table.read()
    catalogues = [table for table in tables if table.is_catalogue]
    if not catalogues:
        raise UnrecognisedFile(_not_a_catalogue(tables, texts))
    log = Log()
    for table in tables:
        log.add(table.log if table.is_catalogue else table.only_doubt())
    items = tuple(_without_personal_data(i, log) for table in catalogues for i in table.items)
    report = Report(
        log.rows_read,
        len(items),
        tuple(log.repaired),
        tuple(log.doubtful),
        tuple(log.dropped),
        log.joined,
    )
    return Import(items, report, {table.name: table.columns for table in catalogues})


def _nothing_to_read(grids: Sequence[Grid]) -> str:
    if hidden := [grid.name for grid in grids if grid.note]:
        return f"只有隐藏的工作表（{'、'.join(hidden)}），没有可读的内容。请取消隐藏后再导入。"
    return "表格是空的，没有内容可以导入。请确认选对了文件。"


def _not_a_catalogue(tables: Sequence[Table], texts: Sequence[str]) -> str:
    kinds = (table.kind for table in tables)
    kind = next(filter(None, kinds), None) or other_kind(" ".join(texts[:40]))
    if kind:
        return f"这个文件像是{kind}，不是基层政务公开标准目录，没有导入。请提供标准目录的表格。"
    if how := without_cells(texts):
        return (
            f"这个文件里有标准目录的文字，但{how}，分不出各栏，没有导入。"
            "请从原网页下载附件，或把表格复制到表格软件另存为 .xlsx 后再导入。"
        )
    return (
        "没有找到标准目录的表头（一级事项、二级事项、公开内容、公开依据、公开时限、公开主体等），"
        "没有导入。请确认文件是标准目录，并保留表头行。"
    )


def _without_personal_data(item: Item, log: Log) -> Item:
    values = (getattr(item, attribute) for attribute in COLUMNS)
    texts = chain(filter(None, values), *item.extras.items(), item.raw.values())
    if not any(map(_is_personal, texts)):
        return item
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


@lru_cache(maxsize=1 << 13)  # most cells of a catalogue say what the one above says
def _is_personal(text: str) -> bool:
    return bool(privacy.find(text))


def _personal(place: Place, label: str, found: Sequence[privacy.Personal]) -> Finding:
    kinds = "、".join(dict.fromkeys(privacy.NAMES[personal.kind] for personal in found))
    return Finding(
        place, label, f"含有疑似{kinds}，已隐去。请核对原件，确需公开的请改为办公电话等。"
    )
