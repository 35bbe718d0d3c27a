"""Chinese text → words, by jieba with our own words added.

jieba's own start-up cache is not used: it lies in the shared temporary directory and is trusted whoever wrote it. Ours is
plain text beside the data it belongs to, and loads twice as fast as the dictionary.
"""

import hashlib
import io
import logging
import re
import sys
import warnings
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from math import inf, log
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    # jieba imports pkg_resources where an old setuptools still has it, which then warns.
    warnings.simplefilter("ignore")
    import jieba

jieba.setLogLevel(logging.WARNING)

_DOCUMENT_NUMBER = re.compile(r"[㐀-鿿]{1,8}〔\d{4}〕\d+号")
"""Brackets never reach jieba's dictionary, so 国办发〔2019〕54号 is taken out before it."""
_RUN = re.compile(r"[㐀-鿿]+|[a-z0-9]+")
_OWN_WORD_FREQUENCY = 3000
_CACHE_FORMAT = "words-2"


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
        self._jieba = jieba.Tokenizer(dictionary)
        _load(self._jieba, cache)
        for word in words:
            self._jieba.add_word(word, _OWN_WORD_FREQUENCY)

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
        counts, found = self._jieba.FREQ, []
        for word in self._likeliest(part):
            for size in range(2, min(len(word), 4)):
                pieces = [word[at : at + size] for at in range(len(word) - size + 1)]
                found += [piece for piece in pieces if counts.get(piece)]
            if len(word) > 1:
                found.append(word)
        return found

    def _likeliest(self, run: str) -> Iterator[str]:
        """The words whose counts make the run likeliest: what ``cut`` of jieba gives without its guesses at unknown words
        (HMM), with a third of the look-ups, which are what takes time."""
        counts, size, all_words = self._jieba.FREQ.get, len(run), log(self._jieba.total)
        chances, ends = [0.0] * (size + 1), [0] * size
        for at in range(size - 1, -1, -1):
            best, ends[at] = -inf, at + 1
            for end in range(at + 1, size + 1):
                count = counts(run[at:end])
                if count is None:  # No word begins so: jieba counts what only begins one as 0.
                    break
                if count:
                    chance = log(count) - all_words + chances[end]
                    if chance >= best:
                        best, ends[at] = chance, end
            chances[at] = best if best > -inf else chances[at + 1] - all_words
        at = 0
        while at < size:
            yield run[at : ends[at]]
            at = ends[at]

    def begins_word(self, text: str, at: int) -> bool:
        """Whether a word begins at this place of the text, where it is cut into words without their parts."""
        before = text[max(0, at - 6) : at]
        length = 0
        for word in self._jieba.cut(before + text[at : at + 6], HMM=False):
            if length >= len(before):
                break
            length += len(word)
        return length == len(before)


def _load(tokenizer: Any, cache: Path | None) -> None:
    with tokenizer.get_dict_file() as file:
        dictionary = file.read()
    if cache is not None and (kept := _read(cache, dictionary)):
        tokenizer.FREQ = kept
    else:
        tokenizer.FREQ, _ = tokenizer.gen_pfdict(io.BytesIO(dictionary))
        if cache is not None:
            _write(cache, dictionary, tokenizer.FREQ)
    tokenizer.total = sum(tokenizer.FREQ.values())
    tokenizer.initialized = True


def _read(cache: Path, dictionary: bytes) -> dict[str, int] | None:
    """The word counts in a cache; ``None`` unless it is whole, of our format and made from this dictionary."""
    try:
        head, _, body = cache.read_bytes().partition(b"\n")
    except OSError:
        return None
    if head != _head(dictionary, body):
        return None
    counts = array("I")
    numbers, _, words = body.partition(b"\n")
    counts.frombytes(bytes.fromhex(numbers.decode("ascii")))
    return dict(zip(words.decode("utf-8").split("\n"), counts, strict=True))


def _write(cache: Path, dictionary: bytes, frequencies: Mapping[str, int]) -> None:
    counts = array("I", frequencies.values()).tobytes().hex().encode("ascii")
    body = counts + b"\n" + "\n".join(frequencies).encode("utf-8")
    # Processes that start together write the same part; what they spoil for each other, the head shows.
    part = cache.with_name(f"{cache.name}.part")
    with suppress(OSError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(_head(dictionary, body) + b"\n" + body)
        part.replace(cache)


def _head(dictionary: bytes, body: bytes) -> bytes:
    """The cache's first line: damage to it, another dictionary or another format show in it."""
    digests = (hashlib.sha256(data).hexdigest() for data in (dictionary, body))
    return " ".join((_CACHE_FORMAT, sys.byteorder, *digests)).encode("ascii")
