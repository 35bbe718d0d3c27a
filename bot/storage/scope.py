"""Areas as a condition of a query."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, false, or_, true

_LONGEST = 12
"""Digits of the longest code of an area."""


def within(column: ColumnElement[str], areas: Collection[str]) -> ColumnElement[bool]:
    """Whether an area is one of these or below one; any where none is named."""
    if not areas:
        return true()
    # Codes are digits: what begins with one lies between it and it filled up with nines, in any collation.
    return or_(
        false(), *(and_(column >= code, column <= code.ljust(_LONGEST, "9")) for code in areas)
    )
