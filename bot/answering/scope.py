"""Where a question is asked, and so which official text can bind the asker."""

from collections.abc import Iterable
from dataclasses import dataclass

import catalogue_index.areas
from bot.knowledge.building import REFERENCE_SHELF
from bot.knowledge.library import Knowledge
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import Area, Areas


@dataclass(frozen=True, slots=True)
class Scope:
    """``home`` is the asker's area code, ``named`` the area that the question itself names.

    ``shelves`` are searched; ``words`` are the words that named the area, which say nothing about the subject.
    """

    home: str | None
    named: Area | None
    shelves: tuple[str, ...]
    words: str = ""

    @property
    def area(self) -> str | None:
        """The area that the question is about."""
        return self.named.code if self.named else self.home

    def binds(self, area: str) -> bool:
        """Whether a document of ``area`` binds the asker; who names an area without having one asks for it."""
        asker = self.home or self.area
        return asker is not None and asker.startswith(area)


class Gazetteer:
    """Finds the names of areas in questions.

    Any county by its own name; areas that documents are from also by the short name that people there use (高要).
    A name counts only where a word begins: 高县 is not in 提高县级.
    """

    def __init__(self, areas: Areas, tokeniser: Tokeniser, present: Iterable[str]) -> None:
        self._areas = areas
        self._tokeniser = tokeniser
        names: dict[str, str] = {}
        for code, name in areas.names():
            if len(code) == 6 and len(name) >= 3:
                names.setdefault(name, code)
        for code in present:
            area = areas.get(code, code)
            for name in (area.full_name, area.name, area.short_name):
                if len(name) >= 2:
                    names[name] = code
        self._codes = names
        # By the first two characters: an alternation of three thousand names takes longer to compile
        # than all the rest of the start.
        self._lengths: dict[str, list[int]] = {}
        for length in sorted({len(name) for name in names}, reverse=True):
            for name in names:
                if len(name) == length and length not in self._lengths.setdefault(name[:2], []):
                    self._lengths[name[:2]].append(length)

    def find(self, text: str) -> tuple[Area, str] | None:
        """The first area that the text names, and the words that name it."""
        for at in range(len(text) - 1):
            for length in self._lengths.get(text[at : at + 2], ()):
                words = text[at : at + length]
                code = self._codes.get(words)
                if code is not None and self._tokeniser.begins_word(text, at):
                    return self._areas.get(code, words), words
        return None


def scope_of(text: str, home: str | None, gazetteer: Gazetteer, knowledge: Knowledge) -> Scope:
    """The scope of a question: the chain of the area it names, else of the asker's, and reference documents.

    With neither known, the plans of all areas are searched too, so that we can ask back which one is meant.
    """
    found = gazetteer.find(text)
    named, words = found if found else (None, "")
    if named and home and named.code in catalogue_index.areas.chain(home):
        named = None if named.code != home else named
    about = named.code if named else home
    chains = [catalogue_index.areas.chain(code) for code in (about, home) if code is not None]
    if about is None:
        chains.append(knowledge.plan_areas)
    shelves = dict.fromkeys(code for chain in chains for code in chain)
    if named and home and named.code != home:
        # Another county's plan answers a question about that county, not the asker's own beside it.
        shelves.pop(home, None)
    return Scope(home, named, (*shelves, catalogue_index.areas.NATION, REFERENCE_SHELF), words)
