"""What commands share: settings, tables, progress, JSON, refusals."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.settings import Settings, load_settings

Json = Annotated[bool, typer.Option("--json", help="输出 JSON，便于程序读取")]

screen = Console(highlight=False)
notes = Console(stderr=True, highlight=False)


def settings() -> Settings:
    """The settings of this command: the data directory's file and the environment."""
    return load_settings(None, os.environ)


def fail(sentence: str, status: int = 1) -> NoReturn:
    """Say why not, and end."""
    print(sentence, file=sys.stderr)
    raise SystemExit(status)


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


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Shows the step under way on stderr, when that is a terminal."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=notes,
        transient=True,
    )
    with bar:
        task = bar.add_task("准备", total=None)
        yield lambda name: bar.update(task, description=name)
