"""The SQL of the desk: groups of questions that were not answered, examples of their words, and counts for statistics."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    select,
    true,
    tuple_,
)

from bot.answering.model import Question
from bot.storage.schema import question_counts, question_groups, questions
from bot.storage.scope import within

from .model import Wanting
from .repository import OPEN

MOST = 500
"""Groups looked at together, to find near ones."""


class Order(StrEnum):
    """What comes first on the desk."""

    COUNT = "count"
    LAST = "last"


class Ending(StrEnum):
    """How a group is closed: with ways of asking, with an answer of the office's own, or not at all."""

    ALIAS = "alias"
    ENTRY = "entry"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Key:
    """What names a group: its area's code (empty: unknown) and what its questions share."""

    area: str
    likeness: str


@dataclass(frozen=True, slots=True)
class Group:
    """Questions of like words from one area. ``count`` is since it was opened or closed last, ``words`` are the newest
    asked (empty: nobody's are kept), ``state`` is open or an ``Ending``; moments are in seconds since 1970."""

    key: Key
    wanting: Wanting
    count: int
    first_at: int
    last_at: int
    state: str
    words: str = ""
    target: str = ""
    officer: str = ""
    note: str = ""
    closed_at: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is to be worked through."""
        return self.state == OPEN


@dataclass(frozen=True, slots=True)
class Example:
    """One question of a group: its words, when it was asked, and what it got."""

    words: str
    at: int
    kind: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many questions of a day (in China) from an area ended so."""

    day: str
    area: str
    kind: str
    route: str
    count: int


def open_groups(
    connection: Connection, areas: Sequence[str], order: Order, most: int = MOST
) -> list[Group]:
    """Groups to be worked through in some areas and all below them (none named: everywhere), the first ``most``."""
    by = question_groups.c.count if order is Order.COUNT else question_groups.c.last_at
    where = and_(question_groups.c.state == OPEN, within(question_groups.c.area, areas))
    return _first(connection, where, by, most)


def closed_groups(
    connection: Connection, areas: Sequence[str], most: int, before: int | None = None
) -> list[Group]:
    """Groups closed, the last asked first; ``before`` a moment, to read on."""
    table = question_groups.c
    earlier = table.last_at < before if before is not None else true()
    inside = and_(within(table.area, areas), earlier)
    # One ending after the other: each has its own stretch of the index.
    found = [
        group
        for ending in Ending
        for group in _first(connection, and_(table.state == ending, inside), table.last_at, most)
    ]
    return sorted(found, key=lambda group: -group.last_at)[:most]


def open_count(connection: Connection, areas: Sequence[str]) -> int:
    """How many groups are open."""
    where = and_(question_groups.c.state == OPEN, within(question_groups.c.area, areas))
    return connection.execute(select(func.count()).where(where)).scalar_one()


def named(connection: Connection, keys: Iterable[Key]) -> list[Group]:
    """The groups of some keys, of those that there are."""
    return _read(connection, select(question_groups).where(_are(keys)))


def examples(connection: Connection, key: Key, most: int) -> list[Example]:
    """The newest questions of a group, each wording once."""
    table = questions.c
    newest = (
        select(table.id, table.words, table.at, table.kind)
        .where(table.likeness == key.likeness, table.area == key.area, table.words != "")
        .order_by(table.id.desc())
        .limit(most * 10)
    )
    found: dict[str, Example] = {}
    for _, words, at, kind in connection.execute(newest):
        found.setdefault(words, Example(words, at, kind))
    return list(found.values())[:most]


def close(
    connection: Connection,
    keys: Iterable[Key],
    ending: Ending,
    *,
    target: str,
    officer: str,
    note: str,
    now: int,
) -> None:
    """Close groups; from now on it is counted anew how often they are asked."""
    values = {
        "state": ending.value,
        "count": 0,
        "target": target[:200],
        "officer": officer,
        "note": note,
        "closed_at": now,
    }
    connection.execute(question_groups.update().where(_are(keys)).values(values))


def reopen(connection: Connection, keys: Iterable[Key]) -> None:
    """Open groups again, as what they were closed with came to nothing."""
    closed = question_groups.c.state != OPEN
    connection.execute(question_groups.update().where(_are(keys), closed).values(state=OPEN))


def counts(connection: Connection, since: str, until: str, areas: Sequence[str]) -> list[Count]:
    """How questions ended from one day to another (2026-11-21, both counted), by day."""
    table = question_counts.c
    query = (
        select(question_counts)
        .where(table.day >= since, table.day <= until, within(table.area, areas))
        .order_by(table.day, table.area, table.kind, table.route)
    )
    return [Count(*row) for row in connection.execute(query)]


def latest(connection: Connection, area: str, most: int) -> list[Question]:
    """The newest questions from an area and all below it, each wording once."""
    table = questions.c
    query = (
        select(table.words, table.area)
        .where(within(table.area, (area,)), table.words != "")
        .order_by(table.id.desc())
        .limit(most)
    )
    found = dict.fromkeys(tuple(row) for row in connection.execute(query))
    return [Question(words, area or None) for words, area in found]


def _are(keys: Iterable[Key]) -> ColumnElement[bool]:
    pairs = [(key.area, key.likeness) for key in keys]
    return tuple_(question_groups.c.area, question_groups.c.likeness).in_(pairs)


def _first(
    connection: Connection, where: ColumnElement[bool], by: Column[Any], most: int
) -> list[Group]:
    """The groups with the highest value of a column."""
    table = question_groups.c
    order = (by.desc(), table.likeness, table.area)
    chosen = select(question_groups).where(where).order_by(*order).limit(most)
    return sorted(_read(connection, chosen), key=lambda group: -getattr(group, by.name))


def _read(connection: Connection, chosen: Select[Any]) -> list[Group]:
    """The groups of a query with their words, which are looked up for these alone."""
    found = chosen.subquery()
    query = select(found, questions.c.words).outerjoin(questions, questions.c.id == found.c.newest)
    return [
        Group(
            Key(row["area"], row["likeness"]),
            Wanting(row["kind"]),
            row["count"],
            row["first_at"],
            row["last_at"],
            row["state"],
            row["words"] or "",
            row["target"],
            row["officer"],
            row["note"],
            row["closed_at"],
        )
        for row in connection.execute(query).mappings()
    ]
