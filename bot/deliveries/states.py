"""The states of a delivery, and the only ways between them.

The mark ``handing`` is on disk before a provider is called. Whoever finds it there after a crash knows that the message may
be out, and never sends it again unasked: unless it certainly never left (``departures``), the row becomes ``unknown`` until
the provider, or a person, tells.
"""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a delivery is."""

    WAITING = "waiting"
    """An earlier channel of the person has its turn first."""
    QUEUED = "queued"
    CLAIMED = "claimed"
    """In a worker's hands; the ledger has it as queued, for nothing has been tried (``recorded``)."""
    HANDING = "handing"
    """The provider is being called."""
    ACCEPTED = "accepted"
    """The provider took it; no receipt yet."""
    UNKNOWN = "unknown"
    """It may be out: the call had no answer."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    """The provider took it, and then said that it never arrived."""
    FAILED = "failed"
    """The provider refused it, or never could be reached in time."""
    NO_RECEIPT = "no_receipt"
    """Accepted, and nothing was heard for so long that nothing will be."""
    ABANDONED = "abandoned"
    """Unknown for good: the office's rule or a person says so."""
    SKIPPED = "skipped"
    """Not sent: unsubscribed since, or its time was over."""
    CANCELLED = "cancelled"
    """Not sent: the push was stopped."""
    SUPERSEDED = "superseded"
    """Not sent: an earlier channel reached the person."""


OPEN = frozenset({State.WAITING, State.QUEUED, State.CLAIMED, State.HANDING, State.UNKNOWN})
"""States that keep a push from being finished. An accepted one does not: its receipt may come for days."""

NOT_OUT = frozenset({State.WAITING, State.QUEUED, State.CLAIMED})
"""States in which nothing has left us."""

REACHED = frozenset({State.ACCEPTED, State.DELIVERED, State.NO_RECEIPT, State.UNKNOWN})
"""States in which the person has it, or may have it: a correction goes to exactly these."""

MOVES: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset({State.QUEUED, State.CANCELLED, State.SKIPPED, State.SUPERSEDED}),
    State.QUEUED: frozenset(
        {State.CLAIMED, State.CANCELLED, State.SKIPPED, State.SUPERSEDED, State.FAILED}
    ),
    State.CLAIMED: frozenset(
        {
            State.HANDING,
            State.QUEUED,
            State.CANCELLED,
            State.SKIPPED,
            State.SUPERSEDED,
            State.FAILED,
        }
    ),
    State.HANDING: frozenset(
        {
            State.ACCEPTED,
            State.DELIVERED,
            State.UNDELIVERED,
            State.FAILED,
            State.QUEUED,
            State.UNKNOWN,
        }
    ),
    State.UNKNOWN: frozenset(
        {
            State.ACCEPTED,
            State.DELIVERED,
            State.UNDELIVERED,
            State.FAILED,
            State.QUEUED,
            State.ABANDONED,
        }
    ),
    State.ACCEPTED: frozenset({State.DELIVERED, State.UNDELIVERED, State.NO_RECEIPT}),
    # A receipt that comes late is still the truth.
    State.NO_RECEIPT: frozenset({State.DELIVERED, State.UNDELIVERED}),
    State.ABANDONED: frozenset({State.ACCEPTED, State.DELIVERED, State.UNDELIVERED}),
    State.DELIVERED: frozenset(),
    State.UNDELIVERED: frozenset(),
    State.FAILED: frozenset(),
    State.SKIPPED: frozenset(),
    State.CANCELLED: frozenset(),
    State.SUPERSEDED: frozenset(),
}
"""State → the states that may follow it."""


def may_follow(now: State, then: State) -> bool:
    """Whether a delivery may go from one state to another."""
    return then in MOVES[now]


def recorded(state: State) -> State:
    """The state as the ledger has it on record."""
    return State.QUEUED if state is State.CLAIMED else state
