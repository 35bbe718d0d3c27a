"""A clerk's table comes back with notes at its cells and is otherwise as it was."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

from catalogue_index.errors import Refused
from catalogue_index.exporting.annotating import AUTHOR, OVERVIEW, SEVERITIES, Note, annotate
from catalogue_index.exporting.workbooks import sheet_titles
from catalogue_index.readers import Grid, Span, grids_of


def draft():
    """A workbook that begins in B3, with a merged category, the clerk's own comment and look."""
    book = Workbook()
    sheet = book.active
    sheet.title = "目录's 表"
    rows = [("一级事项", "二级事项", "公开时限"), ("救助", "低保", ""), (None, "临时救助", "=1+1")]
    for row, cells in enumerate(rows, 3):
        for column, text in enumerate(cells, 2):
            sheet.cell(row, column, text)
    sheet.merge_cells("B4:B5")
    sheet["C4"].font = Font(bold=True)
    sheet["C5"].comment = Comment("请张科长看", "李四")
    sheet.column_dimensions["C"].width = 33
    book.create_sheet("别的")["A1"] = "x"
    return saved(book)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def annotated(data, *notes, name="x.xlsx"):
    done = annotate(data, name, grids_of(data, name), notes)
    return load_workbook(io.BytesIO(done))


SHEET = "目录's 表"


def test_a_note_stands_at_its_cell_also_where_the_table_begins_further_in():
    sheet = annotated(draft(), Note(SHEET, 4, 2, "error", "时限是空的。"))[SHEET]
    assert sheet["D4"].comment.text == "【必须改】时限是空的。"
    assert sheet["D4"].comment.author == AUTHOR
    assert sheet["D4"].fill.patternType == SEVERITIES["error"].pattern


def test_a_note_on_a_merged_cell_stands_at_its_top_left():
    sheet = annotated(draft(), Note(SHEET, 5, 0, "warn", "改了名。"))[SHEET]
    assert "改了名" in sheet["B4"].comment.text


def test_a_note_on_a_row_stands_at_the_first_cell_that_is_its_own():
    sheet = annotated(draft(), Note(SHEET, 5, None, "hint", "新增的事项。"))[SHEET]
    assert sheet["B4"].comment is None
    assert sheet["C5"].comment.text == "请张科长看\n【请核对】新增的事项。"


def test_notes_on_one_cell_stand_together_worst_first():
    notes = [Note(SHEET, 4, 2, s, s) for s in ("hint", "error", "warn")]
    cell = annotated(draft(), *notes)[SHEET]["D4"]
    assert cell.comment.text == "【必须改】error\n【建议改】warn\n【请核对】hint"
    assert cell.fill.patternType == "solid"


def test_the_look_of_the_workbook_is_kept():
    book = annotated(draft(), Note(SHEET, 4, 2, "warn", "x"))
    sheet = book[SHEET]
    assert book.sheetnames == [OVERVIEW, SHEET, "别的"]
    assert sheet["C4"].font.bold
    assert sheet.column_dimensions["C"].width == 33
    assert [str(area) for area in sheet.merged_cells] == ["B4:B5"]
    assert [cell.value for cell in sheet[4]] == [None, "救助", "低保", None]


def test_the_first_sheet_lists_the_notes_and_leads_to_the_cells():
    notes = [Note(SHEET, 4, 2, "error", "甲"), Note(SHEET, 5, None, "hint", "乙")]
    book = annotated(draft(), *notes, Note("别的", 0, None, "warn", "丙"))
    sheet = book[OVERVIEW]
    assert book.active is sheet
    assert [s.sheet_view.tabSelected for s in book.worksheets] == [True, False, False]
    assert sheet["A2"].value.startswith("共 3 处：必须改 1 处，建议改 1 处，请核对 1 处。")
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    assert rows == [
        ["1", "必须改", "目录's 表 第4行（D4）", "甲"],
        ["2", "请核对", "目录's 表 第5行", "乙"],
        ["3", "建议改", "别的", "丙"],
    ]
    links = [sheet.cell(row, 3).hyperlink.location for row in (5, 6, 7)]
    assert links == ["'目录''s 表'!D4", "'目录''s 表'!C5", "'别的'!A1"]


def test_without_notes_it_says_so():
    assert annotated(draft())[OVERVIEW]["A2"].value == "没有发现问题。"


def test_notes_of_an_earlier_check_are_replaced():
    first = saved(annotated(draft(), Note(SHEET, 4, 2, "error", "旧")))
    grids = grids_of(first, "x.xlsx")
    notes = [Note(SHEET, 5, 1, "warn", "新"), Note(OVERVIEW, 0, None, "warn", "没有目录表头")]
    book = load_workbook(io.BytesIO(annotate(first, "x.xlsx", grids, notes)))
    assert book.sheetnames == [OVERVIEW, SHEET, "别的"]
    assert book[SHEET]["D4"].comment is None
    assert book[SHEET]["D4"].fill.patternType is None
    assert "新" in book[SHEET]["C5"].comment.text
    assert [row[3].value for row in book[OVERVIEW].iter_rows(min_row=5)] == ["新"]


def test_other_formats_become_a_workbook_with_the_same_rows_columns_and_merged_cells():
    grid = Grid("", (("a", "b"), ("", "c")), (Span(0, 0, 1, 0),), first_row=7, first_column=2)
    data = annotate(b"<table>", "x.html", [grid, grid], [Note("", 8, 1, "error", "x")])
    book = load_workbook(io.BytesIO(data))
    sheet = book.worksheets[1]
    assert (sheet["B7"].value, sheet["C7"].value, sheet["C8"].value) == ("a", "b", "c")
    assert [str(area) for area in sheet.merged_cells] == ["B7:B8"]
    assert sheet["C8"].comment.text == "【必须改】x"


def with_part(data, part, old, new):
    """A workbook with some bytes of one of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            text = before.read(name)
            after.writestr(name, text.replace(old, new) if name == part else text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", b'ref="B4:B5"', b'ref="F6:XFD1048576"'),
        ("xl/worksheets/sheet1.xml", b'ref="B4:B5"', b'ref="F:XFD"'),
        ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetData>" + b"<c/>" * 1_000_001),
        ("xl/theme/theme1.xml", b"</a:theme>", b"<c/>" * 1_000_001 + b"</a:theme>"),
        ("xl/styles.xml", b"<fonts", b"<fants"),
    ],
)
def test_a_workbook_too_much_for_openpyxl_is_made_anew_from_its_text(part, old, new):
    data = draft()
    grids = grids_of(data, "x.xlsx")
    hostile = with_part(data, part, old, new)
    assert hostile != data
    done = annotate(hostile, "x.xlsx", grids, [Note(SHEET, 4, 1, "error", "x")])
    sheet = load_workbook(io.BytesIO(done))[SHEET]
    assert sheet["C4"].comment.text == "【必须改】x"
    assert not sheet["C4"].font.bold


NASTY = [
    "=cmd|'/C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "#N/A",
    "_x0041_",
    "\x01\ud800x",
    "长" * 40_000,
]


@pytest.mark.parametrize("text", NASTY)
def test_none_of_our_text_becomes_a_formula(text):
    grid = Grid(text, ((text, "b"),))
    book = load_workbook(
        io.BytesIO(annotate(b"x", text[:9], [grid], [Note(text, 1, 0, "warn", text)]))
    )
    types = {c.data_type for s in book.worksheets for row in s.iter_rows() for c in row if c.value}
    assert types == {"s"}


def test_a_table_of_too_many_cells_is_refused():
    with pytest.raises(Refused, match="拆成几个文件"):
        annotate(b"x", "x.csv", [Grid("", (("a",) * 1000,) * 1001)], [])


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(max_size=40), max_size=8))
def test_titles_of_sheets_are_allowed_and_told_apart(names):
    titles = sheet_titles(names)
    book = Workbook()
    for title in titles:
        assert book.create_sheet(title).title == title
    assert len({title.lower() for title in titles}) == len(names)
    assert all(0 < len(title) <= 31 for title in titles)
