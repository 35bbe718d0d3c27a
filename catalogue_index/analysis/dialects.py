"""Function words of dialects as people type them, read as common speech: 边度 and 搁哪儿 are 哪里, 啥辰光 is 什么时候.

Subjects are not touched: what a thing is called somewhere belongs to the everyday words (``synonyms``).
"""

import csv
import re
from functools import lru_cache
from importlib.resources import files

_NOT_AFTER = {"么": "什怎那这要多甚", "边": "身旁周这那里外左右两一", "几": "十好"}
"""Characters before which a word that begins so is another word's end (什么事, 身边个个)."""


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    table = files("catalogue_index").joinpath("data/dialects.csv").read_text(encoding="utf-8")
    plain = {row["word"]: row["plain"] for row in csv.DictReader(table.splitlines())}
    longest_first = sorted(plain, key=lambda word: (-len(word), word))
    patterns = (
        f"(?<![{_NOT_AFTER[word[0]]}]){re.escape(word)}"
        if word[0] in _NOT_AFTER
        else re.escape(word)
        for word in longest_first
    )
    heads = "".join(sorted({word[0] for word in plain}))
    # Most characters of a text begin none of them: looking at one first is twenty times faster.
    return re.compile(f"(?=[{heads}])(?:{'|'.join(patterns)})"), plain


def plain_speech(normalised: str) -> str:
    """The text with dialect function words in common speech."""
    pattern, plain = _words()
    return pattern.sub(lambda found: plain[found[0]], normalised)
