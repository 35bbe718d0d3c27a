"""What one published cell says: text made whole, boxes and ticks turned into words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ..sectors import national_sectors
from .damage import repaired, suspected

_SAME_AS_ABOVE = re.compile(r"(同上|〃|″)[。.;；]?")

NOTHING = frozenset({"/", "\\", "-", "--", "---", "—", "——", "―", "─", "──", "\u2014\u2014\u2014"})
"""Strokes that stand for an empty cell."""

ONE_LINE = frozenset({"sector", "category", "item", "subitem", "time_limit", "method", "level"})
"""Attributes of one name or sentence; breaks and blanks in it come from narrow columns."""

# A break escaped once and again by spreadsheets (武义: __x005f_x005f_x005f_x000b_).
_ESCAPED_BREAK = re.compile(r"(?:_*(?:_x005f)*_x000[abd]_)+\n?|[\v\f]|\r\n?", re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_NOT_TIDY = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad_\v\f\r]")
_WIDE, _BLANKS = r"[\u4e00-\u9fff]", r"[ \u00a0\u3000]+"
_BREAK = re.compile(r"\s*\n\s*")
_SPLIT_WORD = re.compile(rf"(?<={_WIDE}){_BLANKS}(?={_WIDE}|\d)|(?<=\d){_BLANKS}(?={_WIDE})")


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
        return "\n".join(map(_joined, _NEXT_DEADLINE.split(text)))
    return _joined(text) if attribute in ONE_LINE else text


def _joined(text: str) -> str:
    return _SPLIT_WORD.sub("", _BREAK.sub("", text))


# Boxes as published. R, t and £ are Wingdings boxes turned into letters; 口 is a box typed as a
# character, so it counts only before the name of a channel, next to real boxes.
_CHOSEN = "■▄◆☑☒✓✔√●▲"
_EMPTY = "□☐£◇○〇"
_LETTER_BOX = re.compile(r"(?<![0-9A-Za-z])[Rt](?=\s?[\u4e00-\u9fff])")
_TYPED_BOX = re.compile(
    r"(?<![窗门出入])口(?=政府|两微|发布会|广播|纸质|公开查阅|政务|便民|入户|社区|精准|其他)"
)
_BOX = re.compile(f"([{_CHOSEN}{_EMPTY}])")
_EDGES = " \t\n\u00a0\u3000;；,，、。_"


def channels(text: str) -> str | None:
    """The chosen channels of a list with boxes, joined by ``;``; a list without boxes as it is.

    ``None`` where no box is chosen: the office forgot to, so the channels are unknown. 其他 keeps
    its words: ``其他:办税服务厅``.
    """
    boxed = _LETTER_BOX.sub("■", text)
    if not _BOX.search(boxed):
        return text
    parts = _BOX.split(_TYPED_BOX.sub("□", boxed))
    chosen = [
        _channel(name) for box, name in zip(parts[1::2], parts[2::2], strict=True) if box in _CHOSEN
    ]
    return ";".join(dict.fromkeys(filter(None, chosen))) or None


def boxes_lost(text: str) -> bool:
    """Whether a list had boxes that the page no longer shows: read as it is, all would seem chosen.

    Then ? or 口 stand before names, names follow each other without a mark, or the whole list of
    the national guides is printed with nothing but blanks between.
    """
    if _BOX.search(_LETTER_BOX.sub("■", text)):
        return False
    if _LOST_BOX.search(text) or _GLUED.search(text):
        return True
    marked = _MARK_BETWEEN.search(text)
    return not marked and len(set(_NAME.findall(_BREAK.sub("", text)))) >= _WHOLE_LIST


# 附件 of every national guide (国务院部门 领域基层政务公开标准指引), and names offices print for them.
_NAMES = "|".join(
    (
        *("政府网站", "政府公报", "两微一端", "一微一端", "政务新媒体", "发布会", "听证会"),
        *("广播电视", "纸质媒体", "纸质载体", "公开查阅点", "政务服务中心", "政府服务中心"),
        *("行政服务中心", "便民服务站", "便民服务点", "入户", "公示栏", "精准推送"),
    )
)
_NAME = re.compile(_NAMES)
_LOST_BOX = re.compile(rf"[?？\ufffd口]\s?(?:{_NAMES})")
# A service centre has a notice board of its own: 政务服务中心公示栏 is one channel.
_GLUED = re.compile(rf"(?:{_NAMES})(?!公示栏|公开查阅点)(?:{_NAMES})")
_MARK_BETWEEN = re.compile("[;；、,，]")
_WHOLE_LIST = 10


def doubts_of_boxes(text: str, lost: bool = False) -> list[str]:
    """What a clerk should check about the boxes of a list of channels; ``lost`` where there were some."""
    if lost:
        return ["方框已丢失，看不出勾选了哪些渠道，按空白处理。请对照原件填写。"]
    if has_both_marks(text):
        return ["同时有■和▲，两种都算选中；请按表上的说明核对。"]
    chosen = channels(text)
    if chosen is None:
        return ["列出的渠道一个也没有勾选，按空白处理。"]
    glued = chosen != text and _GLUED.search(chosen)
    return ["有的渠道之间少了方框，请对照原件核对。"] if glued else []


def _channel(name: str) -> str:
    name = "".join(name.strip(_EDGES).split())
    if name.startswith("其他") and (words := name[2:].lstrip(":：_")):
        return f"其他:{words}"
    return name


def has_both_marks(text: str) -> bool:
    """Whether ■ and ▲ stand together: both are channels, before and after approval (征地)."""
    return "■" in text and "▲" in text


_TICKED = re.compile(r"^[√✓✔☑■●▲RVvt](?![0-9A-Za-z])\s*")
_NOT_TICKED = frozenset({"", "□", "☐", "○", "〇", "×", "✗", "£", "否", "无"}) | NOTHING


def ticked(cells: Iterable[tuple[str, str]]) -> str | None:
    """What a group of tick columns says, from (what a tick there says, its cell) in order.

    A group of people may be written in place of a tick or after it; both are kept:
    ``全社会;特定群体:申请人``. ``None`` where nothing is ticked: unknown, never 全社会.
    """
    return _ticked(tuple(cells))


@lru_cache(maxsize=1 << 10)
def _ticked(cells: tuple[tuple[str, str], ...]) -> str | None:
    said = [_said(says, cell.strip()) for says, cell in cells if cell.strip() not in _NOT_TICKED]
    return ";".join(dict.fromkeys(said)) or None


def _said(says: str, cell: str) -> str:
    cell = _joined(cell)
    words = _TICKED.sub("", cell).strip(" ()（）:：\n")
    words = "" if words == "是" else words
    if not words or words == says:
        return says
    if says == "特定群体":
        return f"{says}:{words.removeprefix(says).lstrip(':：')}"
    return f"{says}:{words}" if _TICKED.match(cell) else words
