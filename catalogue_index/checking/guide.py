"""The names and order that a draft should keep.

A guide is a file that the office trusts (the ministry's, or the province's), and then whole; or,
where there is none, the *consensus* of published catalogues: what at least two places call and
place alike. Consensus is evidence and no rule, so what follows from it is said in other words.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import mean

from ..importing import Import
from ..model import COLUMNS, Item

ALIKE = 2
"""Places that must publish a row alike before it counts as consensus."""


@dataclass(frozen=True, slots=True)
class GuideRow:
    """One item of the guide. ``online``: its channels name a website (``None``: not known)."""

    sector: str
    category: str
    item: str
    online: bool | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What it is compared by: plain category and item."""
        return plain(self.category), plain(self.item)


@dataclass(frozen=True, slots=True)
class Guide:
    """Rows in guide order. ``complete``: what is not in it is not national. ``columns``: the
    attributes that every draft must have a column for (the sector stands in the title)."""

    rows: tuple[GuideRow, ...] = ()
    complete: bool = False
    columns: tuple[str, ...] = tuple(name for name in COLUMNS if name != "sector")

    def of(self, sector: str) -> list[GuideRow]:
        """The rows of a sector, in order."""
        return [row for row in self.rows if row.sector == sector]


def of_file(imported: Import) -> Guide:
    """The guide that a file is; rows without a category or an item name are left out."""
    rows = (_row(item) for item in imported.items if item.sector and item.category and item.item)
    held = {attribute for columns in imported.columns.values() for attribute in columns}
    return Guide(
        tuple({(row.sector, *row.key): row for row in rows}.values()),
        complete=True,
        columns=tuple(name for name in COLUMNS if name in held and name != "sector"),
    )


def consensus(published: Mapping[str, Sequence[Item]]) -> Guide:
    """What places publish alike, from the items of each place; in the order they mostly stand."""
    standing: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    rows: dict[tuple[str, str, str], list[GuideRow]] = defaultdict(list)
    for place, items in published.items():
        for position, item in enumerate(items):
            if item.sector and item.category and item.item:
                row = _row(item)
                standing[item.sector, *row.key].setdefault(place, position)
                rows[item.sector, *row.key].append(row)
    shared = [key for key, places in standing.items() if len(places) >= ALIKE]
    shared.sort(key=lambda key: (key[0], mean(standing[key].values())))
    return Guide(tuple(_common(rows[key]) for key in shared))


def _row(item: Item) -> GuideRow:
    online = has_website(item.channels) if item.channels else None
    return GuideRow(item.sector or "", _bare(item.category), _bare(item.item), online)


def _bare(name: str | None) -> str:
    return _NUMBER.sub("", name or "")


def _common(rows: Sequence[GuideRow]) -> GuideRow:
    """One row for several: the wording of the first; not online where all agree, none objecting."""
    told = [row.online for row in rows if row.online is not None]
    online = any(told) if any(told) or len(told) >= ALIKE else None
    return replace(rows[0], online=online)


_WEBSITE = re.compile(r"网站|门户|政务网|采购网|信息网|政府网")


def has_website(channels: str) -> bool:
    """Whether channels name a website of the government."""
    return _WEBSITE.search(channels) is not None


_NUMBER = re.compile(
    r"^(?:\d{1,2}(?:[.．]\d{1,2})+[.．、]?(?=\D)|\d{1,2}[.．、](?=\D)"
    r"|[（(][\d一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}、)+"
)


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """A name without its number (1.1, （一）), blanks and the style of marks: what is compared."""
    folded = "".join(unicodedata.normalize("NFKC", name).split())
    return re.sub(r"[、,，;；.。“”\"《》<>〈〉:：]", "", _NUMBER.sub("", folded))
