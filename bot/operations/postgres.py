"""The tables of a PostgreSQL database as CSV files, out and in, by COPY: no tool of the server's version is needed."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, MetaData, Table, inspect, text

from bot.storage.migration import VERSION_TABLE, bring_to
from bot.storage.schema import metadata
from catalogue_index.errors import Refused

if TYPE_CHECKING:
    from psycopg import Cursor

_BLOCK = 1 << 18
_LEAVING, _PAUSE = 2.0, 0.02
"""Seconds that others may take to leave, and between two looks whether they have."""


def dump(connection: Connection, folder: Path) -> dict[str, Path]:
    """Write each of our tables to ``folder`` as CSV with a header, all as of one moment; returns them by table.

    An empty field without quotes is NULL. ``connection`` has isolation level REPEATABLE READ.
    """
    found = {table: folder / f"{table}.csv" for table in tables(connection)}
    for table, path in found.items():
        query = f'COPY "{table}" TO STDOUT (FORMAT csv, HEADER)'.encode()
        with path.open("wb") as file, _cursor(connection) as cursor, cursor.copy(query) as rows:
            for block in rows:
                file.write(block)
    return found


def tables(connection: Connection) -> list[str]:
    """Our tables that the database has."""
    there = set(inspect(connection).get_table_names())
    return sorted(there & set(metadata.tables))


def load(connection: Connection, files: Mapping[str, Path], step: str, aside: str) -> None:
    """Put the tables in ``files``, as of migration ``step``, in place of those that are there, which move to the schema
    ``aside``. All of it is part of the transaction of ``connection``. Raises ``Refused`` where somebody else is connected.
    """
    if others := _others(connection):
        raise Refused(
            f"还有 {others} 个程序连着这个数据库，没有改动。请先停止服务（zwgk serve、zwgk worker），再恢复。"
        )
    if old := tables(connection):
        connection.execute(text(f'CREATE SCHEMA "{aside}"'))
        for table in (*old, VERSION_TABLE):
            connection.execute(text(f'ALTER TABLE "{table}" SET SCHEMA "{aside}"'))
    bring_to(connection, step)
    made = MetaData()
    made.reflect(connection)
    for one in made.sorted_tables:
        if one.name in files:
            _fill(connection, one, files[one.name])
    if unknown := set(files) - set(made.tables):
        raise Refused(f"存档里有程序不认识的表：{'、'.join(sorted(unknown))[:80]}。请先升级程序。")


def _fill(connection: Connection, table: Table, path: Path) -> None:
    with path.open("rb") as file:
        columns = file.readline(_BLOCK).decode(errors="replace").strip().split(",")
        if not set(columns) <= set(table.columns.keys()):
            raise Refused(f"存档里的表 {table.name} 与它的版本对不上，没有恢复。请换一份备份。")
        listed = ", ".join(f'"{name}"' for name in columns)
        query = f'COPY "{table.name}" ({listed}) FROM STDIN (FORMAT csv)'.encode()
        with _cursor(connection) as cursor, cursor.copy(query) as rows:
            while block := file.read(_BLOCK):
                rows.write(block)
    if (counted := table.autoincrement_column) is not None:
        connection.execute(text(_COUNT_ON.format(table=table.name, column=counted.name)))


def _cursor(connection: Connection) -> "Cursor[Any]":
    driver: Any = connection.connection.driver_connection
    cursor: Cursor[Any] = driver.cursor()
    return cursor


def _others(connection: Connection) -> int:
    """How many others are connected and stay so: the server sees only after a moment that somebody has left."""
    give_up = time.monotonic() + _LEAVING
    while (others := int(connection.execute(text(_OTHERS)).scalar_one())) and (
        time.monotonic() < give_up
    ):
        time.sleep(_PAUSE)
        # What a transaction has once seen of the others, it sees to its end.
        connection.execute(text("SELECT pg_stat_clear_snapshot()"))
    return others


_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user
    AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""

_COUNT_ON = """
    SELECT setval(pg_get_serial_sequence('"{table}"', '{column}'), max("{column}")) FROM "{table}"
    HAVING max("{column}") IS NOT NULL
"""
"""Ids go on after the highest one."""
