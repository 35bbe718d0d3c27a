"""Whose phrasings speak for a catalogue item: people ask for the same item everywhere, whatever its place calls it."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import fuzz

from catalogue_index.model import Item
from catalogue_index.sectors import national_sectors
from faq.snapshot import Phrasing

_SAME_NAME = 85.0
"""Likeness (0 to 100) from which an item of another place is taken for the same under a slightly different name."""


class Subjects:
    """Whose phrasings speak for an item: its own, those of its name in any place, or of nearly the same name."""

    def __init__(self, phrasings: Iterable[Phrasing]) -> None:
        self._known = {phrasing.unit for phrasing in phrasings}
        self._by_sector: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for unit in sorted(self._known):
            kind, _, name = unit.partition(":")
            if kind == "item" and name.count("/") >= 2:
                sector, category, item = name.split("/", 2)
                self._by_sector[_canonical(sector)].append((unit, category, item or category))
        self._near = lru_cache(maxsize=65_536)(self._nearest)

    def of(self, unit: str, item: Item) -> str:
        """The subject of an item; empty where nothing is known of how people ask for it."""
        exact = named(item)
        known = next((name for name in (unit, exact) if name in self._known), None)
        return known or self._near(item.sector or "", item.category or "", item.item or "")

    def _nearest(self, sector: str, category: str, item: str) -> str:
        best, subject = _SAME_NAME, ""
        for unit, its_category, its_item in self._by_sector[_canonical(sector)]:
            likeness = 0.8 * fuzz.ratio(its_item, item or category)
            if likeness + 20 > best:
                likeness += 0.2 * fuzz.ratio(its_category, category)
                if likeness > best:
                    best, subject = likeness, unit
        return subject


def _canonical(sector: str) -> str:
    return national_sectors().canonical(sector) or sector


def named(item: Item) -> str:
    """The subject of phrasings that hold for an item of this name in any place's catalogue."""
    return f"item:{item.sector or ''}/{item.category or ''}/{item.item or ''}"
