"""Reads a workbook in a process of its own: there a hostile one may abort calamine or fill memory.

calamine lays a sheet out as a full rectangle, and the end of an allocation that fails is the end of
its process. Where a file cannot be weighed before, only that process is lost.
"""

import json
import subprocess
import sys
from dataclasses import astuple
from typing import Any

from ..errors import UnreadableFile
from .bounds import Bounds
from .grid import Grid, Span

_MOST_SECONDS = 60
_MOST_BYTES = 4_000_000_000


def read(data: bytes, name: str, bounds: Bounds) -> list[Grid] | None:
    """The sheets of a workbook, or ``None`` when the process that read them came to its end.

    Raises ``UnreadableFile`` for what ``xlsx.read`` refuses.
    """
    command = [sys.executable, "-m", __name__, name, *map(str, astuple(bounds))]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=_MOST_SECONDS, check=True
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        return None
    if isinstance(answer, str):
        raise UnreadableFile(answer)
    return [_grid(*one) for one in answer]


def _grid(
    name: str, cells: list[list[str]], spans: list[list[int]], row: int, column: int, note: str
) -> Grid:
    return Grid(
        name,
        tuple(map(tuple, cells)),
        tuple(Span(*span) for span in spans),
        first_row=row,
        first_column=column,
        note=note,
    )


def _main() -> None:
    from . import xlsx

    _limit_memory()
    name, *bounds = sys.argv[1:]
    answer: Any
    try:
        grids = xlsx.read_here(sys.stdin.buffer.read(), name, Bounds(*map(int, bounds)))
    except UnreadableFile as error:
        answer = str(error)
    else:
        answer = [
            (g.name, g.cells, list(map(astuple, g.spans)), g.first_row, g.first_column, g.note)
            for g in grids
        ]
    json.dump(answer, sys.stdout)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))


if __name__ == "__main__":
    _main()
