"""Everyday words and the office's words for the same thing, as reviewed data (低保 = 最低生活保障)."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from .normalise import normalise

EVERY_SECTOR = "通用"
"""The sector of synonyms that hold whatever the subject."""


@dataclass(frozen=True, slots=True)
class Synonym:
    """``word`` as people say it, ``standard`` as the documents say it; ``sector`` narrows what it is about, if it does."""

    word: str
    standard: str
    sector: str = ""


class Synonyms:
    """Finds the everyday words in a text, longest first, none inside another."""

    def __init__(self, synonyms: Iterable[Synonym]) -> None:
        self._by_start: dict[str, list[tuple[str, list[Synonym]]]] = {}
        words: dict[str, list[Synonym]] = {}
        for synonym in synonyms:
            words.setdefault(normalise(synonym.word), []).append(synonym)
        for word in sorted(words, key=len, reverse=True):
            if word:
                self._by_start.setdefault(word[0], []).append((word, words[word]))

    def find(self, normalised: str) -> list[Synonym]:
        """Synonyms whose everyday word occurs in the text, in order of appearance."""
        found: list[Synonym] = []
        at = 0
        while at < len(normalised):
            for word, synonyms in self._by_start.get(normalised[at], ()):
                if normalised.startswith(word, at):
                    found.extend(s for s in synonyms if s not in found)
                    at += len(word) - 1
                    break
            at += 1
        return found


@lru_cache(maxsize=1)
def everyday_words() -> Sequence[Synonym]:
    """The built-in list, reviewed, from how people in several provinces put their questions."""
    table = files("catalogue_index").joinpath("data/synonyms.csv").read_text(encoding="utf-8")
    return tuple(
        Synonym(
            row["word"], row["standard"], "" if row["sector"] == EVERY_SECTOR else row["sector"]
        )
        for row in csv.DictReader(table.splitlines())
    )
