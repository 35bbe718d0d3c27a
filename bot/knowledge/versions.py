"""Versions of the knowledge on disk: candidates, the one in force, and the way back.

``knowledge/<version>.sqlite`` never changes once written. ``knowledge/current`` lists the publications one a line: the
version, the moment, and whether it was a step back; the last is in force. The file is replaced atomically, so every process
sees the old or the new version and nothing between.
"""

import errno
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from catalogue_index.errors import Refused, UnreadableFile
from catalogue_index.snapshot import SnapshotReader

from . import files
from .lock import WriterLock

_NAME = re.compile(r"[0-9]{8}-[0-9a-f]{12}")
_KEPT = 1000
"""Publications remembered."""
_BACK = "back"
_REASONS = {
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "空间配额已用完",
    errno.EFBIG: "文件大小超过系统限制",
    errno.EROFS: "磁盘是只读的",
    errno.EACCES: "没有写入权限",
    errno.EPERM: "没有写入权限",
    errno.ENOTDIR: "路径中有一段是文件而不是文件夹",
    errno.EEXIST: "路径中有一段是文件而不是文件夹",
    errno.EIO: "磁盘读写出错",
}
T = TypeVar("T")


class UnknownVersion(Refused):
    """No such version, or none to go back to."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version on disk: its name, its size in bytes, whether it is in force, and what it says of itself."""

    name: str
    size: int
    current: bool
    built_on: str = ""
    documents: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that came into force, and when (``None``: nobody noted it); ``back`` to an earlier one."""

    name: str
    at: datetime | None = None
    back: bool = False

    def line(self) -> str:
        """As it stands in the file."""
        moment = self.at.isoformat(timespec="seconds") if self.at else "-"
        return f"{self.name} {moment}{f' {_BACK}' if self.back else ''}\n"


class Versions:
    """The ``knowledge`` directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._pointer = directory / "current"
        self._lock = WriterLock(directory / "lock")

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Holds off every other writer, of this process and of others; clears what killed ones left half written.

        Raises ``Refused`` where the directory cannot be written.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with self._lock() as outermost:
                if outermost:
                    for part in self.directory.glob("*.part*"):
                        part.unlink(missing_ok=True)
                yield
        except (OSError, sqlite3.Error) as error:
            raise Refused(
                f"数据目录“{self.directory.parent}”写不进去（{_reason(error)}），没有改动。"
                "请检查剩余空间和写入权限后再试。"
            ) from error

    def path(self, name: str) -> Path:
        """The file of a version; raises ``UnknownVersion`` for a malformed name."""
        if not _NAME.fullmatch(name):
            raise UnknownVersion(f"没有版本“{name}”。用 zwgk knowledge versions 查看有哪些版本。")
        return self.directory / f"{name}.sqlite"

    def names(self) -> list[str]:
        """All versions on disk, newest first."""
        found = [f for f in self.directory.glob("*.sqlite") if _NAME.fullmatch(f.stem)]
        found.sort(key=lambda f: (f.stat().st_mtime_ns, f.stem), reverse=True)
        return [f.stem for f in found]

    def current(self) -> str | None:
        """The version in force; ``None`` before the first publication, and where its file is gone."""
        published = self._published()
        return published[-1] if published and self.path(published[-1]).exists() else None

    def stamp(self) -> object:
        """Changes whenever another version comes into force, and when the file of the one in force does."""
        name = (self._published() or [""])[-1]
        try:
            found = self.path(name).stat()
        except (UnknownVersion, OSError):
            return name
        return (name, found.st_mtime_ns, found.st_ino, found.st_size)

    def all(self) -> list[Version]:
        """What there is, newest first; damaged files are listed as such."""
        current, found = self.current(), []
        for name in self.names():
            path = self.path(name)
            try:
                meta = SnapshotReader(path).meta
            except UnreadableFile:
                meta = {"documents": "已损坏"}
            found.append(
                Version(
                    name,
                    path.stat().st_size,
                    name == current,
                    meta.get("built_on", ""),
                    meta.get("documents", ""),
                )
            )
        return found

    def publish(self, name: str, at: datetime | None = None) -> None:
        """Put a version in force. Raises ``UnknownVersion``, ``UnreadableFile`` or ``Refused`` and changes nothing then."""
        self.known(name)
        SnapshotReader(self.path(name))
        with self.changing():
            if self._published()[-1:] != [name]:
                self._put(Publication(name, at))

    def rollback(self, at: datetime | None = None, to: str = "") -> str:
        """Put the version published before this one in force again and return its name; damaged ones are passed over.

        With ``to`` only where that is the one; raises ``UnknownVersion`` otherwise, and where there is none.
        """
        with self.changing():
            back = self.one_before()
            if back is None:
                raise UnknownVersion("没有可以退回的上一版本：当前就是最早发布的版本。")
            if to not in ("", back):
                raise UnknownVersion("版本刚刚有变化，没有退回。请看过最新的版本列表再决定。")
            self._put(Publication(back, at, back=True))
            return back

    def one_before(self) -> str | None:
        """The version that a step back would put in force; ``None`` where there is none."""
        published = self._published()
        current = published[-1] if published else ""
        earlier = (name for name in reversed(published[:-1]) if name != current)
        return next(filter(self._is_sound, earlier), None)

    def in_force_at(self, moment: datetime) -> str | None:
        """The version in force at a moment; ``None`` before the first publication."""
        names = [p.name for p in self.publications() if p.at is None or p.at <= moment]
        return names[-1] if names else None

    def publications(self) -> list[Publication]:
        """All that are remembered, the oldest first; damaged lines are passed over."""
        try:
            lines = self._pointer.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError):
            return []
        return [
            _publication(*words)
            for line in lines
            if _NAME.fullmatch((words := line.split() or [""])[0])
        ]

    def known(self, name: str) -> None:
        """Raises ``UnknownVersion`` where there is no such version."""
        if not self.path(name).exists():
            raise UnknownVersion(f"没有版本“{name}”。用 zwgk knowledge versions 查看有哪些版本。")

    def made_by(self, software: str, name: str = "") -> bool:
        """Whether a version, the one in force where none is named, can be read and was built by this software."""
        name = name or self.current() or ""
        try:
            return bool(name) and SnapshotReader(self.path(name)).meta.get("software") == software
        except UnreadableFile:
            return False

    def load(self, name: str, make: Callable[[str, SnapshotReader], T]) -> T:
        """A version as ``make`` reads it; raises ``UnreadableFile`` where it is damaged."""
        path = self.path(name)
        try:
            return make(name, SnapshotReader(path))
        except (KeyError, ValueError, TypeError) as error:
            raise UnreadableFile(f"知识快照“{path.name}”的内容不完整，已损坏。") from error

    def load_newest_sound(self, make: Callable[[str, SnapshotReader], T]) -> tuple[T, str]:
        """The version in force, or, where its file is damaged, the last sound one before it, with what was wrong.

        Raises ``UnreadableFile`` when none can be read.
        """
        trouble = ""
        for name in dict.fromkeys(reversed(self._published())):
            try:
                return self.load(name, make), trouble
            except UnreadableFile as error:
                trouble = trouble or f"{error}已改用较早的版本。"
        raise UnreadableFile(
            f"知识目录“{self.directory}”里没有可用的知识快照。请运行 zwgk knowledge build 重新生成。"
        )

    def _is_sound(self, name: str) -> bool:
        try:
            SnapshotReader(self.path(name))
        except UnreadableFile:
            return False
        return True

    def _published(self) -> list[str]:
        """The versions on the way back from the one in force, which is the last."""
        names: list[str] = []
        for publication in self.publications():
            while publication.back and names and names[-1] != publication.name:
                names.pop()
            if names[-1:] != [publication.name]:
                names.append(publication.name)
        return names

    def _put(self, publication: Publication) -> None:
        kept = [*self.publications(), publication][-_KEPT:]
        files.put(self._pointer, "".join(one.line() for one in kept).encode("ascii"))


def _publication(name: str, moment: str = "", back: str = "", *_: str) -> Publication:
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        at = None
    return Publication(name, at if at and at.tzinfo else None, back == _BACK)


def _reason(error: OSError | sqlite3.Error) -> str:
    if isinstance(error, OSError):
        return _REASONS.get(error.errno or 0) or error.strerror or str(error)
    code = getattr(error, "sqlite_errorcode", 0)
    return "磁盘已满" if code == sqlite3.SQLITE_FULL else f"数据库写入出错：{error}"
