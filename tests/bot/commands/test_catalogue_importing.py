"""A clerk imports files and folders, and gets the findings at the cells of his own workbook."""

import json

import pytest
from openpyxl import Workbook, load_workbook

from catalogue_index.exporting.annotating import OVERVIEW

HEAD = (
    "领域",
    "一级事项",
    "二级事项",
    "公开内容",
    "公开依据",
    "公开时限",
    "公开主体",
    "公开渠道和载体",
)
ROW = (
    "就业",
    "就业信息服务",
    "岗位信息发布",
    "招聘单位",
    "《就业促进法》",
    "20个工作日",
    "县人社局",
    "□政府网站",
)
HERE = ("--area", "441204", "--dry-run")


def workbook(path, *rows):
    book = Workbook()
    book.active.title = "就业"
    for row in (HEAD, *rows):
        book.active.append(row)
    book.save(path)
    return path


@pytest.fixture
def draft(tmp_path):
    """Nothing is chosen in the list of channels; the second row has a page number only."""
    return workbook(tmp_path / "就业.xlsx", ROW, ("第 1 页",))


def test_the_report_counts_by_kind(zwgk, draft):
    status, out, _ = zwgk("catalogue", "import", draft, *HERE)
    assert status == 0
    assert "读了 2 行，得到 1 个事项；修正 0 处，存疑 1 处，未收 1 处。" in out


def test_the_report_as_a_workbook_shows_each_finding_at_its_cell(zwgk, draft, tmp_path):
    out = tmp_path / "检查.xlsx"
    assert zwgk("catalogue", "import", draft, *HERE, "--report", out)[0] == 0
    book = load_workbook(out)
    assert book.sheetnames == [OVERVIEW, "就业"]
    assert book["就业"]["H2"].comment.text.startswith("【建议改】存疑：公开渠道和载体，")
    assert book["就业"]["A3"].comment.text.startswith("【请核对】未收：")


def test_a_folder_is_imported_file_by_file_and_says_which_are_no_catalogues(zwgk, draft, tmp_path):
    (tmp_path / "花名册.csv").write_text("姓名,电话\n张三,1\n", "utf-8")
    (tmp_path / "~$就业.xlsx").write_bytes(b"open in Excel")
    report = tmp_path / "out" / "检查.xlsx"
    report.parent.mkdir()
    status, out, err = zwgk("catalogue", "import", tmp_path, *HERE, "--report", report)
    assert status == 1
    assert "1 个事项，只检查，没有导入" in out
    assert "2 个文件中有 1 个没有导入" in err
    assert "标准目录的表头" in err
    assert load_workbook(report).sheetnames == [OVERVIEW, "就业"]


def test_several_files_give_one_report_and_a_list(zwgk, draft, tmp_path):
    second = workbook(tmp_path / "二.xlsx", ROW)
    report = tmp_path / "检查.xlsx"
    words = ("catalogue", "import", draft, second, *HERE, "--report", report, "--json")
    status, out, _ = zwgk(*words)
    assert status == 0
    assert [(one["items"], len(one["doubtful"])) for one in json.loads(out)] == [(1, 1), (1, 1)]
    book = load_workbook(report)
    assert book.sheetnames == [OVERVIEW, "就业 就业", "二 就业"]
    assert "存疑" in book["二 就业"]["H2"].comment.text


def test_an_empty_folder_is_refused(refused, tmp_path):
    assert "没有文件" in refused("catalogue", "import", tmp_path, *HERE)


def test_the_report_never_replaces_the_original(refused, draft):
    before = draft.read_bytes()
    said = refused("catalogue", "import", draft, *HERE, "--report", draft)
    assert "免得盖掉原件" in said
    assert draft.read_bytes() == before
