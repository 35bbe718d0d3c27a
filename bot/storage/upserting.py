"""INSERT with ON CONFLICT, which SQLite and PostgreSQL spell alike and SQLAlchemy keeps in each dialect's own module."""

from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, Table

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert


def insert(connection: Connection, table: Table) -> "Insert":
    """An INSERT that takes ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return insert_on(connection.dialect.name, table)


def insert_on(dialect: str, table: Table) -> "Insert":
    """``insert`` for ``sqlite`` or ``postgresql``."""
    # Loaded where it is used: PostgreSQL's module costs every start on SQLite a tenth of a second.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return cast("Insert", postgresql.insert(table))
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
