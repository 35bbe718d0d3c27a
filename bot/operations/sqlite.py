"""A SQLite database as a file: copied whole while others write to it, checked, taken out of use."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bot.storage.database import DatabaseRefused, sentence_for
from bot.storage.migration import VERSION_TABLE
from catalogue_index.errors import Refused

from .archive import Told, quiet

_PAGES = 2048
"""Pages copied between two looks at the progress: 8 MB."""


class DatabaseInUse(Refused):
    """Another program has the database open."""


def copy(source: Path, target: Path, told: Told = quiet) -> None:
    """Copy the database at ``source`` as it is now to the new file ``target``, by SQLite's backup API.

    One moment is copied, however long it takes: a read transaction is held meanwhile, which in WAL mode keeps nobody from
    writing, and keeps the copying from beginning anew at every write. Raises ``DatabaseRefused``.
    """
    try:
        with closing(_read(source)) as database, closing(sqlite3.connect(target)) as other:
            (size,) = database.execute("PRAGMA page_size").fetchone()
            database.isolation_level = None
            database.execute("BEGIN")
            database.execute("SELECT count(*) FROM sqlite_master")
            database.backup(
                other,
                pages=_PAGES,
                progress=lambda _, left, total: told((total - left) * size, total * size),
            )
            # The copy is one file, with no log of its own beside it.
            other.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        if sentence := sentence_for(error):
            raise DatabaseRefused(f"{sentence}（{source}）。") from error
        raise


def faults(path: Path) -> Iterator[str]:
    """What is wrong with the database at ``path``, in Chinese; nothing where it is sound."""
    try:
        with closing(_read(path)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check(3)")]
            if found != ["ok"]:
                yield "数据库文件已损坏。请停止服务，用最近的备份恢复（zwgk db restore）。"
                return
            broken = {row[0] for row in database.execute("PRAGMA foreign_key_check")}
    except sqlite3.DatabaseError:
        yield "数据库文件打不开或已损坏。请停止服务，用最近的备份恢复（zwgk db restore）。"
        return
    for table in sorted(broken):
        yield f"数据库的表 {table} 里有一些行，它们所属的行不见了。请用最近的备份恢复（zwgk db restore）。"


def take_out_of_use(path: Path) -> None:
    """See that nobody has the database open, and put its log into it: one file is all of it then.

    One too damaged to be opened is left as it is. Raises ``DatabaseInUse``.
    """
    with closing(sqlite3.connect(path, timeout=0)) as database:
        try:
            # SQLite leaves WAL only for who is alone with the file.
            database.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise DatabaseInUse(
                    "服务或别的命令正在使用业务数据库，没有改动。请先停止服务，再恢复。"
                ) from error


def files(name: str) -> tuple[str, ...]:
    """The files of a database of this name, those of its log included."""
    return name, f"{name}-wal", f"{name}-shm", f"{name}-journal"


def step(path: Path) -> str:
    """The migration step that the database at ``path`` says it has; empty: none."""
    with closing(_read(path)) as database:
        try:
            found = database.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()
        except sqlite3.OperationalError:
            return ""
    return str(found[0]) if found else ""


def _read(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
