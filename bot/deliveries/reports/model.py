"""What a report tells, as values: counts of people, single people, their letters, and the lines on which people stand."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..states import State

AGGREGATE = frozenset({"wechat_mass"})
"""Channels of which the platform tells totals only (the event MASSSENDJOBFINISH of 群发)."""

EXCLUDED, MISSING, TOTALS = "excluded", "missing", "totals"

NAMES: Mapping[str, str] = {
    EXCLUDED: "不发（有原因）",
    MISSING: "没有投递记录",
    TOTALS: "只有群发（没有个人结果）",
    State.DELIVERED: "已送达",
    State.ACCEPTED: "已交付，等回执",
    State.NO_RECEIPT: "已交付，没有回执",
    State.UNKNOWN: "结果不明",
    State.HANDING: "正在交付",
    State.CLAIMED: "准备交付",
    State.QUEUED: "排队",
    State.WAITING: "等前一个渠道",
    State.ABANDONED: "结果不明，已放弃核实",
    State.UNDELIVERED: "没有送达",
    State.FAILED: "发送失败",
    State.SKIPPED: "不再发送",
    State.CANCELLED: "已停止",
    State.SUPERSEDED: "已由别的渠道送达",
}
"""Lines of a report, the best that can happen to a person first; unknown and abandoned ones have their own."""

REACHED = frozenset({State.DELIVERED, State.ACCEPTED, State.NO_RECEIPT})
"""People who have it, as far as is known."""

NOT_REACHED = frozenset({State.UNDELIVERED, State.FAILED, State.SKIPPED, State.ABANDONED, MISSING})
"""People to be told by telephone: all has ended, and they do not have it, or nobody knows."""

_NO_CHANNEL = frozenset({EXCLUDED, MISSING, TOTALS})
"""Lines of people of whom no letter counts."""

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Count:
    """So many people of whom the same is true: how it ended, on which channel (empty: none), where they are (empty:
    nobody knows), why they are in or out, and what it cost (in ten-thousandths of a yuan, over all channels)."""

    outcome: str
    channel: str
    area: str
    why: tuple[str, ...]
    people: int
    cost: int


@dataclass(frozen=True, slots=True)
class Report:
    """All of a push: its people, its letters by channel and state, and the totals of 群发 by themselves."""

    push: str
    counts: tuple[Count, ...]
    letters: Mapping[tuple[str, str], int]
    totals: tuple[Mapping[str, object], ...]

    @property
    def matched(self) -> int:
        """Everybody whom the push concerned."""
        return sum(one.people for one in self.counts)

    @property
    def included(self) -> int:
        """Those to whom something was to be sent."""
        return self.matched - self.lines()[EXCLUDED]

    def lines(self) -> Mapping[str, int]:
        """People by outcome, every line, in order; they sum up to ``matched``."""
        return {outcome: self._people({outcome}) for outcome in NAMES}

    def by(self, key: Callable[[Count], Iterable[str]]) -> Mapping[str, Mapping[str, int]]:
        """People by a key of theirs, by outcome. Who has several keys (groups) counts for each."""
        found: dict[str, Counter[str]] = {}
        for one in self.counts:
            for name in key(one):
                found.setdefault(name, Counter())[one.outcome] += one.people
        return {name: found[name] for name in sorted(found)}

    @property
    def reached(self) -> int:
        """People who have it by any channel, as far as is known."""
        return self._people(REACHED)

    @property
    def not_reached(self) -> int:
        """People to be told by telephone."""
        return self._people(NOT_REACHED)

    @property
    def cost(self) -> int:
        """What all letters cost."""
        return sum(one.cost for one in self.counts)

    @property
    def cost_each(self) -> float | None:
        """What each reached person cost; ``None`` where nobody was."""
        return self.cost / self.reached if self.reached else None

    def _people(self, outcomes: Iterable[str]) -> int:
        chosen = set(outcomes)
        return sum(one.people for one in self.counts if one.outcome in chosen)


@dataclass(frozen=True, slots=True)
class Pace:
    """When people were reached first: second → how many; of ``included``, from the approval on."""

    moments: Mapping[int, int]
    included: int
    approved_at: int | None

    def hours(self) -> Mapping[int, int]:
        """The first second of each hour → people reached in it."""
        found: Counter[int] = Counter()
        for moment, people in self.moments.items():
            found[moment - moment % HOUR] += people
        return dict(sorted(found.items()))

    def seconds_to(self, percent: int) -> int | None:
        """Seconds from the approval until so many of the included were reached; ``None``: not yet."""
        needed = max(1, -(-self.included * percent // 100))
        for moment, people in sorted(self.moments.items()):
            needed -= people
            if needed <= 0 and self.approved_at is not None:
                return moment - self.approved_at
        return None


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the audience, by hash: how it ended, on which channel, and at what cost."""

    person: str
    outcome: str
    channel: str
    area: str
    why: tuple[str, ...]
    cost: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which people of a push are meant: all to whom everything that is given applies. An ``hour`` is its first second;
    empty channel or area: those without one."""

    person: str = ""
    outcomes: frozenset[str] = frozenset()
    channel: str | None = None
    area: str | None = None
    why: str = ""
    hour: int | None = None

    def lines(self) -> frozenset[str]:
        """The outcomes with which somebody can be meant."""
        lines = self.outcomes or frozenset(NAMES)
        if self.channel is None:
            return lines
        return lines - _NO_CHANNEL if self.channel else lines & _NO_CHANNEL

    def ended_so(self, person: Person) -> bool:
        """Whether it ended with somebody as it is to have ended."""
        return person.outcome in self.lines() and self.channel in (None, person.channel)


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of the ledger: one person on one channel."""

    id: int
    person: str
    channel: str
    account: str
    state: str
    attempts: int
    code: str
    cost: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a letter: when, from which state to which, by whom, and what shows it."""

    at: int
    came_from: str
    went_to: str
    who: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to be called up: the id of their telephone's address (``None``: there is none), and why."""

    person: str
    area: str
    outcome: str
    address: int | None
