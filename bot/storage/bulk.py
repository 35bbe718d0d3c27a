"""Many rows or values in one statement: handed over whole, and unpacked by the database.

SQLAlchemy's own work around each row of an ``executemany`` takes longer than the row, and PostgreSQL is told of each one.
Where none of the rows can be there already, each database has a quicker way still.
"""

import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
    update,
)

from .upserting import insert_on

Row = TypeVar("Row", bound=Sequence[Any])

_AT_ONCE = 5000
_ROWS = bindparam("rows_as_json", type_=Text)
_CACHE = 128 * 1024
"""KiB of pages that SQLite may keep while very many rows come in."""


@contextmanager
def many_objects() -> Iterator[None]:
    """For work that makes very many objects, none of them garbage until it ends: looking through them again and again for
    cycles would take a third of its time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def among(
    connection: Connection, column: ColumnElement[Any], values: Iterable[Any]
) -> ColumnElement[bool]:
    """Whether a column has one of ``values``, however many.

    They are one parameter, so that the statement is the same for any number of them: nobody spells it, or plans it, anew.
    """
    dialect = connection.dialect.name
    several = ARRAY(column.type) if dialect == "postgresql" else Text()
    told = bindparam(None, listed(dialect, values), type_=several, unique=True)
    if dialect == "postgresql":
        return column == any_(cast(told, several))
    value = func.json_each(told).table_valued("value").c.value
    return column.in_(select(cast(value, column.type)))


def listed(dialect: str, values: Iterable[Any]) -> Any:
    """Several values as one parameter of a ``Statement``: for ``json_each`` of SQLite, and ``ANY`` of PostgreSQL."""
    return list(values) if dialect == "postgresql" else json.dumps(list(values))


def insert_rows(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    common: Mapping[str, Any] | None = None,
) -> None:
    """Insert ``rows`` of the columns ``names``, all with the values ``common``; what is there already stays as it is."""
    same = dict(common or {})
    dialect = connection.dialect.name
    insertion = _insertion(dialect, table, tuple(names), tuple(same))
    values = {f"same_{name}": value for name, value in same.items()}
    for some in _batches(rows):
        connection.execute(insertion, values | _packed(dialect, names, some))


def add_rows(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    common: Mapping[str, Any] | None = None,
) -> None:
    """Insert like ``insert_rows`` very many ``rows`` none of which is there yet: one that is breaks the constraint.

    Every column without a default is named; values are text, whole numbers or ``None``.
    """
    same = dict(common or {})
    whole = ((*row, *same.values()) for row in rows)
    add = _copy if connection.dialect.name == "postgresql" else _execute_many
    add(connection, table, [*names, *same], whole)


def update_rows(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Set the columns ``names`` of rows of a table, each by its ``id``, which is the first of its values."""
    dialect = connection.dialect.name
    change = _change(dialect, table, tuple(names))
    for some in _batches(rows):
        connection.execute(change, _packed(dialect, ("id", *names), some))


def _copy(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {_target(connection, table, names)} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _execute_many(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    places = ", ".join("?" * len(names))
    insertion = f"INSERT INTO {_target(connection, table, names)} VALUES ({places})"
    with _room_for_pages(connection):
        for some in _batches(rows):
            connection.exec_driver_sql(insertion, some)


def _target(connection: Connection, table: Table, names: Sequence[str]) -> str:
    spelled = connection.dialect.identifier_preparer
    columns = ", ".join(spelled.format_column(table.c[name]) for name in names)
    return f"{spelled.format_table(table)} ({columns})"


@contextmanager
def _room_for_pages(connection: Connection) -> Iterator[None]:
    """Keys that are hashes touch every page of an index: in SQLite's usual 2 MB each is written out and read again."""
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = {-_CACHE}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


# To make such a statement takes longer than to run it for a few rows.


@cache
def _insertion(
    dialect: str, table: Table, names: tuple[str, ...], same: tuple[str, ...]
) -> Executable:
    source, values = _unpacked(dialect, table, names)
    given = [bindparam(f"same_{name}", type_=table.c[name].type) for name in same]
    # SQLite takes ON CONFLICT after a SELECT for a join, but for a WHERE between.
    query = select(*values, *given).select_from(source).where(true())
    return insert_on(dialect, table).from_select([*names, *same], query).on_conflict_do_nothing()


@cache
def _change(dialect: str, table: Table, names: tuple[str, ...]) -> Executable:
    _, (id, *values) = _unpacked(dialect, table, ("id", *names))
    return update(table).where(table.c.id == id).values(dict(zip(names, values, strict=True)))


def _packed(dialect: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, object]:
    """The value of the parameter of ``_unpacked``."""
    # PostgreSQL takes a list apart anew for each of its values.
    told = [dict(zip(names, row, strict=True)) for row in rows] if dialect == "postgresql" else rows
    return {"rows_as_json": json.dumps(told, ensure_ascii=False)}


def _unpacked(
    dialect: str, table: Table, names: Sequence[str]
) -> tuple[FromClause, list[ColumnElement[Any]]]:
    return (_of_postgres if dialect == "postgresql" else _of_sqlite)(table, names)


def _of_sqlite(_: Table, names: Sequence[str]) -> tuple[FromClause, list[ColumnElement[Any]]]:
    source = func.json_each(_ROWS).table_valued("value")
    return source, [func.json_extract(source.c.value, f"$[{n}]") for n in range(len(names))]


def _of_postgres(table: Table, names: Sequence[str]) -> tuple[FromClause, list[ColumnElement[Any]]]:
    columns = (column(name, table.c[name].type) for name in names)
    records = func.json_to_recordset(cast(_ROWS, JSON)).table_valued(*columns)
    source = records.render_derived(with_types=True)
    return source, list(source.c)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    rest = iter(rows)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
