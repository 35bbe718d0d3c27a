"""A linear classifier of short texts, as plain data: what each run of characters says for each class.

Learned elsewhere (``zwgk tune``) and kept as a table that can be read: one row a feature, with its weight in the text (IDF)
and its say for every class.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from operator import add

import numpy as np
from numpy.typing import NDArray

from .analyser import Query

_RUN = re.compile(r"[㐀-鿿a-z0-9]+")


def features(query: Query) -> set[str]:
    """Runs of one to three characters, edges marked ^ and $, and what everyday words in it mean (=word, @sector)."""
    found: set[str] = set()
    for run in _RUN.findall(query.text):
        marked = f"^{run}$"
        pairs = list(map(add, marked, marked[1:]))
        found.update(marked, pairs, map(add, pairs, marked[2:]))
    for synonym in query.synonyms:
        found.add(f"={synonym.standard}")
        if synonym.sector:
            found |= {f"@{synonym.sector}", "@"}
    return found


class Classifier:
    """Gives each class a score for a text: above 0 for, below 0 against."""

    def __init__(
        self,
        classes: Sequence[str],
        base: Sequence[float],
        features: Sequence[str],
        numbers: NDArray[np.float32],
    ) -> None:
        """``base`` is each class's score of an empty text; ``numbers`` has a row a feature: its IDF, then its say for each
        class."""
        self.classes = tuple(classes)
        self._numbers = {feature: number for number, feature in enumerate(features)}
        numbers = numbers.reshape(len(features), 1 + len(classes))
        self._idf, self._say = numbers[:, 0].copy(), numbers[:, 1:].copy()
        self._base = np.array(base, dtype=np.float32)

    @classmethod
    def of(
        cls,
        classes: Sequence[str],
        base: Sequence[float],
        rows: Mapping[str, tuple[float, Sequence[float]]],
    ) -> "Classifier":
        """From plain values: ``rows`` give a feature's IDF and its say for each class."""
        numbers = np.array([[idf, *say] for idf, say in rows.values()], dtype=np.float32)
        return cls(classes, base, list(rows), numbers)

    @classmethod
    def read(cls, lines: Sequence[str]) -> "Classifier":
        """From CSV: a header ``feature,idf,<class>…``, the base in the row whose feature is empty."""
        head, base, *rows = lines
        classes = next(csv.reader([head]))[2:]
        names = [row.rsplit(",", 1 + len(classes))[0] for row in rows]
        texts = [row[len(name) + 1 :] for name, row in zip(names, rows, strict=True)]
        features = [n[1:-1].replace('""', '"') if n.startswith('"') else n for n in names]
        # NumPy reads a quarter of a million numbers ten times faster than float() does.
        numbers = np.fromstring(",".join(texts), dtype=np.float32, sep=",")
        return cls(classes, list(map(float, base.split(",")[2:])), features, numbers)

    def table(self) -> list[list[str | float]]:
        """The rows that ``read`` takes."""
        head: list[str | float] = ["feature", "idf", *self.classes]
        base: list[str | float] = ["", 0.0, *(round(float(value), 3) for value in self._base)]
        says = self._say.tolist()
        return [
            head,
            base,
            *(
                [feature, round(float(self._idf[n]), 3), *(round(say, 3) for say in says[n])]
                for feature, n in self._numbers.items()
            ),
        ]

    def scores(self, found: Iterable[str]) -> dict[str, float]:
        """The score of every class for the ``features`` of a text."""
        known = [n for n in map(self._numbers.get, found) if n is not None]
        told = self._base.astype(np.float64)
        if known:
            # In one order, whatever that of a set is in this process: sums of numbers depend on it.
            rows = np.sort(known)
            weights = self._idf[rows]
            told += (weights / np.sqrt(weights @ weights)) @ self._say.take(rows, axis=0)
        return dict(zip(self.classes, told.tolist(), strict=True))

    def speaking(self, found: Iterable[str], name: str) -> list[str]:
        """The ``features`` of a text that speak for a class, what says most first."""
        column = self._say[:, self.classes.index(name)]
        says = {
            f: self._idf[n] * column[n] for f in found if (n := self._numbers.get(f)) is not None
        }
        return sorted((f for f, say in says.items() if say > 0), key=lambda f: (-says[f], f))
