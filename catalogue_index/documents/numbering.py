"""The numbers that official documents put before headings and list items, and how deep each stands.

The order 一、 （一） 1. （1） is that of GB/T 9704-2012 (党政机关公文格式) 7.3.3; chapters (第一章)
stand above it.
"""

import re
from dataclasses import dataclass

_HAN = "一二三四五六七八九十百〇零"
_LEVELS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(rf"(第[{_HAN}\d]{{1,4}}(?:章|编|部分))\s*")),
    (2, re.compile(rf"([{_HAN}]{{1,4}})\s*[、.．]\s*")),
    (3, re.compile(rf"([（(][{_HAN}]{{1,4}}[）)])[、.．]?\s*")),
    (3, re.compile(rf"(第[{_HAN}\d]{{1,4}}条)\s*")),
    (4, re.compile(r"(\d{1,3})\s*[.．、](?!\d)\s*")),
    (5, re.compile(r"([（(]\d{1,3}[）)])\s*")),
    (5, re.compile(r"(\d{1,3})[）)]\s*")),
    (6, re.compile(r"([①-⑳])\s*")),
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number before text.

    ``level`` is 1 (第一章) to 6 (①), ``printed`` the number alone (一, （七）, 3), ``rest`` what
    follows.
    """

    level: int
    printed: str
    rest: str


def number_of(text: str) -> Number | None:
    """The number that ``text`` begins with, if any."""
    for level, pattern in _LEVELS:
        if found := pattern.match(text):
            return Number(level, found[1], text[found.end() :])
    return None
