"""Catalogues as counties publish them, in; items and an honest report, out."""

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.errors import UnrecognisedFile
from catalogue_index.importing import import_catalogue
from catalogue_index.model import COLUMNS, Place
from catalogue_index.readers import Grid, Span, grids_of

GROUPS = ("序号", "公开事项", "", "公开内容（要素）", "公开依据", "公开时限",
          "公开主体", "公开渠道和载体（“■”必选，“□”可选）", "公开对象", "",
          "公开方式", "", "公开层级", "")  # fmt: skip
PARTS = ("", "一级事项", "二级事项", "", "", "", "", "",
         "全社会", "特定群体（请写明）", "主动", "依申请\n公开", "县级", "乡、村级")  # fmt: skip
BODY = ("1", "政策文件", "法律法规", "法律、法规", "《政府信息公开条例》", "20个工作日内",
        "县应急局", "■政府网站 □政府公报\n■两微一端", "√", "", "√", "", "√", "√")  # fmt: skip
MERGED = ["A1:N1", "A2:A3", "B2:C2", "D2:D3", "E2:E3", "F2:F3", "G2:G3", "H2:H3", "I2:J2",
          "K2:L2", "M2:N2"]  # fmt: skip
LABELS = tuple(COLUMNS.values())[1:]
TITLE = "高县安全生产领域基层政务公开标准目录"


def sheet(rows, merged=(), name="Sheet1", more=()):
    book = openpyxl.Workbook()
    for title, body, ranges in ((name, rows, merged), *more):
        page = book.create_sheet(title)
        for row in body:
            page.append([text or None for text in row])
        for area in ranges:
            page.merge_cells(area)
    del book["Sheet"]
    out = io.BytesIO()
    book.save(out)
    return grids_of(out.getvalue(), "目录.xlsx")


def body(**changes):
    labels = ("number", "category", "item", "content", "basis", "time_limit", "discloser",
              "channels", "all", "some", "active", "asked", "county", "town")  # fmt: skip
    return tuple(changes.get(label, text) for label, text in zip(labels, BODY, strict=True))


def flat(*rows, labels=LABELS):
    return [Grid("", (labels, *rows))]


def test_a_title_a_two_row_header_and_merged_cells():
    rows = [
        (TITLE,), GROUPS, PARTS, BODY,
        body(number="2", category="", item="规章", some="申请人"),
        body(number="3", category="依法行政", item="行政处罚", all="", some="√（面向当事人）",
             active="", asked="√", county="", town=""),
    ]  # fmt: skip
    result = import_catalogue(sheet(rows, [*MERGED, "B4:B5"]))
    first, second, third = result.items
    assert first.cells() == {
        "领域": "安全生产",
        "一级事项": "政策文件",
        "二级事项": "法律法规",
        "公开内容(要素)": "法律、法规",
        "公开依据": "《政府信息公开条例》",
        "公开时限": "20个工作日内",
        "公开主体": "县应急局",
        "公开渠道和载体": "政府网站;两微一端",
        "公开对象": "全社会",
        "公开方式": "主动",
        "公开层级": "县级;乡、村级",
    }
    assert first.place == Place(4, "Sheet1")
    assert first.raw["channels"] == BODY[7]
    assert (second.category, second.item) == ("政策文件", "规章")
    assert second.audience == "全社会;特定群体:申请人"
    assert (third.audience, third.method, third.level) == ("特定群体:面向当事人", "依申请", None)
    assert result.report.rows_read == result.report.items == 3
    assert not result.report.doubtful
    columns = result.columns["Sheet1"]
    assert (columns["category"], columns["audience"], columns["level"]) == ((1,), (8, 9), (12, 13))


def test_a_three_row_header_with_labels_split_over_two_lines():
    third = ("", "", "", "", "", "", "", "", "", "群体", "", "", "", "")
    parts = (*PARTS[:9], "特定", *PARTS[10:])
    up_to_row_4 = [area.replace("3", "4") for area in MERGED]
    split = ["B3:B4", "C3:C4", "I3:I4", "K3:K4", "L3:L4", "M3:M4", "N3:N4"]
    rows = [(TITLE,), GROUPS, parts, third, body(all="", some="√")]
    (item,) = import_catalogue(sheet(rows, [*up_to_row_4, *split])).items
    assert (item.category, item.item, item.audience) == ("政策文件", "法律法规", "特定群体")
    assert item.level == "县级;乡、村级"


def test_merged_cells_lost_in_a_text_table_still_give_the_two_row_header():
    grids = [Grid("", ((TITLE,), GROUPS, PARTS, BODY, body(category="")))]
    first, second = import_catalogue(grids).items
    assert (first.category, first.audience, first.level) == ("政策文件", "全社会", "县级;乡、村级")
    assert second.category is None, "blank outside a merged area is unknown, not the cell above"


def test_columns_in_another_order_with_more_of_them_and_other_labels():
    labels = ("公开时限", "二级目录", "一级目录", "公开主体", "公开渠道", "对应领域", "责任科室",
              "责任科室", "公开时间", "公开内容")  # fmt: skip
    row = (
        "及时公开",
        "低保审批",
        "低保",
        "县民政局",
        "公示栏",
        "社会救助领域",
        "甲",
        "乙",
        "丙",
        "x",
    )
    (item,) = import_catalogue(flat(row, labels=labels)).items
    assert item.cells() == {
        "领域": "社会救助",
        "一级事项": "低保",
        "二级事项": "低保审批",
        "公开内容(要素)": "x",
        "公开时限": "及时公开",
        "公开主体": "县民政局",
        "公开渠道和载体": "公示栏",
    }
    assert item.extras == {"责任科室": "甲", "责任科室（2）": "乙", "公开时间": "丙"}


@pytest.mark.parametrize(
    ("labels", "row", "names"),
    [
        (("公开事项", "公开内容", "公开依据"), ("户口登记", "x", "y"), (None, "户口登记")),
        (("一级事项", "一级事项", "公开内容", "公开依据"), ("甲", "乙", "x", "y"), ("甲", "乙")),
        (("一级", "二级", "三级", "公开内容"), ("登记", "企", "立", "x"), ("登记", "企/立")),
        (("一级", "二级", "三级", "公开内容"), ("登记", "企业", "", "x"), ("登记", "企业")),
        (("一级事项", "二级事项", "公开内容"), ("公告", "──", "x"), ("公告", "公告")),
    ],
)  # fmt: skip
def test_one_two_and_three_levels_of_items(labels, row, names):
    (item,) = import_catalogue(flat(row, labels=labels)).items
    assert (item.category, item.item) == names


def test_elements_beside_content_are_an_extra_and_alone_the_content():
    beside = flat(("a", "b", "不全的每个扣2分"), labels=("二级事项", "公开内容", "公开要素"))
    with pytest.raises(UnrecognisedFile):
        import_catalogue(beside)
    labels = ("二级事项", "公开内容", "公开要素", "公开依据")
    beside = flat(("a", "b", "扣2分", "c"), labels=labels)
    (item,) = import_catalogue(beside).items
    assert (item.content, item.extras) == ("b", {"公开要素（评分标准）": "扣2分"})
    alone = flat(("z", "a", "b", "c"), labels=("一级事项", "二级事项", "公开要素", "公开依据"))
    assert import_catalogue(alone).items[0].content == "b"


def test_a_header_repeated_after_a_page_break_is_dropped_and_the_category_carried_on():
    rows = [(TITLE,), GROUPS, PARTS, BODY, ("―14―",), GROUPS, PARTS,
            body(number="2", category="", item="规章"),
            body(number="3", category="", item="标准"), ("注：由县应急局解释",)]  # fmt: skip
    again = [area.replace("2", "6").replace("3", "7") for area in MERGED[1:]]
    result = import_catalogue(sheet(rows, [*MERGED, *again]))
    assert [item.category for item in result.items] == ["政策文件", "政策文件", None]
    assert result.items[1].raw["category"] == ""
    assert [finding.place.row for finding in result.report.repaired] == [8]
    assert [finding.place.row for finding in result.report.dropped] == [5, 6, 7, 10]
    assert result.report.rows_read == len(result.items) + len(result.report.dropped)


def test_several_sectors_on_a_page_each_under_its_title():
    labels = LABELS
    row = ("政策文件", "法律法规", *[""] * 8)
    grid = Grid(
        "",
        (
            ("（一）社会救助领域基层政务公开标准目录",), labels, row,
            ("（二）养老服务领域基层政务公开标准目录",), labels, row,
        ),
    )  # fmt: skip
    assert [i.sector for i in import_catalogue([grid]).items] == ["社会救助", "养老服务"]


@pytest.mark.parametrize(
    ("name", "title", "given", "sector"),
    [
        ("Sheet1", "附件：税收管理领域标准目录.xlsx", None, "税收管理"),
        ("1.就业创业", "目录.xlsx", None, "就业"),
        ("就业", "目录.xlsx", "社会保险", "社会保险"),
        ("Sheet1", "目录.xlsx", None, None),
    ],
)
def test_the_sector_of_a_table_without_title_or_column(name, title, given, sector):
    grid = Grid(name, (("二级事项", "公开内容", "公开依据"), ("a", "b", "c"), ("d", "e", "f")))
    result = import_catalogue([grid], sector=given, title=title)
    assert [item.sector for item in result.items] == [sector, sector]
    doubts = [finding.what for finding in result.report.doubtful]
    assert doubts == ([] if sector in ("税收管理", "就业") else ["领域"])


@pytest.mark.parametrize(
    ("published", "clean"),
    [
        ("■政府网站□政府公报■两微一端", "政府网站;两微一端"),
        ("R政府网站 £政府公报 R公开查阅点", "政府网站;公开查阅点"),
        ("t政府网站□政府公报", "政府网站"),
        ("■政府网站 口两微一端 ■办事窗口", "政府网站;办事窗口"),
        ("▄政府网站◆广播电视", "政府网站;广播电视"),
        ("□政府网站▲公示栏", "公示栏"),
        ("■政府网站\n■其他法律服务网", "政府网站;其他:法律服务网"),
        ("■其他:办税服务厅", "其他:办税服务厅"),
        ("■政府网站 ■其他_", "政府网站;其他"),
        ("□政府网站□政府公报", None),
        ("政府网站;两微一端", "政府网站;两微一端"),
        ("政府网站、政务服务中心", "政府网站、政务服务中心"),
        ("政府网站、政务服务中心公示栏", "政府网站、政务服务中心公示栏"),
        ("1.政府网站;2.其他", "1.政府网站;2.其他"),
    ],
)
def test_boxes_become_the_names_of_the_chosen_channels(published, clean):
    labels = ("二级事项", "公开内容", "公开渠道和载体")
    result = import_catalogue(flat(("a", "b", published), labels=labels), sector="救灾")
    (item,) = result.items
    assert item.channels == clean
    assert item.raw == ({} if clean == published else {"channels": published})
    assert len(result.report.doubtful) == (clean is None)


def test_channels_spread_over_more_rows_are_joined():
    labels = ("二级事项", "公开内容", "公开渠道和载体")
    rows = (("a", "b", "■政府网站"), ("", "", "□公报"), ("", "", "■公示栏"), ("c", "d", "■其他"))
    result = import_catalogue(flat(*rows, labels=labels), sector="救灾")
    assert [item.channels for item in result.items] == ["政府网站;公示栏", "其他"]
    assert result.items[0].raw["channels"] == "■政府网站\n□公报\n■公示栏"


def test_same_as_above_takes_the_row_above_and_says_so():
    labels = ("二级事项", "公开内容", "公开时限")
    rows = (("a", "b", "同上"), ("c", "d", "20个工作日"), ("e", "f", "同上"), ("g", "h", "同上。"))
    result = import_catalogue(flat(*rows, labels=labels), sector="救灾")
    limits = [item.time_limit for item in result.items]
    assert limits == [None, "20个工作日", "20个工作日", "20个工作日"]
    assert result.items[2].raw == {"time_limit": "同上"}
    assert [finding.place.row for finding in result.report.doubtful] == [2, 4, 5]


def test_words_torn_by_narrow_columns_are_joined_and_reported():
    labels = ("二级事项", "公开内容", "公开时限", "公开主体")
    row = (
        "审批\n信息",
        "1.名称\n2.结果_x000b_3.无",
        "制 定 或获取信 息之日起 20 个工作日\n内",
        "甲局 乙局",
    )
    result = import_catalogue(flat(row, labels=labels), sector="救灾")
    (item,) = result.items
    assert item.item == "审批信息"
    assert item.content == "1.名称\n2.结果\n3.无"
    assert item.time_limit == "制定或获取信息之日起20个工作日内"
    assert item.discloser == "甲局 乙局"
    assert item.raw["time_limit"] == row[2]
    assert {finding.what for finding in result.report.repaired} == {"公开内容(要素)", "公开时限"}


def test_one_value_merged_over_rows_with_two_deadlines_gives_two_items():
    rows = [("二级事项", "公开内容", "公开时限"), ("a", "b", "批前30日"), ("", "", "批后20日")]
    first, second = import_catalogue(sheet(rows, ["A2:A3", "B2:B3"]), sector="救灾").items
    assert (second.item, second.content, second.time_limit) == ("a", "b", "批后20日")
    assert first.time_limit == "批前30日"


def test_numbers_are_kept_but_never_used():
    labels = ("序号", "二级事项", "公开内容", "公开依据")
    rows = (("0505", "a", "b", "c"), ("22", "d", "e", "f"), ("23", "", "", ""))
    result = import_catalogue(flat(*rows, labels=labels), sector="救灾")
    assert [item.extras for item in result.items] == [{"序号": "0505"}, {"序号": "22"}]
    assert [finding.place.row for finding in result.report.dropped] == [4]


def test_our_own_form_is_taken_as_it_stands_but_for_boxes():
    cells = (
        "救灾",
        " a ",
        "制 定",
        "■x□y",
        "《z》",
        "同上",
        "/",
        "■政府网站□公报",
        "√",
        "R",
        "县级",
    )
    grids = [Grid("", ((*COLUMNS.values(), "序号", ""), (*cells, "01", "v", "w")))]
    result = import_catalogue(grids)
    (item,) = result.items
    assert tuple(item.cells().values()) == (*cells[:7], "政府网站", *cells[8:])
    assert item.extras == {"序号": "01", "第13列": "v", "第14列": "w"}
    assert item.raw == {"channels": "■政府网站□公报"}
    assert [finding.what for finding in result.report.doubtful] == ["公开时限"]


def test_our_own_form_with_cells_merged_by_hand():
    rows = [tuple(COLUMNS.values()), ("救灾", "甲", "a"), ("", "", "b"), ("", "", "c")]
    items = import_catalogue(sheet(rows, ["A2:A4", "B2:B3"])).items
    names = [(item.sector, item.category, item.item) for item in items]
    assert names == [("救灾", "甲", "a"), ("救灾", "甲", "b"), ("救灾", None, "c")]


def test_personal_data_is_masked_everywhere_and_reported_without_being_told():
    labels = ("二级事项", "公开内容", "公开渠道和载体", "备注")
    row = ("a", "联系张三13800138000", "■电话13900139000", "１３７００１３７０００")
    result = import_catalogue(flat(row, labels=labels), sector="救灾")
    assert result.items[0].content == "联系张三〔手机号已隐去〕"
    assert [finding.what for finding in result.report.doubtful] == [
        "公开内容(要素)",
        "公开渠道和载体",
        "备注",
    ]
    whole = repr(result)
    for number in ("13800138000", "13900139000", "１３７００１３７０００"):
        assert number not in whole


def test_a_home_address_is_masked_though_it_has_few_digits():
    labels = ("二级事项", "公开内容", "公开依据")
    home = "申请人：张三，家庭住址：高县庆符镇新兴路12号3单元402室"
    result = import_catalogue(flat(("a", home, "c"), labels=labels), sector="救灾")
    assert "402" not in repr(result)
    assert [finding.what for finding in result.report.doubtful] == ["公开内容(要素)"]


def test_the_instructions_in_our_own_template_are_nothing_to_doubt_and_count_no_rows():
    rows = (("二级事项", "公开内容", "公开依据"), ("a", "b", "c"))
    grids = [Grid("就业", rows), Grid("填写说明", (("怎样填写",),))]
    report = import_catalogue(grids).report
    assert (report.rows_read, report.items, report.dropped, report.doubtful) == (1, 1, (), ())
    assert [finding.place for finding in report.repaired] == [Place(0, "填写说明")]


def test_hidden_and_other_sheets_are_reported_and_the_catalogue_is_read():
    rows = [("二级事项", "公开内容", "公开依据"), ("a", "b", "c")]
    grids = sheet(rows, name="就业", more=[("填表说明", [("请如实填写",)], ())])
    grids.append(Grid("底稿", (), note="隐藏的工作表，没有读取。"))
    result = import_catalogue(grids)
    assert len(result.items) == 1
    assert [finding.place.sheet for finding in result.report.doubtful] == ["填表说明", "底稿"]


@pytest.mark.parametrize(
    ("grids", "words"),
    [
        ([Grid("", ())], "空的"),
        ([Grid("", (("", " "),))], "空的"),
        ([Grid("底稿", (), note="隐藏")], "隐藏的工作表"),
        ([Grid("", (("姓名", "部门"), ("甲", "乙")))], "没有找到标准目录的表头"),
        ([Grid("", (("高县应急局权责清单",), ("序号", "职权名称", "实施依据")))], "权责清单"),
        ([Grid("", (("政府信息公开指南",), ("一、公开范围",)))], "公开指南"),
        (
            [Grid("", (("主动公开基本目录",), ("公开事项", "公开内容", "公开时限"), "abc"))],
            "主动公开基本目录",
        ),
        (flat(("a", "b", "c", "《飞禽走兽老虎机条例》", *[""] * 6)), "老虎机"),
        (flat(("a", "b", "皇冠足球比分:", *[""] * 7)), "皇冠足球"),
        (flat(("a", "b", "建設(shè)項目", *[""] * 7)), "拼音"),
        (flat(("a", "b", "c", "d", "* 个工作日内", *[""] * 5)), "遮盖"),
        (flat(("a", "b", "c", "d", "e", "******局", *[""] * 4)), "遮盖"),
    ],
)  # fmt: skip
def test_what_is_no_clean_catalogue_is_refused(grids, words):
    with pytest.raises(UnrecognisedFile, match=words) as refusal:
        import_catalogue(grids)
    assert str(refusal.value).endswith("。")


def test_the_business_of_offices_is_no_contamination():
    row = ("a", "彩票公益金使用情况；查处赌博", "对拟征收土地*张贴公告", *[""] * 7)
    assert len(import_catalogue(flat(row), sector="社会救助").items) == 1


def test_a_file_name_that_announces_another_document_refuses_too_but_not_our_own_form():
    rows = (("二级事项", "公开内容", "公开依据"), ("a", "b", "c"))
    with pytest.raises(UnrecognisedFile, match="权责清单"):
        import_catalogue([Grid("", rows)], title="县应急局权责清单.xlsx")
    ours = (tuple(COLUMNS.values()), ("救灾", *["a"] * 10))
    assert len(import_catalogue([Grid("", ours)], title="权责清单.csv").items) == 1
    assert len(import_catalogue([Grid("", rows)], title="实施方案附件3.xlsx").items) == 1


def test_a_text_column_under_an_unmerged_header_is_not_taken_for_a_second_header_row():
    labels = LABELS
    row = ("", "", "", "", "", "", "", "全社会", "主动", "县级")
    (item,) = import_catalogue(flat(("政策", "法规", *row[2:]), labels=labels)).items
    assert (item.audience, item.method, item.level) == ("全社会", "主动", "县级")


def test_ticks_merged_over_both_levels_count_for_both():
    grid = Grid(
        "",
        (GROUPS, PARTS, body(county="√", town="")),
        (Span(2, 12, 2, 13),),
    )
    assert import_catalogue([grid], sector="救灾").items[0].level == "县级;乡、村级"


def test_personal_data_in_a_header_is_masked():
    grid = Grid(
        "",
        (("公开依据", "13800138000", "公开事项", "公开内容（要素）"), ("法", "1", "事项", "内容")),
    )
    assert "13800138000" not in repr(import_catalogue([grid]))


def test_cut_names_are_made_whole_and_reported():
    labels = ("一级事项", "二级事项", "公开内容", "公开依据")
    rows = (("收土地信息", "a", "b", "c"), ("政策", "d", "e", "f"), ("招标投标信息", "g", "h", "i"))
    result = import_catalogue(flat(*rows, labels=labels), sector="重大建设项目")
    assert [item.category for item in result.items] == ["征收土地信息", "政策", "招标投标信息"]
    assert result.items[0].raw == {"category": "收土地信息"}
    assert [(f.place.row, f.what) for f in result.report.repaired] == [(2, "一级事项")]


def test_rows_like_items_above_the_first_header_are_dropped_with_a_reason():
    before = ("11", "政策", "法规", "x", "《y》", "及时", "县局", "网站", "全社会", "主动")
    grids = [Grid("", (before, LABELS, ("政策", "法规", *[""] * 8)))]
    report = import_catalogue(grids, sector="救灾").report
    assert [(f.place.row, "表头之前" in f.why) for f in report.dropped] == [(1, True)]
    assert (report.rows_read, report.items) == (2, 1)


def test_another_document_beside_the_catalogue_counts_no_rows():
    rows = (("二级事项", "公开内容", "公开依据"), ("a", "b", "c"))
    grids = [Grid("权责清单", (*rows, ("d", "e", "f"))), Grid("就业", rows)]
    report = import_catalogue(grids).report
    assert (report.rows_read, report.items) == (1, 1)
    assert [(f.place, f.why) for f in report.doubtful] == [
        (Place(0, "权责清单"), "像是权责清单，没有导入。")
    ]


def test_doubts_of_the_reader_are_reported_at_their_rows():
    labels = ("二级事项", "公开内容", "公开依据")
    grid = Grid("第2页", (labels, ("a", "b", "c")), doubts=((1, "文字可能被截断，请核对。"),))
    (doubt,) = import_catalogue([grid], sector="救灾").report.doubtful
    assert (doubt.place, doubt.why) == (Place(2, "第2页"), "文字可能被截断，请核对。")


def test_a_text_under_a_merged_area_is_reported():
    labels = ("一级事项", "二级事项", "公开内容", "公开依据")
    grid = Grid("", (labels, ("甲", "a", "b", "c"), ("乙", "d", "e", "f")), (Span(1, 0, 2, 0),))
    result = import_catalogue([grid], sector="救灾")
    assert [item.category for item in result.items] == ["甲", "甲"]
    assert [(f.place.row, f.what) for f in result.report.doubtful] == [(3, "一级事项")]


LABELS_SEEN = {
    "category": ("一 级 事 项", "一级", "一级目录", "一级指标"),
    "item": ("二级事项", "二级", "二级目录", "二级指标"),
    "content": ("公开内容", "公开内容(要素)及要求", "公开内容和测评依据", "公开\n内容"),
    "time_limit": ("公 开 时 限", "公开时间"),
    "discloser": ("公开主体", "公开责任主体"),
    "channels": (
        "公开渠道",
        "公开渠道和载体“■”必选，“□”可选",
        "公开渠道和载体(在标注范围内至少选择其一)",
    ),
    "sector": ("相应领域", "对应领域", "所属领域", "公开领域(编码)"),
    "method": ("公开方式", "公开属性"),
}
LEVELS_SEEN = (
    "县级", "乡、 村级", "区县级", "镇街级", "镇(街)级", "镇街(园区)级", "乡(镇)村级", "嘎查(社区)级",
    "州级县级", "东阳市级", "镇街/村(社区)", "镇街乡", "村",
)  # fmt: skip


@pytest.mark.parametrize(
    ("attribute", "label"), [(a, label) for a, labels in LABELS_SEEN.items() for label in labels]
)
def test_a_label_seen_in_a_published_header_names_its_column(attribute, label):
    usual = [COLUMNS[name] for name in ("item", "content", "basis", "audience")]
    labels = [label, *(other for other in usual if other != COLUMNS[attribute])]
    (item,) = import_catalogue(flat(("甲", *"abcd"[: len(labels) - 1]), labels=labels)).items
    assert getattr(item, attribute) == "甲"


@pytest.mark.parametrize("label", LEVELS_SEEN)
def test_a_level_seen_in_a_published_header_is_said_by_its_tick(label):
    head = ("二级事项", "公开内容", "公开依据", "公开层级")
    grid = Grid("", (head, ("", "", "", label), ("a", "b", "c", "√")))
    (item,) = import_catalogue([grid], sector="救灾").items
    assert item.level == "".join(label.split())


CELL = st.sampled_from([*GROUPS, *PARTS, *BODY, TITLE, "同上", "──", "1", "―3―", "13800138000"])
CELLS = st.lists(st.lists(CELL | st.text(max_size=8), max_size=14).map(tuple), max_size=8)
SPAN = st.builds(
    lambda top, left, height, width: Span(top, left, top + height, left + width),
    *[st.integers(0, limit) for limit in (6, 12, 2, 2)],
)


@given(
    CELLS.map(tuple),
    st.lists(SPAN, max_size=4).map(tuple),
    st.sampled_from([(), LABELS, tuple(COLUMNS.values())]),
)
def test_any_table_is_imported_or_refused_and_every_row_accounted_for(cells, spans, header):
    grid = Grid("", ((header, *cells) if header else cells), spans)
    try:
        result = import_catalogue([grid])
    except UnrecognisedFile:
        return
    report = result.report
    assert report.items == len(result.items)
    assert report.rows_read == report.items + len(report.dropped) + report.joined
    assert report.joined == sum("续行" in finding.why for finding in report.repaired)
    assert all(text.strip() for item in result.items for text in item.cells().values())
    assert "13800138000" not in repr(result)
