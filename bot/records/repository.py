"""Records as rows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, TypedDict, Unpack

from sqlalchemy import ColumnElement, Connection, delete, insert, select, text
from sqlalchemy.engine import Row

from bot.storage.schema import deeds_begun, records

from .model import Deed, Record

_LOCK = 0x7265636F  # "reco": any number, the same in every process
_BATCH = 5_000


def take_turns(connection: Connection, dialect: str) -> None:
    """Let one writer at a time read the last record and add to it; SQLite's writers take turns anyway."""
    if dialect == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def last(connection: Connection) -> Record | None:
    """The newest record."""
    row = connection.execute(select(records).order_by(records.c.number.desc()).limit(1)).first()
    return _record(row) if row else None


def add(connection: Connection, record: Record) -> None:
    """Keep a record."""
    values = {"number": record.number, "at": record.at, "hash": record.hash, **asdict(record.deed)}
    connection.execute(insert(records).values(values))


def in_order(connection: Connection, after: int = 0) -> Iterator[Record]:
    """Every record after a number, the oldest first, in batches."""
    while batch := after_number(connection, after, _BATCH):
        yield from batch
        after = batch[-1].number


def after_number(connection: Connection, number: int, limit: int) -> list[Record]:
    """The records after a number, the oldest first, at most ``limit``."""
    query = select(records).where(records.c.number > number).order_by(records.c.number).limit(limit)
    return [_record(row) for row in connection.execute(query)]


def begin(connection: Connection, mark: str, at: int, deed: Deed) -> None:
    """Keep the mark of a deed that is about to be tried."""
    told = {"who": deed.who, "action": deed.action, "object": deed.object, "origin": deed.origin}
    connection.execute(insert(deeds_begun).values(id=mark, at=at, **told))


def end(connection: Connection, mark: str) -> bool:
    """Take a mark away; whether it was there."""
    gone = connection.execute(delete(deeds_begun).where(deeds_begun.c.id == mark))
    return gone.rowcount == 1


def begun_before(connection: Connection, at: int) -> list[tuple[str, Deed]]:
    """Marks from before a moment, the oldest first, with their deeds."""
    c = deeds_begun.c
    rows = connection.execute(select(deeds_begun).where(c.at < at).order_by(c.at, c.id))
    return [(row.id, Deed(row.who, row.action, row.object, row.origin)) for row in rows]


_CONDITIONS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "who": lambda who: records.c.who == who,
    "action": lambda action: records.c.action.startswith(action, autoescape=True),
    "object": lambda about: records.c.object == about,
    "outcome": lambda outcome: records.c.outcome == outcome,
    "since": lambda at: records.c.at >= at,
    "until": lambda at: records.c.at < at,
    "before": lambda number: records.c.number < number,
}


class Wanted(TypedDict, total=False):
    """Which records: times in seconds since 1970, ``action`` may be the beginning of one, numbers below ``before``."""

    who: str
    action: str
    object: str
    outcome: str
    since: int
    until: int
    before: int
    limit: int


def search(connection: Connection, **wanted: Unpack[Wanted]) -> list[Record]:
    """Records, the newest first, 50 of them unless ``limit`` says otherwise. What is empty or 0 asks for nothing."""
    limit = wanted.pop("limit", 50)
    where = [_CONDITIONS[name](value) for name, value in wanted.items() if value]
    query = select(records).where(*where).order_by(records.c.number.desc()).limit(limit)
    return [_record(row) for row in connection.execute(query)]


def first_after(connection: Connection, at: int) -> Record | None:
    """The oldest record that is not older than a moment."""
    query = select(records).where(records.c.at >= at).order_by(records.c.number).limit(1)
    row = connection.execute(query).first()
    return _record(row) if row else None


def remove_below(connection: Connection, number: int) -> int:
    """Remove the records below a number; returns how many."""
    return connection.execute(delete(records).where(records.c.number < number)).rowcount


def _record(row: Row[Any]) -> Record:
    deed = Deed(row.who, row.action, row.object, row.origin, row.outcome, row.detail)
    return Record(row.number, row.at, deed, row.hash)
