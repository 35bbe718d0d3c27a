"""Bringing a database to the newest schema, step by step, with Alembic."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table, text, update

from .database import Database, DatabaseRefused

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "0007"
"""The last step. A database that has it is left alone, and Alembic is not even loaded."""

PATIENCE = 60.0
"""Seconds that processes starting together wait for the one that changes the tables."""

VERSION_TABLE = "alembic_version"
"""Where the database says which step it has."""

_VERSION = table(VERSION_TABLE, column("version_num"))
_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x7A77676B  # "zwgk": any number, the same in every process


def migrate(database: Database, before: Callable[[], object] = lambda: None) -> str | None:
    """Apply the steps that ``database`` lacks, all or none; processes starting together take turns.

    ``before`` is called ahead of a change to tables that are there already. Returns the step that the database had,
    ``None``: it was empty. Raises ``DatabaseRefused``, also for a database that a newer version of the program has changed.
    """
    with database.read() as connection:
        had = step(connection)
    if had == NEWEST:
        return had
    if had:
        before()
    with database.write(patience=PATIENCE) as connection:
        bring_to(connection, "head")
    return had


def check(database: Database) -> None:
    """Raises ``DatabaseRefused`` where a database does not take writes now, or has not the tables of this program."""
    with database.write() as connection:
        if step(connection) != NEWEST:
            raise DatabaseRefused(
                "数据库里的表不是这个版本程序的，或者不见了。请重启服务（会自动升级），或用备份恢复（zwgk db restore）。"
            )
        # Both begin to write where they may only read, and refuse the first write itself.
        connection.execute(update(_VERSION).values(version_num=NEWEST))


def bring_to(connection: Connection, wanted: str) -> None:
    """Apply the steps up to ``wanted`` within a transaction that is under way. Raises ``DatabaseRefused``."""
    from alembic import command
    from alembic.util import CommandError

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    try:
        command.upgrade(_config(connection), wanted)
    except CommandError as error:
        raise DatabaseRefused(
            "数据库的版本比程序新。请升级程序，或用升级前的备份恢复（zwgk db restore）。"
        ) from error


def step(connection: Connection) -> str | None:
    """The last step that the database has; ``None`` for one that has none of our tables."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(_VERSION)).scalar()


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
