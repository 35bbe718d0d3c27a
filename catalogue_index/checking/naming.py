"""The draft's names against the guide's: which rows are the guide's, renamed, left out or added."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from ..model import Item, Place
from .guide import Guide, GuideRow, plain

_SIMILAR = 78
"""Likeness (0 to 100) from which a name is taken for another's new wording: 办理过程 for 办理过程信息
has 80, and 政府决算, another item than 政府预算, 75."""

_SAME_ITEM = 30
"""What one and the same item adds to the likeness of two categories."""


@dataclass(slots=True)
class Comparison:
    """What became of one sector's names, each with the draft's row to tell it at.

    ``kept`` gives the guide's row for a draft's; ``categories`` were renamed and ``emptied`` ones
    left out, named as in the guide; ``added`` rows are in a category of the guide but not in it.
    """

    kept: dict[Place, GuideRow] = field(default_factory=dict)
    renamed: list[tuple[Item, GuideRow]] = field(default_factory=list)
    categories: list[tuple[Item, str]] = field(default_factory=list)
    removed: list[tuple[Item, GuideRow]] = field(default_factory=list)
    emptied: list[tuple[Item, str]] = field(default_factory=list)
    added: list[Item] = field(default_factory=list)


def compare(items: Sequence[Item], guide: Guide) -> list[Comparison]:
    """One comparison for each sector of ``items`` that the guide knows."""
    sectors = dict.fromkeys(item.sector for item in items if item.sector)
    return [
        _Sector(rows, [item for item in items if item.sector == sector]).compare()
        for sector in sectors
        if (rows := guide.of(sector))
    ]


class _Sector:
    """The comparison of one sector under way."""

    def __init__(self, guide: Sequence[GuideRow], items: Sequence[Item]) -> None:
        self._guide = guide
        self._items = [item for item in items if item.category and item.item]
        self._official = _by_category(guide)
        times = Counter(plain(row.item) for row in guide)
        self._common = {name for name, count in times.items() if count > 1}
        self._found = Comparison()
        self._category_of: dict[str, str] = {}
        self._held: set[GuideRow] = set()

    def compare(self) -> Comparison:
        self._match_categories()
        if self._category_of:
            free = self._match_exactly()
            free = self._match_refined(free)
            self._found.added = self._match_renamed(free)
            self._note_removed()
        return self._found

    def _match_categories(self) -> None:
        """Which category of the guide each of the draft's is; unknown ones stay out."""
        own = dict.fromkeys(plain(item.category or "") for item in self._items)
        for name in own:
            items = [item for item in self._items if plain(item.category or "") == name]
            if name in self._official:
                self._category_of[name] = name
            elif best := self._likest(name, items):
                self._category_of[name] = best
                self._found.categories.append((items[0], self._official[best][0].category))
        if self._category_of:
            missing = (name for name in self._official if name not in self._category_of.values())
            last = self._items[-1]
            self._found.emptied = [(last, self._official[name][0].category) for name in missing]

    def _likest(self, name: str, items: Sequence[Item]) -> str | None:
        """The guide's category that an unknown one of the draft is, by its wording and its items."""
        best = max(self._official, key=lambda other: self._likeness(name, items, other))
        return best if self._likeness(name, items, best) >= _SIMILAR else None

    def _likeness(self, name: str, items: Sequence[Item], other: str) -> float:
        """How much a category is like another: as their wording is, and more where items are the same.

        办事指南 and other items that several categories have prove nothing.
        """
        own = {plain(row.item) for row in self._official[other]} - self._common
        shared = sum(plain(item.item or "") in own for item in items)
        if shared >= 2 and 2 * shared >= len(items):
            return 100.0
        return fuzz.ratio(name, other) + (_SAME_ITEM if shared else 0)

    def _match_exactly(self) -> list[Item]:
        rows = {row.key: row for row in self._guide}
        free = []
        for item in self._items:
            category = self._official_category(item)
            row = rows.get((category, plain(item.item or ""))) if category is not None else None
            if row:
                self._keep(item, row)
            else:
                free.append(item)
        return free

    def _match_refined(self, free: Sequence[Item]) -> list[Item]:
        """Leaves out rows that refine one of the guide: its name with a bracket, or as a part."""
        left = []
        for item in free:
            name = plain(item.item or "")
            refines = (row for row in self._beside(item) if _refines(name, plain(row.item)))
            if row := next(refines, None):
                self._keep(item, row)
            else:
                left.append(item)
        return left

    def _match_renamed(self, free: Sequence[Item]) -> list[Item]:
        left = []
        for item in free:
            name = plain(item.item or "")
            missing = [row for row in self._beside(item) if row not in self._held]
            best = max(missing, key=lambda row: _similar(name, plain(row.item)), default=None)
            if best is not None and _similar(name, plain(best.item)) >= _SIMILAR:
                self._keep(item, best)
                self._found.renamed.append((item, best))
            else:
                left.append(item)
        return left

    def _note_removed(self) -> None:
        """Notes each row left out at the draft's row after which it belongs."""
        for category in dict.fromkeys(self._category_of.values()):
            held = [item for item in self._items if self._official_category(item) == category]
            after = held[0]
            for row in self._official[category]:
                if row not in self._held:
                    self._found.removed.append((after, row))
                after = next((i for i in held if self._found.kept.get(i.place) == row), after)

    def _beside(self, item: Item) -> list[GuideRow]:
        """The guide's rows in the category of a draft's row."""
        return self._official.get(self._official_category(item) or "", [])

    def _official_category(self, item: Item) -> str | None:
        return self._category_of.get(plain(item.category or ""))

    def _keep(self, item: Item, row: GuideRow) -> None:
        self._found.kept[item.place] = row
        self._held.add(row)


def _by_category(rows: Sequence[GuideRow]) -> dict[str, list[GuideRow]]:
    found: dict[str, list[GuideRow]] = {}
    for row in rows:
        found.setdefault(plain(row.category), []).append(row)
    return found


def _similar(name: str, other: str) -> float:
    """Likeness of two item names; one that begins with the other is its shortened or longer form."""
    shorter, longer = sorted((name, other), key=len)
    return 100.0 if len(shorter) > 1 and longer.startswith(shorter) else fuzz.ratio(name, other)


def _refines(name: str, official: str) -> bool:
    """Whether a name is the official one with more said: 企业投资项目核准(新增)."""
    rest = name.removeprefix(official)
    return rest != name and rest.startswith(("(", "[", "/", "-", "—"))
