"""The operations database: SQLite in the data directory, or PostgreSQL by address.

Reads and writes are told apart because SQLite needs it: a write takes its lock at ``BEGIN
IMMEDIATE`` and waits for it, where the default deferred ``BEGIN`` would fail at the first write
after a read, whatever the busy timeout.
"""

import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from catalogue_index.errors import Refused

DATABASE_NAME = "zwgk.db"
"""The SQLite database in the data directory."""

BUSY_SECONDS = 3
"""How long a writer waits for another; the platform wants its reply within five seconds."""

_PAUSE = 0.0001

_CHECKPOINT = "wal_autocheckpoint=10000"
"""Pages (40 MB) until a commit brings the log into the file and waits for the disk: at SQLite's usual 1,000 one in fifty
claims of the ledger did, and pages that are written again and again went there each time."""

_HOT = {"synchronous_commit": "off", "plan_cache_mode": "force_generic_plan"}

_SQLITE_SENTENCES: Mapping[str, str] = {
    "SQLITE_READONLY": "数据库是只读的。请检查数据目录和磁盘的写入权限",
    "SQLITE_FULL": "磁盘已满，数据库写不进去。请清理磁盘后重试",
    "SQLITE_BUSY": "数据库正被别的程序占用。请关闭占用它的程序后重试",
    "SQLITE_LOCKED": "数据库正被别的程序占用。请关闭占用它的程序后重试",
    "SQLITE_CORRUPT": "数据库文件已损坏。请停止服务，用最近的备份恢复（zwgk db restore）",
    "SQLITE_NOTADB": "这个文件不是数据库，或已损坏。请核对路径，或用备份恢复（zwgk db restore）",
    "SQLITE_CANTOPEN": "数据库文件打不开。请检查数据目录是否存在、是否有读写权限",
    "SQLITE_IOERR": "读写数据库时磁盘出错。请检查磁盘，必要时用备份恢复（zwgk db restore）",
    "SQLITE_PERM": "没有权限读写数据库。请检查数据目录的权限",
    "SQLITE_AUTH": "没有权限读写数据库。请检查数据目录的权限",
}
"""By primary result code (sqlite.org/rescode.html); extended codes begin with one of them."""

_POSTGRES_SENTENCES: Mapping[str, str] = {
    "25006": "数据库处于只读状态，可能连到了备库。请核对数据库地址",
    "28": "数据库拒绝了用户名或密码。请核对数据库地址中的用户和密码",
    "3D000": "数据库不存在。请先创建它，或核对数据库地址中的库名",
    "42501": "数据库用户的权限不够。请授予建表和读写权限",
    "53": "数据库的磁盘、内存或连接数用尽了。请联系数据库管理员",
    "55P03": "数据库正被占用，等待超时。请稍后重试",
    "57": "数据库停止了这次操作或正在关闭。请稍后重试",
    "40": "数据库忙，操作互相冲突。请稍后重试",
    "08": "数据库连不上。请检查数据库是否在运行、网络是否通畅",
}
"""By the beginning of SQLSTATE (PostgreSQL manual, appendix A); a refused connection has none."""


class DatabaseRefused(Refused):
    """The database cannot be used now: unreachable, read-only, full, locked or damaged."""


class Statement:
    """One SQL statement with ``:names``, in the spelling of each driver."""

    def __init__(self, sqlite: str, postgresql: str = "") -> None:
        """``postgresql``: where it has to be said otherwise there."""
        spelled = re.sub(r":(\w+)", r"%(\1)s", postgresql or sqlite)
        self.spellings = {"sqlite": sqlite, "postgresql": spelled}


class Statements:
    """Runs statements in one transaction, straight on the driver."""

    def __init__(self, cursor: DBAPICursor, dialect: str) -> None:
        self._cursor = cursor
        self._dialect = dialect
        # PostgreSQL's driver has a statement planned once only after it came five times.
        self._options = {"prepare": True} if dialect == "postgresql" else {}

    def run(self, statement: Statement, values: Mapping[str, Any]) -> int:
        """Run a statement that changes rows; returns how many it changed."""
        self._execute(statement, values)
        return self._cursor.rowcount

    def first(self, statement: Statement, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """The first row that a statement finds, if any."""
        self._execute(statement, values)
        row: Sequence[Any] | None = self._cursor.fetchone()
        return row

    def all(self, statement: Statement, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        """The rows that a statement finds."""
        self._execute(statement, values)
        return list(self._cursor.fetchall())

    def _execute(self, statement: Statement, values: Mapping[str, Any]) -> None:
        self._cursor.execute(statement.spellings[self._dialect], values, **self._options)


def statements_within(connection: Connection) -> Statements:
    """``Statements`` as part of what else a connection does."""
    return Statements(connection.connection.cursor(), connection.dialect.name)


class Database:
    """One database, opened by ``open_sqlite`` or ``open_url``; safe to share between threads."""

    def __init__(self, engine: Engine, hot: Engine | None = None) -> None:
        """``hot``: for ``write`` of what runs many times a second, where that is done otherwise."""
        self._engine = engine
        self._writing = engine.execution_options(writing=True)
        self._hot = hot.execution_options(writing=True) if hot else self._writing

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @property
    def url(self) -> str:
        """The address that ``open_url`` takes, password and all: never for a log."""
        return self._engine.url.render_as_string(hide_password=False)

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database."""
        name = self._engine.url.database
        return Path(name) if self.dialect == "sqlite" and name else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with; each statement sees what is committed by then."""
        with _refusing(self._engine), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, hot: bool = False, patience: float | None = None) -> Iterator[Connection]:
        """A connection to write with: all of it happens, or after an exception nothing.

        ``patience``: seconds to wait for others who write, where it is not ``BUSY_SECONDS``.
        ``hot``: the same statements many times a second, of which a crash of the database may take the last moments back.
        PostgreSQL plans each once, whatever its values (to plan a claim takes ten times as long as to make it), and nobody
        waits for the disk; SQLite, as it is set up here, waits for it never.
        """
        writing = self._hot if hot else self._writing
        if patience:
            writing = writing.execution_options(patience=patience)
        with _refusing(self._engine), writing.begin() as connection:
            if patience and self.dialect == "postgresql":
                milliseconds = int(patience * 1000)
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
            yield connection

    @contextmanager
    def statements(self, *, writing: bool) -> Iterator[Statements]:
        """Like ``read`` and ``write``, for the few statements that run for every message.

        SQLAlchemy's own work around such a statement costs four times the statement.
        """
        with _refusing(self._engine):
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                if writing and self.dialect == "sqlite":
                    _begin_immediate(cursor)
                yield Statements(cursor, self.dialect)
                if writing:
                    connection.commit()
            finally:
                connection.close()  # what is not committed is rolled back

    def close(self) -> None:
        """Let go of all connections; the database opens them again when it is used."""
        self._engine.dispose()
        self._hot.dispose()


def open_sqlite(path: Path, busy_seconds: float = BUSY_SECONDS) -> Database:
    """The SQLite database at ``path``, made when it is missing; raises ``DatabaseRefused``."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise DatabaseRefused(
            f"数据目录 {path.parent} 建不起来（{error.strerror}）。请检查路径和权限。"
        ) from error
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": busy_seconds},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine)


def open_url(url: str) -> Database:
    """The database at ``postgresql://…`` or ``sqlite:///…``; raises ``DatabaseRefused``."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The address holds a password: neither it nor the error is repeated.
        raise DatabaseRefused(
            "数据库地址写得不对。应形如 postgresql://用户:密码@主机:5432/库名。"
        ) from None
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return open_sqlite(Path(parsed.database))
    if parsed.get_backend_name() != "postgresql":
        raise DatabaseRefused(
            "只支持 SQLite 和 PostgreSQL。数据库地址应形如 postgresql://用户:密码@主机:5432/库名。"
        )
    try:
        return Database(_engine_of(parsed, {}), _engine_of(parsed, _HOT))
    except ModuleNotFoundError as error:
        raise DatabaseRefused(
            "没有安装 PostgreSQL 驱动。请先运行 pip install 'zwgk[postgres]'。"
        ) from error


def _engine_of(url: URL, options: Mapping[str, str]) -> Engine:
    """Connections to PostgreSQL with these settings."""
    settings = {"lock_timeout": f"{BUSY_SECONDS}s", **options}
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={
            "connect_timeout": BUSY_SECONDS,
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    # NORMAL in WAL never damages the file; a power cut may take the last moments' commits, and the
    # platform sends those messages again only if we had not answered them.
    pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", _CHECKPOINT)
    for pragma in pragmas:
        connection.cursor().execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A read needs no BEGIN: each statement then sees the newest data, as it does on PostgreSQL.
    options = connection.get_execution_options()
    if options.get("writing"):
        _begin_immediate(connection.connection.cursor(), options.get("patience"))


def _begin_immediate(cursor: DBAPICursor, patience: float | None = None) -> None:
    """Begin a write as soon as no other is under way.

    SQLite's own waiting sleeps for milliseconds, in which two busy processes do nothing a fifth of
    the time; a write of ours takes a tenth of a millisecond.
    """
    (waiting,) = cursor.execute("PRAGMA busy_timeout").fetchone()
    give_up = time.monotonic() + (patience or waiting / 1000)
    cursor.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                cursor.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                # An extended code says why it is busy: another process may be recovering the log after a crash.
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > give_up:
                    raise
                time.sleep(_PAUSE)
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {waiting}")


@contextmanager
def _refusing(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, engine.dialect.loaded_dbapi.Error) as error:
        if sentence := sentence_for(error.orig if isinstance(error, DBAPIError) else error):
            # The error shows the statement's values, words of people among them: it is not chained.
            raise DatabaseRefused(f"{sentence}（{_name(engine)}）。") from None
        raise


def sentence_for(error: BaseException | None) -> str | None:
    """What is wrong and what to do about a driver's error, without its closing mark; ``None`` for a defect of ours."""
    if isinstance(error, sqlite3.Error):
        code, sentences = getattr(error, "sqlite_errorname", None) or "", _SQLITE_SENTENCES
    else:
        code, sentences = _sqlstate(error), _POSTGRES_SENTENCES
    return next((said for begin, said in sentences.items() if code.startswith(begin)), None)


def _sqlstate(error: Any) -> str:
    state: str | None = getattr(error, "sqlstate", None)
    return state or ("08" if type(error).__name__ == "OperationalError" else "")


def _name(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
