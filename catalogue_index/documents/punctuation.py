"""Chinese text with Chinese marks and without the blanks that scanning puts into it."""

import re

_BLANKS = re.compile("[ \t\u00a0\u2000-\u200b\u3000\ufeff]+")
_HAN = "\u3400-\u9fff〇"
_MARKS = "，。；：？！、（）〔〕【】《》〈〉“”‘’…"
_FULL = _HAN + _MARKS
_NARROW = ",:;?!()"
_WIDE = str.maketrans(_NARROW, "，：；？！（）")
_PAIR = re.compile(r"\(([^()（）]*)\)")
# A whole run at once, begun only at its head: linear even for text that is nothing but marks.
_MARKS_BESIDE_CHINESE = re.compile(
    rf"(?<=[{_FULL}]) ?[{_NARROW}]++"
    rf"|(?<![{_NARROW}])(?<![{_NARROW}] )(?:[{_NARROW}] ?)++(?=[{_FULL}])"
)
_SCAN_BLANK = re.compile(
    rf" (?=[{_MARKS}])|(?<=[{_MARKS}]) "  # beside Chinese marks
    rf"|(?<=[{_HAN}]) (?=[0-9A-Za-z])|(?<=[0-9A-Za-z%]) (?=[{_HAN}])"  # 2020 年, 26 个
    rf"|(?<=[0-9][.．、]) (?=[{_HAN}])"  # 1. 编制
)
_PADDING = re.compile(rf"(?:(?<=^)|(?<=[ {_MARKS}]))[{_HAN}](?: [{_HAN}])+(?=$|[ {_MARKS}])")
_HAN_BLANK = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])")


def clean(text: str, *, running: bool = False) -> str:
    """``text`` with Chinese marks and no scan blanks; cleaning twice changes nothing.

    Blanks between Chinese characters stay unless they pad single ones (组  长：何 彬), as they part
    a name from a post and one unit of a table cell from the next. ``running`` text, prose or a
    title, has none.
    """
    while (cleaner := _cleaner(text)) != text:
        text = cleaner
    return _HAN_BLANK.sub("", text) if running else text


def _cleaner(text: str) -> str:
    """One round: a mark once widened is Chinese context for the marks and blanks beside it."""
    text = _BLANKS.sub(" ", text).strip()
    text = _PAIR.sub(_widen_pair, text)
    text = _MARKS_BESIDE_CHINESE.sub(lambda found: found[0].translate(_WIDE), text)
    text = _SCAN_BLANK.sub("", text)
    return _PADDING.sub(lambda found: found[0].replace(" ", ""), text)


def _widen_pair(found: re.Match[str]) -> str:
    """A pair of half-width brackets, widened when Chinese stands in it or beside it."""
    around = found.string[max(found.start() - 2, 0) : found.end() + 2]
    return f"（{found[1]}）" if re.search(f"[{_FULL}]", around) else found[0]
