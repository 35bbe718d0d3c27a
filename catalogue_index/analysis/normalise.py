"""Text as people type it → one form for matching. Shown text is never taken from here.

Traditional becomes simplified, full-width becomes half-width, invisible and control characters go, spaces around
Chinese go, letters become lower case. NFKC is not used on the whole text: it would turn ① into 1 and Ⅲ into III.
"""

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_PUNCTUATION = str.maketrans("。、“”‘’【】﹝﹞—～…", ".,\"\"''[]〔〕-~.")
_WORDING = re.compile("甚么|甚麽|什麽")
"""Variants that the traditional → simplified tables leave alone."""
_TWICE_SIMPLIFIED = str.maketrans("苧", "苎")
"""The tables take 薴 to 苧 and 苧 to 苎: both end at the same character here."""
_SURROGATE = re.compile("[\ud800-\udfff]+")
_UNUSUAL = re.compile("[^ -~一-龥，。、？！：；“”（）《》]")
"""What most texts have little of, so that it is looked at one by one."""
_UNSEEN_CATEGORIES = {"Cc", "Cf", "Co", "Cs", "Cn", "Mn", "Me"}
_SPACE_NEAR_CHINESE = re.compile(r"(?<=[^\x00-\x7f]) +| +(?=[^\x00-\x7f])")


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def _seen(found: re.Match[str]) -> str:
    character = found[0]
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in _UNSEEN_CATEGORIES else character


def simplify(text: str) -> str:
    """Traditional characters → simplified; everything else stays, but for halves of characters (lone surrogates)."""
    if text.isascii():
        return text
    simplified = _simplifier().convert(_SURROGATE.sub("", text)).translate(_TWICE_SIMPLIFIED)
    return _WORDING.sub("什么", simplified)


def clean(text: str) -> str:
    """Control, invisible and combining characters out, runs of blanks to one space. Keeps the script and the width."""
    return " ".join(_UNUSUAL.sub(_seen, text).split())


def normalise(text: str) -> str:
    """The form that questions, phrasings and official text are compared in. Idempotent."""
    # Lower case comes first, as İ becomes i with a combining dot; spaces go before words are looked at.
    text = clean(text.lower()).translate(_WIDTH).translate(_PUNCTUATION).lower()
    return simplify(_SPACE_NEAR_CHINESE.sub("", text))
