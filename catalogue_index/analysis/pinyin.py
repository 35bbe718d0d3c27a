"""How text sounds, so that a homophone typed or heard wrongly still finds its word (底保 → 低保).

Each character has one sound on both sides of a comparison, and sounds that many speakers do not tell apart are folded:
zh/z, ch/c, sh/s, n/l at the start; ng/n at the end.
"""

import os
import re
from functools import lru_cache

# pypinyin reads this when it is imported. Only single characters are looked up here, so its 50 MB of phrases stay out.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")

_START = re.compile(r"^(zh|ch|sh)")
_END = re.compile(r"(?<=[aeiou])ng$")


def fold(syllable: str) -> str:
    """A syllable with its commonly confused sounds made equal."""
    syllable = _START.sub(lambda m: m[0][0], syllable)
    syllable = _END.sub("n", syllable)
    return "n" + syllable[1:] if syllable.startswith("l") else syllable


@lru_cache(maxsize=16384)
def sound(character: str) -> str:
    """The folded sound of one Chinese character; any other character sounds like itself."""
    # Few questions need it, and it takes long to import.
    from pypinyin import lazy_pinyin

    return fold(lazy_pinyin(character)[0])
