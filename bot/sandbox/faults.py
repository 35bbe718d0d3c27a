"""What goes wrong on purpose: by rule, and the same again for the same seed.

A fault hits calls of a path by chance, by their numbers, or from one call on. Nothing here happens unasked but the
latency, which every real platform has.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

LATENCY = 0.05
"""Seconds that a call takes by default."""


class Kind(StrEnum):
    """What happens to a call. Before: nothing was accepted; after: it was, and the caller cannot know."""

    SLOW = "slow"
    """Answered as usual, ``seconds`` later."""
    QUOTA = "quota"
    """Refused: the day's calls are used up (45009)."""
    BUSY = "busy"
    """Refused: the platform is busy (-1)."""
    ERROR_BEFORE = "error_before"
    """HTTP 500, nothing accepted."""
    ERROR_AFTER = "error_after"
    """Accepted, then HTTP 500."""
    RESET_BEFORE = "reset_before"
    """The connection breaks, nothing accepted."""
    RESET_AFTER = "reset_after"
    """Accepted, then the connection breaks."""
    SILENCE_AFTER = "silence_after"
    """Accepted, and for ``seconds`` no answer; then the connection breaks."""
    PAGE_BEFORE = "page_before"
    """A page of some proxy's instead of an answer, nothing accepted."""
    PAGE_AFTER = "page_after"
    """Accepted, then such a page."""
    BROKEN_AFTER = "broken_after"
    """Accepted, then half of the answer as JSON."""


BEFORE = frozenset({Kind.QUOTA, Kind.BUSY, Kind.ERROR_BEFORE, Kind.RESET_BEFORE, Kind.PAGE_BEFORE})
"""Kinds that leave nothing accepted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule: calls whose path begins with ``path``, by ``chance`` (0 to 1), by their numbers from 1 on, or every one
    ``since`` a number."""

    path: str
    kind: Kind
    chance: float = 0.0
    calls: tuple[int, ...] = ()
    since: int = 0
    seconds: float = 30.0
    seed: int = 0

    def hits(self, number: int) -> bool:
        """Whether the call with that number is hit."""
        if number in self.calls or 0 < self.since <= number:
            return True
        return self.chance > 0 and draw(self.seed, f"{self.kind} {self.path}", number) < self.chance


class Faults:
    """The rules in force; they count the calls of each path themselves."""

    def __init__(self, rules: Sequence[Fault] = (), latency: float = LATENCY) -> None:
        self.latency = latency
        self.replace(rules)

    def replace(self, rules: Sequence[Fault]) -> None:
        """Have these rules and no others, and count from one again."""
        self.rules = tuple(rules)
        self._calls: Counter[int] = Counter()

    def strike(self, path: str) -> Fault | None:
        """What hits this call of ``path``: the first rule that does."""
        hit: Fault | None = None
        for place, fault in enumerate(self.rules):
            if path.startswith(fault.path):
                self._calls[place] += 1
                if hit is None and fault.hits(self._calls[place]):
                    hit = fault
        return hit


@dataclass(frozen=True, slots=True)
class Receipts:
    """When receipts come: ``delay`` seconds after the call and up to ``jitter`` more, which mixes their order.

    The others are chances: that one is sent even before the call is answered, comes ``late_seconds`` later, ``repeats``
    times, never, or one for a stranger comes along with it.
    """

    delay: float = 0.2
    jitter: float = 0.0
    early: float = 0.0
    late: float = 0.0
    late_seconds: float = 5.0
    repeated: float = 0.0
    repeats: int = 3
    lost: float = 0.0
    stranger: float = 0.0
    seed: int = 0

    def happens(self, what: str, number: int) -> bool:
        """Whether ``what``, one of the chances, happens to the receipt with that number."""
        chance: float = getattr(self, what)
        return chance > 0 and draw(self.seed, what, number) < chance

    def wait(self, number: int) -> float:
        """Seconds until the receipt with that number is sent; 0: before the call is answered."""
        if self.happens("early", number):
            return 0.0
        late = self.late_seconds if self.happens("late", number) else 0.0
        jitter = self.jitter * draw(self.seed, "jitter", number) if self.jitter else 0.0
        return self.delay + late + jitter


def draw(seed: int, name: str, number: int) -> float:
    """A number in [0, 1) that is the same for the same three."""
    digest = hashlib.blake2b(f"{seed} {name} {number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
