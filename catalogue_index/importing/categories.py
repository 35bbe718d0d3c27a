"""Names of 一级事项 that places publish, and names that a conversion cut.

What one place publishes is whole, but only what several publish alike explains a cut name. The list
counts the places among the published catalogues that this project comes with; a test keeps it in
step with them.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import groupby, pairwise

_MOST_LOST = 2
_SURELY_LOST = 1
"""Chinese words have two characters: one alone is never left out, but 预决算 is as good a name as 财政预决算."""
_FEWEST_LEFT = 3


@dataclass(frozen=True, slots=True)
class Mended:
    """The whole ``name`` for a cut one; where it is not ``sure``, a clerk must say."""

    name: str
    sure: bool


class Categories:
    """The names of each sector; finds the whole one for one that was cut."""

    def __init__(self, names: Mapping[str, Iterable[str]], seen: Iterable[str] = ()) -> None:
        """``names`` several places publish, by sector; those only ``seen`` somewhere are whole too."""
        self._names = {sector: frozenset(known) for sector, known in names.items()}
        self._whole_or_blank = frozenset(seen).union({""}, *self._names.values())

    def mended(self, names: Sequence[tuple[str, str]]) -> dict[int, Mended]:
        """Whole names by index, for the cut ones among (sector, 一级事项) of successive rows.

        Two neighbours may be the halves of one name (城镇燃, 气管理). The beginning of a name may be
        lost (凌源: 收土地信息 for 征收土地信息): it is sure when a word was cut and only one listed name
        of the sector ends so. What may be the beginning of a longer name (兴国: 公共) is never sure, as it may be
        whole.
        """
        found: dict[int, Mended] = {}
        runs = [(key, [at for at, _ in run]) for key, run in groupby(enumerate(names), _name)]
        for (above, rows), (below, more) in pairwise(runs):
            halves = {above[1], below[1]}
            whole = above[1] + below[1]
            if halves.isdisjoint(self._whole_or_blank) and self._lists(above[0], whole):
                found |= dict.fromkeys((*rows, *more), Mended(whole, sure=True))
        for (sector, name), rows in runs:
            if rows[0] not in found and (mended := self._whole(sector, name)):
                found |= dict.fromkeys(rows, mended)
        return found

    def _lists(self, sector: str, name: str) -> bool:
        return name in self._names.get(sector, ())

    @lru_cache(maxsize=256)  # noqa: B019 - one list lives as long as the program
    def _whole(self, sector: str, name: str) -> Mended | None:
        if name in self._whole_or_blank:
            return None
        listed = self._names.get(sector, frozenset())
        ends = [whole for whole in listed if whole.endswith(name)]
        begins = [whole for whole in listed if whole.startswith(name)]
        if len(ends) == 1 and len(name) >= _FEWEST_LEFT:
            lost = len(ends[0]) - len(name)
            return Mended(ends[0], sure=lost <= _SURELY_LOST) if lost <= _MOST_LOST else None
        if len(name) < _FEWEST_LEFT and (ends or begins):
            return Mended(min((*ends, *begins)), sure=False)
        return None


def _name(numbered: tuple[int, tuple[str, str]]) -> tuple[str, str]:
    return numbered[1]


@lru_cache(maxsize=1)
def national_categories() -> Categories:
    """The built-in list; names that at least two places publish explain cut ones."""
    table = files("catalogue_index").joinpath("data/categories.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    names: dict[str, list[str]] = {}
    for row in rows:
        if int(row["places"]) > 1:
            names.setdefault(row["sector"], []).append(row["name"])
    return Categories(names, (row["name"] for row in rows))
