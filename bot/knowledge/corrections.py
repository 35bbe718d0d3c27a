"""What an office put right in a catalogue that it imported: a cell at a time, beside what the file says."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalogue_index import privacy
from catalogue_index.errors import Refused
from catalogue_index.model import COLUMNS, Item

WHOLE_ROW = ""
"""In place of an attribute: the row was compared with the file and holds as it was read."""

LEFT_OUT = "-"
"""In place of an attribute: the row is no item, such as a total. It is one again after any later correction of the row."""

LONGEST = 20_000
"""Characters of a cell; a workbook holds 32,767."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One cell: its sheet and row as the clerk sees them, its attribute of ``Item`` (or ``WHOLE_ROW``, ``LEFT_OUT``), the
    cell in the file (``raw``), what was read from it (``before``), what holds (``after``), who says so, and when in
    seconds since 1970. Empty is unknown."""

    sheet: str
    row: int
    attribute: str
    raw: str
    before: str
    after: str
    who: str
    at: int

    @property
    def place(self) -> tuple[str, int]:
        """What it is about."""
        return self.sheet, self.row


def corrected(items: Iterable[Item], corrections: Sequence[Correction]) -> tuple[Item, ...]:
    """The items as they hold; ``raw`` then keeps what the file says. Of two corrections of a cell the later holds."""
    cells: dict[tuple[str, int], dict[str, Correction]] = {}
    for one in corrections:
        if one.attribute in COLUMNS:
            cells.setdefault(one.place, {})[one.attribute] = one
    gone = left_out(corrections)
    places = ((item, (item.place.sheet, item.place.row)) for item in items)
    return tuple(_corrected(i, cells.get(place, {})) for i, place in places if place not in gone)


def left_out(corrections: Sequence[Correction]) -> frozenset[tuple[str, int]]:
    """The places of rows that are left out."""
    last = {one.place: one.attribute for one in corrections}
    return frozenset(place for place, attribute in last.items() if attribute == LEFT_OUT)


def _corrected(item: Item, changes: Mapping[str, Correction]) -> Item:
    if not changes:
        return item
    said = {name: one.raw for name, one in changes.items() if one.raw}
    cells: dict[str, Any] = {name: one.after or None for name, one in changes.items()}
    return replace(item, **cells, raw={**item.raw, **said})


def of_row(item: Item, cells: Mapping[str, str], who: str, at: int) -> list[Correction]:
    """What is put right in a row by its ``cells`` as they were typed (by attribute); the row confirmed where nothing is.

    Raises ``Refused`` for a text that is too long, and for personal data.
    """
    found = []
    for attribute, label in COLUMNS.items():
        before = getattr(item, attribute) or ""
        after = _plain(cells[attribute]) if attribute in cells else before
        if after == _plain(before):
            continue
        _refuse(label, after)
        raw = item.raw.get(attribute, before)
        found.append(
            Correction(item.place.sheet, item.place.row, attribute, raw, before, after, who, at)
        )
    return found or [
        Correction(item.place.sheet, item.place.row, WHOLE_ROW, "", "", "", who, at),
    ]


def leaving_out(item: Item, who: str, at: int) -> Correction:
    """What says that a row is no item."""
    return Correction(item.place.sheet, item.place.row, LEFT_OUT, "", "", "", who, at)


def digest(corrections: Sequence[Correction]) -> str:
    """The same for corrections that make the same of a file, whoever made them; empty for none."""
    made = {
        (*one.place, one.attribute): one.after for one in corrections if one.attribute in COLUMNS
    }
    said = [*sorted(made.items()), *sorted(left_out(corrections))]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest() if said else ""


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _refuse(label: str, text: str) -> None:
    if len(text) > LONGEST:
        raise Refused(f"“{label}”太长：最多 {LONGEST:,} 字。请只写要素名称。")
    if found := privacy.find(text):
        kinds = "、".join(dict.fromkeys(privacy.NAMES[one.kind] for one in found))
        raise Refused(
            f"“{label}”含有疑似{kinds}，没有保存。请删去，或改为办公电话等可以公开的信息。"
        )
