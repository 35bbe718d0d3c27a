"""What is exported opens in Excel, runs nothing there, and comes back unchanged."""

import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue_index.cells import channels
from catalogue_index.errors import Refused
from catalogue_index.exporting import export
from catalogue_index.importing import import_catalogue
from catalogue_index.lookalikes import tampering
from catalogue_index.model import COLUMNS, Item
from catalogue_index.privacy import find
from catalogue_index.readers import grids_of

FORMATS = ("csv", "json", "xlsx")


def texts(max_size: int = 30):
    characters = st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\n\t")
    return st.text(characters, min_size=1, max_size=max_size).filter(
        lambda text: text.strip() and not find(text) and not tampering([text])
    )


cells = st.one_of(
    texts(),
    st.sampled_from(["=1+1", "+86", "-1", "@x", "#N/A", "_x0041_", "01", "■a□b", '"', ",;\t", "√"]),
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


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=40, deadline=None)
@given(st.lists(items, min_size=1, max_size=4))
def test_an_import_of_the_export_is_the_same_cell_for_cell(format, several):
    again = import_catalogue(grids_of(export(several, format), f"x.{format}"))
    assert content(again.items) == content(several)


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


def test_what_cannot_be_written_is_refused():
    with pytest.raises(Refused, match="pdf"):
        export([], "pdf")
    with pytest.raises(Refused, match="32767"):
        export([Item("救灾", "a", "长" * 32_768)], "xlsx")
