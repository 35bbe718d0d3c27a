"""What changed between two catalogues, item by item.

Items are matched by what they say, never by 序号 or row: offices renumber and reorder whole tables. A name keeps its
meaning under another list number or other punctuation.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from .documents.numbering import number_of
from .headers import LABELS, NUMBER
from .model import COLUMNS, Item
from .sectors import national_sectors

SAME_ITEM = 70.0
"""Likeness (0 to 100) from which two items of other names are one item, renamed or moved: it finds 96 in 100 of those
that lost a third of their name, and joins 17 in 100 of neighbours of which one went and the other came."""

SAME_NAME = 85.0
"""Likeness of names from which items of two places are taken for the same under slightly other names."""

_NAME, _CONTENT, _CATEGORY = 0.45, 0.35, 0.2
_OTHER_SECTOR = 15.0
_MARKS = r"[\s,.;:?!()，。；：？！（）、…—\-_·~'\"“”‘’《》〈〉〔〕【】\[\]]"
_PUNCTUATION = re.compile(rf"(?<!\d){_MARKS}+|{_MARKS}+(?!\d)")
_WORD = re.compile(r"\d+(?:\.\d+)?|[A-Za-z]+|.", re.DOTALL)


class Piece(NamedTuple):
    """A stretch of two texts: ``before`` and ``after`` are the same where nothing changed."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell under its label, before and after; empty where it was blank or unknown."""

    label: str
    before: str
    after: str

    @property
    def worded(self) -> bool:
        """Whether more than punctuation, blanks and list numbers changed."""
        return _essence(self.label, self.before) != _essence(self.label, self.after)

    def pieces(self) -> tuple[Piece, ...]:
        """The two texts in stretches that are the same and stretches that changed."""
        return pieces(self.before, self.after)


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One item before and after, and every cell that is not the same to the letter."""

    before: Item
    after: Item
    cells: tuple[CellChange, ...]

    @property
    def worded(self) -> tuple[CellChange, ...]:
        """The cells in which more than the form changed."""
        return tuple(cell for cell in self.cells if cell.worded)

    @property
    def renamed(self) -> bool:
        """Whether 二级事项 reads differently."""
        return any(cell.label == COLUMNS["item"] for cell in self.worded)

    @property
    def moved(self) -> bool:
        """Whether it stands under another 领域 or 一级事项."""
        above = (COLUMNS["sector"], COLUMNS["category"])
        return any(cell.label in above for cell in self.worded)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What takes the items before to those after: ``removed`` in their order before, the rest in the order after.

    ``changed`` holds every item of which some cell is not the same to the letter.
    """

    added: tuple[Item, ...] = ()
    removed: tuple[Item, ...] = ()
    changed: tuple[ItemChange, ...] = ()

    @property
    def worded(self) -> tuple[ItemChange, ...]:
        """Changed items in which more than the form changed."""
        return tuple(change for change in self.changed if change.worded)

    @property
    def same(self) -> bool:
        """Whether the two say the same, whatever the form."""
        return not (self.added or self.removed or self.worded)


def compare(before: Sequence[Item], after: Sequence[Item]) -> Comparison:
    """How ``after`` differs from ``before``. Rows in another order make no difference."""
    pairs = _pairs(before, after)
    changed = (
        ItemChange(before[old], after[new], cells)
        for new, old in sorted((new, old) for old, new in pairs.items())
        if (cells := changed_cells(before[old], after[new]))
    )
    matched = set(pairs.values())
    return Comparison(
        tuple(item for n, item in enumerate(after) if n not in matched),
        tuple(item for n, item in enumerate(before) if n not in pairs),
        tuple(changed),
    )


def cells_of(item: Item) -> dict[str, str]:
    """Every known cell of an item by its label, the official ones first; without the row's number."""
    extras = {k: v for k, v in item.extras.items() if v and k not in LABELS[NUMBER]}
    return {**item.cells(), **extras}


def changed_cells(before: Item, after: Item) -> tuple[CellChange, ...]:
    """The cells of two items that are not the same to the letter."""
    old, new = cells_of(before), cells_of(after)
    labels = dict.fromkeys([*COLUMNS.values(), *old, *new])
    changes = (CellChange(label, old.get(label, ""), new.get(label, "")) for label in labels)
    return tuple(change for change in changes if change.before != change.after)


def alike_in_name(one: Item, other: Item) -> float:
    """Likeness (0 to 100) of the names of two items, whatever their numbers and punctuation; 0 in different sectors.

    Where a category is unknown, only 二级事项 counts.
    """
    if _sector(one) != _sector(other):
        return 0.0
    names = fuzz.ratio(_name(one), _name(other))
    if not (one.category and other.category):
        return names
    return 0.8 * names + 0.2 * fuzz.ratio(_category(one), _category(other))


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Two texts cut where they begin and cease to be the same; numbers are never cut.

    Both orders of the texts are cut at the same places.
    """
    if after < before:
        return tuple(Piece(old, new) for new, old in pieces(after, before))
    old, new = _WORD.findall(before), _WORD.findall(after)
    found: list[Piece] = []
    for op in Indel.opcodes(old, new):
        piece = Piece(
            "".join(old[op.src_start : op.src_end]), "".join(new[op.dest_start : op.dest_end])
        )
        if op.tag != "equal" and found and found[-1].before != found[-1].after:
            found[-1] = _joined(found[-1], piece)
        elif op.tag != "equal" and len(found) > 1 and len(found[-1].before) < 2:
            # One letter that stayed by chance between two changes only makes them harder to read.
            found[-2:] = [_joined(_joined(*found[-2:]), piece)]
        else:
            found.append(piece)
    return tuple(found)


def _joined(one: Piece, other: Piece) -> Piece:
    return Piece(one.before + other.before, one.after + other.after)


_Likeness = Callable[[Sequence[Item], Sequence[Item]], NDArray[np.float64]]
"""Likeness (0 to 100) of each of some items to each of others, as a matrix."""


def _pairs(before: Sequence[Item], after: Sequence[Item]) -> dict[int, int]:
    """Which item before is which after, by their places: the same rows, then the same names, then the likest."""
    pairs: dict[int, int] = {}
    for key, likeness, least in _STAGES:
        olds = _grouped(before, set(pairs), key)
        news = _grouped(after, set(pairs.values()), key)
        for shared in olds.keys() & news.keys():
            old, new = olds[shared], news[shared]
            ours, theirs = [before[n] for n in old], [after[n] for n in new]
            for one, other in _likest(ours, theirs, likeness, least):
                pairs[old[one]] = new[other]
    return pairs


def _grouped(
    items: Sequence[Item], taken: Set[int], key: Callable[[Item], Hashable]
) -> dict[Hashable, list[int]]:
    groups: defaultdict[Hashable, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        if number not in taken:
            groups[key(item)].append(number)
    return groups


def _likest(
    ours: Sequence[Item], theirs: Sequence[Item], likeness: _Likeness, least: float
) -> Iterator[tuple[int, int]]:
    """Pairs, the likest first, each item once. What two rows say decides between equals: their order must not."""
    rows, others = [*map(_row, ours)], [*map(_row, theirs)]
    likenesses = likeness(ours, theirs)
    ranked = sorted(
        (-float(likenesses[one, other]), *sorted((rows[one], others[other])), int(one), int(other))
        for one, other in np.argwhere(likenesses >= least)
    )
    taken: set[int] = set()
    gone: set[int] = set()
    for *_, one, other in ranked:
        if one not in taken and other not in gone:
            taken.add(one)
            gone.add(other)
            yield one, other


def _alike(ours: Sequence[Item], theirs: Sequence[Item]) -> NDArray[np.float64]:
    """By name, content and category; where a content is unknown, by the others alone."""
    names = _ratios(ours, theirs, _name)
    categories = _ratios(ours, theirs, _category)
    contents = _ratios(ours, theirs, _content)
    named = names * _NAME + categories * _CATEGORY
    known = np.outer([bool(i.content) for i in ours], [bool(i.content) for i in theirs])
    whole: NDArray[np.float64] = np.where(
        known, named + contents * _CONTENT, named / (_NAME + _CATEGORY)
    )
    sectors, others = (np.array([*map(_sector, items)], dtype=str) for items in (ours, theirs))
    whole -= _OTHER_SECTOR * (sectors[:, None] != others[None, :])
    return whole


def _alike_in_row(ours: Sequence[Item], theirs: Sequence[Item]) -> NDArray[np.float64]:
    return _ratios(ours, theirs, _row)


def _ratios(
    ours: Sequence[Item], theirs: Sequence[Item], text: Callable[[Item], str]
) -> NDArray[np.float64]:
    texts, others = [*map(text, ours)], [*map(text, theirs)]
    found: NDArray[np.float64] = cdist(texts, others, scorer=fuzz.ratio, dtype=np.float64)
    return found


def _row(item: Item) -> str:
    """All that a row says, in one text."""
    return "\n".join(f"{label}:{text}" for label, text in sorted(cells_of(item).items()))


def _names(item: Item) -> tuple[str, str, str]:
    """What an item is called, whatever the form."""
    own = _short_essence(COLUMNS["item"], item.item or "")
    return _sector(item), _category(item), own


def _sector(item: Item) -> str:
    return _short_essence(COLUMNS["sector"], item.sector or "")


def _category(item: Item) -> str:
    return _short_essence(COLUMNS["category"], item.category or "")


def _name(item: Item) -> str:
    return _short_essence(COLUMNS["item"], item.item or item.category or "")


def _content(item: Item) -> str:
    return _essence(COLUMNS["content"], item.content or "")


@lru_cache(maxsize=1 << 13)  # an item's names are compared with those of every other
def _short_essence(label: str, text: str) -> str:
    return _essence(label, text)


def _essence(label: str, text: str) -> str:
    """A cell without punctuation and blanks, a name also without its list number; a sector by its official name.

    Marks between two digits stay: 1.5 is not 15.
    """
    if label == COLUMNS["sector"]:
        text = national_sectors().canonical(text) or text
    plain = unicodedata.normalize("NFKC", text).strip()
    if label in (COLUMNS["category"], COLUMNS["item"]):
        while (number := number_of(plain)) and number.rest:
            plain = number.rest
    return _PUNCTUATION.sub("", plain)


_STAGES: tuple[tuple[Callable[[Item], Hashable], _Likeness, float], ...] = (
    (_row, _alike_in_row, 0),
    (_names, _alike_in_row, 0),
    (lambda _: None, _alike, SAME_ITEM),
)
"""In turn: what two items must share, how alike they are among those, and how alike they must be."""
