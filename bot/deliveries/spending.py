"""What letters cost their pushes: reserved before they go, within what was approved, and put right by what they cost."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.channels.cost import in_yuan
from bot.notices.model import PushState
from bot.storage.schema import pushes

from . import repository
from .gate import GO, Verdict
from .model import Delivery, Push, Step
from .quotas import SPENT, Quota, Quotas
from .states import State

Message = Sequence[tuple[Delivery, int]]
"""Rows that go together, each with its share of the cost."""


def reserve(
    connection: Connection, messages: Iterable[Message], now: datetime
) -> Mapping[int, Verdict]:
    """Reserve the cost of messages; returns what becomes of the rows of those that cannot be paid, by the row's id.

    Where one push cannot pay, nothing of the message goes, and that push is paused and says so.
    """
    costly = [message for message in messages if any(cost for _, cost in message)]
    if not costly:
        return {}
    totals: dict[str, int] = {}
    for row, cost in (share for message in costly for share in message):
        totals[row.push] = totals.get(row.push, 0) + cost
    paying = repository.load_pushes(connection, pushes.c.id.in_(totals))
    budget = _Budget(connection, paying, now)
    if budget.take_all(totals):
        return {}
    kept: dict[int, Verdict] = {}
    for message in costly:
        kept |= budget.take(message)
    return kept


def correct(connection: Connection, steps: Iterable[Step]) -> None:
    """What letters cost in the end takes the place of what they were expected to."""
    by_push: dict[str, int] = {}
    for step in steps:
        difference = step.after.cost - step.before.cost
        by_push[step.after.push] = by_push.get(step.after.push, 0) + difference
    for push, difference in sorted(by_push.items()):
        if difference:
            Quotas(connection, "", "").add(push, SPENT, difference)


class _Budget:
    """What pushes may still spend."""

    def __init__(self, connection: Connection, paying: Mapping[str, Push], now: datetime) -> None:
        self._connection = connection
        self._spent = Quotas(connection, "", "")
        self._paying = paying
        self._now = now

    def take_all(self, totals: Mapping[str, int]) -> bool:
        """All of it, or nothing."""
        taken: list[tuple[str, int]] = []
        for push, cost in sorted(totals.items()):
            if not self._taken(push, cost):
                for other, given in taken:
                    self._spent.add(other, SPENT, -given)
                return False
            taken.append((push, cost))
        return True

    def take(self, message: Message) -> Mapping[int, Verdict]:
        """All of a message, or nothing: then what becomes of each of its rows."""
        found = [
            None if self._taken(row.push, cost) else self._paused(row) for row, cost in message
        ]
        if not any(found):
            return {}
        for (row, cost), verdict in zip(message, found, strict=True):
            if cost and not verdict:
                self._spent.add(row.push, SPENT, -cost)
        rows = (row.id for row, _ in message)
        return {id: verdict or GO for id, verdict in zip(rows, found, strict=True)}

    def _taken(self, push: str, cost: int) -> bool:
        if not cost:
            return True
        cap = Quota(SPENT, self._paying[push].plan.cost_cap, self._now)
        granted = self._spent.reserve(push, cap, cost)
        if granted and granted < cost:
            self._spent.add(push, SPENT, -granted)
        return granted == cost

    def _paused(self, row: Delivery) -> Verdict:
        second, cap = int(self._now.timestamp()), self._paying[row.push].plan.cost_cap
        why = f"费用将超过批准的上限 {in_yuan(cap)}，推送已暂停"
        running, paused = PushState.RUNNING, PushState.PAUSED
        repository.move_push(self._connection, row.push, running, paused, why, second)
        return Verdict(State.QUEUED, why, second)
