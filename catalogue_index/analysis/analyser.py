"""Text → weighted terms, the same way for official text and for questions.

Three kinds of term stand for a text: its characters, its character pairs and its words (marked ``=``). Characters and pairs
survive wrong word cutting; homophones are repaired before (``repair``).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import add

from .dialects import plain_speech
from .normalise import normalise
from .synonyms import Synonym, Synonyms
from .tokenise import Tokeniser, is_document_number

_SYNONYM_WEIGHT = 0.7
_SECTOR_WEIGHT = 0.4
_STANDARDS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Query:
    """A question's terms with their counts, and the everyday words that were understood in it."""

    text: str
    terms: dict[str, float]
    synonyms: tuple[Synonym, ...]


class Analyser:
    """The one way from text to terms."""

    def __init__(self, tokeniser: Tokeniser, synonyms: Synonyms) -> None:
        self._tokeniser = tokeniser
        self._synonyms = synonyms
        self._standard = lru_cache(maxsize=_STANDARDS_KEPT)(self.terms)

    def terms(self, text: str) -> Counter[str]:
        """Terms of a text with their counts; empty for a text without letters, digits or Chinese."""
        return self._terms(plain_speech(normalise(text)))

    def parts(self, text: str) -> list[str]:
        """The parts of a text that have terms, each by itself (``part``); many texts share them."""
        return self._tokeniser.parts(plain_speech(normalise(text)))

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where words begin and end in a text (``Tokeniser.spans``)."""
        return self._tokeniser.spans(text)

    def part(self, part: str) -> tuple[list[str], list[str]]:
        """The characters and pairs of one part, and its words. A text's terms are the former of all its parts, then the
        latter."""
        words = ["=" + word for word in self._tokeniser.cut(part)]
        if is_document_number(part):
            return [], words
        if part.isascii():
            return [part], words
        return [*part, *map(add, part, part[1:])], words

    def _terms(self, text: str) -> Counter[str]:
        parts = list(map(self.part, self._tokeniser.parts(text)))
        counts = Counter(chain.from_iterable(letters for letters, _ in parts))
        counts.update(chain.from_iterable(words for _, words in parts))
        return counts

    def query(self, text: str) -> Query:
        """A question's terms, widened by the office's words for the everyday words in it."""
        return self.read(normalise(text))

    def read(self, normalised: str) -> Query:
        """The same, of a text that is normalised already."""
        text = plain_speech(normalised)
        terms: dict[str, float] = dict(self._terms(text))
        synonyms = self._synonyms.find(text)
        for synonym in synonyms:
            self._widen(terms, synonym.standard, _SYNONYM_WEIGHT)
            self._widen(terms, synonym.sector, _SECTOR_WEIGHT)
        return Query(text, terms, tuple(synonyms))

    def _widen(self, terms: dict[str, float], text: str, weight: float) -> None:
        for term in self._standard(text):
            terms.setdefault(term, weight)
