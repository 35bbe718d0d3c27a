"""Groups of people (人群) that notices are for, and the words that name them in daily life.

The table ``data/groups.csv`` is the product's vocabulary: 公开对象 of catalogue rows that are meant for some people
only, in the words of these people.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from catalogue_index.analysis.normalise import normalise


@dataclass(frozen=True, slots=True)
class Group:
    """A group: its name, other words for it, and who belongs to it."""

    name: str
    synonyms: tuple[str, ...]
    meaning: str


class Groups:
    """The list of groups, in the order in which they are offered."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self.all = tuple(groups)
        self.names = tuple(group.name for group in self.all)
        self._by_word: dict[str, tuple[str, ...]] = {}
        for group in self.all:
            for word in (group.name, *group.synonyms):
                key = normalise(word)
                self._by_word[key] = (*self._by_word.get(key, ()), group.name)
        for name in self.names:  # an official name is no other group's synonym
            self._by_word[normalise(name)] = (name,)

    def called(self, words: str) -> tuple[str, ...]:
        """The groups that ``words`` name as a whole: several where people use one word for several."""
        return self._by_word.get(normalise(words), ())

    def mentioned(self, text: str) -> tuple[str, ...]:
        """The groups named somewhere in ``text``, longest word first, no word inside another."""
        plain = normalise(text)
        found: dict[str, None] = {}
        for word in sorted(self._by_word, key=len, reverse=True):
            if word in plain:
                plain = plain.replace(word, " ")
                found |= dict.fromkeys(self._by_word[word])
        return tuple(found)

    def words_of(self, name: str) -> tuple[str, ...]:
        """All words, normalised, that name a group."""
        return tuple(word for word, names in self._by_word.items() if name in names)


@lru_cache(maxsize=1)
def national_groups() -> Groups:
    """The built-in list."""
    table = files("bot.subscriptions").joinpath("data/groups.csv").read_text(encoding="utf-8")
    return Groups(
        Group(row["name"], tuple(filter(None, row["synonyms"].split("、"))), row["meaning"])
        for row in csv.DictReader(table.splitlines())
    )
