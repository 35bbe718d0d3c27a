"""What scanning, copying and typing broke, and personal data left in."""

import re
from collections.abc import Iterator

from ... import privacy
from ...model import Place
from ..draft import Draft, Hit
from ..rules import table

_MARKS = {"《": "》", "〈": "〉", "(": ")", "〔": "〕", "[": "]", "【": "】", "“": "”"}
_ONE_STYLE = str.maketrans("（）<>＜＞﹝﹞［］", "()〈〉〈〉〔〕[]")
_NUMBERED = re.compile(
    r"(?:(?<=^)|(?<=[;；,，、。:：\s]))[\d一二三四五六七八九十a-zA-Z]{1,2}\)", re.MULTILINE
)
_LESS = re.compile(r"[〈〉](?=[\d=])")
_AROUND = 8


def damaged_words(draft: Draft) -> Iterator[Hit]:
    """Words that scanning is known to misread, in cells and channels."""
    slips = [(row["wrong"], row["right"]) for row in table("damage")]
    for item, attribute, text in draft.published():
        yield from _slips(slips, item.place, attribute, text)
    for item in draft.items:
        yield from _slips(slips, item.place, "channels", item.channels or "")


def _slips(slips: list[tuple[str, str]], place: Place, attribute: str, text: str) -> Iterator[Hit]:
    for wrong, right in slips:
        if wrong in text:
            yield Hit(place, attribute, {"found": wrong, "right": right})


def unbalanced_brackets(draft: Draft) -> Iterator[Hit]:
    """Brackets and title marks without their other half, or with that of another kind."""
    for item, attribute, text in draft.published():
        if found := unbalanced(text):
            yield Hit(item.place, attribute, {"found": found})


def unbalanced(text: str) -> str | None:
    """The words around the first mark in ``text`` that has no partner; ``None`` where all have."""
    plain = _LESS.sub(
        " ", _NUMBERED.sub(lambda found: " " * len(found[0]), text.translate(_ONE_STYLE))
    )
    open_marks: list[int] = []
    for position, char in enumerate(plain):
        if char in _MARKS:
            open_marks.append(position)
        elif char in _MARKS.values() and (
            not open_marks or _MARKS[plain[open_marks.pop()]] != char
        ):
            return _around(text, position)
    return _around(text, open_marks[-1]) if open_marks else None


def _around(text: str, position: int) -> str:
    return text[max(0, position - _AROUND) : position + _AROUND].replace("\n", " ")


_BOX = re.compile(
    r"[□☐](?=[\u4e00-\u9fff])|[\u4e00-\u9fff][□☐]"
    r"|(?:^|(?<=[;；、,，\s]))口(?=[\u4e00-\u9fff])(?!口|[头岸粮腔径罩号述令供服感才碑语味子])"
)


def stray_boxes(draft: Draft) -> Iterator[Hit]:
    """Boxes, or 口 that a box was misread as, in running text and in chosen channels."""
    for item, attribute, text in draft.published():
        if found := _BOX.search(text):
            yield Hit(item.place, attribute, {"found": _around(text, found.start())})
    for item in draft.items:
        if found := _BOX.search(item.channels or ""):
            words = {"found": _around(item.channels or "", found.start())}
            yield Hit(item.place, "channels", words)


_HAN = r"\u4e00-\u9fff"
_LETTER = re.compile(rf"(?:^|(?<=[;；、,，。:：\s{_HAN}]))[A-Za-z](?=[{_HAN}])")
_KNOWN = re.compile(
    r"[A-E][级类型证照栋座区等股]|X[光射]|[BC]超|U盘|[OHT][型恤]|K[线歌]|[ei](?=..)"
)


def letters_in_words(draft: Draft) -> Iterator[Hit]:
    """A single letter right before Chinese characters that forms no known word with them."""
    for item, attribute, text in draft.published():
        for found in _LETTER.finditer(text):
            if not _KNOWN.match(text, found.start()):
                yield Hit(item.place, attribute, {"found": _around(text, found.start())})
                break


def personal_data(draft: Draft) -> Iterator[Hit]:
    """Numbers of identity cards, mobiles and bank cards in any cell; the number itself is not told."""
    for grid in draft.grids:
        attributes = {
            column: attribute
            for attribute, columns in draft.imported.columns.get(grid.name, {}).items()
            for column in columns
        }
        for row, cells in enumerate(grid.cells):
            for column, text in enumerate(cells):
                if found := privacy.find(text):
                    kinds = "、".join(dict.fromkeys(privacy.NAMES[one.kind] for one in found))
                    place = Place(grid.number(row), grid.name)
                    yield Hit(place, attributes.get(column), {"found": kinds})
