"""SQLite's full-text search, FTS5."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.contenders import SHOWN, Search

if TYPE_CHECKING:
    from tests.benchmarks.rows import Catalogues

_RUN = re.compile(r"\w+")


class Fts5:
    """SQLite's full-text search; the tokenizer and how a text is cut for it are the heirs' own."""

    tokenizer = ""

    @staticmethod
    def cut(text: str) -> Sequence[str]:
        """The parts of a message that are looked for, each by itself."""
        raise NotImplementedError

    @classmethod
    def stored(cls, text: str) -> str:
        """A row's text as it is given to the tokenizer."""
        raise NotImplementedError

    def build(self, folder: Path, catalogues: Catalogues) -> None:
        """Insert every row."""
        with closing(sqlite3.connect(folder / "rows.db")) as database:
            database.execute(
                f"create virtual table rows using fts5 (text, area unindexed, tokenize='{self.tokenizer}')"
            )
            database.executemany(
                "insert into rows (rowid, text, area) values (?, ?, ?)",
                ((n, self.stored(text), area) for n, area, text in catalogues.texts()),
            )
            database.execute("insert into rows (rows) values ('optimize')")
            database.commit()

    def open(self, folder: Path, one_area: bool) -> Search:
        """Open the file."""
        self.cut("热身")
        return partial(self._search, sqlite3.connect(folder / "rows.db"), one_area)

    def _search(
        self, database: sqlite3.Connection, one_area: bool, text: str, area: str
    ) -> list[int | None]:
        words = " OR ".join(f'"{word}"' for word in dict.fromkeys(self.cut(text)))
        if not words:
            return []
        found = database.execute(
            "select rowid from rows where rows match ? and (? or area = ?) order by bm25(rows) limit ?",
            (words, one_area, area, SHOWN),
        )
        return [number for (number,) in found]


class Trigrams(Fts5):
    """Every three characters in a row."""

    tokenizer = "trigram"

    @staticmethod
    def cut(text: str) -> Sequence[str]:
        runs = _RUN.findall(text)
        return [run[at : at + 3] for run in runs for at in range(len(run) - 2)]

    @classmethod
    def stored(cls, text: str) -> str:
        return text


class Words(Fts5):
    """Words by jieba, set apart by blanks."""

    tokenizer = "unicode61"

    @staticmethod
    def cut(text: str) -> Sequence[str]:
        from .cutting import words  # the other tokenizer does without jieba

        return words(text)

    @classmethod
    def stored(cls, text: str) -> str:
        return " ".join(cls.cut(text))
