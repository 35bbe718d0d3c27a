"""Where the queues begin, as far as one ledger knows: what stands before has been taken.

PostgreSQL keeps the index's entries of what has left a queue until it is vacuumed, which during a push it is not: a claim
that began at the beginning walked over those of all letters that had gone out, twice.
"""

from collections.abc import Sequence
from typing import NamedTuple

from .model import Account, Delivery
from .stepping import LEASE

Lane = tuple[str, Account]
"""A push, and the channel of an account."""

_KEPT = LEASE
"""Seconds after which a queue is looked through from its beginning: another process may have put something back there. Who
died with something in hand keeps it as long."""


class Front(NamedTuple):
    """The moment and the id of a queue's first row; nothing stands before the one of zeros."""

    not_before: int = 0
    id: int = 0


BEGINNING = Front()


class Fronts:
    """Fronts by lane; they only save work: who finds too little behind one looks from the beginning."""

    def __init__(self) -> None:
        self._known: dict[Lane, tuple[Front, int]] = {}
        self.flowing = ""
        """The push of which something was taken last, and so probably can be again."""

    def of(self, lane: Lane, second: int) -> Front:
        """Where to look for a lane's next rows."""
        front, since = self._known.get(lane, (BEGINNING, second))
        return front if since <= second < since + _KEPT else BEGINNING

    def took(self, lane: Lane, front: Front, rows: Sequence[Delivery], second: int) -> None:
        """Keep which rows of a lane, oldest first, were found from a front on. None: nothing is left there. Where
        they are not taken after all, for the transaction fails, the new front is the first of them still."""
        if rows:
            # Another thread may have had all forgotten since it was looked from there.
            since = second if front == BEGINNING else self._known.get(lane, (front, 0))[1]
            self._known[lane] = Front(rows[0].not_before, rows[0].id), since
            self.flowing = lane[0]
        else:
            self._known.pop(lane, None)
            if self.flowing == lane[0]:
                self.flowing = ""

    def forget(self) -> None:
        """Look from the beginning: something was put back there."""
        self._known.clear()
