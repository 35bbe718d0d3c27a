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


WEEKLY = "每周汇总"
"""Why a person of an audience is sent a notice later than others: they want notices together, once a week."""


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
    (``all_channels``: on all of them); not between the hours ``quiet`` (from, to; local), nor, with ``workdays``,
    on weekends and holidays, unless ``urgent``, which names why; at most for ``hours`` from approval (weekly
    notices: ``gathering.OPEN_FOR`` from their moment); costing at most ``cost_cap`` ten-thousandths of a yuan;
    ``patience`` hours without a receipt until the next channel's turn. ``follows``: the push that a reminder,
    correction or withdrawal comes after."""

    rule: Rule
    channels: tuple[str, ...]
    all_channels: bool = False
    quiet: tuple[int, int] = (21, 8)
    urgent: str = ""
    hours: int = 48
    cost_cap: int = 0
    patience: int = 4
    follows: str = ""
    workdays: bool = False


class NoticeState(StrEnum):
    """What the public page of a notice says of it; a draft has none."""

    DRAFT = "draft"
    PUBLISHED = "published"
    UPDATED = "updated"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice: the ``text`` that the public sees, and ``draft``, a later one that no push has carried yet.

    ``area`` is a code; moments are in seconds since 1970; ``note`` says why it was changed or recalled.
    """

    id: str
    version: int
    area: str
    text: Text
    state: NoticeState
    created_by: str
    created_at: int
    updated_at: int
    note: str = ""
    draft: Text | None = None

    @property
    def proposed(self) -> Text:
        """The text that the next push carries."""
        return self.draft or self.text

    @property
    def proposed_version(self) -> int:
        """Its version."""
        return self.version + 1 if self.draft else self.version


class Purpose(StrEnum):
    """Why a notice is sent; each but the first names the push that it follows, and why."""

    FIRST = "first"
    REMINDER = "reminder"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


BY_LEDGER = frozenset({Purpose.CORRECTION, Purpose.WITHDRAWAL})
"""Purposes that go to exactly those whom the push before reached."""


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


PUSH_NAMES: Mapping[PushState, str] = {
    PushState.DRAFT: "草稿",
    PushState.SUBMITTED: "待审批",
    PushState.APPROVED: "已批准",
    PushState.RUNNING: "发送中",
    PushState.PAUSED: "已暂停",
    PushState.DRAINING: "等待结果",
    PushState.FINISHED: "已完成",
    PushState.REJECTED: "已退回",
    PushState.WITHDRAWN: "已撤销",
    PushState.STOPPED: "已停止",
    PushState.EXPIRED: "已过期",
}
"""What the office calls them."""

OUT = frozenset(
    {
        PushState.RUNNING,
        PushState.PAUSED,
        PushState.DRAINING,
        PushState.FINISHED,
        PushState.STOPPED,
        PushState.EXPIRED,
    }
)
"""States of a push that has been started: something of it may have left."""

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


@dataclass(frozen=True, slots=True)
class Push:
    """One sending of one version of a notice. ``hash`` is over all that is approved; empty before submission. Moments
    are in seconds since 1970."""

    id: str
    notice: str
    version: int
    purpose: Purpose
    sequence: int
    reason: str
    state: PushState
    plan: Plan
    hash: str
    not_before: int
    expires_at: int
    created_by: str
    submitted_by: str
    submitted_at: int | None


class Decision(StrEnum):
    """What an officer decided at a step."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Approval:
    """Who decided what at which step, over which hash; void when ``void_at`` is set."""

    step: str
    officer: str
    decision: Decision
    hash: str
    note: str
    at: int
    void_at: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a push or was refused about it."""

    at: int
    who: str
    what: str
    detail: str
