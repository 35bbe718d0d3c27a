"""``zwgk catalogue check`` as a clerk types it: what it prints and writes, and how it ends."""

import io
import json

import pytest
from openpyxl import load_workbook

from catalogue_index.model import COLUMNS

HEAD = ",".join(COLUMNS.values())
CLEAN = "安全生产,政策文件,{item},政策名称,《政府信息公开条例》,20个工作日,县应急管理局,政府网站,全社会,主动,县级"
ITEMS = ("法律法规", "部门和地方规章", "其他政策文件", "标准", "重大政策解读")


@pytest.fixture
def draft(tmp_path):
    """Writes a draft of the given rows."""

    def write(*rows, name="草稿.csv"):
        path = tmp_path / name
        path.write_text("\n".join((HEAD, *rows)), encoding="utf-8")
        return path

    return write


def clean_rows():
    return [CLEAN.format(item=item) for item in ITEMS]


def faulty_rows():
    rows = clean_rows()
    rows[1] = rows[1].replace("县应急管理局", "相关部门")
    rows[3] = rows[3].replace("20个工作日", "60个工作日")
    return rows


def test_a_clean_draft_ends_well(zwgk, draft):
    status, out, _ = zwgk("catalogue", "check", draft(*clean_rows()))
    assert status == 0
    assert "检查了 5 个事项，没有发现问题。" in out


def test_a_faulty_draft_is_told_by_severity_with_the_words_of_each_rule(zwgk, draft):
    status, out, _ = zwgk("catalogue", "check", draft(*faulty_rows()), "--area", "高要区")
    assert status == 1
    assert out.index("必须改（1）") < out.index("建议改（1）") < out.index("依据原文")
    plain = "".join(char for char in out if char not in " │┃\n")
    assert "第5行公开时限" in plain
    assert "应当自该政府信息形成或者变更之日起20个工作日内及时公开" in plain
    assert "尽可能将事项相应的公开主体在目录中明确表述清楚" in plain
    assert "必须改 1 处、建议改 1 处" in out


def test_what_should_only_be_changed_ends_well(zwgk, draft):
    rows = [clean_rows()[0].replace("县应急管理局", "相关部门"), *clean_rows()[1:]]
    status, out, _ = zwgk("catalogue", "check", draft(*rows))
    assert status == 0
    assert "没有必须改的问题" in out


def test_programs_read_json(zwgk, draft):
    status, out, _ = zwgk("catalogue", "check", draft(*faulty_rows()), "--json")
    told = json.loads(out)
    assert status == 1
    assert told["counts"] == {"error": 1, "warn": 1, "hint": 0}
    assert told["guide"] == "published"
    first = told["findings"][0]
    assert (first["rule"], first["place"]["row"], first["column"]) == ("deadline-too-long", 5, 5)
    assert first["quotation"]["number"] == "第二十六条"


def test_findings_are_written_at_their_cells(zwgk, draft, tmp_path):
    out = tmp_path / "批注.xlsx"
    zwgk("catalogue", "check", draft(*faulty_rows()), "--xlsx", out)
    comments = {
        (cell.row, cell.column): cell.comment.text
        for sheet in load_workbook(io.BytesIO(out.read_bytes())).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }
    assert "第二十六条" in comments[5, 6]
    assert "相关部门" in comments[3, 7]


def test_a_file_may_be_the_guide(zwgk, draft):
    guide = draft(*clean_rows(), name="指引.csv")
    status, out, _ = zwgk(
        "catalogue", "check", draft(*clean_rows()[:-1]), "--against", guide, "--json"
    )
    told = json.loads(out)
    assert status == 1
    assert told["guide"] == "file"
    assert [one["rule"] for one in told["findings"]] == ["item-removed"]


def test_the_offices_own_catalogue_is_no_evidence_of_itself(zwgk, draft):
    """Two places publish 行政强制; to one of them, only one other does."""
    rows = [row.replace("政策文件,法律法规", "依法行政,行政许可") for row in clean_rows()[:1]]
    rows.append(rows[0].replace("行政许可", "行政处罚"))

    def told(*area):
        out = zwgk("catalogue", "check", draft(*rows), "--json", *area)[1]
        return [one["rule"] for one in json.loads(out)["findings"]]

    assert told("--area", "441204") == ["item-elsewhere"]
    assert told("--area", "511703") == []


def test_nothing_is_imported(zwgk, draft):
    before = zwgk("catalogue", "list", "--json")[1]
    zwgk("catalogue", "check", draft(*faulty_rows()), "--area", "高要区")
    assert zwgk("catalogue", "list", "--json")[1] == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("没有.csv",), "找不到文件"),
        (("草稿.csv", "--sector", "航天"), "没有“航天”这个领域"),
        (("草稿.csv", "--area", "不存在县"), "没有找到地区"),
        (("草稿.csv", "--against", "没有.csv"), "找不到文件"),
        (("草稿.csv", "--against", "空名.csv"), "没有能对照的事项"),
        (("草稿.csv", "--xlsx", "没有/批注.xlsx"), "写不进去"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(refused, draft, tmp_path, words, sentence):
    draft(*clean_rows())
    draft(CLEAN.format(item="").replace("安全生产,政策文件", ","), name="空名.csv")
    paths = [tmp_path / w if w.endswith((".csv", ".xlsx")) else w for w in words]
    assert sentence in refused("catalogue", "check", *paths)


def test_the_annotated_draft_is_not_written_over_the_draft(refused, draft):
    path = draft(*clean_rows())
    before = path.read_bytes()
    assert "草稿" in refused("catalogue", "check", path, "--xlsx", path)
    assert path.read_bytes() == before
