"""The figures of a month as tables: what the page shows and what its workbook holds, from one place."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.model import Kind
from bot.channels.names import CHANNEL_NAMES
from bot.evaluation.judging import ROUTES
from bot.questions.groups import Group
from catalogue_index.exporting.workbooks import fit_height, put, set_up_page, sheet_titles

from .statistics import Figures

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Cell = str | int

KIND_NAMES: Mapping[str, str] = {
    Kind.ANSWER: "答出",
    Kind.CHOICES: "给出选项",
    Kind.DECLINED: "没有答",
    Kind.HANDOVER: "转人工",
}
"""How a question ended, as people call it."""

ROUTE_NAMES: Mapping[str, str] = {
    "faq": "答疑",
    "catalogue": "标准目录",
    "plan": "实施方案",
    **ROUTES,
}
"""What a question was about, as far as its answer tells."""

NO_AREA = "地区不明"
_NO_WORDS = "（没有留下原话）"
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title; numbers are numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables(
    figures: Figures, area_name: Callable[[str], str], *, with_words: bool
) -> tuple[Table, ...]:
    """Every table of a month; those without rows are left out. ``with_words``: what was asked is shown, too."""
    made = (
        _months(figures),
        Table("本月提问按结果和类型", ("结果", "类型", "次数"), _routes(figures)),
        Table("本月提问按地区", ("地区", "次数"), _named(figures.areas, area_name)),
        Table("本月提问按领域（有来源的）", ("领域", "次数"), _named(figures.sectors, str)),
        Table(
            "问得最多、还没有答案的",
            ("问题", "地区", "次数"),
            tuple(_unanswered(one, area_name) for one in figures.unanswered if with_words),
        ),
        Table(
            "本月推送按渠道（人次，一人一次推送一个渠道算一次）",
            ("渠道", "已送到", "没有送到", "结果不明或还在发"),
            tuple(
                (CHANNEL_NAMES.get(one.channel, one.channel), one.reached, one.missed, one.unknown)
                for one in figures.carried
            ),
        ),
    )
    return tuple(table for table in made if table.rows)


def workbook(found: Sequence[Table]) -> bytes:
    """The tables as an xlsx, a sheet each; words stay words, whatever they begin with."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for table, title in zip(found, sheet_titles([one.title for one in found]), strict=True):
        _fill(book.create_sheet(title), table)
    if not found:
        put(book.create_sheet("统计").cell(1, 1), "这个月还没有数据。")
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _months(figures: Figures) -> Table:
    columns = ("月份", "提问", *KIND_NAMES.values(), "新订阅", "退订")
    rows: list[tuple[Cell, ...]] = []
    for asked, joined in zip(figures.asked, figures.joined, strict=True):
        ended = [asked.kinds.get(kind, 0) for kind in KIND_NAMES]
        rows.append((asked.month.name, asked.total, *ended, joined.came, joined.left))
    return Table("近十二个月", columns, tuple(rows))


def _routes(figures: Figures) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (KIND_NAMES.get(kind, kind), ROUTE_NAMES.get(route, route), count)
        for (kind, route), count in figures.routes.items()
    )


def _named(
    counted: Mapping[str, int], area_name: Callable[[str], str]
) -> tuple[tuple[Cell, ...], ...]:
    return tuple((area_name(area) if area else NO_AREA, count) for area, count in counted.items())


def _unanswered(group: Group, area_name: Callable[[str], str]) -> tuple[Cell, ...]:
    area = area_name(group.key.area) if group.key.area else NO_AREA
    return (group.words or _NO_WORDS, area, group.count)


def _fill(sheet: "Worksheet", table: Table) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    lines: list[tuple[Cell, ...]] = [(table.title,), table.columns, *table.rows]
    shown = lines[1:]
    widths = [
        min(_WIDEST, max(2 * len(str(line[at])) for line in shown) + 4)
        for at in range(len(table.columns))
    ]
    for number, line in enumerate(lines, 1):
        for at, value in enumerate(line, 1):
            cell = sheet.cell(number, at)
            if isinstance(value, int):
                cell.value = value
            else:
                put(cell, value, cut=True)
                cell.alignment = Alignment(wrap_text=number > 1, vertical="top")
            if number <= 2:
                cell.font = Font(bold=True)
        if number > 1:
            fit_height(sheet, number, [str(value) for value in line], widths)
    for at, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = "A3"
    set_up_page(sheet, header_rows=2)
