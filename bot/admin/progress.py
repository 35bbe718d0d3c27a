"""How a push goes on, for everybody who has its page open: asked for at most once a second, however many look."""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from starlette.concurrency import run_in_threadpool

from bot.clock import Clock
from bot.deliveries.reports import counting
from bot.deliveries.reports.model import NAMES
from bot.deliveries.states import OPEN
from bot.notices.model import PushState
from bot.notices.repository import find_push
from bot.storage.database import Database

UNDER_WAY = frozenset(
    {
        PushState.RUNNING,
        PushState.PAUSED,
        PushState.STOPPED,
        PushState.EXPIRED,
        PushState.DRAINING,
    }
)
"""States in which letters may still move."""

OVER = frozenset(PushState) - UNDER_WAY - {PushState.APPROVED}
"""States in which there is nothing to follow."""

_RANKS = {state: rank for rank, state in enumerate(NAMES)}
_MOST = 64
_SESSION_EVERY = 10
"""Looks from one question whether the reader is signed in to the next."""


@dataclass(frozen=True, slots=True)
class Glance:
    """A push at one second: its state, and its letters by channel and state."""

    at: int
    state: PushState
    letters: Mapping[tuple[str, str], int]


class Progress:
    """Looks at pushes; what was seen is good for the second."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, Glance] = {}

    def look(self, push_id: str) -> Glance:
        """A push as it is now, or was this second."""
        now = int(self._clock().timestamp())
        with self._lock:  # who comes meanwhile waits for what the first one sees
            seen = self._seen.get(push_id)
            if seen is None or seen.at != now:
                seen = self._read(push_id, now)
                self._seen.pop(push_id, None)
                self._seen[push_id] = seen
                if len(self._seen) > _MOST:
                    del self._seen[next(iter(self._seen))]
        return seen

    def shown(self, glance: Glance) -> dict[str, Any]:
        """What ``push_progress.html`` says of a glance."""
        rows = [(channel, state, many) for (channel, state), many in glance.letters.items()]
        return {
            "now": glance.at,
            "changed_to": "",
            "counts": glance.letters,
            "rows": sorted(rows, key=lambda row: (row[0], _RANKS[row[1]])),
            "out_count": sum(n for (_, state), n in glance.letters.items() if state not in OPEN),
            "state_names": NAMES,
        }

    def _read(self, push_id: str, now: int) -> Glance:
        with self._database.read() as connection:
            push = find_push(connection, push_id)
            letters = counting.letters(connection, push_id)
        return Glance(now, push.state if push else PushState.WITHDRAWN, letters)


Look = Callable[[], tuple[str, bool]]
"""What is to be shown now, and whether that is the end."""


def while_attended(look: Look, lasts: Callable[[], bool], left: Callable[[], str]) -> Look:
    """Looks as long as the reader is signed in, which ``lasts`` is asked now and then; ``left`` is shown at last."""
    looks = count()

    def attended() -> tuple[str, bool]:
        if next(looks) % _SESSION_EVERY == 0 and not lasts():
            return left(), True
        return look()

    return attended


async def follow(
    look: Look, wait: Callable[[], Awaitable[object]]
) -> AsyncIterator[dict[str, str]]:
    """Events of a page that follows something: what ``look`` shows whenever that changes, until it says that it is over."""
    shown = ""
    while True:
        now, over = await run_in_threadpool(look)
        if now != shown:
            shown = now
            yield {"data": now}
        if over:
            yield {"event": "over", "data": "over"}
            return
        await wait()
