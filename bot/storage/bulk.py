"""Many rows in one statement: handed over as JSON, a few thousand at once, unpacked by the database.

SQLAlchemy's own work around each row of an ``executemany`` takes longer than the row, and PostgreSQL is told of each one.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
    update,
)

from .upserting import insert_on

_AT_ONCE = 5000
_ROWS = bindparam("rows_as_json", type_=Text)


def insert_rows(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    common: Mapping[str, Any] | None = None,
) -> None:
    """Insert ``rows`` of the columns ``names``, all with the values ``common``; what is there already stays as it is."""
    same = dict(common or {})
    insertion = _insertion(connection.dialect.name, table, tuple(names), tuple(same))
    values = {f"same_{name}": value for name, value in same.items()}
    for some in _batches(rows):
        connection.execute(insertion, values | {_ROWS.key: some})


def update_rows(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Set the columns ``names`` of rows of a table, each by its ``id``, which is the first of its values."""
    change = _change(connection.dialect.name, table, tuple(names))
    for some in _batches(rows):
        connection.execute(change, {_ROWS.key: some})


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


def _unpacked(
    dialect: str, table: Table, names: Sequence[str]
) -> tuple[FromClause, list[ColumnElement[Any]]]:
    return (_of_postgres if dialect == "postgresql" else _of_sqlite)(table, names)


def _of_sqlite(_: Table, names: Sequence[str]) -> tuple[FromClause, list[ColumnElement[Any]]]:
    source = func.json_each(_ROWS).table_valued("value")
    return source, [func.json_extract(source.c.value, f"$[{n}]") for n in range(len(names))]


def _of_postgres(table: Table, names: Sequence[str]) -> tuple[FromClause, list[ColumnElement[Any]]]:
    source = func.json_array_elements(cast(_ROWS, JSON))
    listed = source.table_valued(column("value", JSON))
    row = listed.c.value
    return listed, [cast(row.op("->>")(n), table.c[name].type) for n, name in enumerate(names)]


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    rest = iter(rows)
    while some := list(islice(rest, _AT_ONCE)):
        yield json.dumps(some, ensure_ascii=False)
