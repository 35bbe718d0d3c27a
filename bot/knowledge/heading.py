"""What a document says of itself: whose it is, its title, its number and its date."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from catalogue_index.areas import Area, Areas
from catalogue_index.errors import UnknownArea

_LINES = 12
"""An official document names its office and itself in its head (GB/T 9704): red head, number, title, addressee."""
_LONGEST_NAME = 25
_TITLE_END = re.compile(
    r"(方案|细则|通知|意见|答疑|问答|解答|办法|要点|规程|指南)([(（][^()（）]{2,8}[)）])?$"
)
_BEFORE_TITLE = re.compile(r"(文件|号|办公室|附件\d*|[：:])$")
_NUMBER = re.compile(r"[㐀-鿿]{1,12}[〔\[（(]\d{4}[〕\]）)]\d{1,5}号")
_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_ACTS = re.compile("人民政府|全面|深化|进一步|基层|政务公开")
_COUNTY = 6


def lines_of(text: str) -> list[str]:
    """The first lines that say something, without blanks and marks of emphasis."""
    lines = ("".join(line.split()).strip("#*") for line in text.splitlines())
    return [line for line in lines if line][:_LINES]


def area_of(lines: Sequence[str], areas: Areas) -> Area | None:
    """The area whose document it is: the first that a line begins with, else the first county said to do something.

    Several areas of one name are told apart by a higher area that the lines name. ``None`` when none is named; raises
    ``UnknownArea`` when several fit.
    """
    found = next(chain(_at_the_start(lines, areas), _inside(lines, areas)), None)
    if not found:
        return None
    text = "".join(lines)
    for digits in (4, 2):
        if len(found) > 1:
            above = [a for a in found if areas.get(a.code[:digits], "?").name in text]
            found = above or found
    if len(found) == 1:
        return found[0]
    several = "、".join(f"{area.full_name}（{area.code}）" for area in found[:6])
    raise UnknownArea(
        f"文件里的“{found[0].name}”对应多个地区：{several}。请用 --area 写明是哪一个的代码。"
    )


def title_of(lines: Sequence[str]) -> str:
    """The title, joined where it is broken over lines; empty when no line ends like one."""
    for end, line in enumerate(lines[:8], 1):
        if _TITLE_END.search(line):
            start = end - 1
            while start and not _BEFORE_TITLE.search(lines[start - 1]):
                start -= 1
            return "".join(lines[start:end])
    return ""


def number_of(lines: Sequence[str]) -> str:
    """The document number (文号), where one stands on a line of its own; empty otherwise."""
    return next((line for line in lines if _NUMBER.fullmatch(line)), "")


def date_of(text: str) -> str:
    """The day of issue (成文日期) as ISO 8601: the first that stands on a line of its own; empty otherwise."""
    for line in text.splitlines():
        if found := _DAY.fullmatch("".join(line.split()).strip("#*()（）")):
            year, month, day = map(int, found.groups())
            return f"{year:04}-{month:02}-{day:02}"
    return ""


def _at_the_start(lines: Sequence[str], areas: Areas) -> Iterator[list[Area]]:
    for line in lines:
        rest, found = line.lstrip("《“〈").removeprefix("关于印发").lstrip("《“〈"), list[Area]()
        # 山西省泽州县: the list knows no full name that leaves out the city, so names are read one below the other.
        while below := _leading(rest, found, areas):
            rest, found = rest[below[0] :], below[1]
        if found:
            yield found


def _leading(text: str, above: Sequence[Area], areas: Areas) -> tuple[int, list[Area]] | None:
    """The longest name that the text begins with, of an area below ``above`` where that is given."""
    for end in range(min(len(text), _LONGEST_NAME), 1, -1):
        found = [
            area
            for area in _called(text[:end], areas)
            if not above or any(area.code.startswith(a.code) and area != a for a in above)
        ]
        if found:
            return end, found
    return None


def _inside(lines: Sequence[str], areas: Areas) -> Iterator[list[Area]]:
    for line in lines:
        for act in _ACTS.finditer(line):
            for start in range(max(0, act.start() - _LONGEST_NAME), act.start() - 1):
                found = _called(line[start : act.start()], areas)
                if counties := [area for area in found if len(area.code) == _COUNTY]:
                    yield counties
                    break


def _called(name: str, areas: Areas) -> list[Area]:
    """Areas of this name written out: 东方 is a word in titles, 东方市 is a place."""
    return [area for area in areas.named(name) if name.endswith(area.name)]
