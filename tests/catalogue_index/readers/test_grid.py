"""A table says for each row where the clerk finds it."""

from catalogue_index.importing import import_catalogue
from catalogue_index.readers.grid import Grid, PageMark

HEADER = ("一级事项", "二级事项", "公开内容", "公开时限", "公开主体")
ROW = ("政策文件", "法律法规", "文件全文", "及时公开", "县应急管理局")


def test_rows_of_a_sheet_are_numbered_from_its_first_row():
    grid = Grid("安全生产", (HEADER, ROW), first_row=3)
    assert [(grid.sheet(row), grid.number(row)) for row in (0, 1)] == [
        ("安全生产", 3),
        ("安全生产", 4),
    ]


def test_rows_of_a_table_over_pages_are_numbered_on_each_page():
    pages = (PageMark(0, "第1页"), PageMark(2, "第2页", 2))
    grid = Grid("第1页", (HEADER, ROW, ROW, ROW), pages=pages)
    places = [(item.place.sheet, item.place.row) for item in import_catalogue([grid]).items]
    assert places == [("第1页", 2), ("第2页", 2), ("第2页", 3)]
