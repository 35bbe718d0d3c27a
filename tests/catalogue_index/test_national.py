"""The guides' layout tells who, how and at what level by ticks, and what ticks cannot tell by words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.headers import header_at
from catalogue_index.importing import import_catalogue
from catalogue_index.national import EXPORTED, tick_cells, ticked_value
from catalogue_index.readers import Grid

SAYS = ("全社会", "特定群体")


@pytest.mark.parametrize(
    ("value", "cells"),
    [
        ("全社会", ["√", ""]),
        ("特定群体", ["", "√"]),
        ("全社会;特定群体", ["√", "√"]),
        ("特定群体:申请人", ["", "申请人"]),
        ("全社会;特定群体:申请人", ["√", "申请人"]),
        ("特定群体;全社会", ["特定群体;全社会", ""]),
        ("村民", ["村民", ""]),
        ("√", ["√√", ""]),
    ],
)
def test_ticks_and_words(value, cells):
    assert tick_cells(value, SAYS) == cells


words = st.sampled_from(
    ["全社会", "特定群体", "特定群体:", "申请人", "√", "■", ";", ":", " ", "无"]
)


@given(
    st.lists(words, min_size=1).map("".join).filter(str.strip)
    | st.text(min_size=1).filter(str.strip)
)
def test_the_cells_say_what_they_were_made_of(value):
    assert ticked_value(zip(SAYS, tick_cells(value, SAYS), strict=True)) == value


def test_nothing_ticked_is_unknown():
    assert ticked_value([("全社会", ""), ("特定群体", " ")]) is None


@pytest.mark.parametrize("label", ["领域", "所属领域"])
def test_only_our_own_columns_make_a_header_of_ours(label):
    upper, lower = (tuple(column[row] for column in EXPORTED) for row in (1, 2))
    upper = tuple(label if cell == "领域" else cell for cell in upper)
    header = header_at(Grid("", (upper, lower)), 0)
    assert (header.top, header.bottom, header.ours) == (0, 1, label == "领域")


def grid(**cells):
    upper, lower = (tuple(column[row] for column in EXPORTED) for row in (1, 2))
    row = dict.fromkeys(range(len(EXPORTED)), "") | {0: "1"}
    for position, column in enumerate(EXPORTED):
        row[position] = cells.get(column.lower or column.upper, row[position])
    return Grid("", (("某县目录",), upper, lower, tuple(row.values())))


def test_cells_of_our_export_in_this_layout_are_values_already():
    (item,) = import_catalogue(
        [grid(领域="就业", 二级事项="同上", 公开时限=" — ", 全社会="√", 特定群体="村民", 乡级="√")]
    ).items
    assert (item.sector, item.category, item.item, item.time_limit) == ("就业", None, "同上", " — ")
    assert (item.audience, item.method, item.level) == ("全社会;特定群体:村民", None, "乡级")


def test_with_another_label_it_is_read_as_any_published_table():
    table = grid(领域="就业", 一级事项="a", 二级事项="b", 公开时限="—")
    renamed = tuple(tuple("所属领域" if c == "领域" else c for c in row) for row in table.cells)
    (item,) = import_catalogue([Grid("", renamed)]).items
    assert (item.sector, item.time_limit) == ("就业", None)
