"""Chinese text → words, as jieba cuts it with its dictionary, our own words added.

jieba's own start-up cache is not used: it lies in the shared temporary directory and is trusted whoever wrote it. Ours is
plain text beside the data it belongs to. Half a million words as objects would take most of a start and seventy megabytes,
and few are ever met: those that begin with a character are made when a text first has it.
"""

import hashlib
import io
import logging
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import accumulate
from math import inf, log
from pathlib import Path

with warnings.catch_warnings():
    # jieba imports pkg_resources where an old setuptools still has it, which then warns.
    warnings.simplefilter("ignore")
    import jieba

jieba.setLogLevel(logging.WARNING)

_DOCUMENT_NUMBER = re.compile(r"[㐀-鿿]{1,8}〔\d{4}〕\d+号")
"""Brackets never reach jieba's dictionary, so 国办发〔2019〕54号 is taken out before it."""
_RUN = re.compile(r"[㐀-鿿]+|[a-z0-9]+")
_UNBROKEN = re.compile(r"[一-鿕a-zA-Z0-9+#&._%-]+")
"""What jieba cuts as one run: words begin before and after it."""
_NEAR = 6
"""Characters on either side that tell whether a word begins between them."""
_OWN_WORD_FREQUENCY = 3000
_CACHE_FORMAT = "words-3"


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
        self._counts = _Counts(_dictionary(dictionary, cache))
        for word in words:
            self._counts.add(word, _OWN_WORD_FREQUENCY)

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
        counts, found = self._counts.beginning, []
        for word in self._likeliest(part):
            for size in range(2, min(len(word), 4)):
                pieces = [word[at : at + size] for at in range(len(word) - size + 1)]
                found += [piece for piece in pieces if counts(piece[0]).get(piece)]
            if len(word) > 1:
                found.append(word)
        return found

    def _likeliest(self, run: str) -> Iterator[str]:
        """The words whose counts make the run likeliest: what ``cut`` of jieba gives without its guesses at unknown words
        (HMM), with a third of the look-ups, which are what takes time."""
        size, all_words = len(run), log(self._counts.total)
        chances, ends = [0.0] * (size + 1), [0] * size
        for at in range(size - 1, -1, -1):
            best, ends[at] = -inf, at + 1
            counts = self._counts.beginning(run[at]).get
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
        for run in _UNBROKEN.finditer(text, max(0, at - _NEAR), at + _NEAR):
            if run.start() < at < run.end():
                ends = accumulate(map(len, self._likeliest(run[0])), initial=run.start())
                return at in ends
        return True


class _Counts:
    """How often each word was counted, and 0 for what only begins one, by first character."""

    def __init__(self, dictionary: str) -> None:
        """``dictionary`` is from ``_by_first``."""
        total, *lines = dictionary.split("\n")
        self.total = int(total)
        self._by_first: dict[str, str | dict[str, int]] = {line[0]: line for line in lines}

    def beginning(self, character: str) -> dict[str, int]:
        """The counts of all that begins with a character."""
        known = self._by_first.get(character, "")
        if isinstance(known, str):
            fields = known.split()
            # Threads that meet it at the same time make the same.
            known = dict(zip(fields[::2], map(int, fields[1::2]), strict=True))
            self._by_first[character] = known
        return known

    def add(self, word: str, count: int) -> None:
        """Count a word so often, whatever it was counted before."""
        known = self.beginning(word[0])
        for end in range(1, len(word)):
            known.setdefault(word[:end], 0)
        known[word] = count
        self.total += count


def _dictionary(path: Path | None, cache: Path | None) -> str:
    """jieba's dictionary, or that at ``path``, as ``_by_first`` gives it; from the cache, where it has that."""
    tokenizer = jieba.Tokenizer(path)
    with tokenizer.get_dict_file() as file:
        content = file.read()
    if cache is not None and (kept := _read(cache, content)):
        return kept.decode("utf-8")
    counts, _ = tokenizer.gen_pfdict(io.BytesIO(content))
    made = _by_first(counts)
    if cache is not None:
        _write(cache, content, made.encode("utf-8"))
    return made


def _by_first(counts: Mapping[str, int]) -> str:
    """The sum of all counts, then a line for each first character: all that begins with it, each with its count."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for word, count in counts.items():
        lines[word[0]].append(f"{word} {count}")
    return "\n".join([str(sum(counts.values())), *map(" ".join, lines.values())])


def _read(cache: Path, dictionary: bytes) -> bytes | None:
    """What a cache holds; ``None`` unless it is whole, of our format and made from this dictionary."""
    try:
        head, _, body = cache.read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if head == _head(dictionary, body) else None


def _write(cache: Path, dictionary: bytes, body: bytes) -> None:
    # Processes that start together write the same part; what they spoil for each other, the head shows.
    part = cache.with_name(f"{cache.name}.part")
    with suppress(OSError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(_head(dictionary, body) + b"\n" + body)
        part.replace(cache)


def _head(dictionary: bytes, body: bytes) -> bytes:
    """The cache's first line: damage to it, another dictionary or another format show in it."""
    digests = (hashlib.sha256(data).hexdigest() for data in (dictionary, body))
    return " ".join((_CACHE_FORMAT, *digests)).encode("ascii")
