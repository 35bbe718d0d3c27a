"""How long what is kept, as a table with the source of each term (``retention.csv``), and the removal of what is older.

Each removal is a few small transactions, so that nobody waits long for one. Nothing is removed that a push under way needs:
of deliveries only the events of finished pushes go, and audiences and deliveries have no term at all. Of somebody who left
the hash stays, with the day: a register of before must not bring them back.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, select, true, tuple_

from bot.clock import Clock
from bot.notices.model import PushState
from bot.records.model import Deed
from bot.records.service import Records
from bot.storage.database import Database
from bot.storage.schema import (
    addresses,
    deliveries,
    delivery_events,
    metadata,
    pushes,
    records,
    subscribers,
    subscriptions,
)
from bot.subscriptions.model import Standing
from bot.subscriptions.repository import WECHAT

INTERRUPTED_AFTER = timedelta(hours=1)
"""After which nobody works any more on what one request began."""

AT_ONCE = 2000
"""Rows removed in one transaction."""

REMOVED = "data.prune"
SYSTEM = "系统"


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of ``table`` go ``days`` after the moment in column ``since``; those without one stay. ``why`` is the source."""

    table: str
    name: str
    since: str
    days: int
    only: str
    why: str


@cache
def rules() -> tuple[Rule, ...]:
    """What has a term, in the order of the table."""
    text = files(__package__).joinpath("retention.csv").read_text(encoding="utf-8")
    return tuple(
        Rule(row["table"], row["name"], row["since"], int(row["days"]), row["only"], row["why"])
        for row in csv.DictReader(text.splitlines())
    )


class Retention:
    """Removes what is older than its term, and writes down how much of what."""

    def __init__(self, database: Database, log: Records, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock

    def run(self) -> Mapping[Rule, int]:
        """Remove what is due now; returns how many rows by rule. A run that finds nothing leaves no record.

        What officers began and a killed process never ended is written down on the way.
        """
        self._log.note_interrupted(int((self._clock() - INTERRUPTED_AFTER).timestamp()))
        removed = {rule: self._remove(rule) for rule in rules()}
        told = [f"{rule.name} {count} 条" for rule, count in removed.items() if count]
        if told:
            self._log.write(Deed(SYSTEM, REMOVED, detail="，".join(told)))
        return removed

    def _remove(self, rule: Rule) -> int:
        before = int((self._clock() - timedelta(days=rule.days)).timestamp())
        if rule.table == records.name:
            return self._log.prune(before)  # which keeps the chain whole
        removed = 0
        while gone := self._remove_some(rule, before):
            removed += gone
        return removed

    def _remove_some(self, rule: Rule, before: int) -> int:
        table = metadata.tables[rule.table]
        key = tuple_(*table.primary_key.columns)
        # Mostly nothing is due: messages that are being answered need not wait for us to find out.
        with self._database.read() as connection:
            if connection.execute(_due(connection, rule, before).limit(1)).first() is None:
                return 0
        with self._database.write() as connection:
            some = _due(connection, rule, before).limit(AT_ONCE)
            return connection.execute(delete(table).where(key.in_(some))).rowcount


def _due(connection: Connection, rule: Rule, before: int) -> Select[Any]:
    """The keys of rows that a rule removes now."""
    table = metadata.tables[rule.table]
    due = table.c[rule.since] < before
    if rule.only:
        due &= _ONLY[rule.only](connection, before)
    return select(*table.primary_key.columns).where(due)


def _of_finished_pushes(connection: Connection, before: int) -> ColumnElement[bool]:
    """Events of finished pushes. They are written in order: none of what follows the first young one is looked at."""
    young = select(delivery_events.c.id).where(delivery_events.c.at >= before)
    first = connection.execute(young.order_by(delivery_events.c.id).limit(1)).scalar()
    ended = (
        select(deliveries.c.id)
        .join(pushes, pushes.c.id == deliveries.c.push)
        .where(pushes.c.state == PushState.FINISHED, pushes.c.updated_at < before)
        .where(deliveries.c.id == delivery_events.c.delivery)
    )
    return ended.exists() & (delivery_events.c.id < first if first is not None else true())


def _left(person: ColumnElement[str], before: int) -> ColumnElement[bool]:
    """Of people who unsubscribed or unfollowed, and did not come back since."""
    gone = subscribers.c.state == Standing.ENDED.value
    return person.in_(select(subscribers.c.person).where(gone, subscribers.c.updated_at < before))


def _topics_of_who_left(_: Connection, before: int) -> ColumnElement[bool]:
    return _left(subscriptions.c.person, before)


def _addresses_of_who_left(_: Connection, before: int) -> ColumnElement[bool]:
    """An openid cannot come by a register: whether it is stopped tells nothing that must be remembered."""
    unused = (addresses.c.suppressed == "") | (addresses.c.medium == WECHAT)
    return unused & _left(addresses.c.person, before)


_ONLY: Mapping[str, Callable[[Connection, int], ColumnElement[bool]]] = {
    "finished": _of_finished_pushes,
    "left": _topics_of_who_left,
    "left_unused": _addresses_of_who_left,
}
"""Conditions that the table names."""
