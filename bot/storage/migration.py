"""Bringing a database to the newest schema, step by step, with Alembic."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from .database import Database, DatabaseRefused

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "0003"
"""The last step. A database that has it is left alone, and Alembic is not even loaded."""

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x7A77676B  # "zwgk": any number, the same in every process


def migrate(database: Database) -> None:
    """Apply the steps that ``database`` lacks, all or none; processes starting together take turns.

    Raises ``DatabaseRefused``, also for a database that a newer version of the program has changed.
    """
    with database.read() as connection:
        if _step(connection) == NEWEST:
            return

    from alembic import command
    from alembic.util import CommandError

    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        try:
            command.upgrade(_config(connection), "head")
        except CommandError as error:
            raise DatabaseRefused(
                "数据库的版本比程序新。请升级程序，或用升级前的备份恢复（zwgk db restore）。"
            ) from error


def _step(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
