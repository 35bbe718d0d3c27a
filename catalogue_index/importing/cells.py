"""What one published cell says: text made whole, damage mended, boxes turned into words."""

import re
from dataclasses import dataclass
from functools import lru_cache

from ..boxes import NOTHING, boxes_lost, channels, doubts_of_boxes, joined
from ..sectors import national_sectors
from .damage import repaired, suspected

_SAME_AS_ABOVE = re.compile(r"(同上|〃|″)[。.;；]?")

ONE_LINE = frozenset({"sector", "category", "item", "subitem", "time_limit", "method", "level"})
"""Attributes of one name or sentence; breaks and blanks in it come from narrow columns."""

# A break escaped once and again by spreadsheets (武义: __x005f_x005f_x005f_x000b_).
_ESCAPED_BREAK = re.compile(r"(?:_*(?:_x005f)*_x000[abd]_)+\n?|[\v\f]|\r\n?", re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_NOT_TIDY = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad_\v\f\r]")


# One cell may hold the deadlines of several rows, one under the other (武江, 班老乡).
_NEXT_DEADLINE = re.compile(r"(?<=[内日开新])[;；。]?\s+(?=自|收到|信息形成)")
_LONGEST_DITTO = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says, ``None`` for nothing known; in Chinese, what was repaired and what is doubtful."""

    value: str | None
    repairs: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@lru_cache(maxsize=1 << 13)  # most cells of a catalogue say what the one above says
def read(attribute: str, published: str) -> Reading:
    """The cell of an attribute of ``Item`` or of the third level; "" for an extra column."""
    text = tidy(published, attribute)
    if text in NOTHING:
        return Reading(None)
    repairs = []
    if text != published and text.replace("\n", "") != published.strip().replace("\n", ""):
        repairs.append("去掉了多余的空格、换行或不可见字符。")
    text, done = repaired(text)
    repairs += [f"{what}。" for what in done]
    value, doubts = _read_whole(attribute, text)
    return Reading(value, tuple(repairs), tuple(doubts))


def _read_whole(attribute: str, text: str) -> tuple[str | None, list[str]]:
    """What whole words say as the cell of an attribute, and what is doubtful about it."""
    if attribute == "sector":
        return national_sectors().canonical(text) or text, []
    if attribute == "channels":
        return None if (lost := boxes_lost(text)) else channels(text), doubts_of_boxes(text, lost)
    return text, [f"{what}，请核对原件。" for what in suspected(text)]


def same_as_above(text: str) -> bool:
    """Whether a cell only repeats the one above it."""
    return len(text) <= _LONGEST_DITTO and _SAME_AS_ABOVE.fullmatch(text.strip()) is not None


def tidy(text: str, attribute: str) -> str:
    """``text`` without blanks around it, invisible characters, and breaks a narrow column made.

    Words pulled apart (制 定 或 获 取, 20 个工作日) are joined in one-line attributes; deadlines of
    their own keep a line each. Everything else stays as published.
    """
    if _NOT_TIDY.search(text):
        text = _ESCAPED_BREAK.sub("\n", _INVISIBLE.sub("", text))
    text = text.strip()
    if attribute == "time_limit":
        return "\n".join(map(joined, _NEXT_DEADLINE.split(text)))
    return joined(text) if attribute in ONE_LINE else text
