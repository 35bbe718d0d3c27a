"""What is exported opens in Excel, runs nothing there, and comes back unchanged."""

import io
import re

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from catalogue_index.boxes import channels
from catalogue_index.errors import Refused
from catalogue_index.exporting import LAYOUTS, export, masked
from catalogue_index.importing import import_catalogue
from catalogue_index.importing.lookalikes import tampering
from catalogue_index.model import COLUMNS, Item
from catalogue_index.national import EXPORTED
from catalogue_index.privacy import find
from catalogue_index.readers import grids_of

WAYS = [("csv", "plain"), ("json", "plain"), ("xlsx", "plain"), ("xlsx", "national")]


def texts(max_size: int = 30):
    characters = st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\n\t")
    return st.text(characters, min_size=1, max_size=max_size).filter(
        lambda text: text.strip() and not find(text) and not tampering([text])
    )


cells = st.one_of(
    texts(),
    st.sampled_from(["=1+1", "+86", "-1", "@x", "#N/A", "_x0041_", "01", "■a□b", '"', ",;\t", "√"]),
    st.sampled_from(
        ["同上", "—", "□", " a ", "a\n\nb", "全社会;特定群体:村民", "<b>&amp;", "{{ x }}"]
    ),
)
names = texts(10).filter(lambda label: label not in COLUMNS.values())
items = st.builds(
    Item,
    **{name: st.none() | cells for name in COLUMNS if name not in ("item", "channels")},
    channels=st.none() | cells.filter(lambda text: channels(text) == text),
    item=cells,
    extras=st.dictionaries(names, cells, max_size=3),
)


def content(several):
    return [(item.cells(), dict(item.extras)) for item in several]


@pytest.mark.parametrize(("format", "layout"), WAYS)
@settings(max_examples=40, deadline=None)
@given(st.lists(items, min_size=1, max_size=4))
def test_an_import_of_the_export_is_the_same_cell_for_cell(format, layout, several):
    data = export(several, format, layout=layout, title="某县目录", date="2026年11月21日")
    again = import_catalogue(grids_of(data, f"x.{format}"))
    assert content(again.items) == content(several)


def folded(text):
    """A text as a web page shows it: blanks fold, those at the ends of lines and text are gone."""
    lines = [re.sub("[ \\t]+", " ", line).strip() for line in text.split("\n")]
    return "\n".join(lines).strip()


@settings(max_examples=40, deadline=None)
@given(st.lists(items, min_size=1, max_size=4))
def test_an_import_of_the_web_page_is_the_same_but_for_blanks(several):
    shown = [
        (
            {k: folded(v) for k, v in cells.items()},
            {folded(k): folded(v) for k, v in extras.items()},
        )
        for cells, extras in content(several)
    ]
    assume(all(folded(label) == label for item in several for label in item.extras))
    data = export(several, "html", title="某县目录", date="2026年11月21日")
    assert content(import_catalogue(grids_of(data, "x.html")).items) == shown


@pytest.mark.parametrize(("format", "layout"), WAYS)
def test_characters_that_no_format_holds_are_left_out_of_all(format, layout):
    item = Item("就业\x00", "a\x01", "b\r\nc\rd", "e\x0b\x1f\x85", extras={"x\x02": "\ud800y"})
    again = import_catalogue(grids_of(export([item], format, layout=layout), f"x.{format}"))
    assert content(again.items) == content([Item("就业", "a", "b\nc\nd", "e", extras={"x": "y"})])


def test_columns_stand_in_official_order_then_extras():
    item = Item("救灾", "a", "b", extras={"来源网址": "x"})
    (grid,) = grids_of(export([item], "csv"), "x.csv")
    assert grid.cells[0] == (*COLUMNS.values(), "来源网址")
    assert grid.cells[1] == ("救灾", "a", "b", *[""] * 8, "x")


def test_excel_reads_the_csv_as_utf_8():
    assert export([], "csv").startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("text", ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)"])
def test_no_text_becomes_a_formula_in_a_workbook(text):
    book = openpyxl.load_workbook(io.BytesIO(export([Item("救灾", text, "b")], "xlsx")))
    cell = book.active["B2"]
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_cannot_be_written_is_refused(layout):
    with pytest.raises(Refused, match="pdf"):
        export([], "pdf")
    with pytest.raises(Refused, match="只用于 xlsx"):
        export([], "csv", layout="national")
    with pytest.raises(Refused, match="32767"):
        export([Item("救灾", "a", "长" * 32_768)], "xlsx", layout=layout)


def test_the_national_layout_has_two_header_rows_with_ticks_and_prints_on_every_page():
    item = Item(
        "就业", "a", "b", audience="全社会", method="依申请", level="县级", extras={"备注": "x"}
    )
    data = export([item], "xlsx", layout="national", title="某县目录")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [cell.value for cell in sheet[1]][:2] == ["某县目录", None]
    assert [cell.value for cell in sheet[2]][:5] == [
        "序号",
        "领域",
        "公开事项",
        None,
        "公开内容(要素)",
    ]
    assert [cell.value for cell in sheet[3]][9:15] == [lower for *_, lower, _ in EXPORTED[9:]]
    assert [cell.value for cell in sheet[4]][9:] == ["√", None, None, "√", "√", None, "x"]
    spans = {str(area) for area in sheet.merged_cells}
    assert {"A1:P1", "A2:A3", "C2:D2", "J2:K2", "L2:M2", "N2:O2", "P2:P3"} <= spans
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A4", "$1:$3")
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)


@pytest.mark.parametrize("way", [*WAYS, ("html", "plain")])
def test_personal_data_are_masked_and_named(way):
    item = Item("救助", "a", "低保", "联系人手机13800138000", extras={"备注": "13900139000"})
    format, layout = way
    data = export([item], format, layout=layout)
    book = (
        openpyxl.load_workbook(io.BytesIO(data)).active.values
        if format == "xlsx"
        else data.decode()
    )
    text = str(list(book))
    assert "00138000" not in text
    assert masked([item]) == [
        "“低保”的“备注”含有疑似手机号，导出时已隐去。",
        "“低保”的“公开内容(要素)”含有疑似手机号，导出时已隐去。",
    ]
    assert masked([Item("救助", "a", "低保", "电话0758-8391234")]) == []
