"""A template is what the guides print, asks nothing that nobody knows, and comes back filled."""

import io

import pytest
from openpyxl import load_workbook

from catalogue_index.checking import consensus
from catalogue_index.checking.guide import Guide
from catalogue_index.exporting.annotating import OVERVIEW
from catalogue_index.exporting.template import INSTRUCTIONS, examples, instructions, template
from catalogue_index.importing import OWN_SHEETS, import_catalogue
from catalogue_index.model import Item
from catalogue_index.readers import grids_of
from catalogue_index.sectors import national_sectors

ROWS = [
    Item("就业", "就业信息服务", "岗位信息发布", "招聘单位", "《就业促进法》"),
    Item("就业", "职业介绍", "职业指导"),
]


def opened(data):
    return load_workbook(io.BytesIO(data))


def imported(book):
    out = io.BytesIO()
    book.save(out)
    return import_catalogue(grids_of(out.getvalue(), "下载.xlsx"))


def test_the_header_is_that_of_the_guides():
    sheet = opened(template("就业", ROWS, area_name="高要区")).worksheets[0]
    assert sheet["A1"].value == "高要区就业领域基层政务公开标准目录"
    assert [cell.value for cell in sheet[4]] == [
        *("序号", "公开事项", None, "公开内容(要素)", "公开依据", "公开时限", "公开主体"),
        *("公开渠道和载体", "公开对象", None, "公开方式", None, "公开层级", None),
    ]
    assert [cell.value for cell in sheet[5]][8:] == [
        *("全社会", "特定群体", "主动", "依申请公开", "县级", "乡级"),
    ]
    merged = {str(area) for area in sheet.merged_cells}
    assert {"A1:N1", "A4:A5", "B4:C4", "D4:D5", "I4:J4", "K4:L4", "M4:N4"} <= merged


def test_it_prints_and_scrolls_with_its_header():
    sheet = opened(template("就业", ROWS)).worksheets[0]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A6", "$1:$5")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert "&P" in sheet.oddFooter.center.text


def test_choices_are_offered_for_every_row():
    sheet = opened(template("就业", ROWS)).worksheets[0]
    offered = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert set(offered) == {"C2", "F6:F37", *(f"{column}6:{column}37" for column in "IJKLMN")}
    assert offered["I6:I37"] == '"√"'
    assert "社会救助" in offered["C2"]
    assert all(len(formula) <= 257 for formula in offered.values())  # Excel takes 255 characters


def test_unfilled_it_says_nothing_but_the_names_and_the_examples():
    items = imported(opened(template("就业", ROWS))).items
    assert [item.cells() for item in items] == [row.cells() for row in ROWS]


def test_blank_it_gives_no_items_and_no_findings_about_rows():
    read = imported(opened(template("就业", [])))
    assert read.items == ()
    report = read.report
    findings = (*report.repaired, *report.doubtful, *report.dropped)
    assert [finding.place.sheet for finding in findings] == [INSTRUCTIONS]


def test_the_import_knows_the_sheets_that_are_ours():
    assert set(OWN_SHEETS) == {INSTRUCTIONS, OVERVIEW}


def test_filled_it_gives_the_items():
    book = opened(template("就业", ROWS))
    sheet = book.worksheets[0]
    for place, text in {
        "F6": "自收到申请之日起20个工作日内",
        "G6": "县人社局",
        "H6": "政府网站",
        "J6": "求职者",
        "L6": "√",
        "M6": "√",
        "N6": "√",
        "B8": "新增",
        "C8": "本地事项",
        "I8": "√",
    }.items():
        sheet[place] = text
    first, _, third = imported(book).items
    assert list(first.cells().values())[5:] == [
        *(
            "自收到申请之日起20个工作日内",
            "县人社局",
            "政府网站",
            "特定群体:求职者",
            "依申请",
            "县级;乡级",
        ),
    ]
    assert third == Item(
        "就业", "新增", "本地事项", audience="全社会", place=third.place, raw=third.raw
    )


@pytest.mark.parametrize("sector", national_sectors().names)
def test_an_import_knows_the_sector_of_every_template(sector):
    (item,) = imported(opened(template(sector, [Item(sector, "a", "b")]))).items
    assert item.sector == sector


def test_another_sector_chosen_from_the_list_counts():
    book = opened(template("就业", ROWS))
    book.worksheets[0]["A1"] = "某县目录"
    book.worksheets[0]["C2"] = "救灾"
    assert {item.sector for item in imported(book).items} == {"救灾"}


def test_examples_look_like_examples():
    sheet = opened(template("就业", ROWS)).worksheets[0]
    assert [sheet[place].font.i for place in ("B6", "C6", "D6", "E6", "F6")] == [
        *(False, False, True, True, False)
    ]
    assert "请按本地实际修改" in sheet["A3"].value


def test_instructions_quote_the_rules_with_their_numbers():
    sheet = opened(template("就业", []))[INSTRUCTIONS]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert len(rows) == len(instructions())
    body = next(row for row in rows if row[0] == "公开主体")
    assert body[2:] == [
        "“尽可能将事项相应的公开主体在目录中明确表述清楚”",
        "广东省人民政府办公厅《基层政务公开事项标准目录编制答疑》第10问",
    ]


PUBLISHED = {
    "a": [
        Item("就业", "1.服务", "1.1岗位", "甲"),
        Item("就业", "只有甲地", "有"),
        Item("救灾", "x", "y"),
    ],
    "b": [Item("就业", "服务", "岗位", "乙", "《法》", discloser="乙县人社局")],
}
ITEMS = [item for several in PUBLISHED.values() for item in several]


def test_rows_are_what_places_publish_alike_with_the_fullest_example():
    assert examples("就业", consensus(PUBLISHED), ITEMS) == [
        Item("就业", "服务", "岗位", "乙", "《法》")
    ]


def test_where_no_two_places_agree_the_rows_are_those_of_any():
    rows = examples("就业", Guide(), ITEMS)
    assert [(row.category, row.item) for row in rows] == [("服务", "岗位"), ("只有甲地", "有")]
    assert examples("旅游", Guide(), ITEMS) == []
