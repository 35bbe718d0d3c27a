"""A workbook of several sheets with merged cells, standing below and right of its corner: places are the clerk's."""

import csv
import io
from datetime import date
from itertools import groupby
from pathlib import Path

from openpyxl import Workbook

from catalogue_index.checking import Draft, Guide, check
from catalogue_index.readers import grids_of

DRAFTS = Path(__file__).parents[2] / "fixtures" / "faults" / "drafts"
DOWN, RIGHT = 2, 1
HEADER_ROWS, CATEGORY = (2, 3), 2


def add_sheet(book, name):
    sheet = book.create_sheet(name)
    rows = list(csv.reader((DRAFTS / f"{name}.csv").read_text("utf-8").splitlines()))
    for row, cells in enumerate(rows, 1):
        for column, text in enumerate(cells, 1):
            sheet.cell(row + DOWN, column + RIGHT, text or None)

    def merge(top, left, bottom, right):
        sheet.merge_cells(
            start_row=top + DOWN,
            start_column=left + RIGHT,
            end_row=bottom + DOWN,
            end_column=right + RIGHT,
        )

    merge(1, 1, 1, len(rows[0]))
    for column in (1, 4, 5, 6, 7, 8):
        merge(HEADER_ROWS[0], column, HEADER_ROWS[1], column)
    for column in (2, 9, 11, 13):
        merge(HEADER_ROWS[0], column, HEADER_ROWS[0], column + 1)
    numbered = list(enumerate(rows, 1))[HEADER_ROWS[1] :]
    for _, group in groupby(numbered, key=lambda pair: pair[1][CATEGORY - 1]):
        first, *others = [row for row, _ in group]
        if others:
            merge(first, CATEGORY, others[-1], CATEGORY)
    return sheet


def findings(book):
    data = io.BytesIO()
    book.save(data)
    draft = Draft.read(grids_of(data.getvalue(), "草稿.xlsx"), Guide(), date(2026, 9, 1))
    return [(f.rule, f.place.sheet, f.place.row, f.column, f.label) for f in check(draft)]


def test_places_are_those_of_the_sheet():
    book = Workbook()
    book.remove(book.active)
    add_sheet(book, "安全生产")
    sheet = add_sheet(book, "社会救助")
    assert findings(book) == []
    sheet["H7"], sheet["G8"] = "有关单位", "60个工作日"
    assert findings(book) == [
        ("deadline-too-long", "社会救助", 8, 5, "公开时限"),
        ("body-vague", "社会救助", 7, 6, "公开主体"),
    ]
