"""A hundred thousand rows in one transaction: handed over as JSON, a few thousand in a statement, unpacked by the database.

SQLAlchemy's own work around each row of an ``executemany`` takes longer than the row.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    FromClause,
    Table,
    Text,
    cast,
    column,
    func,
    literal,
    select,
    true,
)

from .upserting import insert

_AT_ONCE = 5000


def insert_rows(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    common: Mapping[str, Any] | None = None,
) -> None:
    """Insert ``rows`` of the columns ``names``, all with the values ``common``; what is there already stays as it is."""
    same = dict(common or {})
    on_postgres = connection.dialect.name == "postgresql"
    take = _of_postgres if on_postgres else _of_sqlite
    for some in _batches(rows):
        source, values = take(json.dumps(some, ensure_ascii=False), table, names)
        given = [literal(value, table.c[name].type) for name, value in same.items()]
        # SQLite takes ON CONFLICT after a SELECT for a join, but for a WHERE between.
        query = select(*values, *given).select_from(source).where(true())
        connection.execute(
            insert(connection, table).from_select([*names, *same], query).on_conflict_do_nothing()
        )


def _of_sqlite(
    rows: str, _: Table, names: Sequence[str]
) -> tuple[FromClause, list[ColumnElement[Any]]]:
    source = func.json_each(rows).table_valued("value")
    return source, [func.json_extract(source.c.value, f"$[{n}]") for n in range(len(names))]


def _of_postgres(
    rows: str, table: Table, names: Sequence[str]
) -> tuple[FromClause, list[ColumnElement[Any]]]:
    source = func.json_array_elements(cast(literal(rows, Text), JSON))
    listed = source.table_valued(column("value", JSON))
    row = listed.c.value
    return listed, [cast(row.op("->>")(n), table.c[name].type) for n, name in enumerate(names)]


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    rest = iter(rows)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
