"""One contender in a process of its own: ``build`` its files or ``search`` them; prints JSON. Part of ``search``."""

import gc
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.contenders import contender

WARMING = 50
"""Messages that nobody times."""


def memory(entry: str = "VmRSS") -> float:
    """Megabytes that this process holds in memory, or held at most (``VmHWM``); 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith(entry))
    return int(line.split()[1]) / 1024


def build(name: str, folder: Path, count: int, areas: int) -> dict[str, Any]:
    """Build, and tell what it took; the rows of the first county are made beforehand."""
    from tests.benchmarks.rows import Catalogues

    catalogues = Catalogues(count, areas)
    catalogues.items(0)
    building = contender(name)
    began = time.perf_counter()
    building.build(folder, catalogues)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "megabytes": memory("VmHWM")}


def search(name: str, folder: Path, messages: Sequence[tuple[str, str]], one_area: bool) -> Any:
    """Ask every message in turn. What is held in memory is beside a bare Python: libraries and dictionaries count."""
    before = memory()
    find = contender(name).open(folder, one_area)
    gc.collect()
    gc.freeze()
    taken, computed, found = [], [], []
    for text, area in [*messages[:WARMING], *messages]:
        began, busy = time.perf_counter(), time.thread_time()
        rows = find(text, area)
        taken.append(1000 * (time.perf_counter() - began))
        computed.append(1000 * (time.thread_time() - busy))
        found.append(list(rows))
    return {
        "ms": taken[WARMING:],
        "cpu_ms": computed[WARMING:],
        "found": found[WARMING:],
        "megabytes": memory() - before,
    }


def main() -> None:
    """Do what standard input says."""
    order = json.load(sys.stdin)
    folder = Path(order.pop("folder"))
    works: Mapping[str, Callable[..., Any]] = {"build": build, "search": search}
    json.dump(works[order.pop("work")](folder=folder, **order), sys.stdout)


if __name__ == "__main__":
    main()
