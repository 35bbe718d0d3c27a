"""Versions of the knowledge on disk: candidates, the one in force, and the way back.

``knowledge/<version>.sqlite`` never changes once written; ``knowledge/current`` names the one in force and is replaced
atomically, so every process sees the old or the new version and nothing between.
"""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from catalogue_index.errors import Refused, UnreadableFile
from catalogue_index.snapshot import SnapshotReader

_NAME = re.compile(r"[0-9]{8}-[0-9a-f]{12}")
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


class Versions:
    """The ``knowledge`` directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._pointer = directory / "current"
        self._history = directory / "history"

    def path(self, name: str) -> Path:
        """The file of a version; raises ``UnknownVersion`` for a malformed name."""
        if not _NAME.fullmatch(name):
            raise UnknownVersion(f"没有版本“{name}”。用 zwgk knowledge versions 查看有哪些版本。")
        return self.directory / f"{name}.sqlite"

    def names(self) -> list[str]:
        """All versions on disk, newest first."""
        files = self.directory.glob("*.sqlite") if self.directory.is_dir() else ()
        sound = (f for f in files if _NAME.fullmatch(f.stem))
        return [
            f.stem
            for f in sorted(sound, key=lambda f: (f.stat().st_mtime_ns, f.stem), reverse=True)
        ]

    def current(self) -> str | None:
        """The version in force; ``None`` before the first publication."""
        try:
            name = self._pointer.read_text(encoding="ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        return name if _NAME.fullmatch(name) and self.path(name).exists() else None

    def stamp(self) -> object:
        """Changes whenever another version comes into force."""
        try:
            found = self._pointer.stat()
        except FileNotFoundError:
            return None
        return (found.st_mtime_ns, found.st_ino)

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

    def publish(self, name: str) -> None:
        """Put a version in force. Raises ``UnknownVersion`` or ``UnreadableFile`` and changes nothing then."""
        if not self.path(name).exists():
            raise UnknownVersion(f"没有版本“{name}”。用 zwgk knowledge versions 查看有哪些版本。")
        SnapshotReader(self.path(name))
        before = self.current()
        if before == name:
            return
        history = self._past()
        if before:
            history.append(before)
        self._replace(self._history, "\n".join(history[-100:]) + "\n")
        self._replace(self._pointer, name + "\n")

    def rollback(self) -> str:
        """Put the version before this one in force again and return its name."""
        history = self._past()
        while history:
            name = history.pop()
            if self.path(name).exists() and name != self.current():
                SnapshotReader(self.path(name))
                self._replace(self._pointer, name + "\n")
                self._replace(self._history, "".join(f"{past}\n" for past in history))
                return name
        raise UnknownVersion("没有可以退回的上一版本：当前就是最早发布的版本。")

    def load_newest_sound(self, load: Callable[[str, SnapshotReader], T]) -> tuple[T, str]:
        """The version in force, or, where its file is damaged, the newest sound one, with what was wrong.

        Raises ``UnreadableFile`` when none can be read.
        """
        current, trouble = self.current(), ""
        for name in dict.fromkeys(
            [*([current] if current else []), *reversed(self._past()), *self.names()]
        ):
            try:
                return load(name, SnapshotReader(self.path(name))), trouble
            except (UnreadableFile, KeyError, ValueError, TypeError) as error:
                trouble = trouble or f"{error}已改用较早的版本。"
        raise UnreadableFile(
            f"知识目录“{self.directory}”里没有可用的知识快照。请运行 zwgk knowledge build 重新生成。"
        )

    def _past(self) -> list[str]:
        try:
            lines = self._history.read_text(encoding="ascii").split()
        except (FileNotFoundError, UnicodeDecodeError):
            return []
        return [name for name in lines if _NAME.fullmatch(name)]

    def _replace(self, path: Path, text: str) -> None:
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with part.open("w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
