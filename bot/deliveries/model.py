"""Deliveries and their pushes as values, and the step from one state to the next."""

from dataclasses import dataclass, replace
from typing import Any, Self

from bot.notices.model import Plan, PushState, Rule

from .states import State, may_follow

Account = tuple[str, str]
"""A channel's name and the account's."""


class IllegalMove(Exception):
    """A defect: somebody tried to bring a delivery where no way leads."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger. ``address`` is the id of an address, never the address itself.

    ``not_before`` is when the row is next looked at, whatever its state; ``updated_at`` when its state last changed.
    ``cost`` is in ten-thousandths of a yuan. ``shares`` is the row whose letter this one goes with: to the same address of
    the same push, or gathered for the same ``job``.
    """

    id: int
    push: str
    person: str
    channel: str
    account: str
    address: int | None
    address_hash: str | None
    shares: int | None
    turn: int
    state: State
    attempt: str
    attempts: int
    lease_until: int
    not_before: int
    expires_at: int
    provider_key: str
    provider_ref: str
    code: str
    cost: int
    segments: int
    updated_at: int
    job: str = ""

    def to(self, state: State, **changes: Any) -> Self:
        """The row in another state; raises ``IllegalMove`` where no way leads there."""
        if not may_follow(self.state, state):
            raise IllegalMove(f"delivery {self.id}: {self.state} -> {state}")
        return replace(self, state=state, **changes)


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a row, by whom, and what shows it; the state may stay, then the event is a note."""

    before: Delivery
    after: Delivery
    who: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Push:
    """What the ledger must know of a push. ``approved``: an approval of just this content is in force."""

    id: str
    state: PushState
    plan: Plan
    not_before: int
    expires_at: int
    approved: bool

    @property
    def rule(self) -> Rule:
        """Whom it concerns still. One that follows another goes to those whom that reached, whatever they ask for now."""
        return Rule(everyone=True) if self.plan.follows else self.plan.rule

    @property
    def over(self) -> bool:
        """Nothing of it will be sent any more."""
        return self.state in OVER


OVER = frozenset(
    {
        PushState.STOPPED,
        PushState.WITHDRAWN,
        PushState.EXPIRED,
        PushState.REJECTED,
        PushState.FINISHED,
        PushState.DRAINING,
    }
)
"""States of a push in which what is not out yet stays in."""
