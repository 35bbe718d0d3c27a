"""What one published cell says: text made whole, boxes and ticks turned into words."""

import re
from collections.abc import Iterable

SAME_AS_ABOVE = re.compile(r"(同上|〃|″)[。.;；]?")
"""A cell that repeats the one above it."""

NOTHING = frozenset({"/", "\\", "-", "--", "---", "—", "——", "―", "─", "──", "\u2014\u2014\u2014"})
"""Strokes that stand for an empty cell."""

ONE_LINE = frozenset({"sector", "category", "item", "subitem", "time_limit"})
"""Attributes of one name or sentence; breaks and blanks in it come from narrow columns."""

_ESCAPED_BREAK = re.compile(r"(_x005f)*_x000[abd]_|[\v\f]|\r\n?", re.IGNORECASE)
_INVISIBLE = str.maketrans(dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad")))
_WIDE, _BLANKS = r"[\u4e00-\u9fff]", r"[ \u00a0\u3000]+"
_SPLIT_WORD = re.compile(rf"(?<={_WIDE}){_BLANKS}(?={_WIDE}|\d)|(?<=\d){_BLANKS}(?={_WIDE})")


def tidy(text: str, attribute: str) -> str:
    """``text`` without blanks around it, invisible characters, and breaks a narrow column made.

    Words pulled apart (制 定 或 获 取, 20 个工作日) are joined in one-line attributes. Everything
    else stays as published.
    """
    text = _ESCAPED_BREAK.sub("\n", text.translate(_INVISIBLE)).strip()
    if attribute in ONE_LINE:
        text = re.sub(r"\s*\n\s*", "", text)
        text = _SPLIT_WORD.sub("", text)
    return text


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
    said = [_said(says, cell.strip()) for says, cell in cells if cell.strip() not in _NOT_TICKED]
    return ";".join(dict.fromkeys(said)) or None


def _said(says: str, cell: str) -> str:
    words = _TICKED.sub("", cell).strip(" ()（）:：\n")
    words = "" if words == "是" else words
    if not words or words == says:
        return says
    if says == "特定群体":
        return f"{says}:{words.removeprefix(says).lstrip(':：')}"
    return f"{says}:{words}" if _TICKED.match(cell) else words
