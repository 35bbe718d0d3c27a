"""The sandbox's own SQLite file: what a platform would remember, kept over restarts and readable by other processes.

Many requests share one transaction, which is on disk before any of them is answered: so an answer is true after a crash,
and thousands of them a second need only a few hundred commits.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Now = Callable[[], float]
"""Unix seconds."""

Values = Sequence[Any] | Mapping[str, Any]

GROUP_SECONDS = 0.002
"""How long the first request of a transaction waits for others."""

BUSY_SECONDS = 5.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS followers (
    account TEXT, openid TEXT, name TEXT NOT NULL, follows INTEGER NOT NULL, since INTEGER NOT NULL,
    -- may write: replies left and until when, after a message and after a tap, scan or follow
    words_left INTEGER NOT NULL DEFAULT 0, words_until INTEGER NOT NULL DEFAULT 0,
    taps_left INTEGER NOT NULL DEFAULT 0, taps_until INTEGER NOT NULL DEFAULT 0,
    -- '', 'black' (the account's blacklist) or 'off' (takes no messages)
    barred TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account, openid)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS consents (
    account TEXT, openid TEXT, template TEXT, uses INTEGER,
    PRIMARY KEY (account, openid, template)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, openid TEXT NOT NULL, channel TEXT NOT NULL,
    key TEXT NOT NULL, digest TEXT NOT NULL, ref TEXT NOT NULL, content TEXT NOT NULL, at INTEGER NOT NULL,
    arrived INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS messages_of ON messages (account, openid, id);
CREATE INDEX IF NOT EXISTS messages_key ON messages (key, openid, at);
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, clientmsgid TEXT NOT NULL, state TEXT NOT NULL,
    openids TEXT NOT NULL, content TEXT NOT NULL, at INTEGER NOT NULL, asked_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS jobs_of ON jobs (account, clientmsgid);
CREATE TABLE IF NOT EXISTS tags (account TEXT, id INTEGER, name TEXT NOT NULL, PRIMARY KEY (account, id));
CREATE TABLE IF NOT EXISTS tagged (
    account TEXT, tag INTEGER, openid TEXT, PRIMARY KEY (account, tag, openid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tagged_person ON tagged (account, openid);
CREATE TABLE IF NOT EXISTS codes (
    ticket TEXT PRIMARY KEY, account TEXT NOT NULL, scene TEXT NOT NULL, until INTEGER, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, made INTEGER NOT NULL, until INTEGER NOT NULL,
    latest INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS used (
    account TEXT, rule TEXT, subject TEXT, period TEXT, n INTEGER NOT NULL,
    PRIMARY KEY (account, rule, subject, period)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS choices (account TEXT, name TEXT, value TEXT NOT NULL, PRIMARY KEY (account, name));
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, openid TEXT NOT NULL, body TEXT NOT NULL, due INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0, answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (done, due);
"""


class File:
    """The file at ``path``, made when it is missing. One thread at a time; any number of processes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        # NORMAL in WAL outlives the process, if not a power cut: enough for what is only tried out.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_SCHEMA)
        self._group: asyncio.Future[None] | None = None

    def write(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        """Run a statement inside the transaction that is open, or a new one; ``commit`` or ``settled`` ends it."""
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        return self._connection.execute(sql, values)

    def write_many(self, sql: str, values: Sequence[Values]) -> None:
        """Run one statement for each of ``values``."""
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(sql, values)

    def rows(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """All that a query finds, what is not committed yet included."""
        return self._connection.execute(sql, values).fetchall()

    def first(self, sql: str, values: Values = ()) -> sqlite3.Row | None:
        """The first row that a query finds."""
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def number(self, sql: str, values: Values = ()) -> int:
        """The one number that a query gives."""
        row = self.first(sql, values)
        return int(row[0] or 0) if row else 0

    def commit(self) -> None:
        """Have all that was written on disk."""
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    async def settled(self) -> None:
        """Wait until all that was written is on disk, together with what others write meanwhile."""
        if not self._connection.in_transaction:
            return
        if self._group is None:
            loop = asyncio.get_running_loop()
            self._group = loop.create_future()
            loop.call_later(GROUP_SECONDS, self._end_group, self._group)
        await asyncio.shield(self._group)

    def close(self) -> None:
        """Write what is open, and let the file go."""
        self.commit()
        self._connection.close()

    def _end_group(self, group: asyncio.Future[None]) -> None:
        self._group = None
        try:
            self.commit()
        except sqlite3.Error as error:
            group.set_exception(error)
        else:
            group.set_result(None)


def milliseconds(seconds: float) -> int:
    """A moment as the file keeps it."""
    return round(seconds * 1000)
