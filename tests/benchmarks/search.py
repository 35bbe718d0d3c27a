"""Our search and our whole answer beside peers, on the same rows and questions, each in processes of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.contenders import NAMES, OURS
from tests.benchmarks.figures import Figure, Findings, quantile
from tests.benchmarks.rows import Asked, Catalogues, questions

SIZES = (Catalogues(2_000), Catalogues(20_000), Catalogues(200_000))
SLOW = Catalogues(4_000_000, 2_000)
_SLOW_NAMES = [name for name in NAMES if "jieba" not in name]
"""Whom to measure then: cutting so many rows into words with jieba takes half an hour of the processor for each peer."""
_SEARCHES = 3
"""Times that all messages are asked, each in a new process: the best counts, for every contender alike."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one contender needed for one size, and how often the right matter came ``first`` or among ``three`` (shares).

    Times are milliseconds a message; those of the processor alone are the same on a busy machine.
    """

    name: str
    build_seconds: float
    build_megabytes: float
    disk_megabytes: float
    megabytes: float
    p50: float
    p99: float
    cpu_p99: float
    first: float
    three: float

    def row(self) -> dict[str, Any]:
        """A row of the table."""
        return {
            "": self.name,
            "build s": self.build_seconds,
            "build MB": self.build_megabytes,
            "disk MB": self.disk_megabytes,
            "memory MB": self.megabytes,
            "p50 ms": self.p50,
            "p99 ms": self.p99,
            "p99 CPU ms": self.cpu_p99,
            "first %": 100 * self.first,
            "in three %": 100 * self.three,
        }


def figures(catalogues: Catalogues, tell: Callable[[str], None]) -> Iterator[Figure | Findings]:
    """All contenders side by side, and what is wanted of ours."""
    names = _SLOW_NAMES if catalogues == SLOW else NAMES
    found = {measured.name: measured for measured in measure(catalogues, tell, names)}
    rows = f"{catalogues.count:,} rows"
    title = f"{rows} in {catalogues.areas:,} areas" if catalogues.areas > 1 else rows
    yield Findings(title, [measured.row() for measured in found.values()])
    if bm25s := found.get("bm25s, jieba"):
        times = found["our search"].cpu_p99 / bm25s.cpu_p99
        yield Figure(f"{rows}: our search over bm25s, p99 CPU", times, "", most=2)
    yield Figure(f"{rows}: our answer, p99", found["our answer"].p99, "ms", most=_most(catalogues))


def _most(catalogues: Catalogues) -> float:
    """The milliseconds that an answer may take."""
    return 5 if catalogues.each <= 2_000 else 25


def measure(
    catalogues: Catalogues, tell: Callable[[str], None], names: Sequence[str] = NAMES
) -> Iterator[Measured]:
    """Let each contender build and search, one after the other. A peer may give up, as for want of memory; ours may not."""
    asked = questions(catalogues)
    for name in names:
        tell(f"{catalogues.count:,} rows: {name}")
        try:
            with TemporaryDirectory() as folder:
                yield _measure(name, catalogues, asked, Path(folder))
        except CalledProcessError as error:
            if name in OURS:
                raise
            tell(f"{name} gave up: {error}")


def _measure(name: str, catalogues: Catalogues, asked: Sequence[Asked], folder: Path) -> Measured:
    order = {"name": name, "folder": str(folder)}
    built = _run({**order, "work": "build", "count": catalogues.count, "areas": catalogues.areas})
    messages = [(question.text, catalogues.code(question.county)) for question in asked]
    one_area = catalogues.areas == 1
    searching = {**order, "work": "search", "messages": messages, "one_area": one_area}
    searched = min((_run(searching) for _ in range(_SEARCHES)), key=_cpu_p99)
    right = [
        [row is not None and catalogues.subject(row) == question.subject for row in found]
        for question, found in zip(asked, searched["found"], strict=True)
    ]
    return Measured(
        name,
        built["seconds"],
        built["megabytes"],
        sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6,
        searched["megabytes"],
        quantile(searched["ms"], 0.5),
        quantile(searched["ms"], 0.99),
        _cpu_p99(searched),
        sum(row[:1] == [True] for row in right) / len(right),
        sum(map(any, right)) / len(right),
    )


def _cpu_p99(searched: dict[str, Any]) -> float:
    return quantile(searched["cpu_ms"], 0.99)


def _run(order: dict[str, Any]) -> Any:
    child = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.child"],
        input=json.dumps(order),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(child.stdout)
