"""How text sounds, so that a homophone typed or heard wrongly still finds its word (底保 → 低保).

Each character has one sound on both sides of a comparison, and sounds that many speakers do not tell apart are folded:
zh/z, ch/c, sh/s, n/l at the start; ng/n at the end.
"""

import os
import re
from collections.abc import Mapping
from functools import cache

# pypinyin reads these when it is imported. Only single characters are looked up here, so its 50 MB of phrases stay out.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")

_LAST = ord("鿿")
"""Rarer characters, behind it, are in no word that we know."""
_START = re.compile(r"^(zh|ch|sh)")
_END = re.compile(r"(?<=[aeiou])ng$")


def fold(syllable: str) -> str:
    """A syllable with its commonly confused sounds made equal."""
    syllable = _START.sub(lambda m: m[0][0], syllable)
    syllable = _END.sub("n", syllable)
    return "n" + syllable[1:] if syllable.startswith("l") else syllable


def sound(character: str) -> str:
    """The folded sound of one Chinese character; any other character sounds like itself."""
    reading = _readings().get(ord(character))
    return _syllable(reading.partition(",")[0]) if reading else character


def sounding(text: str) -> str:
    """The text with one and the same character in place of all that sound alike."""
    return text.translate(_alike())


@cache
def _readings() -> Mapping[int, str]:
    """Code of a character → its readings with their tones, the usual one first."""
    # Few questions need it, and it takes long to import.
    from pypinyin.constants import PINYIN_DICT

    return PINYIN_DICT


@cache
def _syllable(reading: str) -> str:
    from pypinyin.contrib.tone_convert import to_normal

    return fold(to_normal(reading))


@cache
def _alike() -> str:
    """At the place of each character's code the first that sounds like it."""
    first: dict[str, str] = {}
    return "".join([first.setdefault(sound(c), c) for c in map(chr, range(_LAST + 1))])
