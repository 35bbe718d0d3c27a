"""The checks by the rule whose breaches each finds, in the order of the rules' table."""

from collections.abc import Callable, Iterator, Mapping

from ..draft import Draft, Hit
from . import cells, columns, damage, names

Check = Callable[[Draft], Iterator[Hit]]

CHECKS: Mapping[str, Check] = {
    "column-missing": columns.missing_columns,
    "column-renamed": columns.renamed_columns,
    "sector-renamed": columns.renamed_sectors,
    "sector-unknown": columns.unknown_sectors,
    "sector-unguided": columns.unguided_sectors,
    "cancelled-unexplained": cells.cancelled_items,
    "row-unfinished": columns.unfinished_rows,
    "empty-cell": columns.empty_cells,
    "empty-column": columns.empty_text_columns,
    "unticked-column": columns.unticked_columns,
    "same-as-above": columns.same_as_above,
    "duplicate-row": columns.duplicate_rows,
    "clause-in-basis": cells.clauses,
    "quotation-in-basis": cells.quotations,
    "basis-repeated": cells.repeated_bases,
    "law-outdated": cells.outdated_laws,
    "material-in-content": cells.pasted_materials,
    "private-element": cells.private_elements,
    "personal-data": damage.personal_data,
    "deadline-missing": columns.missing_deadlines,
    "deadline-too-long": cells.too_long,
    "deadline-in-days": cells.in_days,
    "deadline-unit-lost": cells.lost_units,
    "deadline-vague": cells.vague_deadlines,
    "body-vague": cells.vague_bodies,
    "body-branch": cells.bodies_of_the_city,
    "website-missing": cells.missing_websites,
    "method-both": cells.both_methods,
    "method-missing": columns.missing_methods,
    "method-statutory": cells.statutory_on_request,
    "level-body": cells.levels_without_body,
    "level-half": cells.levels_half_told,
    "words-damaged": damage.damaged_words,
    "letter-in-words": damage.letters_in_words,
    "box-in-words": damage.stray_boxes,
    "brackets-unbalanced": damage.unbalanced_brackets,
}
"""Checks that need no guide, or use one only to hold their tongue."""

AGAINST_GUIDE: Mapping[str, Check] = {
    "category-renamed": names.renamed_categories,
    "item-renamed": names.renamed_items,
    "category-removed": names.removed_categories,
    "item-removed": names.removed_items,
    "item-optional": names.removed_optional_items,
    "added-out-of-order": names.added_out_of_order,
    "added-incomplete": names.added_incomplete,
}
"""Checks against a complete guide."""

AGAINST_CONSENSUS: Mapping[str, Check] = {
    "category-differs": names.renamed_categories,
    "item-differs": names.renamed_items,
    "item-elsewhere": names.removed_items,
    "item-optional": names.removed_optional_items,
}
"""Checks against what places publish alike: what is missing there may be national all the same."""
