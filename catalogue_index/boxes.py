"""Boxes and ticks as offices print them, turned into words: ■政府网站 □政府公报, √ under 全社会."""

import re
from collections.abc import Iterable
from functools import lru_cache

NOTHING = frozenset({"/", "\\", "-", "--", "---", "—", "——", "―", "─", "──", "\u2014\u2014\u2014"})
"""Strokes that stand for an empty cell."""

_WIDE, _BLANKS = r"[\u4e00-\u9fff]", r"[ \u00a0\u3000]+"
_BREAK = re.compile(r"\s*\n\s*")
_SPLIT_WORD = re.compile(rf"(?<={_WIDE}){_BLANKS}(?={_WIDE}|\d)|(?<=\d){_BLANKS}(?={_WIDE})")

# R, t and £ are Wingdings boxes turned into letters; 口 is a box typed as a
# character, so it counts only before the name of a channel, next to real boxes.
_CHOSEN = "■▄◆☑☒✓✔√●▲"
_EMPTY = "□☐£◇○〇"
_LETTER_BOX = re.compile(r"(?<![0-9A-Za-z])[Rt](?=\s?[\u4e00-\u9fff])")
_TYPED_BOX = re.compile(
    r"(?<![窗门出入])口(?=政府|两微|发布会|广播|纸质|公开查阅|政务|便民|入户|社区|精准|其他)"
)
_BOX = re.compile(f"([{_CHOSEN}{_EMPTY}])")
_EDGES = " \t\n\u00a0\u3000;；,，、。_"


def joined(text: str) -> str:
    """A text in one line, words that a narrow column pulled apart put together (制 定 或 获 取, 20 个工作日)."""
    return _SPLIT_WORD.sub("", _BREAK.sub("", text))


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
    cell = joined(cell)
    words = _TICKED.sub("", cell).strip(" ()（）:：\n")
    words = "" if words == "是" else words
    if not words or words == says:
        return says
    if says == "特定群体":
        return f"{says}:{words.removeprefix(says).lstrip(':：')}"
    return f"{says}:{words}" if _TICKED.match(cell) else words
