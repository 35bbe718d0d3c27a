"""Homophones typed or heard wrongly, read as the knowledge's own words (公步 → 公布), and never without saying so."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from .pinyin import sound, sounding

COMMON = 5
"""Texts that must have a pair of characters for it to be taken for a word."""
RARER = math.log(30)
"""How much more a pair weighs (IDF) than the word that sounds the same, to be taken for it typed wrongly: what people said
and we keep has such slips, too."""

_PARTICLES = "了呢吗呀啊吧的地得着过嘛么哦哈咯噻撒里"
"""Characters that stand beside any word: a pair with one of them is no word."""
_THERE = "那"
"""As often as not 哪 typed wrongly: what begins with it holds nothing together."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Two characters as they stand, and as they were read."""

    typed: str
    read: str


def pair_sound(pair: str) -> str:
    """How two characters sound, with what many speakers do not tell apart made equal."""
    return f"{sound(pair[0])} {sound(pair[1])}"


def words_by_sound(counts: Mapping[str, int]) -> dict[str, str]:
    """For each sound the pair of characters that most texts have; ``counts`` tells how many have a pair."""
    found: dict[str, str] = {}
    for pair, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])):
        if count >= COMMON:
            found.setdefault(pair_sound(pair), pair)
    return found


class Repairer:
    """Reads pairs of characters that hardly any text has as the common one that sounds the same and shares a character."""

    def __init__(self, weights: Mapping[str, float], by_sound: Mapping[str, str]) -> None:
        """``weights`` holds the weight (IDF) of every term that some text has: pairs, and words marked ``=``; ``by_sound``
        is from ``words_by_sound``."""
        self._weights = weights
        self._common = by_sound.values()

    def repair(
        self, normalised: str, spans: Iterable[tuple[int, int]] = ()
    ) -> tuple[str, tuple[Reading, ...]]:
        """The text as read, and what was read otherwise than it stands; ``spans``: where the words of the language that are
        in it begin and end."""
        text, sounds, readings = normalised, sounding(normalised), []
        words = [(begin, end) for begin, end in spans if normalised[begin] not in _THERE]
        word_at = {at: (begin, end) for begin, end in words for at in range(begin, end)}
        for at in range(len(text) - 1):
            pair = normalised[at : at + 2]
            read = self._by_sound.get(sounds[at : at + 2], pair)
            if (
                read != pair == text[at : at + 2]
                # What stands across the border of a word is none that somebody typed: 一个星期, 武昌区.
                and word_at.get(at) == word_at.get(at + 1)
                and self._is_meant(pair, read)
                and self._spoils_nothing(text, at, read)
            ):
                text = text[:at] + read + text[at + 2 :]
                readings.append(Reading(pair, read))
        return text, tuple(readings)

    @cached_property
    def _by_sound(self) -> dict[str, str]:
        return {sounding(pair): pair for pair in self._common}

    def _is_meant(self, pair: str, read: str) -> bool:
        """Whether a pair is the common one typed wrongly: unlike it in one character, no word, and rare."""
        if not _wordlike(pair) or f"={pair}" in self._weights:
            return False
        if sum(a == b for a, b in zip(pair, read, strict=True)) != 1:
            return False
        return self._weights.get(pair, math.inf) - self._weights[read] >= RARER

    def _spoils_nothing(self, text: str, at: int, read: str) -> bool:
        """Whether no neighbouring pair that is known becomes unknown, and no neighbouring word becomes none."""
        whole = text[:at] + read + text[at + 2 :]
        beside = [(text[p : p + 2], whole[p : p + 2]) for p in (at - 1, at + 1) if p >= 0]
        return all(
            mark + new in self._weights
            for old, new in beside
            for mark in ("", "=")
            if old != new and mark + old in self._weights
        )


def _wordlike(pair: str) -> bool:
    return all("㐀" <= character <= "鿿" and character not in _PARTICLES for character in pair)
