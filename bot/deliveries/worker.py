"""The worker: takes letters from the ledger, hands them to their channels in many threads, and settles.

One thread alone speaks with the ledger. In one commit it settles all that came back and marks letters for the senders that
are free, and a few ahead of the others; only then do the senders call. While they do, it claims the next ones and writes
their letters, and more results come in, so that under load each commit serves many letters.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from bot.channels.calling import Failed
from bot.channels.port import Channel, Fate, Letter, Outcome
from bot.clock import Clock
from catalogue_index.errors import Refused

from .departures import Departures
from .ledger import Ledger, Result
from .model import Account, Delivery
from .results import said

SENDERS = 64
IDLE_SECONDS = 1.0
"""How long nothing is looked for after nothing was found."""

_AHEAD = 4
"""For each so many senders one more letter is marked than they can send: who comes back finds its next one."""

Letters = Callable[[Sequence[Delivery]], Mapping[int, Letter | Refused]]
"""The letter of each row, by its id, its address revealed; or why there is none."""

_log = logging.getLogger(__name__)


class Worker:
    """Sends; one or many in a process, and many processes on one database."""

    def __init__(
        self,
        ledger: Ledger,
        channels: Mapping[Account, Channel],
        letters: Letters,
        clock: Clock,
        *,
        departures: Departures | None = None,
        name: str = "worker",
        senders: int = SENDERS,
        idle: float = IDLE_SECONDS,
    ) -> None:
        self._ledger = ledger
        self._channels = channels
        self._letters = letters
        self._clock = clock
        self._departures = departures
        self._name = name
        self._senders = senders
        self._most = senders + senders // _AHEAD
        self._idle = idle
        self._stopping = threading.Event()
        self._back: queue.SimpleQueue[list[Result]] = queue.SimpleQueue()
        self._unsettled: list[Result] = []
        self._ready: list[tuple[Delivery, Letter, int]] = []
        self._calls = 0
        self._handed = 0

    def run_once(self) -> int:
        """Send all that may be sent now; returns how many letters were handed over."""
        before = self._handed
        with ThreadPoolExecutor(self._senders, "sender") as pool:
            while self._claim() or self._ready or self._calls or self._unsettled:
                self._exchange(pool)
        return self._handed - before

    def run(self) -> None:
        """Send until ``stop``, whatever goes wrong meanwhile: what was being handed over is settled before it ends."""
        with ThreadPoolExecutor(self._senders, "sender") as pool:
            while not self._stopping.is_set():
                self._try(lambda: self._round(pool))
            self._try(self._give_back)
            while self._calls or self._unsettled:
                self._try(lambda: self._exchange(pool))

    def stop(self) -> None:
        """Mark nothing new; ``run`` returns when all calls have come back and are settled."""
        self._stopping.set()

    def _round(self, pool: ThreadPoolExecutor) -> None:
        if not self._claim() and not self._ready and not self._calls and not self._unsettled:
            self._stopping.wait(self._idle)
        else:
            self._exchange(pool)

    def _claim(self) -> int:
        """Have letters written for the senders that will be free next; returns how many rows were found."""
        wanted = self._senders - len(self._ready)
        if wanted * 2 < self._senders:
            return 0
        claimed = self._ledger.claim(self._name, wanted)
        if self._departures and claimed:
            self._departures.begin(row.attempt for row in claimed)
        self._ready += self._written(claimed)
        return len(claimed)

    def _exchange(self, pool: ThreadPoolExecutor) -> None:
        """Settle what came back, and mark as many letters as the senders may have; waits while there is neither."""
        self._collect(wait=self._calls >= self._most or not self._ready)
        free = 0 if self._stopping.is_set() else self._most - self._calls
        going = self._next(free)
        if not going and not self._unsettled:
            return
        costs = {row.id: cost for row, _, cost in going}
        handed = self._ledger.exchange(self._unsettled, [row for row, _, _ in going], costs)
        self._unsettled = []
        self._handed += len(handed)
        letters = {row.id: letter for row, letter, _ in going}
        for channel, rows in self._batches(handed):
            self._calls += 1
            pool.submit(self._call, channel, rows, [letters[row.id] for row in rows])

    def _next(self, calls: int) -> list[tuple[Delivery, Letter, int]]:
        """Take as many letters as so many calls can carry."""
        carried, many = 0.0, 0
        for row, _, _ in self._ready:
            carried += 1 / self._channels[row.channel, row.account].limits.batch
            if carried > calls:
                break
            many += 1
        going, self._ready = self._ready[:many], self._ready[many:]
        return going

    def _collect(self, *, wait: bool) -> None:
        """Take what came back; with ``wait``, at least one call, while calls are under way."""
        if wait and self._calls and not self._unsettled:
            self._take(self._back.get())
        while not self._back.empty():
            self._take(self._back.get())

    def _take(self, found: list[Result]) -> None:
        self._calls -= 1
        self._unsettled += found

    def _give_back(self) -> None:
        rows, self._ready = [row for row, _, _ in self._ready], []
        if rows:
            self._ledger.give_back(rows)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            # Refusals are sentences for people; anything else may hold values of theirs.
            reason = str(error) if isinstance(error, Refused) else type(error).__name__
            _log.error("sending_failed %s", reason)
            self._stopping.wait(self._idle)

    def _written(self, claimed: Sequence[Delivery]) -> Iterator[tuple[Delivery, Letter, int]]:
        """Rows with their letters and costs; a row that has none, or whose channel would never take it, is dropped."""
        letters = self._letters(claimed) if claimed else {}
        for row in claimed:
            try:
                letter = letters[row.id]
                if isinstance(letter, Refused):
                    raise letter
                forecast = self._channels[row.channel, row.account].forecast(letter)
                if forecast.fate is Fate.REFUSED:
                    raise Refused(said(forecast))
            except Refused as error:
                self._ledger.drop(row, str(error))
            else:
                yield row, letter, forecast.cost

    def _batches(self, rows: Sequence[Delivery]) -> Iterator[tuple[Channel, list[Delivery]]]:
        """Rows that go in one call: of one push, as many as the channel takes."""
        alike: dict[tuple[str, str, str], list[Delivery]] = {}
        for row in rows:
            alike.setdefault((row.channel, row.account, row.push), []).append(row)
        for (name, account, _), those in alike.items():
            channel = self._channels[name, account]
            size = max(1, channel.limits.batch)
            yield from ((channel, those[n : n + size]) for n in range(0, len(those), size))

    def _call(self, channel: Channel, rows: list[Delivery], letters: list[Letter]) -> None:
        outcomes = hand(channel, rows, letters, self._clock, self._departures)
        self._back.put(list(zip(rows, outcomes, strict=True)))


def hand(
    channel: Channel,
    rows: Sequence[Delivery],
    letters: Sequence[Letter],
    clock: Clock,
    departures: Departures | None = None,
) -> list[Outcome]:
    """Give the letters of rows to a channel; what it does not answer for is unknown, whatever happened."""

    def leave(row: Delivery) -> None:
        if departures:
            departures.note(row)
        if clock().timestamp() >= row.lease_until:
            # This computer slept since the mark, and somebody else may have taken over.
            raise Failed(Outcome(Fate.LATER, code="late", why="等待太久，这一次没有送出"))

    going = [
        replace(letter, leaving=partial(leave, row))
        for row, letter in zip(rows, letters, strict=True)
    ]
    try:
        outcomes = list(channel.hand(going))
    except Exception as error:
        _log.error("channel_failed %s %s", channel.name, type(error).__name__)
        outcomes = []
    if len(outcomes) != len(letters):
        outcomes = [Outcome(Fate.UNKNOWN, code="defect", why="渠道程序出错，可能已经送出")] * len(
            letters
        )
    return outcomes
