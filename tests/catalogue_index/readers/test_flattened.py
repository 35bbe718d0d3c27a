"""Tables without their table: what is sure is read, and the rest refused."""

import pytest

from catalogue_index.errors import UnreadableFile
from catalogue_index.importing import import_catalogue
from catalogue_index.readers import grids_of

LABELS = (
    *("序号", "公开事项", "公开内容（要素）", "公开依据", "公开时限", "公开主体", "公开渠道和载体"),
    *("公开对象", "公开方式", "公开层级"),
    *("一级事项", "二级事项", "全社会", "特定群体", "主动", "依申请", "县级", "乡级"),
)
FIRST = (
    *(
        "1",
        "政策文件",
        "法律法规",
        "法律\n法规",
        "《政府信息公开条例》",
        "20个工作日内",
        "县应急局",
    ),
    *("■政府网站", "√", "√", "√"),
)
SECOND = ("2", "部门文件", "文件名称", "《条例》", "及时公开", "县应急局", "■政府网站", "√", "√")
BLANK = "<p>&nbsp;</p>"


def page(*cells, blanks=2, tail="<p>打印<p>关闭"):
    between = BLANK * blanks
    body = between.join("".join(f"<p>{line}</p>" for line in cell.split("\n")) for cell in cells)
    return f"<html><title>安全生产领域目录_某县</title><p>附件{between}{body}{tail}".encode()


def imported(data):
    return import_catalogue(grids_of(data, "目录.html"))


@pytest.mark.parametrize("blanks", [2, 7, 40])
def test_one_cell_a_line_is_folded_by_the_numbers(blanks):
    first, second = imported(page(*LABELS, *FIRST, *SECOND, blanks=blanks)).items
    assert (first.sector, first.category, first.item) == ("安全生产", "政策文件", "法律法规")
    assert first.content == "法律\n法规"
    assert first.discloser == "县应急局"
    # 一级事项 was merged over both rows.
    assert (second.category, second.item) == ("政策文件", "部门文件")
    assert (second.time_limit, second.channels) == ("及时公开", "政府网站")
    assert (first.place.row, second.place.row) == (2, 3)


def test_ticks_lost_their_columns_and_stay_unknown():
    item = imported(page(*LABELS, *FIRST)).items[0]
    assert (item.audience, item.method, item.level) == (None, None, None)


def test_a_header_that_a_page_break_repeats_is_left_out():
    data = page(*LABELS, *FIRST, *LABELS, *SECOND)
    assert [item.item for item in imported(data).items] == ["法律法规", "部门文件"]


def test_lines_without_blanks_between_are_cells_too():
    one_line = ("1", "政策文件", "法律法规", "法律", *FIRST[4:])
    assert imported(page(*LABELS, *one_line, blanks=0)).items[0].content == "法律"


def test_labels_may_stand_in_the_order_of_the_columns():
    labels = (*LABELS[:2], *LABELS[10:12], *LABELS[2:7])
    assert imported(page(*labels, *FIRST[:8])).items[0].category == "政策文件"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ((*LABELS[1:], *FIRST, *SECOND), "没有开头的序号"),
        ((*LABELS,), "开头的那一行"),
        ((*LABELS, "备注", *FIRST), "“备注”开头的那一行"),
        ((*LABELS, *FIRST[:4], *FIRST[5:], *SECOND), "“1”开头的那一行"),
        ((*LABELS, *FIRST, "申请人", *SECOND), "“1”开头的那一行"),
        ((*LABELS, *FIRST, *SECOND[1:], *SECOND), "“1”开头的那一行"),
        ((*LABELS, *FIRST, *SECOND[:4]), "“2”开头的那一行"),
    ],
)
def test_what_is_not_sure_is_refused(cells, words):
    with pytest.raises(UnreadableFile, match=words) as refusal:
        grids_of(page(*cells), "目录.html")
    assert "表格软件" in str(refusal.value)


def test_an_unbroken_string_is_refused_for_what_it_is():
    data = page("".join(LABELS + FIRST + SECOND))
    with pytest.raises(UnreadableFile, match="连成一整段文字"):
        grids_of(data, "目录.html")


def test_prose_that_names_the_columns_is_no_table():
    data = page("目录应当列明公开内容、公开依据、公开时限、公开主体、公开渠道和载体、公开对象。")
    with pytest.raises(UnreadableFile, match="里没有表格"):
        grids_of(data, "通知.html")
