"""How it ended with a person, in SQL: the best that happened to them on any channel."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Subquery, case, func, select

from bot.storage.schema import deliveries, delivery_events

from ..states import State
from .model import AGGREGATE, NAMES, REACHED

RANKS: Mapping[str, str] = {str(state): f"{rank:02}" for rank, state in enumerate(NAMES)}
"""Two digits a state: what sorts first is best."""

_STATES = {rank: state for state, rank in RANKS.items()}

ROW = deliveries.c
SINGLE = ROW.channel.not_in(AGGREGATE)
"""Whether the platform tells of a letter by itself."""

BEST_LETTER = func.min(case((SINGLE, case(RANKS, value=ROW.state) + ROW.channel)))
"""The best of somebody's letters: two digits of ``RANKS``, then the channel; nothing where none is single."""

COST = func.coalesce(func.sum(case((SINGLE, ROW.cost), else_=0)), 0)
"""What somebody's letters cost, in ten-thousandths of a yuan."""


def apart(best: str) -> tuple[str, str]:
    """Outcome and channel of what ``BEST_LETTER`` tells."""
    return _STATES[best[:2]], best[2:]


def first_reached(push: str) -> Subquery:
    """When each person of a push first had it: person, at."""

    def ends(which: Callable[..., Any]) -> Any:
        # With a bare id PostgreSQL would look for the push's end among the rows of all pushes.
        found = select(which(deliveries.c.id + 0)).where(deliveries.c.push == push)
        return found.scalar_subquery()

    return (
        select(deliveries.c.person, func.min(delivery_events.c.at).label("at"))
        .join(delivery_events, delivery_events.c.delivery == deliveries.c.id)
        .where(deliveries.c.push == push, deliveries.c.state.in_(REACHED))
        .where(SINGLE)
        .where(delivery_events.c.went_to.in_((State.ACCEPTED, State.DELIVERED)))
        # A push's rows are made at once: between the first and the last of them there is little else to look through.
        .where(delivery_events.c.delivery.between(ends(func.min), ends(func.max)))
        .group_by(deliveries.c.person)
        .subquery()
    )
