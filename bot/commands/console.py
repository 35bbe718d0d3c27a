"""What commands share: settings, tables, progress, JSON, refusals."""

import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from bot import bootstrap
from bot.knowledge.library import Knowledge, Library
from bot.knowledge.versions import Versions
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.knowledge.service import Worse

Json = Annotated[bool, typer.Option("--json", help="输出 JSON，便于程序读取")]

AcceptWorse = Annotated[
    bool, typer.Option("--accept-worse", help="即使有原来答对的题会答不对，也照样发布")
]

screen = Console(highlight=False, markup=False, emoji=False)
notes = Console(stderr=True, highlight=False)


def settings() -> Settings:
    """The settings of this command: the data directory's file and the environment."""
    return load_settings(None, os.environ)


def published() -> Knowledge:
    """The knowledge in force, for commands that read it and answer nothing."""
    chosen = settings()
    with steps() as step:
        bootstrap.prepare(chosen, step=step)
    return Library(Versions(chosen.data_dir / "knowledge")).current()


def fail(sentence: str, status: int = 1) -> NoReturn:
    """Say why not, and end."""
    print(sentence, file=sys.stderr)
    raise SystemExit(status)


DISK_ERRORS = (OSError, sqlite3.Error, DBAPIError)
"""What a full, locked or unwritable disk raises below us."""


def disk_sentence(error: Exception) -> str:
    """What to do about one of ``DISK_ERRORS``."""
    if isinstance(error, DBAPIError):
        reason, place = str(error.orig), "业务数据库"
    elif isinstance(error, OSError):
        reason, place = error.strerror or str(error), str(error.filename or "")
    else:
        reason, place = str(error), "知识库"
    where = f"“{place}”" if place else ""
    return (
        f"读写{where}出错（{reason}）。请检查磁盘剩余空间和写入权限，或用 --data-dir 换一个目录。"
    )


def say(sentence: str) -> None:
    """One line on stdout, at once and however long: not wrapped at the terminal's width."""
    print(sentence, flush=True)


def say_accepted(worse: "Sequence[Worse]") -> None:
    """What was accepted to be worse, where anything was."""
    if worse:
        say(f"已接受：原来答对、现在答不对的题有 {len(worse)} 道。")
    for number, one in enumerate(worse, 1):
        say(f"{number}. {one}")


def print_json(value: Any) -> None:
    """One JSON value on stdout, Chinese as it is."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on stdout; every column folds rather than being cut."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    screen.print(table)


class Steps:
    """What is shown of the work under way."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar = bar
        self._task = task
        self._piece = ""
        self._begun = 0

    def __call__(self, name: str) -> None:
        """Name the step under way."""
        self._bar.update(self._task, description="：".join(filter(None, (self._piece, name))))

    def begin(self, name: str) -> None:
        """Count a piece of the work as begun, and those before it as done."""
        self._bar.update(self._task, description=name, completed=self._begun)
        self._piece = name
        self._begun += 1


@contextmanager
def steps(pieces: int | None = None, *, console: Console = notes) -> Iterator[Steps]:
    """Shows the step under way, when ``console`` is a terminal; of known ``pieces`` how many are done."""
    counts = (BarColumn(), MofNCompleteColumn()) if pieces else ()
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        *counts,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        yield Steps(bar, bar.add_task("准备", total=pieces))


@contextmanager
def amount(name: str, *, console: Console = notes) -> Iterator[Callable[[int, int], None]]:
    """Shows how many bytes of how many are done, when ``console`` is a terminal."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
