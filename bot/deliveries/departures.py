"""What has begun to leave this computer, noted on it just before the first byte does.

The mark ``handing`` is in the database before a provider is called, and between the two lies a while in which a process can
be killed. The notes tell which letters were still here then: nobody has them, and they go back into the queue instead of
being unknown for good. A killed process takes none of its notes along; a computer that lost its power may have lost some,
and one without notes of an attempt knows nothing of it: there the letters are unknown, as they must be.
"""

import ctypes
import errno
import os
import threading
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path

from bot.channels.calling import Failed
from bot.channels.port import Fate, Outcome
from bot.clock import CHINA, Clock

from .model import Delivery

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Another at every start of the computer (random(4)); containers share that of their host."""

_KEPT = timedelta(days=2)
"""A lease is over within minutes; nobody asks for notes of the day before yesterday."""


class Departures:
    """The notes of all processes on this computer; safe to share between threads and processes."""

    def __init__(self, folder: Path, clock: Clock, boot: str | None = None) -> None:
        """``boot``: which start of the computer it is; empty where it does not tell: then nothing is known to have
        stayed."""
        self._folder = folder
        self._clock = clock
        self._boot = this_boot() if boot is None else boot
        self._lock = threading.Lock()
        self._open: tuple[str, int] = ("", -1)

    def begin(self, attempts: Iterable[str]) -> None:
        """From now on, letters of these attempts are noted when they leave."""
        # Where nothing can be written, the first letter that wants to leave says so.
        with suppress(OSError):
            self._write("".join(f"{attempt}\n" for attempt in sorted(set(attempts))))

    def note(self, row: Delivery) -> None:
        """A letter leaves; raises ``Failed`` where that cannot be noted."""
        try:
            self._write(f"{row.attempt} {row.id}\n")
        except OSError as error:
            why = f"数据目录写不进去（{error.strerror}），这一次没有送出。请检查磁盘空间和权限"
            raise Failed(Outcome(Fate.LATER, code="disk", why=why)) from None

    def stayed(self, rows: Collection[Delivery]) -> set[int]:
        """Which rows' letters have certainly never left, in this attempt of theirs. Their leases are over: who still has
        one in hand looks at that after the note, and lets it be."""
        begun: set[str] = set()
        left: set[tuple[str, str]] = set()
        attempts = {row.attempt for row in rows}
        for file in self._files() if rows else ():
            for line in file.read_text("ascii").splitlines():
                attempt, _, id = line.partition(" ")
                if attempt not in attempts:
                    continue
                if id:
                    left.add((attempt, id))
                else:
                    begun.add(attempt)
        here = (row for row in rows if row.attempt in begun)
        return {row.id for row in here if (row.attempt, str(row.id)) not in left}

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._close()

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._boot}.*")) if self._boot else []

    def _write(self, lines: str) -> None:
        if not self._boot:
            return
        name = f"{self._boot}.{self._clock().astimezone(CHINA):%Y%m%d}"
        with self._lock:
            if self._open[0] != name:
                self._close()
                self._open = (name, self._begin_file(name))
            # Short lines at the end of a file come whole, whoever else writes there.
            _write_now(self._open[1], lines.encode("ascii"))

    def _begin_file(self, name: str) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        oldest = f"{self._boot}.{self._clock().astimezone(CHINA) - _KEPT:%Y%m%d}"
        for file in self._folder.iterdir():
            if not oldest <= file.name <= name:
                file.unlink(missing_ok=True)
        return os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _close(self) -> None:
        name, descriptor = self._open
        self._open = ("", -1)
        if name:
            os.close(descriptor)


def _write_now(descriptor: int, content: bytes) -> None:
    """Write to a file; raises ``OSError``.

    ``os.write`` lets the other threads run meanwhile: with 64 senders a letter left some 6 ms after its note, in which a
    kill made it unknown. So it leaves within 0.05 ms.
    """
    written = _libc().write(descriptor, content, len(content))
    if written != len(content):
        code = ctypes.get_errno() if written < 0 else errno.ENOSPC
        raise OSError(code, os.strerror(code))


@cache
def _libc() -> ctypes.PyDLL:
    """The C library, called without letting other threads run."""
    library = ctypes.PyDLL(None, use_errno=True)
    library.write.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t)
    library.write.restype = ctypes.c_ssize_t
    return library


def this_boot() -> str:
    """Which start of this computer it is; empty where it does not tell."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""
