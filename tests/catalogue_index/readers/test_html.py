"""Saved pages: what a reader sees in a table is what the grid says."""

import codecs
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue_index.errors import UnreadableFile
from catalogue_index.importing import import_catalogue
from catalogue_index.readers import Span, grids_of
from catalogue_index.readers.bounds import Bounds
from catalogue_index.readers.html import read

HEADER = (
    "<tr><th rowspan=2>序号<th colspan=2>公开事项<th rowspan=2>公开内容（要素）<th rowspan=2>公开依据"
    "<th rowspan=2>公开时限<th rowspan=2>公开主体<th colspan=2>公开对象</tr>"
    "<tr><th>一级事项<th>二级事项<th>全社会<th>特定群体</tr>"
)
ROWS = (
    "<tr><td>1<td rowspan=2>政策文件<td>法律法规<td>1.法律<br>2.法规<td>《安全生产法》<td>20个工作日"
    "<td>县应急局<td>√<td></tr>"
    "<tr><td>2<td>部门规章<td>规章<td>《条例》<td>及时公开<td>县应急局<td>√<td></tr>"
)
TITLE = "<h1>某县安全生产领域基层政务公开标准目录</h1>"


def page(body, head=""):
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


def table(rows):
    return f"<table>{rows}</table>"


def grids(body, head=""):
    return grids_of(page(body, head), "目录.html")


def cells(rows):
    """The cells of a page with one table, without lines above it."""
    (grid,) = grids(table(rows))
    return grid.cells


def test_a_saved_page_becomes_items_with_their_sector_and_rows():
    imported = import_catalogue(grids(TITLE + table(HEADER + ROWS)))
    first, second = imported.items
    assert (first.sector, first.category, first.item) == ("安全生产", "政策文件", "法律法规")
    assert (second.category, second.item, second.audience) == ("政策文件", "部门规章", "全社会")
    assert first.content == "1.法律\n2.法规"
    assert (first.place.row, second.place.row) == (3, 4)


def test_what_stands_above_a_table_becomes_rows_above_it():
    (grid,) = grids(
        f"<p>附件2</p><div><b>安全生产</b>领域</div>{table('<td>甲<td>乙<td>丙')}<p>打印"
    )
    assert grid.cells == (("附件2",), ("安全生产领域",), ("甲", "乙", "丙"))
    assert grid.number(2) == 1


def test_menus_page_numbers_and_hidden_text_are_no_titles():
    (grid,) = grids(
        "<ul><li><a href=a.html>社会救助</a> <a href=b.html>救灾</a></ul><p>- 3 -<p><a name=top>目录</a>"
        "<script>var a;</script><style>p{}</style><p style='display: none'>税收管理<p hidden>就业"
        f"<select><option>养老服务</select><!-- 批注 -->{table('<td>甲<td>乙<td>丙')}"
    )
    assert grid.cells == (("目录",), ("甲", "乙", "丙"))


def test_the_page_says_its_title_in_its_head():
    body = table("<td>甲<td>乙<td>丙")
    assert grids(body, "<title>救灾领域目录_某县政府</title>")[0].cells[0] == ("救灾领域目录",)
    both = "<title>某县政府</title><meta name=ArticleTitle content=' 救灾领域 目录 '>"
    assert grids(body, both)[0].cells[0] == ("救灾领域 目录",)


def test_each_table_has_the_title_before_it():
    one = table("<td>甲<td>乙<td>丙")
    first, second = grids(f"<p>救灾领域{one}<p>就业领域{one}")
    assert (first.name, first.cells[0]) == ("第1张表", ("救灾领域",))
    assert (second.name, second.cells[0]) == ("第2张表", ("就业领域",))


def test_a_table_goes_on_in_the_next_one_after_a_page_number():
    one, two = table("<td>甲<td>乙<td>丙"), table("<td rowspan=2>丁<td>戊<td>己<tr><td>庚<td>辛")
    (grid,) = grids(f"<p>目录{one}<p>- 1 -<p>&nbsp;{two}")
    assert grid.cells[1:] == (("甲", "乙", "丙"), ("丁", "戊", "己"), ("", "庚", "辛"))
    assert grid.spans == (Span(2, 0, 3, 0),)
    wider = table("<td>一<td>二<td>三<td>四")
    assert len(grids(one + wider)) == 2


def test_tables_that_arrange_the_page_are_unfolded_and_small_ones_inside_a_cell_are_text():
    inner = table("<tr><td>甲<td>乙<td>丙<tr><td>丁<td><table><tr><td>一<td>二</table><td>己")
    (grid,) = grids(
        f"<table><tr><td><p>题目</td></tr><tr><td><table><td>{inner}</table><td></table>"
    )
    assert grid.cells == (("题目",), ("甲", "乙", "丙"), ("丁", "一\n二", "己"))


def test_a_narrow_table_is_a_title():
    (grid,) = grids(table("<td>救灾领域<tr><td>填报单位<td>某县") + table("<td>甲<td>乙<td>丙"))
    assert grid.cells == (("救灾领域",), ("填报单位", "某县"), ("甲", "乙", "丙"))
    (alone,) = grids(table("<td>甲<td>乙"))
    assert alone.cells == (("甲", "乙"),)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("<td>a<br>b<p>c</p>d<td> e \n f<td>g", ("a\nb\nc\nd", "e f", "g")),
        ("<td>公开\n  时限<td>ab\ncd<td>中 文", ("公开时限", "ab cd", "中 文")),
        ("<td><pre>a\nb</pre><td>&lt;办法&gt;<td>&#x4e00;", ("a\nb", "<办法>", "一")),
        ("<td><a href=x>链接</a><td><b>粗</b>体<td>x", ("链接", "粗体", "x")),
    ],
)
def test_text_of_a_cell_is_what_a_browser_shows(rows, expected):
    assert cells(f"<tr>{rows}") == (expected,)


def test_rows_without_tags_in_forms_and_feet_are_found_and_hidden_ones_left_out():
    rows = (
        "<tfoot><tr><td>末<td>末<td>末</tfoot><form><tr><td>1<td>2<td>3</tr></form>"
        "<tbody><td>4<td>5<td>6<tr hidden><td>x<tr><td>7<td style='visibility:hidden'>x<td>8<td>9"
    )
    assert cells(rows) == (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), ("末", "末", "末"))


def spans(rows):
    (grid,) = grids(table(rows))
    return set(grid.spans)


def test_a_span_of_zero_rows_reaches_the_end_of_its_group_and_none_goes_beyond():
    tail = "<td>b<td>c<tr><td>d<td>e"
    assert spans(f"<tbody><tr><td rowspan=0>a{tail}") == {Span(0, 0, 1, 0)}
    assert spans(f"<thead><tr><td rowspan=9>a{tail}</thead><tr><td>x<td>y<td>z") == {
        Span(0, 0, 1, 0)
    }


def test_overlapping_spans_are_cut_and_lose_no_text():
    rows = "<tr><td>a<td rowspan=2>b<td>c<tr><td colspan=3>d<td>e"
    (grid,) = grids(table(rows))
    assert grid.cells == (("a", "b", "c"), ("d", "", "e"))
    assert set(grid.spans) == {Span(0, 1, 1, 1)}


@pytest.mark.parametrize("span", ["1000", "99999999999", "-1", "x", "0", "2%"])
def test_columns_that_nobody_sees_are_none(span):
    (grid,) = grids(table(f"<tr><td colspan='{span}'>题<tr><td>a<td>b<td>c"))
    assert grid.width == 3


ENCODED = [
    (encoding, mark)
    for encoding, mark in [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("gb18030", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
    ]
]


@pytest.mark.parametrize(("encoding", "mark"), ENCODED)
@pytest.mark.parametrize("label", ["utf-8", "gb2312", "iso-8859-1"])
def test_bytes_tell_the_encoding_and_labels_do_not(encoding, mark, label):
    text = f"<html><meta charset={label}><table><td>䶮㙍局<td>目录的公开依据<td>县民政局的公开时限"
    (grid,) = grids_of(mark + text.encode(encoding), "a.html")
    assert grid.cells[0][0] == "䶮㙍局"


def test_an_xml_declaration_and_a_comment_may_stand_first():
    data = b"<?xml version='1.0' encoding='gbk'?><!-- saved from url --><!DOCTYPE html><table><td>a<td>b<td>c"
    assert grids_of(data, "a.htm")[0].cells == (("a", "b", "c"),)


def test_a_web_page_called_xls_is_read_as_what_it_is():
    assert grids_of(page(table("<td>a<td>b<td>c")), "a.xls")[0].cells == (("a", "b", "c"),)


def test_a_page_that_only_links_its_table_names_the_file_to_download():
    meta = table("<tr><td>索引号<td>1<td>发布机构<td>某局")
    link = "<p>附件：<a href='/f/1.xlsx?id=3'>救灾领域目录.xlsx</a><a href='/%E7%9B%AE%E5%BD%95.DOC'></a>"
    for body in (link, meta + link):
        with pytest.raises(UnreadableFile, match=r"“救灾领域目录\.xlsx”、“目录\.DOC”"):
            grids(body)
    assert grids(table(HEADER + ROWS) + link)


def test_a_page_without_a_table_is_told_what_to_bring():
    with pytest.raises(UnreadableFile, match="没有表格"):
        grids("<p>关于公开的通知</p><a href=x.html>下一页</a>")


ARCHIVE = (
    "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/related; type="text/html"; boundary="--B"\r\n\r\n'
    "----B\r\nContent-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: {}\r\n\r\n"
)


def test_a_web_archive_is_read_page_by_page():
    one = "<html><table><td>=E7=94=B2<td>b<td>c</table>"
    part = ARCHIVE.format("quoted-printable").partition("\r\n\r\n")[2]
    alone = ARCHIVE.format("quoted-printable") + one + "\r\n----B--\r\n"
    assert grids_of(alone.encode(), "a.mht")[0].cells == (("甲", "b", "c"),)
    frames = part + "<html><frameset>\r\n" + part + one + "\r\n"
    several = ARCHIVE.format("quoted-printable") + one + "\r\n" + frames + "----B--\r\n"
    assert [grid.name for grid in grids_of(several.encode(), "a.mht")] == ["第1页", "第2页"]
    with pytest.raises(UnreadableFile, match="没有表格"):
        grids_of((ARCHIVE.format("8bit") + "<html><p>x").encode(), "a.mht")


def test_bounds_hold_over_all_tables_of_a_page():
    data = page(table("<tr><td>a<td>b<td>c") * 3)
    assert read(data, "a.html", bounds=Bounds(rows=3, cells=9))
    for bounds in (Bounds(rows=2), Bounds(cells=8)):
        with pytest.raises(UnreadableFile, match="太大"):
            read(data, "a.html", bounds=bounds)


SIZES = st.integers(min_value=1, max_value=4)


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(SIZES, SIZES), min_size=1, max_size=5), min_size=1, max_size=6))
def test_every_cell_of_a_table_stands_in_one_place_and_keeps_its_text(rows):
    names = itertools.count()
    written = "".join(
        "<tr>"
        + "".join(f"<td rowspan={height} colspan={width}>c{next(names)}" for height, width in row)
        for row in rows
    )
    # A first row of single cells makes every column seen.
    (grid,) = grids(table(f"<tr>{'<td>x' * 30}{written}"))
    covered = [
        (row, column)
        for span in grid.spans
        for row in range(span.top, span.bottom + 1)
        for column in range(span.left, span.right + 1)
    ]
    assert len(covered) == len(set(covered))
    assert max((row for row, _ in covered), default=0) < len(grid.cells) == len(rows) + 1
    texts = [text for row in grid.cells[1:] for text in row if text]
    assert texts == [f"c{n}" for n in range(next(names))]
    corners = {(span.top, span.left) for span in grid.spans}
    hidden = set(covered) - corners
    assert all(not grid.own(row, column) for row, column in hidden)
