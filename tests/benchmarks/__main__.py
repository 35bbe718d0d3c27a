"""``python -m tests.benchmarks [PART ...]``: every figure that is promised, beside what is wanted, in one run.

Parts are accuracy, answering, claim, console, start, hostile, import, search, sending, snapshot and webhook; all of
them where none is named. Exit status 1 if a figure is missed. ``--json`` prints the figures for a program.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    accuracy,
    answering,
    console,
    hostile,
    importing,
    search,
    sending,
    snapshot,
    starting,
    webhook,
)
from tests.benchmarks.figures import Figure, Findings


@dataclass(frozen=True, slots=True)
class Run:
    """How to measure: where, how thoroughly, and whom to tell what is being done."""

    data_dir: Path
    quick: bool
    slow: bool
    count: int | None
    tell: Callable[[str], None]


Measured = Iterator[Figure | Findings]


def answering_figures(run: Run) -> Measured:
    """Ordinary questions over the built-in documents."""
    run.tell("answers in process")
    taken = answering.milliseconds(run.data_dir, 200 if run.quick else 1000)
    yield Figure("one question, p50", taken[len(taken) // 2], "ms")
    yield Figure("one question, p99", taken[int(len(taken) * 0.99)], "ms", most=5)


def start_figures(run: Run) -> Measured:
    """The command ``zwgk serve``."""
    run.tell("start")
    started = min((starting.start(run.data_dir) for _ in range(3)), key=lambda start: start.seconds)
    yield Figure("start to ready", started.seconds, "s", most=2)
    yield Figure("resident memory", started.megabytes, "MB", most=250)


def webhook_figures(run: Run) -> Measured:
    """The webhook beside the echo bot."""
    run.tell("webhook beside the echo bot")
    count, rounds = (1000, 1) if run.quick else (6000, 3)
    found = webhook.compare(count=count, rounds=rounds, tell=run.tell)
    yield Figure("webhook, safe mode", found.rates["zwgk"], "/s")
    yield Figure("WeRoBot echo bot", found.rates["werobot"], "/s")
    yield Figure("webhook over echo bot", found.ratio, "", least=0.4)
    yield Figure("webhook at 50/s, p99", found.paced.quantile(0.99), "ms", most=100)
    yield Figure("messages without answer", found.failed, "", most=0)


def accuracy_figures(run: Run) -> Measured:
    """Forms in which catalogues are published, in every format."""
    run.tell("published forms, cell by cell")
    yield from accuracy.figures()


def import_figures(run: Run) -> Measured:
    """A large workbook, beside those who only read its cells."""
    rows = importing.QUICK if run.quick else importing.ROWS
    yield from importing.figures(rows, run.data_dir, run.tell)


def search_figures(run: Run) -> Measured:
    """Large catalogues, beside other ways to search them."""
    sizes = search.SIZES[:1] if run.quick else search.SIZES
    for size in (*sizes, *((search.SLOW,) if run.slow else ())):
        yield from search.figures(size, run.tell)


def hostile_figures(run: Run) -> Measured:
    """Messages that nobody should send."""
    run.tell("hostile messages")
    yield from hostile.figures(run.data_dir, run.count or (1000 if run.quick else 10_000))


def claim_figures(run: Run) -> Measured:
    """The ledger of deliveries beside many old rows."""
    rows = 100_000 if run.quick else 1_000_000
    yield from sending.claim_figures(rows, run.data_dir, run.tell)


def console_figures(run: Run) -> Measured:
    """Every page of the office's console over a large installation."""
    yield from console.figures(0.05 if run.quick else 1.0, run.data_dir, run.tell)


def snapshot_figures(run: Run) -> Measured:
    """A push to very many people, from its submission to its deliveries."""
    people = snapshot.PEOPLE // 10 if run.quick else snapshot.PEOPLE
    yield from snapshot.figures(people, run.data_dir, run.tell)


def sending_figures(run: Run) -> Measured:
    """Letters to a provider that takes 50 ms for each."""
    letters = 4000 if run.quick else 20_000
    yield from sending.sending_figures(letters, run.data_dir, run.tell)
    yield from sending.adapter_figures(letters // 2, run.tell)


PARTS: Mapping[str, Callable[[Run], Measured]] = {
    "accuracy": accuracy_figures,
    "answering": answering_figures,
    "claim": claim_figures,
    "console": console_figures,
    "start": start_figures,
    "hostile": hostile_figures,
    "import": import_figures,
    "search": search_figures,
    "sending": sending_figures,
    "snapshot": snapshot_figures,
    "webhook": webhook_figures,
}


def main() -> int:
    """Measure and print; 0 when all is as wanted."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (all)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, rougher figures")
    parser.add_argument("--slow", action="store_true", help="search 4,000,000 rows as well")
    parser.add_argument("--count", type=int, help="hostile messages (10000)")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    notes = Console(stderr=True, highlight=False)
    with tempfile.TemporaryDirectory() as directory:
        run = Run(Path(directory), options.quick, options.slow, options.count, notes.print)
        measured = [
            found
            for part, measure in PARTS.items()
            if not options.parts or part in options.parts
            for found in measure(run)
        ]
    figures = [found for found in measured if isinstance(found, Figure)]
    tables = [found for found in measured if isinstance(found, Findings)]
    if options.json:
        values = [{**asdict(figure), "met": figure.met} for figure in figures]
        print(json.dumps({"figures": values, "tables": list(map(asdict, tables))}, indent=2))
    else:
        show(figures, tables)
    return 1 if any(figure.met is False for figure in figures) else 0


def show(figures: list[Figure], tables: list[Findings]) -> None:
    """The tables, then the figures."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    for found in tables:
        table = Table(*found.rows[0], title=found.title)
        for row in found.rows:
            table.add_row(*(f"{v:,.3g}" if isinstance(v, float) else str(v) for v in row.values()))
        console.print(table)
    table = Table("figure", "measured", "wanted", "")
    for figure in figures:
        mark = {True: "met", False: "missed", None: ""}[figure.met]
        table.add_row(figure.name, f"{figure.value:.4g} {figure.unit}", figure.wanted, mark)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
