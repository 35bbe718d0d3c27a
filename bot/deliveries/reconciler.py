"""What comes round: leases that are over, turns that have come, letters that may be out, silence, and ends of pushes."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.channels.port import Channel, Fate, Letter, Outcome
from bot.clock import Clock
from bot.notices.chain import VALID
from bot.storage.database import Database
from catalogue_index.errors import Refused

from . import quotas
from .ledger import LEASE_AGAIN, Ledger, Result
from .model import Account, Delivery
from .pushes import PushKeeper
from .receipts import Receipts
from .states import State
from .stepping import LEASE
from .timers import Timers
from .worker import SENDERS, Letters, hand

_PAGE = 500

OFTEN = 15
"""Seconds between two looks at what is unknown: a provider that knows a repetition forgets it within minutes."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """Work of a name, ``every`` so many seconds; who does not come back from it in ``lease`` seconds is taken for dead."""

    name: str
    every: int
    work: Callable[[], object]
    lease: int = LEASE


class Reconciler:
    """Does what is due; in as many processes as there are, each task in one of them at a time."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        receipts: Receipts,
        channels: Mapping[Account, Channel],
        letters: Letters,
        clock: Clock,
        *,
        valid: timedelta = VALID,
    ) -> None:
        """``valid``: how long approvals are good."""
        self._database = database
        self._ledger = ledger
        self._channels = channels
        self._letters = letters
        self._clock = clock
        self._timers = Timers(database, clock)
        keeper = PushKeeper(database, clock, valid)
        self.tasks = (
            Task("begin pushes", 5, keeper.begin),
            Task("sweep leases", OFTEN, ledger.sweep),
            Task("release turns", 5, lambda: _all(ledger.release, 500)),
            Task("clear rows", 5, lambda: _all(ledger.clear, 1000)),
            Task("apply receipts", 60, receipts.apply),
            Task("ask unknown", OFTEN, self.ask_unknown, LEASE_AGAIN),
            Task("ask accepted", 600, self.ask_accepted),
            Task("end pushes", 5, keeper.end),
            Task("forget paces", 3600, self._forget_paces),
        )
        self._stopping = threading.Event()

    def run_once(self) -> list[str]:
        """Do what is due; returns the names. One task's failure does not keep the others from being done."""
        return [task.name for task in self.tasks if self._run(task)]

    def run(self) -> None:
        """Do what is due until ``stop``."""
        while not self._stopping.wait(1):
            self.run_once()

    def stop(self) -> None:
        """End after the task under way."""
        self._stopping.set()

    def ask_unknown(self) -> int:
        """Settle letters that may be out: by a repetition that the provider would know, else by asking; returns how many
        were looked at."""
        looked = 0
        while rows := self._ledger.due(State.UNKNOWN, _PAGE):
            for channel, those in self._by_channel(rows):
                again = self._repeat(channel, those)
                rest = [row for row in those if row.id not in again]
                self._ask(channel, rest)
            self._ledger.close_silent(rows)
            looked += len(rows)
            if len(rows) < _PAGE:
                break
        return looked

    def ask_accepted(self) -> int:
        """Ask about letters without a receipt, and end those of which nothing will be heard."""
        looked = 0
        while rows := self._ledger.due(State.ACCEPTED, _PAGE):
            for channel, those in self._by_channel(rows):
                self._ask(channel, those)
            self._ledger.close_silent(rows)
            looked += len(rows)
            if len(rows) < _PAGE:
                break
        return looked

    def _repeat(self, channel: Channel, rows: Sequence[Delivery]) -> set[int]:
        """Hand over once more what the provider knows by our key; returns the rows that were.

        Many at a time, each settled with the few that went with it: who dies here leaves few behind, and the provider
        has not forgotten the others when their turn comes.
        """
        within = int(channel.limits.again_within.total_seconds())
        if not within:
            return set()
        letters = self._letters_of(rows)
        able = [row for row in rows if row.id in letters]
        pace = channel.limits.per_second or SENDERS
        most, again = min(SENDERS, pace), set()

        def send(row: Delivery) -> Result:
            return row, hand(channel, [row], [letters[row.id]], self._clock)[0]

        with ThreadPoolExecutor(most, "repeater") as pool:
            for begin in range(0, len(able), most):
                if begin and channel.limits.per_second:
                    self._stopping.wait(most / pace)
                handed = self._ledger.hand_again(able[begin : begin + most], within)
                if handed:
                    self._ledger.settle(list(pool.map(send, handed)))
                    again |= {row.id for row in handed}
        return again

    def _ask(self, channel: Channel, rows: Sequence[Delivery]) -> None:
        letters = self._letters_of(rows)
        asked = [row for row in rows if row.id in letters]
        if not asked:
            return
        try:
            told = channel.settle(
                [letters[row.id] for row in asked], [row.provider_ref for row in asked]
            )
        except Exception as error:
            _log.error("asking_failed %s %s", channel.name, type(error).__name__)
            return
        found = [(row, _as_answer(row, outcome)) for row, outcome in zip(asked, told, strict=False)]
        news: list[Result] = [(row, outcome) for row, outcome in found if outcome is not None]
        if news:
            self._ledger.settle(news, who="poll")

    def _letters_of(self, rows: Sequence[Delivery]) -> dict[int, Letter]:
        """Letters by row; of one whose address is gone nothing can be asked."""
        found = self._letters(rows) if rows else {}
        return {id: one for id, one in found.items() if isinstance(one, Letter)}

    def _by_channel(self, rows: Sequence[Delivery]) -> Iterable[tuple[Channel, list[Delivery]]]:
        found: dict[Account, list[Delivery]] = {}
        for row in rows:
            # A row that shares an address follows the one that leads it.
            if row.shares is None:
                found.setdefault((row.channel, row.account), []).append(row)
        return [(self._channels[a], those) for a, those in found.items() if a in self._channels]

    def _run(self, task: Task) -> bool:
        try:
            return self._timers.run(task.name, task.every, task.work, task.lease)
        except Exception as error:
            reason = str(error) if isinstance(error, Refused) else type(error).__name__
            _log.error("task_failed %s %s", task.name, reason)
            return False

    def _forget_paces(self) -> None:
        with self._database.write() as connection:
            quotas.purge_seconds(connection, self._clock())


def _as_answer(row: Delivery, outcome: Outcome) -> Outcome | None:
    """What an answer to a question means for a row; ``None`` where it is no news."""
    if outcome.fate in (Fate.UNKNOWN, Fate.CLOSED):
        return None
    if row.state is State.UNKNOWN:
        return outcome
    if outcome.fate is Fate.REFUSED:
        return replace(outcome, fate=Fate.UNDELIVERED)
    return outcome if outcome.fate in (Fate.DELIVERED, Fate.UNDELIVERED) else None


def _all(work: Callable[[int], int], most: int) -> None:
    """Repeat work on up to ``most`` rows until fewer are left."""
    while work(most) >= most:
        pass
