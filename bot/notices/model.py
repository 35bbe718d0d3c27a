"""Notices and their pushes as values, and the only ways between a push's states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Attribute(StrEnum):
    """公开属性: what may become of a document (政府信息公开条例 articles 13 to 16, 19, 27)."""

    ACTIVE = "主动公开"
    ON_REQUEST = "依申请公开"
    NONE = "不予公开"


@dataclass(frozen=True, slots=True)
class Text:
    """A policy text to be carried to people: where it stands on the government's site comes first (第一平台).

    ``policy`` marks a document that needs its interpretation (解读) published with it; ``interpretation`` is where
    that stands, or ``uninterpreted`` says why there is none.
    """

    title: str
    body: str
    attribute: Attribute
    url: str
    issuer: str = ""
    number: str = ""
    policy: bool = False
    interpretation: str = ""
    uninterpreted: str = ""
    valid_until: date | None = None

    @property
    def content_key(self) -> str:
        """What makes two texts the same: the 文号, else the address."""
        return "".join(self.number.split()) or self.url


@dataclass(frozen=True, slots=True)
class Rule:
    """Whom a push concerns: people who subscribe to any of the sectors, items or groups, in any of the areas
    (with all below).

    An empty ``areas`` is the notice's own. ``everyone``: all subscribers of the areas, whatever they subscribe to.
    """

    sectors: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How a push goes out: ``channels`` in order, the next one only where the one before failed
    (``all_channels``: on all of them); not between the hours ``quiet`` (from, to; local), unless ``urgent``,
    which names why; at most for ``hours`` from approval; costing at most ``cost_cap`` ten-thousandths of a yuan;
    ``patience`` hours without a receipt until the next channel's turn."""

    rule: Rule
    channels: tuple[str, ...]
    all_channels: bool = False
    quiet: tuple[int, int] = (21, 8)
    urgent: str = ""
    hours: int = 48
    cost_cap: int = 0
    patience: int = 4


class Purpose(StrEnum):
    """Why a notice is sent; each but the first names the push that it follows, and why."""

    FIRST = "first"
    REMINDER = "reminder"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


class PushState(StrEnum):
    """Where a push is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    DRAINING = "draining"
    """Stopped, or all handed over; some deliveries are still unknown."""
    FINISHED = "finished"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    EXPIRED = "expired"


PUSH_MOVES: Mapping[PushState, frozenset[PushState]] = {
    PushState.DRAFT: frozenset({PushState.SUBMITTED, PushState.WITHDRAWN}),
    PushState.SUBMITTED: frozenset(
        {
            PushState.APPROVED,
            PushState.REJECTED,
            PushState.WITHDRAWN,
            PushState.DRAFT,
            PushState.EXPIRED,
        }
    ),
    PushState.APPROVED: frozenset(
        {PushState.RUNNING, PushState.WITHDRAWN, PushState.DRAFT, PushState.EXPIRED}
    ),
    PushState.RUNNING: frozenset(
        {PushState.PAUSED, PushState.DRAINING, PushState.FINISHED, PushState.STOPPED}
    ),
    PushState.PAUSED: frozenset({PushState.RUNNING, PushState.STOPPED, PushState.EXPIRED}),
    PushState.STOPPED: frozenset({PushState.DRAINING, PushState.FINISHED}),
    PushState.EXPIRED: frozenset({PushState.DRAINING, PushState.FINISHED}),
    PushState.DRAINING: frozenset({PushState.FINISHED}),
    PushState.FINISHED: frozenset(),
    PushState.REJECTED: frozenset({PushState.DRAFT}),
    PushState.WITHDRAWN: frozenset(),
}
"""State → the states that may follow it; a change after submission goes back to the draft and voids every
approval."""
