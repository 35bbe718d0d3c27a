"""A large workbook in the national layout: ours beside python-calamine alone and pandas, each in a process of its own.

Ours knows a header, merged cells, boxes and ticks, and says what it did with every row; the others hand over cells. What is
compared is the way from file to search: calamine's cells are followed by the index of the same items.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from catalogue_index.importing import import_catalogue
from catalogue_index.model import Item
from catalogue_index.readers import Span, read_grids
from tests.benchmarks.child import memory
from tests.benchmarks.figures import Figure, Findings
from tests.benchmarks.rows import Catalogues
from tests.fixtures.zoo.tables import NATIONAL, Column, Table, header_of
from tests.fixtures.zoo.writers import xlsx

ROWS, QUICK = 50_000, 5_000
OURS, CALAMINE = "ours", "calamine, then the index"
_COLUMNS = (Column("sector", ("领域",)), *NATIONAL)
_MERGED = 4


def figures(rows: int, folder: Path, tell: Callable[[str], None]) -> Iterator[Figure | Findings]:
    """All side by side, and what is wanted of ours."""
    path = folder / "large.xlsx"
    tell(f"{rows:,} rows: workbook")
    path.write_bytes(xlsx([workbook(rows)]))
    found = {}
    for name in CONTENDERS:
        tell(f"{rows:,} rows: {name}")
        found[name] = _run(name, path, rows)
    ours = found[OURS]["seconds"]
    table = [
        {"": name, "seconds": one["seconds"], "MB": one["megabytes"], "speed of ours": one["seconds"] / ours}
        for name, one in found.items()
    ]  # fmt: skip
    yield Findings(f"import of {rows:,} rows", table)
    speed = found[CALAMINE]["seconds"] / ours
    yield Figure(f"{rows:,} rows: our import over calamine and index, speed", speed, "", least=0.5)


def workbook(rows: int) -> Table:
    """A county's catalogue as published: two header rows, merged 一级事项, boxes and ticks."""
    header, spans = header_of(_COLUMNS)
    items = Catalogues(rows).items(0)
    body = [
        tuple(_cells(item, number).get(column.key, "") for column in _COLUMNS)
        for number, item in enumerate(items, 1)
    ]
    category = [column.key for column in _COLUMNS].index("category")
    tops = range(len(header), len(header) + rows - _MERGED, _MERGED)
    merged = [Span(top, category, top + _MERGED - 1, category) for top in tops]
    return Table((*header, *body), (*spans, *merged), "基层政务公开标准目录")


def _cells(item: Item, number: int) -> dict[str, str]:
    chosen = (item.channels or "").split(";")
    return {
        "number": str(number),
        "sector": item.sector or "",
        "category": item.category or "",
        "item": item.item or "",
        "content": item.content or "",
        "basis": item.basis or "",
        "time_limit": item.time_limit or "",
        "discloser": item.discloser or "",
        "channels": "\n".join((*(f"■{name}" for name in chosen), "□其他")),
        "all": "√",
        "active": "√",
        "county": "√",
        "town": "√" if number % 2 else "",
    }


def _ours(path: Path, rows: int, folder: Path) -> None:
    from tests.benchmarks.ours import index

    index(folder / "rows.sqlite", import_catalogue(read_grids(path)).items)


def _ours_alone(path: Path, rows: int, folder: Path) -> None:
    assert len(import_catalogue(read_grids(path)).items) == rows


def _calamine(path: Path, rows: int, folder: Path) -> None:
    from tests.benchmarks.ours import index

    _calamine_alone(path, rows, folder)
    index(folder / "rows.sqlite", Catalogues(rows).items(0))


def _calamine_alone(path: Path, rows: int, folder: Path) -> None:
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(path) as book:
        sheet = book.get_sheet_by_index(0)
        assert len(sheet.to_python()) > rows
        assert sheet.merged_cell_ranges


def _pandas_calamine(path: Path, rows: int, folder: Path) -> None:
    import pandas

    assert len(pandas.read_excel(path, engine="calamine", dtype=str)) > rows


def _pandas_openpyxl(path: Path, rows: int, folder: Path) -> None:
    import pandas

    assert len(pandas.read_excel(path, engine="openpyxl", dtype=str)) > rows


CONTENDERS: Mapping[str, Callable[[Path, int, Path], None]] = {
    OURS: _ours,
    CALAMINE: _calamine,
    "ours, no index": _ours_alone,
    "calamine, cells only": _calamine_alone,
    "pandas by calamine, cells only": _pandas_calamine,
    "pandas by openpyxl, cells only": _pandas_openpyxl,
}


def _run(name: str, path: Path, rows: int) -> dict[str, float]:
    child = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.importing"],
        input=json.dumps({"name": name, "path": str(path), "rows": rows}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    measured: dict[str, float] = json.loads(child.stdout)
    return measured


def main() -> None:
    """Let one contender do what standard input says, once, and print what it took."""
    order: dict[str, Any] = json.load(sys.stdin)
    name, rows = order["name"], order["rows"]
    if name == CALAMINE:
        Catalogues(rows).items(0)  # made beforehand: only reading and indexing count
    before = memory()
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        CONTENDERS[name](Path(order["path"]), rows, Path(folder))
        seconds = time.perf_counter() - began
    json.dump({"seconds": seconds, "megabytes": memory("VmHWM") - before}, sys.stdout)


if __name__ == "__main__":
    main()
