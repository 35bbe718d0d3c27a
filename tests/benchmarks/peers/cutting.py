"""Words by jieba, for those who need words."""

import logging
import re

import jieba

jieba.setLogLevel(logging.WARNING)
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Words with their parts, as a search engine takes them."""
    return [word for word in jieba.lcut_for_search(text.lower()) if _WORD.fullmatch(word)]
