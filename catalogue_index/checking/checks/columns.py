"""Columns, names of sectors, and rows as a whole."""

import re
from collections.abc import Callable, Iterator

from rapidfuzz import fuzz

from ...headers import Header, plain
from ...model import COLUMNS, Item, Place
from ...sectors import national_sectors
from ..draft import TICKED, Draft, Hit, values
from ..guide import plain as plain_name

_RENAMED = 60
"""Likeness (0 to 100) of a strange label to a missing one from which it is taken for it."""


def missing_columns(draft: Draft) -> Iterator[Hit]:
    """Columns that no label stands for, not even a strange one."""
    for place, header in _headers(draft):
        strange = _strange(draft, header)
        for attribute in _missing(draft, header):
            if attribute not in strange:
                yield Hit(place, None, {"label": COLUMNS[attribute]})


def renamed_columns(draft: Draft) -> Iterator[Hit]:
    """Labels other than the guides': known variants, and strange ones like a missing label."""
    for place, header in _headers(draft):
        for column in header.columns:
            official = COLUMNS.get(column.attribute, "")
            known = {plain(official), "公开渠道"} if official else {plain(column.label)}
            if (
                not column.tick
                and column.attribute != "sector"
                and plain(column.label) not in known
            ):
                words = {"found": column.label, "label": official}
                yield Hit(place, column.attribute, words)
        for attribute, label in _strange(draft, header).items():
            yield Hit(place, None, {"found": label, "label": COLUMNS[attribute]})


def _headers(draft: Draft) -> Iterator[tuple[Place, Header]]:
    for grid, header in draft.headers:
        yield Place(grid.number(header.bottom), grid.name), header


def _missing(draft: Draft, header: Header) -> list[str]:
    held = {column.attribute for column in header.columns}
    return [attribute for attribute in draft.guide.columns if attribute not in held]


def _strange(draft: Draft, header: Header) -> dict[str, str]:
    """Missing attributes for which an unknown label of the header probably stands."""
    labels = [column.label for column in header.columns if not column.attribute and column.label]
    found = {}
    for attribute in _missing(draft, header):
        official = plain(COLUMNS[attribute])
        best = max(labels, key=lambda label: fuzz.ratio(plain(label), official), default="")
        if best and fuzz.ratio(plain(best), official) >= _RENAMED:
            labels.remove(best)
            found[attribute] = best
    return found


def renamed_sectors(draft: Draft) -> Iterator[Hit]:
    """Sectors called otherwise than by the guides, in their column or in the title above the table."""
    told = set()
    for item in draft.items:
        found = "".join((item.raw.get("sector") or item.sector or "").split())
        if found not in told and (official := _other_name(found)):
            told.add(found)
            yield Hit(item.place, "sector", {"found": found, "official": official})
    for grid, header in draft.headers:
        for row in range(header.top):
            for title in dict.fromkeys(grid.cells[row]):
                if official := _other_name(title):
                    mentions = national_sectors().mentioned(title)
                    words = next(word for name, word, _ in mentions if name == official)
                    place = Place(grid.number(row), grid.name)
                    yield Hit(place, None, {"found": words, "official": official})


def _other_name(text: str) -> str | None:
    """The official name of the sector that a cell or a title calls otherwise."""
    official = national_sectors().canonical(text)
    return official if official and official not in text else None


def unknown_sectors(draft: Draft) -> Iterator[Hit]:
    """Tables whose sector nothing tells."""
    for sheet, items in draft.sheets.items():
        if items and all(item.sector is None for item in items):
            yield Hit(Place(items[0].place.row, sheet))


def unguided_sectors(draft: Draft) -> Iterator[Hit]:
    """Sectors whose names nothing can be compared with."""
    guided = {row.sector for row in draft.guide.rows}
    seen: set[str] = set()
    for item in draft.items:
        if draft.guide.rows and item.sector and item.sector not in guided | seen:
            seen.add(item.sector)
            yield Hit(item.place, "sector", {"found": item.sector})


def empty_text_columns(draft: Draft) -> Iterator[Hit]:
    """Columns of text that are blank from top to bottom."""
    yield from (hit for attribute, hit in _empty_columns(draft) if attribute not in TICKED)


def unticked_columns(draft: Draft) -> Iterator[Hit]:
    """Columns of ticks without any: saving a file in another format often loses them."""
    yield from (hit for attribute, hit in _empty_columns(draft) if attribute in TICKED)


def _empty_columns(draft: Draft) -> Iterator[tuple[str, Hit]]:
    for place, _ in _headers(draft):
        sheet = place.sheet
        for attribute in _held(draft, sheet):
            if draft.sheets[sheet] and not _filled(draft, sheet, attribute):
                yield attribute, Hit(place, attribute, {"label": COLUMNS[attribute]})


_UNFINISHED = 4
"""Blank cells from which a row is told as a whole instead of cell by cell."""


def unfinished_rows(draft: Draft) -> Iterator[Hit]:
    """Rows that are blank in most of their cells."""
    for item, blank in _blank_cells(draft):
        if len(blank) >= _UNFINISHED:
            labels = "、".join(COLUMNS[attribute] for attribute in blank)
            yield Hit(
                item.place, None, {"found": item.item or item.category or "", "label": labels}
            )


def empty_cells(draft: Draft) -> Iterator[Hit]:
    """Blank cells; other rules tell of deadlines and methods."""
    return _blank(draft, lambda attribute: attribute not in ("time_limit", "method"))


def missing_deadlines(draft: Draft) -> Iterator[Hit]:
    """Rows without a deadline."""
    return _blank(draft, lambda attribute: attribute == "time_limit")


def missing_methods(draft: Draft) -> Iterator[Hit]:
    """Rows in which neither 主动 nor 依申请 is ticked."""
    return _blank(draft, lambda attribute: attribute == "method")


def _blank(draft: Draft, belongs: Callable[[str], bool]) -> Iterator[Hit]:
    for item, blank in _blank_cells(draft):
        if len(blank) < _UNFINISHED:
            for attribute in filter(belongs, blank):
                yield Hit(item.place, attribute, {"label": COLUMNS[attribute]})


def _blank_cells(draft: Draft) -> Iterator[tuple[Item, list[str]]]:
    """Rows with the attributes they leave blank in columns that others fill.

    Rows added to a complete guide are left to ``names.added_incomplete``.
    """
    added = {item.place for c in draft.comparisons for item in c.added if draft.guide.complete}
    for sheet, items in draft.sheets.items():
        filled = [name for name in _held(draft, sheet) if _filled(draft, sheet, name)]
        for item in items:
            blank = [name for name in filled if not getattr(item, name)]
            if blank and item.place not in added:
                yield item, blank


_NAMES = ("sector", "category", "item")


def _held(draft: Draft, sheet: str) -> list[str]:
    """The attributes of a table's own columns that every row should fill."""
    held = draft.imported.columns.get(sheet, {})
    return [name for name in COLUMNS if name in held and name not in _NAMES]


def _filled(draft: Draft, sheet: str, attribute: str) -> bool:
    return any(getattr(item, attribute) for item in draft.sheets[sheet])


_ABOVE = re.compile("同上|^[〃″]$")


def same_as_above(draft: Draft) -> Iterator[Hit]:
    """Cells that point to the row above."""
    for item, attribute, text in draft.published():
        if _ABOVE.search(text.strip()):
            yield Hit(item.place, attribute, {"found": text.strip()[:12]})


def duplicate_rows(draft: Draft) -> Iterator[Hit]:
    """Rows that say the same of the same item as an earlier row."""
    for items in draft.sheets.values():
        first: dict[tuple[str, ...], int] = {}
        for item in items:
            cells = values(item)
            names = ("sector", "category", "item", "content")
            key = tuple(plain_name(cells.get(name, "")) for name in names)
            if item.item and item.content and key in first:
                yield Hit(item.place, "item", {"first": str(first[key])})
            first.setdefault(key, item.place.row)
