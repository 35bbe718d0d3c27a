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
_UNSEEN_CATEGORIES = {"Cc", "Cf", "Co", "Cs", "Cn", "Mn", "Me"}
_SPACE_NEAR_CHINESE = re.compile(r"(?<=[^\x00-\x7f]) +| +(?=[^\x00-\x7f])")


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=8192)
def _seen(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in _UNSEEN_CATEGORIES else character


def simplify(text: str) -> str:
    """Traditional characters → simplified; everything else stays."""
    if text.isascii():
        return text
    return _WORDING.sub("什么", _simplifier().convert(text))


def clean(text: str) -> str:
    """Control, invisible and combining characters out, runs of blanks to one space. Keeps the script and the width."""
    return " ".join("".join(map(_seen, text)).split())


def normalise(text: str) -> str:
    """The form that questions, phrasings and official text are compared in. Idempotent."""
    text = clean(text).translate(_WIDTH).translate(_PUNCTUATION)
    text = simplify(text.encode("utf-8", "ignore").decode("utf-8")).lower()
    return _SPACE_NEAR_CHINESE.sub("", " ".join(text.split()))
