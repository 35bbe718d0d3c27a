"""A draft as it is checked: its rows as the importer reads them, and the table they stand in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from ..headers import Header, header_at
from ..importing import Import, import_catalogue
from ..model import COLUMNS, Item, Place
from ..readers import Grid
from .guide import Guide
from .naming import Comparison, compare

TICKED = frozenset({"channels", "audience", "method", "level"})
"""Attributes that offices choose by ticks."""

TEXTS = tuple(name for name in COLUMNS if name not in TICKED)


@dataclass(frozen=True, slots=True)
class Hit:
    """A breach that a check found: its place, the attribute whose cell it is (``None``: the whole
    row), and the words for the rule's sentences."""

    place: Place
    attribute: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """What is checked, and against what: ``guide`` for names, ``today`` for laws in force."""

    grids: Sequence[Grid]
    imported: Import
    guide: Guide
    today: date

    @classmethod
    def read(
        cls,
        grids: Sequence[Grid],
        guide: Guide,
        today: date,
        *,
        sector: str | None = None,
        title: str = "",
    ) -> "Draft":
        """The draft in the tables of a file; arguments and refusals as of ``import_catalogue``."""
        return cls(grids, import_catalogue(grids, sector=sector, title=title), guide, today)

    @property
    def items(self) -> tuple[Item, ...]:
        """The rows in their order."""
        return self.imported.items

    @cached_property
    def headers(self) -> list[tuple[Grid, Header]]:
        """The first header of each table, with its grid."""
        grids = (grid for grid in self.grids if grid.name in self.imported.columns)
        found = ((grid, _first_header(grid)) for grid in grids)
        return [(grid, header) for grid, header in found if header]

    @cached_property
    def sheets(self) -> Mapping[str, list[Item]]:
        """The rows of each table, by sheet."""
        rows: dict[str, list[Item]] = {name: [] for name in self.imported.columns}
        for item in self.items:
            rows.setdefault(item.place.sheet, []).append(item)
        return rows

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """The draft's names against the guide's, a sector each."""
        return compare(self.items, self.guide)

    def column(self, place: Place, attribute: str | None) -> int | None:
        """The 0-based column of an attribute's cell, or of the first tick of several."""
        columns = self.imported.columns.get(place.sheet, {}).get(attribute or "", ())
        return columns[0] if columns else None

    def published(self) -> Iterator[tuple[Item, str, str]]:
        """Each text cell as (row, attribute, text as it stands in the file)."""
        for item in self.items:
            for attribute in TEXTS:
                if text := item.raw.get(attribute) or getattr(item, attribute):
                    yield item, attribute, text


def _first_header(grid: Grid) -> Header | None:
    rows = range(len(grid.cells))
    return next(filter(None, (header_at(grid, row) for row in rows)), None)


def values(item: Item) -> dict[str, str]:
    """The known cells of a row by attribute."""
    pairs = ((name, getattr(item, name)) for name in COLUMNS)
    return {name: value for name, value in pairs if value}
