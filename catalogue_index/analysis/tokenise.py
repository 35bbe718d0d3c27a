"""Chinese text → words, as jieba cuts it with its dictionary, our own words added."""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate
from math import inf, log
from pathlib import Path

from .dictionary import read_dictionary

_DOCUMENT_NUMBER = re.compile(r"[㐀-鿿]{1,8}〔\d{4}〕\d+号")
"""Brackets never reach jieba's dictionary, so 国办发〔2019〕54号 is taken out before it."""
_RUN = re.compile(r"[㐀-鿿]+|[a-z0-9]+")
_UNBROKEN = re.compile(r"[一-鿕a-zA-Z0-9+#&._%-]+")
"""What jieba cuts as one run: words begin before and after it."""
_NEAR = 6
"""Characters on either side that tell whether a word begins between them."""
_OWN_WORD_FREQUENCY = 3000


def is_document_number(part: str) -> bool:
    """Whether a part of a text (``Tokeniser.parts``) is a document number."""
    return "〔" in part


class Tokeniser:
    """Cuts normalised text into words of at least two characters, long words with their parts.

    ``words`` are our own (sector names, everyday words); ``cache`` is a file that makes the next start faster, written
    on first use; a cache that cannot be read or written is done without. ``dictionary`` replaces jieba's own; its lines are
    a word and its count.
    """

    def __init__(
        self,
        words: Iterable[str] = (),
        cache: Path | None = None,
        dictionary: Path | None = None,
    ) -> None:
        counted = ((word, _OWN_WORD_FREQUENCY) for word in words)
        self._dictionary = read_dictionary(counted, dictionary, cache)

    def words(self, text: str) -> list[str]:
        """Words in order; document numbers stay whole."""
        return [word for part in self.parts(text) for word in self.cut(part)]

    @staticmethod
    def parts(text: str) -> list[str]:
        """A text's document numbers, then its runs of Chinese and of letters and digits: no word reaches over two."""
        return _DOCUMENT_NUMBER.findall(text) + _RUN.findall(text)

    def cut(self, part: str) -> list[str]:
        """The words of one part, as ``cut_for_search`` of jieba gives them: long ones after those of two and three
        characters in them."""
        if part.isascii() or is_document_number(part):
            return [part]
        found: list[str] = []
        for word in self._likeliest(part):
            if len(word) > 2:
                found += self._within(word)
            if len(word) > 1:
                found.append(word)
        return found

    def _within(self, word: str) -> Iterator[str]:
        """The words of two and three characters inside a longer one, shorter ones first."""
        for size in range(2, min(len(word), 4)):
            for at in range(len(word) - size + 1):
                if (piece := word[at : at + size]) in self._dictionary:
                    yield piece

    def _likeliest(self, run: str) -> Iterator[str]:
        """The words whose counts make the run likeliest: what ``cut`` of jieba gives without its guesses at unknown words
        (HMM), with a third of the look-ups, which are what takes time."""
        size, all_words = len(run), log(self._dictionary.total)
        chances, ends = [0.0] * (size + 1), [0] * size
        for at in range(size - 1, -1, -1):
            best, ends[at] = -inf, at + 1
            for end, count in self._dictionary.beginning(run, at):
                chance = log(count) - all_words + chances[end]
                if chance >= best:
                    best, ends[at] = chance, end
            chances[at] = best if best > -inf else chances[at + 1] - all_words
        at = 0
        while at < size:
            yield run[at : ends[at]]
            at = ends[at]

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the Chinese words of at least two characters begin and end in a text, cut without their parts."""
        for run in _RUN.finditer(text):
            at = run.start()
            for word in () if run[0].isascii() else self._likeliest(run[0]):
                if len(word) > 1:
                    yield at, at + len(word)
                at += len(word)

    def begins_word(self, text: str, at: int) -> bool:
        """Whether a word begins at this place of the text, where it is cut into words without their parts."""
        for run in _UNBROKEN.finditer(text, max(0, at - _NEAR), at + _NEAR):
            if run.start() < at < run.end():
                ends = accumulate(map(len, self._likeliest(run[0])), initial=run.start())
                return at in ends
        return True
