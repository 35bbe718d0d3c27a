"""Tables of Word documents as grids."""

import io

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from catalogue_index.errors import UnreadableFile
from catalogue_index.importing import import_catalogue
from catalogue_index.readers import Bounds, Span, grids_of
from catalogue_index.readers.docx import read

HEADER = ("序号", "一级事项", "二级事项", "公开内容", "公开依据", "公开时限", "公开主体")
ROWS = (
    ("1", "政策文件", "法律法规", "法律", "《安全生产法》", "20个工作日", "县应急局"),
    ("2", "", "部门规章", "规章", "《条例》", "及时公开", "县应急局"),
)


def add_table(document, *rows):
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return table


def saved(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def grids(document):
    return grids_of(saved(document), "目录.docx")


def raw(xml):
    """The grid of a table written as it stands in the file; ``t:x`` is a cell that says x."""
    document = Document()
    document.element.body.insert(0, parse_xml(xml.replace(">", f" {nsdecls('w')}>", 1)))
    (grid,) = grids(document)
    return grid


def cell(text, properties=""):
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def test_a_catalogue_in_word_becomes_items():
    document = Document()
    document.add_paragraph("附件2")
    document.add_heading("某县安全生产领域基层政务公开标准目录")
    table = add_table(document, HEADER, *ROWS)
    table.cell(1, 1).merge(table.cell(2, 1))
    first, second = import_catalogue(grids(document)).items
    assert (first.sector, first.category, first.item) == ("安全生产", "政策文件", "法律法规")
    assert (second.category, second.item, second.time_limit) == ("政策文件", "部门规章", "及时公开")
    assert (first.place.row, second.place.row) == (2, 3)


def test_a_table_cut_by_a_page_goes_on_with_its_category():
    document = Document()
    add_table(document, HEADER, ROWS[0])
    document.add_paragraph("- 2 -")
    add_table(document, HEADER, ROWS[1])
    assert [item.category for item in import_catalogue(grids(document), sector="救灾").items] == [
        "政策文件",
        "政策文件",
    ]


def test_each_table_has_the_paragraphs_before_it():
    document = Document()
    for sector in ("救灾领域目录", "就业领域目录"):
        document.add_paragraph(sector)
        add_table(document, HEADER, ROWS[0])
    found = grids(document)
    assert [(grid.name, grid.cells[0]) for grid in found] == [
        ("第1张表", ("救灾领域目录",)),
        ("第2张表", ("就业领域目录",)),
    ]
    assert [item.sector for item in import_catalogue(found).items] == ["救灾", "就业"]


def test_merged_cells_both_ways():
    document = Document()
    table = add_table(document, "abcd", "efgh", "ijkl")
    table.cell(0, 0).merge(table.cell(1, 1))
    table.cell(1, 3).merge(table.cell(2, 3))
    table.cell(2, 1).merge(table.cell(2, 2))
    (grid,) = grids(document)
    assert set(grid.spans) == {Span(0, 0, 1, 1), Span(1, 3, 2, 3), Span(2, 1, 2, 2)}
    assert grid.own(0, 0) == "a\nb\ne\nf"
    assert [grid.own(1, 0), grid.own(1, 1), grid.own(2, 2), grid.own(2, 3)] == [""] * 4
    assert grid.at(2, 2) == "j\nk"


@pytest.mark.parametrize(
    "rows",
    [
        # continued without a beginning, continued under another width, and after an unmerged cell
        ("<w:vMerge/>", "<w:vMerge/><w:gridSpan w:val='2'/>", ""),
        ("<w:vMerge w:val='restart'/>", "", "<w:vMerge/>"),
    ],
)
def test_merges_that_do_not_fit_stay_apart(rows):
    xml = "".join(
        f"<w:tr>{cell('a', properties)}{cell('b')}{cell('c')}</w:tr>" for properties in rows
    )
    grid = raw(f"<w:tbl>{xml}</w:tbl>")
    assert all(span.top == span.bottom for span in grid.spans)
    assert [grid.own(row, 0) for row in range(3)] == ["a", "a", "a"]


def test_rows_that_begin_further_right_and_lines_in_a_cell():
    xml = (
        f"<w:tr>{cell('a')}{cell('b')}{cell('c')}</w:tr>"
        f"<w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr>{cell('d')}"
        "<w:tc><w:p><w:r><w:t>e</w:t><w:br/><w:t>f</w:t></w:r></w:p><w:p/><w:p><w:r><w:t>g</w:t></w:r></w:p></w:tc>"
        "</w:tr>"
    )
    assert raw(f"<w:tbl>{xml}</w:tbl>").cells == (("a", "b", "c"), ("", "d", "e\nf\n\ng"))


def test_tracked_deletions_are_left_out_of_cells_and_rows():
    deleted = "<w:tc><w:p><w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:r><w:t>新</w:t></w:r></w:p></w:tc>"
    gone = f"<w:tr><w:trPr><w:del w:id='1'/></w:trPr>{cell('x')}{cell('y')}{cell('z')}</w:tr>"
    xml = f"<w:tr>{deleted}{cell('b')}{cell('c')}</w:tr>{gone}<w:tr>{cell('d')}</w:tr>"
    assert raw(f"<w:tbl>{xml}</w:tbl>").cells == (("新", "b", "c"), ("d",))


def test_a_table_inside_a_layout_table_is_the_one_that_counts():
    document = Document()
    outer = document.add_table(rows=1, cols=1)
    outer.cell(0, 0).text = "救灾领域"
    inner = outer.cell(0, 0).add_table(rows=2, cols=3)
    for number, one in enumerate(cell for row in inner.rows for cell in row.cells):
        one.text = str(number)
    (grid,) = grids(document)
    assert grid.cells == (("救灾领域",), ("0", "1", "2"), ("3", "4", "5"))


def test_a_document_without_a_table_is_refused():
    document = Document()
    document.add_paragraph("一、总体要求")
    with pytest.raises(UnreadableFile, match="没有表格"):
        grids(document)


def test_bounds_hold_for_rows_cells_and_bytes():
    document = Document()
    add_table(document, "abc", "def")
    data = saved(document)
    assert read(data, "a.docx", bounds=Bounds(rows=2, cells=6))
    for bounds in (Bounds(rows=1), Bounds(cells=5)):
        with pytest.raises(UnreadableFile, match="太大"):
            read(data, "a.docx", bounds=bounds)
    for bounds in (Bounds(unpacked=1000), Bounds(xml=1000)):
        with pytest.raises(UnreadableFile, match="超过"):
            read(data, "a.docx", bounds=bounds)


@pytest.mark.parametrize("span", ["999999999999", "-5"])
def test_columns_that_a_cell_only_claims_are_none(span):
    xml = f"<w:tr>{cell('a', f'<w:gridSpan w:val={span!r}/>')}</w:tr><w:tr>{cell('b')}{cell('c')}{cell('d')}</w:tr>"
    assert raw(f"<w:tbl>{xml}</w:tbl>").width == 3
