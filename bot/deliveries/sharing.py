"""Two people, one telephone: one letter goes out, and the row of the other person follows it."""

from collections.abc import Mapping

from .model import Delivery
from .states import NOT_OUT, State, may_follow

_TO_OUT = (State.CLAIMED, State.HANDING)

WAYS: Mapping[State, tuple[State, ...]] = {
    State.ACCEPTED: (*_TO_OUT, State.ACCEPTED),
    State.UNKNOWN: (*_TO_OUT, State.UNKNOWN),
    State.DELIVERED: (*_TO_OUT, State.DELIVERED),
    State.UNDELIVERED: (*_TO_OUT, State.UNDELIVERED),
    State.FAILED: (State.FAILED,),
    State.NO_RECEIPT: (*_TO_OUT, State.ACCEPTED, State.NO_RECEIPT),
    State.ABANDONED: (*_TO_OUT, State.UNKNOWN, State.ABANDONED),
}
"""State of the leading row → the way of a queued follower to it, through the states that the letter went through."""

_STAYED_IN = frozenset({State.SKIPPED, State.CANCELLED, State.SUPERSEDED})


def way(follower: Delivery, leader: Delivery) -> tuple[State, ...]:
    """The states through which a follower catches up with the row it shares; empty while there is nothing to do."""
    if follower.state is State.QUEUED:
        return WAYS.get(leader.state, ())
    if follower.state not in NOT_OUT and may_follow(follower.state, leader.state):
        return (leader.state,)
    return ()


def takes_over(follower: Delivery, leader: Delivery) -> bool:
    """Whether the follower's letter must go out on its own: the leading row waits for its turn, or stays in."""
    waits = follower.state is State.QUEUED and leader.state is State.WAITING
    return waits or (follower.state in NOT_OUT and leader.state in _STAYED_IN)
