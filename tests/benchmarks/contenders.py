"""Those who search the same rows for the same questions. Each is imported only by the process that measures it."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from tests.benchmarks.rows import Catalogues

SHOWN = 3
"""Rows that are looked at of what is found."""

Search = Callable[[str, str], Sequence[int | None]]
"""(message, area code) → numbers of the first rows found; ``None`` for something that is no row."""


class Contender(Protocol):
    """One way to search."""

    def build(self, folder: Path, catalogues: "Catalogues") -> None:
        """Write to the folder what searching needs."""

    def open(self, folder: Path, one_area: bool) -> Search:
        """Load it; with ``one_area`` there are no rows of other areas to keep out."""


_PLACES: Mapping[str, str] = {
    "our search": "ours.OurSearch",
    "our answer": "ours.OurAnswer",
    "bm25s, jieba": "peers.bm25s.Bm25s",
    "SQLite FTS5, trigram": "peers.sqlite.Trigrams",
    "SQLite FTS5, jieba": "peers.sqlite.Words",
    "tantivy, jieba": "peers.tantivy.Tantivy",
}
NAMES: Sequence[str] = tuple(_PLACES)
"""All contenders, ours first."""
OURS = NAMES[:2]


def contender(name: str) -> Contender:
    """The contender of this name."""
    module, _, kind = _PLACES[name].rpartition(".")
    return cast(Contender, getattr(import_module(f"tests.benchmarks.{module}"), kind)())
