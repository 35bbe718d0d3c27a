"""The numbers that Word writes before paragraphs by itself: they are not in a paragraph's text.

Rules: ECMA-376 part 1, 17.9 (numbering). A paragraph names a list (``numId``) and a level, by itself
or through its style; the level's text (``（%1）``) takes the counts of the levels above it.
"""

from collections import defaultdict
from dataclasses import dataclass

from docx.oxml.ns import qn
from lxml import etree

_PROPERTIES = qn("w:pPr")
_DIGITS = "零一二三四五六七八九"
_CHINESE = frozenset(
    {
        "chineseCounting",
        "chineseCountingThousand",
        "ideographDigital",
        "japaneseCounting",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
    }
)
_ENCLOSED = frozenset({"decimalEnclosedCircle", "decimalEnclosedCircleChinese"})
_UNNUMBERED = frozenset({"bullet", "none"})


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    form: str
    text: str


class Numbering:
    """Counts a document's numbered paragraphs in order; one object serves one reading."""

    def __init__(self, lists: etree._Element | None, styles: etree._Element | None) -> None:
        """``lists`` is the root of numbering.xml and ``styles`` that of styles.xml, if present."""
        self._levels: dict[str, dict[int, _Level]] = {}
        self._list_of: dict[str, str] = {}
        self._styled: dict[str, tuple[str | None, tuple[str, int] | None]] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        for definition in _all(lists, "w:abstractNum"):
            self._levels[_value(definition, "w:abstractNumId")] = dict(
                map(_level, definition.findall(qn("w:lvl")))
            )
        for number in _all(lists, "w:num"):
            key = _value(number, "w:numId")
            base = number.find(qn("w:abstractNumId"))
            self._list_of[key] = _value(base, "w:val")
            starts = {
                int(_value(override, "w:ilvl")): int(_value(start, "w:val"))
                for override in number.findall(qn("w:lvlOverride"))
                if (start := override.find(qn("w:startOverride"))) is not None
            }
            if starts:
                # A list that starts anew counts apart from the others of its definition.
                levels = self._levels.get(self._list_of[key], {})
                self._list_of[key] = f"{key} of its own"
                self._levels[self._list_of[key]] = {
                    depth: _Level(starts.get(depth, level.start), level.form, level.text)
                    for depth, level in levels.items()
                }
        for style in _all(styles, "w:style"):
            base = style.find(qn("w:basedOn"))
            based_on = _value(base, "w:val") if base is not None else None
            self._styled[_value(style, "w:styleId")] = (based_on, _named(style))

    def before(self, paragraph: etree._Element) -> str:
        """What Word writes before ``paragraph``, and counts it; nothing when it is not numbered."""
        if len(paragraph) == 0 or paragraph[0].tag != _PROPERTIES:  # a large table has millions
            return ""
        named = _named(paragraph) or self._by_style(paragraph)
        if not named or named[0] == "0":
            return ""
        key, depth = self._list_of.get(named[0], ""), named[1]
        levels = self._levels.get(key, {})
        if depth not in levels:
            return ""
        counts = self._counts[key]
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        if levels[depth].form in _UNNUMBERED:
            return ""
        text = levels[depth].text
        for above, level in levels.items():
            count = counts.get(above, level.start)
            text = text.replace(f"%{above + 1}", _written(count, level.form))
        return text

    def _by_style(self, paragraph: etree._Element) -> tuple[str, int] | None:
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        name = _value(style, "w:val") if style is not None else None
        seen: set[str] = set()
        while name in self._styled and name not in seen:
            seen.add(name)
            name, named = self._styled[name]
            if named:
                return named
        return None


def _named(element: etree._Element) -> tuple[str, int] | None:
    """List and level that a paragraph or style names itself."""
    properties = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    if properties is None or (number := properties.find(qn("w:numId"))) is None:
        return None
    depth = properties.find(qn("w:ilvl"))
    return _value(number, "w:val"), int(_value(depth, "w:val")) if depth is not None else 0


def _level(element: etree._Element) -> tuple[int, _Level]:
    start, form, text = (element.find(qn(tag)) for tag in ("w:start", "w:numFmt", "w:lvlText"))
    return int(_value(element, "w:ilvl")), _Level(
        start=int(_value(start, "w:val")) if start is not None else 1,
        form=_value(form, "w:val") if form is not None else "decimal",
        text=_value(text, "w:val") if text is not None else "",
    )


def _written(count: int, form: str) -> str:
    if form in _CHINESE and 0 < count < 100:
        tens, ones = divmod(count, 10)
        written = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
        return written + (_DIGITS[ones] if ones else "")
    if form in _ENCLOSED and 0 < count <= 20:
        return chr(ord("①") + count - 1)
    if form in {"upperLetter", "lowerLetter"} and 0 < count <= 26:
        return chr(ord("A" if form == "upperLetter" else "a") + count - 1)
    return str(count)


def _all(root: etree._Element | None, tag: str) -> list[etree._Element]:
    return [] if root is None else root.findall(qn(tag))


def _value(element: etree._Element | None, attribute: str) -> str:
    return "" if element is None else str(element.get(qn(attribute), ""))
