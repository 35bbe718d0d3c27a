"""The versions that an area's catalogue of one sector went through, and what has long not been renewed in it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from .comparing import CellChange, Comparison, cells_of, compare
from .model import Document, Item
from .sectors import national_sectors

RULES: Mapping[str, str] = MappingProxyType(
    {
        "《中华人民共和国政府信息公开条例》第十二条": (
            "行政机关编制、公布的政府信息公开指南和政府信息公开目录应当及时更新。"
        ),
        "《中华人民共和国政府信息公开条例》第二十六条": (
            "属于主动公开范围的政府信息，应当自该政府信息形成或者变更之日起20个工作日内及时公开。"
            "法律、法规对政府信息公开的期限另有规定的，从其规定。"
        ),
    }
)
"""Article (国务院令第711号, in force since 2019-05-15) → what it asks of whoever keeps a catalogue."""


@dataclass(frozen=True, slots=True)
class CatalogueVersion:
    """What one imported catalogue says of one ``sector``; ``imported`` is the moment it came, the last of several."""

    document: Document
    sector: str
    imported: datetime
    items: tuple[Item, ...]
    in_force: bool = False


Compare = Callable[[CatalogueVersion | None, CatalogueVersion], Comparison]
"""How a version differs from the one before it (``None``: there is none)."""


def compared(older: CatalogueVersion | None, newer: CatalogueVersion) -> Comparison:
    """How a version differs from the one before it."""
    return compare(older.items if older else (), newer.items)


@dataclass(frozen=True, slots=True)
class Stale:
    """Items of one 公开主体 that have read the same for too long, the oldest since ``since``, among its ``of`` items."""

    version: CatalogueVersion
    discloser: str
    items: tuple[Item, ...]
    of: int
    since: datetime


def sector_name(sector: str | None) -> str:
    """The name under which versions of a sector belong together: the official one, or as written; empty for none."""
    return national_sectors().canonical(sector or "") or sector or ""


def histories(
    versions: Sequence[CatalogueVersion],
) -> dict[tuple[str, str], list[CatalogueVersion]]:
    """Versions by area code and sector, oldest first; the order they came in is the order of import."""
    found: defaultdict[tuple[str, str], list[CatalogueVersion]] = defaultdict(list)
    for version in sorted(versions, key=lambda v: (v.imported, v.document.id)):
        found[version.document.area, version.sector].append(version)
    return dict(found)


def in_force(history: Sequence[CatalogueVersion]) -> CatalogueVersion | None:
    """The version of a history that holds."""
    return next((version for version in history if version.in_force), None)


def previous(
    history: Sequence[CatalogueVersion], version: CatalogueVersion
) -> CatalogueVersion | None:
    """The version imported before this one."""
    place = history.index(version)
    return history[place - 1] if place else None


def replaced_by(
    history: Sequence[CatalogueVersion], version: CatalogueVersion
) -> CatalogueVersion | None:
    """The version that came in this one's place; ``None`` where this one holds, or was taken back."""
    holding = in_force(history)
    place = history.index(version)
    if holding is None or place >= history.index(holding):
        return None
    return history[place + 1]


def unchanged_since(
    history: Sequence[CatalogueVersion], differing: Compare = compared
) -> list[tuple[Item, datetime]]:
    """The items in force, each with the import since which it reads the same, whatever its form."""
    since: dict[frozenset[tuple[str, str]], datetime] = {}
    holding = in_force(history)
    if holding is None:
        return []
    older: CatalogueVersion | None = None
    for version in history[: history.index(holding) + 1]:
        changed = differing(older, version).changed
        earlier = {_row(c.after): _row(c.before) for c in changed if not c.worded}
        rows = {row: earlier.get(row, row) for row in map(_row, version.items)}
        since = {row: since.get(was, version.imported) for row, was in rows.items()}
        older = version
    return [(item, since[_row(item)]) for item in holding.items]


def history_of(
    history: Sequence[CatalogueVersion],
    version: CatalogueVersion,
    item: Item,
    differing: Compare = compared,
) -> list[tuple[CatalogueVersion, tuple[CellChange, ...]]]:
    """The versions in which an item of ``version`` stood, that one first, each with what changed in it since the one
    before; the last is the one that it came in, or the oldest that is known."""
    found: list[tuple[CatalogueVersion, tuple[CellChange, ...]]] = []
    for older in (*reversed(history[: history.index(version)]), None):
        comparison = differing(older, version)
        change = next((c for c in comparison.changed if c.after == item), None)
        found.append((version, change.worded if change else ()))
        if older is None or item in comparison.added:
            break
        before = change.before if change else _the_same(older.items, item)
        if before is None:
            break
        version, item = older, before
    return found


def _the_same(items: Sequence[Item], item: Item) -> Item | None:
    return next((one for one in items if _row(one) == _row(item)), None)


def stale(
    history: Sequence[CatalogueVersion], today: date, days: int, differing: Compare = compared
) -> list[Stale]:
    """Whose items have read the same for more than ``days`` days, the oldest first."""
    holding = in_force(history)
    if holding is None:
        return []
    every: defaultdict[str, list[tuple[Item, datetime]]] = defaultdict(list)
    for item, since in unchanged_since(history, differing):
        every[item.discloser or ""].append((item, since))
    found = []
    for discloser, items in every.items():
        old = [(item, at) for item, at in items if today - at.date() > timedelta(days)]
        if old:
            since = min(at for _, at in old)
            found.append(
                Stale(holding, discloser, tuple(item for item, _ in old), len(items), since)
            )
    return sorted(found, key=lambda one: (one.since, one.discloser))


def _row(item: Item) -> frozenset[tuple[str, str]]:
    return frozenset(cells_of(item).items())
