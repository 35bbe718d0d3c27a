"""How often each word was counted, as a trie in three arrays: half a million words in six megabytes, none made later.

The words are jieba's and our own. jieba's start-up cache is not used: it lies in the shared temporary directory and is
trusted whoever wrote it. Ours is the arrays as they are, beside the data that it belongs to.
"""

import hashlib
import io
import logging
import sys
import warnings
from array import array
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from itertools import accumulate, repeat
from pathlib import Path
from typing import Self

with warnings.catch_warnings():
    # jieba imports pkg_resources where an old setuptools still has it, which then warns.
    warnings.simplefilter("ignore")
    import jieba

jieba.setLogLevel(logging.WARNING)

_CACHE_FORMAT = f"words-4-{sys.byteorder}"
_CHARACTERS = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
"""Four bytes a node, as the other arrays have them."""


class Dictionary:
    """A tree of beginnings of words: the empty one, all of one character, all of two, and so on, each length in order.

    Those that go one character further than a beginning stand side by side, so that where they start is all to know.
    """

    def __init__(self, letters: str, starts: "array[int]", counts: "array[int]") -> None:
        """Of each beginning: its last character (a blank of the empty one), the number of the first that goes further (as
        many follow as there are up to the next one's first), and its count; 0 where it is no word.

        The empty one's count is that of all words.
        """
        self.total = counts[0]
        self._letters = letters
        self._starts = starts
        self._counts = counts
        # Ten thousand characters begin a word: a search among them would take longer than all that follows.
        self._first = {letter: at for at, letter in enumerate(letters[1 : starts[1]], 1)}

    @classmethod
    def of(cls, words: Iterable[tuple[str, int]], dictionary: bytes) -> Self:
        """jieba's ``dictionary``, of lines of a word and its count, with ``words`` counted as they say instead."""
        known, _ = jieba.Tokenizer().gen_pfdict(io.BytesIO(dictionary))
        total = sum(known.values())
        for word, times in words:
            for end in range(1, len(word)):
                known.setdefault(word[:end], 0)
            known[word] = times
            total += times
        beginnings = sorted(sorted(known), key=len)
        further = Counter([beginning[:-1] for beginning in beginnings])
        sizes = map(further.get, ["", *beginnings], repeat(0))
        return cls(
            " " + "".join([beginning[-1] for beginning in beginnings]),
            array("I", accumulate(sizes, initial=1)),
            array("I", [total, *map(known.__getitem__, beginnings)]),
        )

    @classmethod
    def read(cls, body: bytes) -> Self:
        """From what ``body`` gave."""
        size = (len(body) - 4) // 12 * 4
        starts, counts = array("I"), array("I")
        starts.frombytes(body[size : 2 * size + 4])
        counts.frombytes(body[2 * size + 4 :])
        return cls(body[:size].decode(_CHARACTERS), starts, counts)

    def body(self) -> bytes:
        """All of it, as bytes of this machine's order."""
        letters = self._letters.encode(_CHARACTERS)
        return letters + self._starts.tobytes() + self._counts.tobytes()

    def beginning(self, text: str, at: int) -> list[tuple[int, int]]:
        """The words that begin at a place of the text, shorter ones first: where each ends, and its count."""
        starts, counts, find = self._starts, self._counts, self._letters.find
        found = []
        node, end, size = self._first.get(text[at], -1), at + 1, len(text)
        while node > 0:
            if times := counts[node]:
                found.append((end, times))
            if end == size:
                break
            node = find(text[end], starts[node], starts[node + 1])
            end += 1
        return found

    def __contains__(self, word: str) -> bool:
        found = self.beginning(word, 0)
        return bool(found) and found[-1][0] == len(word)


def read_dictionary(
    words: Iterable[tuple[str, int]], path: Path | None, cache: Path | None
) -> Dictionary:
    """jieba's dictionary, or that at ``path``, with ``words`` counted as they say; from the cache, where it has that."""
    with jieba.Tokenizer(path).get_dict_file() as file:
        content = file.read()
    words = list(words)
    source = _digest(content + repr(words).encode("utf-8"))
    if cache is not None and (kept := _read(cache, source)):
        return Dictionary.read(kept)
    made = Dictionary.of(words, content)
    if cache is not None:
        _write(cache, source, made.body())
    return made


def _read(cache: Path, source: str) -> bytes | None:
    """What a cache holds; ``None`` unless it is whole, of our format and made from this."""
    try:
        head, _, body = cache.read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if head == _head(source, body) else None


def _write(cache: Path, source: str, body: bytes) -> None:
    # Processes that start together write the same part; what they spoil for each other, the head shows.
    part = cache.with_name(f"{cache.name}.part")
    with suppress(OSError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(_head(source, body) + b"\n" + body)
        part.replace(cache)


def _head(source: str, body: bytes) -> bytes:
    """The cache's first line: damage to it, other words or another format show in it."""
    return " ".join((_CACHE_FORMAT, source, _digest(body))).encode("ascii")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
