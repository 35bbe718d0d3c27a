"""Chinese text → words, by jieba with our own words added.

jieba's own start-up cache is not used: it lies in the shared temporary directory and is trusted whoever wrote it. Ours is
plain text beside the data it belongs to, and loads four times faster.
"""

import logging
import re
import warnings
from array import array
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    # jieba imports pkg_resources where an old setuptools still has it, which then warns.
    warnings.simplefilter("ignore")
    import jieba

jieba.setLogLevel(logging.WARNING)

_DOCUMENT_NUMBER = re.compile(r"[㐀-鿿]{1,8}〔\d{4}〕\d+号")
"""Brackets never reach jieba's dictionary, so 国办发〔2019〕54号 is taken out before it."""
_CHINESE = re.compile(r"[㐀-鿿]+|[a-z0-9]+")
_OWN_WORD_FREQUENCY = 3000


class Tokeniser:
    """Cuts normalised text into words of at least two characters, long words with their parts.

    ``words`` are our own (sector names, everyday words); ``cache`` is a file that makes the next start faster, written
    on first use; a cache that cannot be read or written is done without.
    """

    def __init__(self, words: Iterable[str] = (), cache: Path | None = None) -> None:
        self._jieba = jieba.Tokenizer()
        _load(self._jieba, cache)
        for word in words:
            self._jieba.add_word(word, _OWN_WORD_FREQUENCY)

    def words(self, text: str) -> list[str]:
        """Words in order; document numbers stay whole."""
        found = _DOCUMENT_NUMBER.findall(text)
        for run in _CHINESE.findall(text):
            if run.isascii():
                found.append(run)
            else:
                found.extend(w for w in self._jieba.cut_for_search(run, HMM=False) if len(w) > 1)
        return found

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
    if cache is not None:
        with suppress(OSError, ValueError, IndexError):
            head, _, words = cache.read_bytes().partition(b"\n\n")
            counts = array("I")
            counts.frombytes(bytes.fromhex(head.decode("ascii")))
            names = words.decode("utf-8").split("\n")
            if len(names) == len(counts):
                tokenizer.FREQ = dict(zip(names, counts, strict=True))
                tokenizer.total = sum(counts)
                tokenizer.initialized = True
                return
    with tokenizer.get_dict_file() as dictionary:
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(dictionary)
    tokenizer.initialized = True
    if cache is not None:
        with suppress(OSError):
            counts = array("I", tokenizer.FREQ.values())
            body = "\n".join(tokenizer.FREQ).encode("utf-8")
            part = cache.with_suffix(".part")
            cache.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(counts.tobytes().hex().encode("ascii") + b"\n\n" + body)
            part.replace(cache)
