"""``python -m tests.benchmarks``: every figure that is promised, beside what is wanted, in one run.

Exit status 1 if one is missed. ``--json`` prints the figures for a program.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import answering, starting, webhook


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; ``least`` or ``most`` is what is wanted of it."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether it is as wanted; ``None`` when nothing is wanted of it."""
        if self.least is None and self.most is None:
            return None
        above = self.least is None or self.value >= self.least
        return above and (self.most is None or self.value <= self.most)

    @property
    def wanted(self) -> str:
        """What is wanted, in words."""
        if self.least is not None:
            return f"≥ {self.least:g}"
        return f"≤ {self.most:g}" if self.most is not None else ""


def figures(data_dir: Path, quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Measure, from the cheapest to the longest."""
    tell("answers in process")
    taken = answering.milliseconds(data_dir, 200 if quick else 1000)
    yield Figure("one question, p50", taken[len(taken) // 2], "ms")
    yield Figure("one question, p99", taken[int(len(taken) * 0.99)], "ms", most=5)
    tell("start")
    started = min((starting.start(data_dir) for _ in range(3)), key=lambda start: start.seconds)
    yield Figure("start to ready", started.seconds, "s", most=2)
    yield Figure("resident memory", started.megabytes, "MB", most=250)
    tell("webhook beside the echo bot")
    found = webhook.compare(count=1000 if quick else 6000, rounds=1 if quick else 3, tell=tell)
    yield Figure("webhook, safe mode", found.rates["zwgk"], "/s")
    yield Figure("WeRoBot echo bot", found.rates["werobot"], "/s")
    yield Figure("webhook over echo bot", found.ratio, "", least=0.4)
    yield Figure("webhook at 50/s, p99", found.paced.quantile(0.99), "ms", most=100)
    yield Figure("messages without answer", found.failed, "", most=0)


def main() -> int:
    """Measure and print; 0 when all is as wanted."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, rougher figures")
    options = parser.parse_args()
    notes = Console(stderr=True, highlight=False)
    with tempfile.TemporaryDirectory() as directory:
        measured = list(figures(Path(directory), options.quick, notes.print))
    if options.json:
        rows = [{**asdict(figure), "met": figure.met} for figure in measured]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        table = Table("figure", "measured", "wanted", "")
        for figure in measured:
            mark = {True: "met", False: "missed", None: ""}[figure.met]
            table.add_row(figure.name, f"{figure.value:.4g} {figure.unit}", figure.wanted, mark)
        Console(highlight=False).print(table)
    return 1 if any(figure.met is False for figure in measured) else 0


if __name__ == "__main__":
    sys.exit(main())
