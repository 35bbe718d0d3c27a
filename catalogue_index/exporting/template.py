"""An empty catalogue of a sector, ready to be filled: the guides' layout, choices, and how to fill it.

Whoever fills it does the law's work, so nothing is filled in that could pass for an answer:
names come from a guide, examples look like examples, and every other cell is blank.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from ..checking.guide import Guide, plain
from ..checking.rules import Rule, rules
from ..model import Item
from ..national import GUIDE, TICK, cells_of
from ..sectors import national_sectors
from .workbooks import add_styles, fit_height, framed, national_sheet, put, set_up_page

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

TIME_LIMITS = (
    "自信息形成或者变更之日起20个工作日内",  # 政府信息公开条例第二十六条
    "自收到申请之日起20个工作日内",  # 政府信息公开条例第三十三条
)
"""Time limits to choose from; others may be written."""

INSTRUCTIONS = "填写说明"
"""The name of the sheet that tells how to fill the other."""

_SHEET = "标准目录"
_BLANK_ROWS = 30
_EXAMPLES = ("content", "basis")
_LEGEND = (
    "灰色斜体是其他地方已公开目录里的例子，请按本地实际修改；事项不一定齐全，请对照标准指引增补。"
    f"怎样填见“{INSTRUCTIONS}”。"
)


class Instruction(NamedTuple):
    """How to fill a column, and the rule that says so."""

    column: str
    how: str
    rule: Rule | None


@lru_cache(maxsize=1)
def instructions() -> tuple[Instruction, ...]:
    """All instructions in the order of the columns."""
    table = files("catalogue_index").joinpath("data/instructions.csv").read_text(encoding="utf-8")
    return tuple(
        Instruction(row["column"], row["how"], rules()[row["rule"]] if row["rule"] else None)
        for row in csv.DictReader(table.splitlines())
    )


def examples(sector: str, guide: Guide, published: Sequence[Item]) -> list[Item]:
    """The rows to begin with: names by ``guide``, content and basis as some place published them.

    Where the guide has nothing of the sector, the names are those that any place published.
    Cells that each place fills for itself are left blank.
    """
    found = {
        (plain(item.category), plain(item.item)): item
        for item in sorted(published, key=_wealth)  # the last one with a name stays
        if item.sector == sector and item.category and item.item
    }
    rows = guide.of(sector)
    if rows:
        named = [(row.category, row.item, found.get(row.key)) for row in rows]
    else:
        in_order = (i for i in published if i.sector == sector and i.category and i.item)
        keys = dict.fromkeys((plain(i.category or ""), plain(i.item or "")) for i in in_order)
        named = [(found[k].category or "", found[k].item or "", found[k]) for k in keys]
    return [
        Item(
            sector,
            category,
            item,
            content=example.content if example else None,
            basis=example.basis if example else None,
        )
        for category, item, example in named
    ]


def _wealth(item: Item) -> int:
    return sum(1 for name in _EXAMPLES if getattr(item, name))


def template(sector: str, rows: Sequence[Item], *, area_name: str = "") -> bytes:
    """A workbook (.xlsx) to fill for ``sector``, beginning with ``rows`` (see ``examples``)."""
    from openpyxl import Workbook

    book = Workbook()
    add_styles(book)
    sheet = book.worksheets[0]
    sheet.title = _SHEET
    title = f"{area_name}{sector}领域基层政务公开标准目录"
    blank = [[""] * len(GUIDE)] * _BLANK_ROWS
    filled = [cells_of(replace(row, sector=None), GUIDE) for row in rows]
    above = [title, "", _LEGEND]
    last = national_sheet(sheet, GUIDE, above, [*filled, *blank])
    first = last - len(blank) - len(filled) + 1
    _ask_sector(sheet, sector)
    _look_like_examples(sheet, first, first + len(filled))
    _offer_choices(sheet, first, last)
    _add_instructions(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _ask_sector(sheet: "Worksheet", sector: str) -> None:
    """The line below the title: the sector, from which an import knows it, and who fills this in."""
    for place, text in {
        "A2": "领域：",
        "C2": sector,
        "D2": "编制单位：",
        "F2": "更新日期：",
    }.items():
        put(sheet[place], text)
    _choose(sheet, "C2", national_sectors().names, "请从列表里选领域。")


def _look_like_examples(sheet: "Worksheet", first: int, after: int) -> None:
    from openpyxl.styles import Font

    columns = [at for at, column in enumerate(GUIDE, 1) if column.attribute in _EXAMPLES]
    for row in range(first, after):
        for column in columns:
            sheet.cell(row, column).font = Font(italic=True, color="767676")


def _offer_choices(sheet: "Worksheet", first: int, last: int) -> None:
    """Lists to choose from, which forbid nothing: a group of people is written, not ticked."""
    from openpyxl.utils import get_column_letter

    for at, column in enumerate(GUIDE, 1):
        letter = get_column_letter(at)
        cells = f"{letter}{first}:{letter}{last}"
        if column.attribute == "time_limit":
            _choose(sheet, cells, TIME_LIMITS, "选一种，或写明别的期限。")
        elif column.tick == "特定群体":
            _choose(sheet, cells, [TICK], "选√，或写明是哪些人。")
        elif column.tick:
            _choose(sheet, cells, [TICK], "是的选√，不是的留空。")


def _choose(sheet: "Worksheet", cells: str, choices: Sequence[str], prompt: str) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    offered = DataValidation(
        "list",
        formula1=f'"{",".join(choices)}"',
        allow_blank=True,
        showErrorMessage=False,
        showInputMessage=True,
        prompt=prompt,
    )
    offered.add(cells)
    sheet.add_data_validation(offered)


_INSTRUCTION_COLUMNS = {"栏目": 18, "怎样填": 50, "依据的原话": 60, "出处": 36}


def _add_instructions(book: "Workbook") -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(INSTRUCTIONS)
    put(sheet["A1"], INSTRUCTIONS)
    put(sheet["A2"], "答疑是广东省的文件，约束广东省内的机关；其他省（区、市）可以参考。")
    sheet["A1"].font = Font(bold=True, size=16)
    rows = [tuple(_INSTRUCTION_COLUMNS), *map(_instruction_cells, instructions())]
    for row, texts in enumerate(rows, 3):
        for column, text in enumerate(texts, 1):
            cell = sheet.cell(row, column)
            put(cell, text)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.border, cell.font = framed(), Font(bold=row == 3)
        fit_height(sheet, row, texts, list(_INSTRUCTION_COLUMNS.values()))
    for column, width in enumerate(_INSTRUCTION_COLUMNS.values(), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    set_up_page(sheet, header_rows=3)


def _instruction_cells(instruction: Instruction) -> tuple[str, str, str, str]:
    column, how, rule = instruction
    if rule is None:
        return column, how, "", ""
    return column, how, f"“{rule.words}”", f"{rule.source.title}{rule.number}"
