"""What a drill is to do, what it found, and the verdict: pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bot.deliveries.states import NOT_OUT, State
from bot.sandbox.faults import Kind

SPEED = 10
"""How many times faster than the world's a drill's time passes: a lease of two minutes takes twelve seconds."""

FAULTS = tuple(kind for kind in Kind if kind is not Kind.QUOTA)
"""What may go wrong in a drill. A quota that is used up lasts until midnight, longer than anybody watches."""

_SENT = frozenset({State.ACCEPTED, State.DELIVERED, State.NO_RECEIPT})
_OPEN_END = frozenset({State.UNKNOWN, State.ABANDONED})
_NOT_FINAL = NOT_OUT | {State.HANDING}


@dataclass(frozen=True, slots=True)
class Choices:
    """A drill as it was asked for. ``latency`` is in seconds, ``faults`` hit by ``fault_chance`` (0 to 1)."""

    people: int = 1000
    workers: int = 2
    kills: int = 3
    pauses: int = 0
    planner_kills: int = 0
    senders: int = 64
    latency: float = 0.05
    faults: tuple[Kind, ...] = ()
    fault_chance: float = 0.02
    channel: str = "wechat_notice"
    seed: int = 1
    speed: int = SPEED


@dataclass(frozen=True, slots=True)
class Found:
    """Everybody of a push by hash: the state of the ledger's row, and how many messages the sandbox took for them.

    ``included`` are the people who were to be sent something, ``excluded`` how many were left out.
    """

    included: frozenset[str]
    excluded: int
    states: Mapping[str, State]
    received: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Count:
    """A drill in figures. ``once`` are people who got it exactly once, by the sandbox's word; ``unknown_people`` those of
    whom the ledger does not know, by hash, with how many messages the sandbox took for each."""

    matched: int
    planned: int
    excluded: int
    states: Mapping[str, int]
    received: int
    once: int
    duplicates: int
    unaccounted: int
    unknown_people: Mapping[str, int]

    @property
    def unknown(self) -> int:
        """People of whom the ledger does not know whether they have it."""
        return len(self.unknown_people)

    @property
    def unknown_received(self) -> int:
        """Those of them who do have it."""
        return sum(map(bool, self.unknown_people.values()))

    @property
    def passed(self) -> bool:
        """Nobody got it twice, and of nobody is it unclear what was done."""
        return not self.duplicates and not self.unaccounted


def count(found: Found) -> Count:
    """What a drill found, as figures: the sandbox's word against the ledger's, person by person."""
    everybody = found.included | found.states.keys() | found.received.keys()
    unknown = sorted(person for person, state in found.states.items() if state in _OPEN_END)
    return Count(
        matched=len(found.included) + found.excluded,
        planned=len(found.included),
        excluded=found.excluded,
        states=dict(sorted(Counter(str(state) for state in found.states.values()).items())),
        received=sum(found.received.values()),
        once=sum(found.received.get(person) == 1 for person in found.included),
        duplicates=sum(max(0, times - 1) for times in found.received.values()),
        unaccounted=sum(not accounted(found, person) for person in everybody),
        unknown_people={person: found.received.get(person, 0) for person in unknown},
    )


def accounted(found: Found, person: str) -> bool:
    """Whether the ledger has a final row for a person, and the sandbox's word agrees with it.

    An unknown one says itself that it may be either.
    """
    state, times = found.states.get(person), found.received.get(person, 0)
    if person not in found.included or state is None or state in _NOT_FINAL:
        return False
    if state in _SENT:
        return times > 0
    return state in _OPEN_END or state is State.UNDELIVERED or times == 0


def planned_wholly(included: int, rows: int) -> bool:
    """Whether a planner that was killed left none or all of its rows."""
    return rows in (0, included)
