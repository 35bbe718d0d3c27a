"""Conditions of queries in more than one place."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from .schema import deliveries, pushes

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


OF_ANY_PUSH = "push IN (SELECT id FROM pushes)"
"""True of every delivery. The indexes by person and by address begin with the push: so that they serve where it is not
known."""


def of_any_push() -> ColumnElement[bool]:
    """``OF_ANY_PUSH`` for queries that are put together."""
    return deliveries.c.push.in_(select(pushes.c.id))
