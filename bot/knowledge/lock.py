"""One writer at a time, over threads and processes; a killed process lets go by dying.

The lock is SQLite's own on an empty file: the standard library has no other that works on every system and can wait with a
time limit.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from catalogue_index.errors import Refused


class WriterLock:
    """Held while a directory is being changed. Whoever holds it may take it again."""

    def __init__(self, path: Path, patience: float = 60.0) -> None:
        """``patience`` is how many seconds to wait for another writer."""
        self._path = path
        self._patience = patience
        self._thread = threading.RLock()
        self._held = False

    @contextmanager
    def __call__(self) -> Iterator[bool]:
        """Waits for its turn, then gives whether this is the outermost holding. Raises ``Refused`` out of patience."""
        with self._thread:
            if self._held:
                yield False
                return
            with closing(sqlite3.connect(self._path, timeout=self._patience)) as database:
                database.isolation_level = None
                try:
                    database.execute("begin exclusive")
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                        raise Refused(
                            "另一个程序正在导入或发布，等了很久还没有完成。请稍后再试。"
                        ) from error
                    raise
                self._held = True
                try:
                    yield True
                finally:
                    self._held = False
