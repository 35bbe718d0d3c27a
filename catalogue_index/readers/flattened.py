"""Tables that a web page turned into lines, one cell a line, and what can be known of them.

Blank cells and merged ones are lost in such a page, so the columns of a value are known only where
the values themselves tell. What is not sure is refused: a catalogue must not be made to say
anything. Ticks are left out, because nobody can tell which column they stood in.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..errors import UnreadableFile
from .grid import Grid, Span

_LEVEL = re.compile(r"[省市州盟县区旗乡镇街道村居社嘎查园、()（）]{1,12}级")
_TICK = re.compile(r"[√✓✔☑●■▲Vv]")
_NUMBER = re.compile(r"\d{1,4}")
_TEXTS: Mapping[str, re.Pattern[str]] = {
    "basis": re.compile(r"[《》]|规定|办法|条例|文件|同上"),
    "time_limit": re.compile(r"[日年月]|及时|实时|长期|永久|提前|同上"),
    "discloser": re.compile(r"[局厅委办院所站部]|政府|单位|中心|机构|街道|[乡镇]|同上"),
    "channels": re.compile(r"[■□☑☒☐▲]|网站|公示|公告|公报|平台|公开|服务|同上"),
}
"""What the values of a column say in one way or another, by attribute of ``Item``."""
_CORE = frozenset({"content", *_TEXTS})
_FEWEST = 3
_LEVELS_OF_MATTER = frozenset({"category", "item", "subitem"})
NUMBER, MATTER = "number", "matter"
_UNBROKEN = re.compile(r"(公开(内容|依据|时限|主体|渠道|对象|方式)[^、，。；;,]{0,14}){4}")
_TICKS_LOST = (
    "网页里的表格变成了一格一行的文字，勾选的“√”分不清属于哪一栏，"
    "公开对象、公开方式、公开层级没有导入，请对照原网页补上。"
)
_ADVICE = (
    "请打开原网页，把表格复制到表格软件，另存为 .xlsx 再导入；原网页有附件的，请下载附件导入。"
)


def grid_in(lines: Sequence[str], title: str, name: str) -> Grid | None:
    """The catalogue in the ``lines`` of the page called ``name``, blank ones among them.

    ``None`` where they hold no catalogue's header. Raises ``UnreadableFile`` for a table that
    stands in one unbroken text, and for one whose rows cannot be told for sure.
    """
    header = _header_in(lines)
    if header is None:
        if any(_UNBROKEN.search("".join(line.split())) for line in lines):
            raise UnreadableFile(
                f"网页“{name}”里的表格已经连成一整段文字，分不出哪些字属于哪一栏。{_ADVICE}"
            )
        return None
    columns = _columns(header.labels)
    texts = [n for n, label in enumerate(columns) if n and not _is_tick(label)]
    attributes = [_attribute(columns[n]) for n in texts]
    rows = list(_rows(_cells(lines[header.end :], header.gap), header.labels))
    sure = [_aligned(row, attributes, last=row is rows[-1]) for row in rows]
    if _attribute(columns[0]) != NUMBER or not rows:
        raise _unsure(name, "没有开头的序号，分不出各行")
    if None in sure:
        raise _unsure(name, f"“{rows[sure.index(None)][0]}”开头的那一行分不清各栏")
    body = []
    for row, values in zip(rows, sure, strict=True):
        placed = dict(zip(texts, values or (), strict=True))
        body.append((row[0], *(placed.get(n, "") for n in range(1, len(columns)))))
    above = [(line.strip(),) for line in (title, *lines[: header.start]) if line.strip()]
    top = len(above) + 1
    spans = (
        _merged_categories([row[1] for row in body], top) if attributes[:1] == ["category"] else ()
    )
    return Grid(
        "",
        (*above, tuple(columns), *body),
        tuple(spans),
        first_row=1 - len(above),
        doubts=((len(above), _TICKS_LOST),),
    )


def _unsure(name: str, why: str) -> UnreadableFile:
    return UnreadableFile(f"网页“{name}”里的表格变成了一格一行的文字，{why}。{_ADVICE}")


@dataclass(frozen=True, slots=True)
class _Header:
    """Labels in ``lines[start:end]``; cells of the table stand ``gap`` blank lines apart or more."""

    start: int
    end: int
    labels: tuple[str, ...]
    gap: int


def _header_in(lines: Sequence[str]) -> _Header | None:
    run: list[int] = []
    for n in (*(n for n, line in enumerate(lines) if line.strip()), None):
        if n is not None and _attribute(lines[n]):
            run.append(n)
            continue
        labels = tuple(lines[m].strip() for m in run)
        if len(_CORE.intersection(map(_attribute, labels))) >= _FEWEST:
            gap = min(after - before - 1 for before, after in pairwise(run))
            return _Header(run[0], run[-1] + 1, labels, gap)
        run = []
    return None


def _columns(labels: Sequence[str]) -> list[str]:
    """The labels of the lower header row under those of the upper one: 公开对象 → 全社会, 特定群体."""
    columns: dict[str, list[str]] = {}
    for label in labels:
        attribute = _attribute(label)
        group = MATTER if attribute in _LEVELS_OF_MATTER else attribute
        if group in columns and (group == MATTER or _is_tick(label)):
            columns[group].append(label)
        else:
            columns[label if group in columns else attribute] = [label]
    return [label for top, *parts in columns.values() for label in parts or [top]]


def _cells(lines: Sequence[str], gap: int) -> list[str]:
    cells: list[str] = []
    blank = gap
    for line in lines:
        if not line.strip():
            blank += 1
            continue
        if blank >= gap:
            cells.append(line.strip())
        else:
            cells[-1] += f"\n{line.strip()}"
        blank = 0
    return cells


def _rows(cells: Sequence[str], labels: tuple[str, ...]) -> Iterator[list[str]]:
    """Cells from one number to the next, without headers that a page break repeats."""
    row: list[str] = []
    at = 0
    while at < len(cells):
        if tuple(cells[at : at + len(labels)]) == labels:
            at += len(labels)
            continue
        if _NUMBER.fullmatch(cells[at]) and row:
            yield row
            row = []
        row.append(cells[at])
        at += 1
    if row:
        yield row


def _aligned(row: Sequence[str], attributes: Sequence[str], last: bool) -> list[str] | None:
    """The row's values for the columns of ``attributes``, or ``None`` when that is not sure.

    A value may be missing only where 一级事项 is merged with the row above. After the ``last`` row
    the rest of the page follows.
    """
    values = [value for value in row[1:] if not _TICK.fullmatch(value)]
    readings = [values]
    if attributes[:1] == ["category"]:
        readings.append(["", *values])
    if last:
        readings = [reading[: len(attributes)] for reading in readings]
    fitting = [reading for reading in readings if _fits(reading, attributes)]
    return fitting[0] if len(fitting) == 1 and _NUMBER.fullmatch(row[0]) else None


def _fits(values: Sequence[str], attributes: Sequence[str]) -> bool:
    if len(values) != len(attributes):
        return False
    known = [
        _TEXTS[attribute].search(value) is not None
        for attribute, value in zip(attributes, values, strict=True)
        if attribute in _TEXTS
    ]
    return len(known) >= _FEWEST and all(known)


def _merged_categories(categories: Sequence[str], top: int) -> Iterator[Span]:
    """The areas that 一级事项 covered: each from its value to the row before the next one."""
    starts = [n for n, category in enumerate(categories) if category]
    for start, following in pairwise((*starts, len(categories))):
        if following - start > 1:
            yield Span(top + start, 1, top + following - 1, 1)


def _attribute(label: str) -> str:
    """What a column called so holds, in the words of ``headers``; "" for what is no label."""
    # Headers are made of grids, so their module needs this package first.
    from ..headers import LABELS, plain

    name = plain(label.strip())
    found = (attribute for attribute, names in LABELS.items() if name in names)
    return next(found, "") or _ticked(name)


def _is_tick(label: str) -> bool:
    from ..headers import plain

    return _ticked(plain(label.strip())) != ""


def _ticked(name: str) -> str:
    from ..headers import TICKS

    return TICKS.get(name, ("", ""))[0] or ("level" if _LEVEL.fullmatch(name) else "")
