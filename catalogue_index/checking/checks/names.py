"""Names and order against the guide."""

from collections.abc import Iterator

from ...model import COLUMNS
from ..draft import Draft, Hit, values


def renamed_categories(draft: Draft) -> Iterator[Hit]:
    """Categories under other names than the guide's."""
    for comparison in draft.comparisons:
        for item, official in comparison.categories:
            yield Hit(item.place, "category", {"found": item.category or "", "official": official})


def renamed_items(draft: Draft) -> Iterator[Hit]:
    """Items under other names than the guide's."""
    for comparison in draft.comparisons:
        for item, row in comparison.renamed:
            yield Hit(item.place, "item", {"found": item.item or "", "official": row.item})


def removed_categories(draft: Draft) -> Iterator[Hit]:
    """Whole categories left out; told at the draft's last row."""
    for comparison in draft.comparisons:
        for item, official in comparison.emptied:
            yield Hit(item.place, "category", {"official": official})


_OPTIONAL = "社会保险"
"""The sector whose guide lets offices leave out what they do not do (粤 notice, annex 1, question 6)."""


def removed_items(draft: Draft) -> Iterator[Hit]:
    """Items left out of a category that the draft has; told at the row after which they belong."""
    return (hit for sector, hit in _removed(draft) if sector != _OPTIONAL)


def removed_optional_items(draft: Draft) -> Iterator[Hit]:
    """The same where the guide allows it."""
    return (hit for sector, hit in _removed(draft) if sector == _OPTIONAL)


def _removed(draft: Draft) -> Iterator[tuple[str, Hit]]:
    for comparison in draft.comparisons:
        for item, row in comparison.removed:
            words = {"category": row.category, "official": row.item}
            yield row.sector, Hit(item.place, "item", words)


def added_out_of_order(draft: Draft) -> Iterator[Hit]:
    """Added items that stand before one of the guide's in their category."""
    for comparison in draft.comparisons:
        for item in comparison.added:
            later = (
                comparison.kept[other.place]
                for other in draft.items
                if other.place in comparison.kept
                and other.category == item.category
                and other.place.sheet == item.place.sheet
                and other.place.row > item.place.row
            )
            if row := next(later, None):
                words = {"found": item.item or "", "official": row.item}
                yield Hit(item.place, "item", words | {"category": item.category or ""})


def added_incomplete(draft: Draft) -> Iterator[Hit]:
    """Blank cells of added items, in columns that the draft has."""
    for comparison in draft.comparisons:
        for item in comparison.added:
            known = values(item)
            for attribute in draft.imported.columns.get(item.place.sheet, ()):
                if attribute not in known and attribute != "sector":
                    words = {"found": item.item or "", "label": COLUMNS[attribute]}
                    yield Hit(item.place, attribute, words)
