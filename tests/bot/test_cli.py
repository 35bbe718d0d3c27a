"""The command line as an office types it: what it prints, what it refuses, and with which exit status."""

import io
import json
import os
import shutil
import socket
import stat
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import main
from catalogue_index.importing import import_catalogue
from catalogue_index.model import COLUMNS
from catalogue_index.readers import grids_of

HEAD = ",".join(COLUMNS.values())
ROWS = (
    "社会救助,最低生活保障,审批信息,低保对象名单,《社会救助暂行办法》,20个工作日,区民政局,政府网站,全社会,主动,县级",
    "社会救助,临时救助,救助政策,申请条件和标准,《社会救助暂行办法》,20个工作日,区民政局,政府网站,全社会,主动,县级",
)
TOWN = "441204101"
ANNEX = """关于目录编制的答疑

一、怎样编制
1. 镇里要不要设专人负责政务公开？
可以指定专人负责，也可以由办公室人员兼任。
2. 公开栏多久更新一次？
信息变更之日起20个工作日内更新。
"""
PLAN = """泽州县人民政府
泽州县政务公开专区建设实施方案

一、主要任务
（一）建设专区。在县政务服务大厅建设政务公开专区。〔县行政审批局牵头，2026年10月底前完成〕
（二）建设队伍。各乡镇配备专职人员。〔各乡（镇）人民政府负责〕
"""


@pytest.fixture(scope="module")
def stocked(builtin_dir, tmp_path_factory):
    """A data directory with a catalogue, a town's catalogue, an FAQ document and a plan, and what the imports told."""
    files = tmp_path_factory.mktemp("files")
    directory = shutil.copytree(builtin_dir, files / "office")
    lines = {
        "catalogue": ("目录.csv", "\n".join((HEAD, *ROWS)), ("--area", "高要区")),
        "town": ("镇.csv", "\n".join((HEAD, ROWS[1])), ("--area", TOWN, "--area-name", "金渡镇")),
        "faq": ("答疑.txt", ANNEX, ("--area", "武昌区")),
        "plan": ("方案.txt", PLAN, ()),
    }
    told = {}
    for name, (file, text, options) in lines.items():
        (files / file).write_text(text, encoding="utf-8-sig")
        kind = name if name in ("faq", "plan") else "catalogue"
        out = io.StringIO()
        with pytest.MonkeyPatch.context() as environment, redirect_stdout(out):
            environment.setenv("ZWGK_DATA_DIR", str(directory))
            main([kind, "import", str(files / file), *options, "--json"])
        told[name] = json.loads(out.getvalue())
    return Stock(directory, told)


@dataclass(frozen=True)
class Stock:
    """An office's data directory, and what each import printed."""

    directory: Path
    told: dict


@pytest.fixture
def stocked_copy(stocked, tmp_path):
    """The same, the test's own."""
    return shutil.copytree(stocked.directory, tmp_path / "stocked")


# --- usage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("--help",), ("catalogue",), ("knowledge",)])
def test_alone_it_shows_its_commands(zwgk, words):
    status, out, _ = zwgk(*words)
    assert status == 0
    assert "命令：" in out
    assert "Options" not in out


def test_every_command_explains_itself_in_chinese(zwgk):
    pages = [zwgk(*words, "--help")[1] for words in every_command()]
    assert len(pages) > 15
    for page in pages:
        assert page.startswith("用法：")
        for english in (
            "Usage",
            "Options",
            "Arguments",
            "Show this",
            "required",
            "default:",
            "<str>",
        ):
            assert english not in page


def every_command():
    from typer.main import get_command

    from bot.cli import command_line

    for name, command in get_command(command_line()).commands.items():
        below = getattr(command, "commands", None)
        yield from ((name, each) for each in below) if below else ((name,),)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nope",), "没有 nope 这个命令。用 zwgk --help 查看用法。"),
        (("ask", "--bogus"), "没有 --bogus 这个选项。用 zwgk ask --help 查看用法。"),
        (("ask", "--are", "44"), "没有 --are 这个选项，是不是 --area？"),
        (("ask", "低保", "公开"), "多出了“公开”。内容里有空格时，请用引号括起来。"),
        (("catalogue", "import", "x.csv"), "缺少 --area。"),
        (("catalogue", "show"), "缺少 catalogue。"),
        (("catalogue", "search", "低保", "--limit", "0"), "--limit 的值太小，至少为 1。"),
        (("serve", "--port", "99999"), "--port 的值太大，最多为 65535。"),
        (("serve", "--port", "http"), "--port 的值应为整数。"),
        (("ask", "低保", "--area"), "--area 后面要写内容。"),
        (("ask", "低保", "--data-dir"), "--data-dir 后面要写目录。"),
        (("ask", "--data-dir", "--json", "低保"), "--data-dir 后面要写目录。"),
    ],
)
def test_wrong_usage_is_said_in_chinese_with_status_2(refused, words, sentence):
    assert sentence in refused(*words, status=2)


# --- ask -----------------------------------------------------------------------------------------


def test_ask_prints_the_answer_and_why(zwgk):
    status, out, _ = zwgk("ask", "养老服务目录谁牵头", "--area", "高要区")
    assert status == 0
    assert "区民政局牵头，会同各镇（街道）" in out
    assert "来源：《肇庆市高要区全面推进基层政务公开标准化规范化工作实施方案》" in out
    assert "为什么：" in out


def test_ask_json_has_the_promised_shape(zwgk):
    status, out, _ = zwgk("ask", "低保审批结果在哪里公开", "--area", "441204", "--json")
    told = json.loads(out)
    assert status == 0
    assert {"kind", "route", "text", "confidence", "sources", "choices", "reasons", "ms"} <= set(
        told
    )
    assert told["kind"] in {"answer", "choices", "declined", "handover"}
    shown = told["sources"] or [choice["source"] for choice in told["choices"]]
    assert {"type", "area", "sector", "category", "item", "row", "version", "quote"} <= set(
        shown[0]
    )


def test_ask_json_of_an_faq_entry_names_document_and_number(zwgk, knowledge):
    words = ("ask", "我们镇街道要不要也对照26个领域编目录", "--area", "441204", "--json")
    source = json.loads(zwgk(*words)[1])["sources"][0]
    entry = knowledge.entry("guangdong-2020-notice-2")
    assert source["type"] == "faq"
    assert source["document"] == "guangdong-2020-notice"
    assert source["number"] == 2
    assert source["title"] == entry.question
    assert source["quote"] == entry.answer
    assert source["binding"] is True


def test_the_data_directory_may_stand_anywhere(zwgk, builtin_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("ZWGK_DATA_DIR", str(tmp_path / "unused"))
    for words in (
        ("--data-dir", builtin_dir, "knowledge", "versions", "--json"),
        ("knowledge", f"--data-dir={builtin_dir}", "versions", "--json"),
        ("knowledge", "versions", "--json", "--data-dir", builtin_dir),
    ):
        status, out, _ = zwgk(*words)
        assert status == 0
        assert json.loads(out)[0]["current"]
    assert not (tmp_path / "unused").exists()


@pytest.mark.parametrize("words", [("ask",), ("ask", ""), ("ask", " \t ")])
def test_an_empty_question_is_refused(refused, words):
    assert "请写上要问的问题" in refused(*words)


def test_an_unknown_area_is_refused(refused):
    assert "没有找到地区“火星县”" in refused("ask", "低保", "--area", "火星县")
    assert "地区代码“12345”不正确" in refused("ask", "低保", "--area", "12345")


def test_questions_in_a_batch_are_answered_in_order(zwgk, tmp_path):
    lines = [
        {"id": "甲", "question": "养老服务目录谁牵头", "area": "441204"},
        {"id": 2, "question": "字" * 10_000},
        {"question": "😀😀😀"},
        {"id": "丁", "question": "养老服务目录谁牵头", "area": "高县"},
        {"id": "戊", "question": "那时限呢", "context": "低保审批结果公开", "area": None},
    ]
    batch = tmp_path / "题.jsonl"
    batch.write_text("\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    status, out, _ = zwgk("ask", "--batch", batch)
    told = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [one["id"] for one in told] == ["甲", 2, "5", "丁", "戊"]
    assert [one["kind"] for one in told[:4]] == ["answer", "declined", "declined", "answer"]
    assert "500 字以内" in told[1]["text"]
    assert told[3]["sources"][0]["area"] == "511525"


def test_a_batch_may_come_from_standard_input(zwgk, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"id": 1, "question": "你好"}\n'))
    status, out, _ = zwgk("ask", "--batch", "-")
    assert status == 0
    assert json.loads(out)["route"] == "chitchat"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("不是 JSON", "第 2 行用不了"),
        ("[1]", "第 2 行用不了"),
        ('{"id": "b"}', "第 2 行用不了"),
        ('{"question": ["低保"]}', "第 2 行用不了"),
        ('{"question": "低保", "context": 7}', "第 2 行用不了"),
        ('{"question": "低保", "area": "火星县"}', "第 2 行：没有找到地区“火星县”"),
    ],
)
def test_a_bad_line_of_a_batch_is_named_before_anything_is_answered(
    refused, tmp_path, line, sentence
):
    batch = tmp_path / "题.jsonl"
    batch.write_text(f'{{"question": "你好"}}\n{line}\n', "utf-8")
    assert sentence in refused("ask", "--batch", batch)


def test_a_batch_that_cannot_be_read_is_refused(refused, tmp_path):
    assert "请核对路径" in refused("ask", "--batch", tmp_path / "无.jsonl")


# --- chat ----------------------------------------------------------------------------------------


def test_chat_answers_until_the_input_ends(zwgk, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("养老服务目录谁牵头\n"))
    status, out, _ = zwgk("chat", "--area", "441204")
    assert status == 0
    assert "区民政局牵头" in out
    assert out.endswith("再见。\n")


# --- eval ----------------------------------------------------------------------------------------


@pytest.fixture
def sheet(tmp_path):
    """A set of three questions: one that is answered right, one that cannot be, one to turn away."""
    path = tmp_path / "题.jsonl"
    path.write_text(
        '{"id": "a", "question": "公开依据要写到条款吗", "gold_faq": 7, "style": "短"}\n'
        '{"id": "b", "question": "公开依据要写到条款吗", "gold_faq": 1, "style": "错"}\n'
        '{"id": "c", "question": "你好", "kind": "chitchat"}\n',
        "utf-8",
    )
    return path


def test_eval_scores_by_style_and_lists_misses(zwgk, sheet):
    status, out, _ = zwgk("eval", sheet, "--json")
    told = json.loads(out)
    assert status == 0
    assert [(s["style"], s["first"], s["wrong"]) for s in told["scores"]] == [
        ("短", 1, 0),
        ("错", 0, 1),
        ("chitchat", 1, 0),
        ("合计", 2, 1),
    ]
    assert [group["gold"] for group in told["by"]["gold"]] == ["faq", "outside", "合计"]
    assert [miss["id"] for miss in told["misses"]] == ["b"]
    assert (told["right"], told["wrong"], told["cases"]) == (2, 1, 3)
    assert [(c["expected"], c["ids"]) for c in told["confusions"]] == [("第1问", ["b"])]
    assert [r["at_least"] for r in told["reliability"]] == [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
    assert told["ms_p50"] <= told["ms_p99"]
    assert told["length_mean"] <= told["length_most"]
    status, out, _ = zwgk("eval", sheet, "--misses")
    assert status == 0
    for shown in ("首答正确", "没有误答", "去向正确", "朴素方法", "1/2 (50.0%)", "没答对的题"):
        assert shown in out


def test_eval_takes_several_sets_and_counts_them_together(zwgk, sheet):
    told = json.loads(zwgk("eval", sheet, sheet, "--json")[1])
    assert told["scores"][-1]["cases"] == 6


def test_eval_keeps_a_run_and_compares_with_it(zwgk, sheet, tmp_path):
    kept = tmp_path / "成绩.json"
    assert f"成绩已存到 {kept}" in zwgk("eval", sheet, "--save", kept)[1]
    same = json.loads(zwgk("eval", sheet, "--compare", kept, "--json")[1])["comparison"]
    assert (same["better"], same["worse"], same["added"], same["removed"]) == ([], [], 0, 0)
    run = json.loads(kept.read_text("utf-8"))
    for outcome in run["outcomes"]:
        outcome["first"] = not outcome["first"]
    kept.write_text(json.dumps(run), "utf-8")
    status, out, _ = zwgk("eval", sheet, "--compare", kept)
    assert status == 0
    assert "变好 1 题，变差 1 题。" in out
    told = json.loads(zwgk("eval", sheet, "--compare", kept, "--json")[1])["comparison"]
    assert [change["id"] for change in told["worse"]] == ["b"]
    assert told["figures"]["right"] == {"before": 2, "now": 2}


def test_eval_writes_a_page(zwgk, sheet, tmp_path):
    target = tmp_path / "成绩.html"
    assert f"网页已写到 {target}" in zwgk("eval", sheet, "--html", target)[1]
    assert "公开依据要写到条款吗" in target.read_text("utf-8")


def test_eval_names_a_bad_line(refused, tmp_path):
    sheet = tmp_path / "题.jsonl"
    sheet.write_text('{"question": "低保", "gold_faq": 1}\n{"question": "低保"}\n', "utf-8")
    assert "“题.jsonl”第 2 行用不了" in refused("eval", sheet)


def test_eval_refuses_what_is_no_kept_run_before_it_asks(refused, sheet):
    assert "不是 zwgk eval --save 存下的成绩" in refused("eval", sheet, "--compare", sheet)


# --- catalogue -----------------------------------------------------------------------------------


def test_an_imported_catalogue_is_listed_shown_found_and_answers(zwgk, stocked):
    here = ("--json", "--data-dir", stocked.directory)
    told = stocked.told["catalogue"]
    assert (told["area"], told["items"], told["dropped"]) == ("441204", 2, [])
    listed = json.loads(zwgk("catalogue", "list", "--area", "441204", *here)[1])
    assert [(row["id"], row["items"]) for row in listed] == [(told["document"], 2)]
    shown = json.loads(zwgk("catalogue", "show", told["document"], *here)[1])
    assert [row["二级事项"] for row in shown] == ["审批信息", "救助政策"]
    assert shown[0]["公开时限"] == "20个工作日"
    found = json.loads(zwgk("catalogue", "search", "低保审批", "--area", "441204", *here)[1])
    assert found[0]["id"] == shown[0]["id"]
    assert found[0]["binding"] is True
    answer = json.loads(zwgk("ask", "低保审批信息哪个部门公开", "--area", "441204", *here)[1])
    assert answer["sources"][0]["document"] == told["document"]
    assert answer["sources"][0]["binding"] is True


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx", "html"])
def test_an_export_holds_every_cell(zwgk, stocked, tmp_path, kind):
    path = tmp_path / f"导出.{kind}"
    words = ("catalogue", "export", "--area", "441204", "--format", kind, "-o", path)
    assert zwgk(*words, "--data-dir", stocked.directory)[0] == 0
    again = import_catalogue(grids_of(path.read_bytes(), path.name))
    assert [list(item.cells().values()) for item in again.items] == [r.split(",") for r in ROWS]


def test_an_export_imported_again_is_the_same_catalogue(zwgk, stocked_copy, tmp_path):
    here = ("--area", "441204", "--data-dir", stocked_copy)
    status, out, _ = zwgk("catalogue", "export", *here)
    assert status == 0
    assert out.lstrip("\ufeff").startswith(HEAD)
    path = tmp_path / "导出.csv"
    path.write_text(out, "utf-8")
    status, said, _ = zwgk("catalogue", "import", path, *here)
    assert status == 0
    assert "（高要区）：2 个事项，已导入并生效" in said.replace("\n", "")
    assert zwgk("catalogue", "export", *here)[1] == out


def test_a_town_is_known_by_code_and_given_name(zwgk, refused, stocked, tmp_path):
    here = ("--data-dir", stocked.directory)
    assert stocked.told["town"]["area_name"] == "金渡镇"
    listed = json.loads(zwgk("catalogue", "list", "--area", TOWN, "--json", *here)[1])
    assert [(row["area_name"], row["items"]) for row in listed] == [("金渡镇", 1)]
    assert "申请条件和标准" in zwgk("catalogue", "export", "--area", TOWN, *here)[1]
    path = tmp_path / "镇.csv"
    path.write_text("\n".join((HEAD, *ROWS)), "utf-8")
    assert "请用 --area-name 写明名称" in refused(
        "catalogue", "import", path, "--area", "441204102", *here
    )


def test_a_dry_run_imports_nothing(zwgk, office, tmp_path):
    path = tmp_path / "目录.csv"
    path.write_text("\n".join((HEAD, *ROWS)), "utf-8")
    before = sorted(path.name for path in office.rglob("*"))
    words = ("catalogue", "import", path, "--area", "441204", "--dry-run")
    status, out, _ = zwgk(*words, "--data-dir", office)
    assert status == 0
    assert "只检查，没有导入" in out
    assert sorted(path.name for path in office.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("目录.csv", None, "目录.csv"),
        ("目录.pdf", b"%PDF-1.4", "目录.pdf"),
        ("目录.xlsx", b"not a workbook", "目录.xlsx"),
        ("目录.csv", b"", "目录.csv"),
        ("目录.csv", b"\xff\xfe\xfa\xfb\x00\x81\x01", "目录.csv"),
        ("花名册.csv", "姓名,电话,住址\n张三,1,某村\n".encode(), "没有找到标准目录的表头"),
        ("空.csv", (HEAD + "\n").encode(), "空.csv"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused_and_changes_nothing(
    refused, builtin_dir, tmp_path, name, data, sentence
):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    before = sorted(builtin_dir.rglob("*"))
    assert sentence in refused("catalogue", "import", path, "--area", "441204")
    assert sorted(builtin_dir.rglob("*")) == before


def test_unknown_things_of_the_catalogue_are_refused(refused):
    assert "没有编号为“不存在”的目录或事项" in refused("catalogue", "show", "不存在")
    assert "只能是 csv、json、xlsx 或 html" in refused(
        "catalogue", "export", "--area", "441204", "--format", "pdf"
    )
    assert "没有寿光市的目录可以导出" in refused("catalogue", "export", "--area", "寿光市")
    assert "没有找到地区" in refused("catalogue", "list", "--area", "火星县")
    assert "没有找到地区" in refused("catalogue", "search", "低保", "--area", "火星县")


def test_one_item_is_shown_cell_by_cell(zwgk, knowledge):
    document = next(d for d in knowledge.documents.values() if d.kind == "catalogue")
    item = knowledge.items_of(document.id)[0]
    status, out, _ = zwgk("catalogue", "show", f"{document.id}-1", "--json")
    told = json.loads(out)
    assert status == 0
    assert item.cells().items() <= told.items()
    assert zwgk("catalogue", "show", f"{document.id}-1")[0] == 0
    assert zwgk("catalogue", "show", document.id)[0] == 0


def test_an_export_that_cannot_be_written_says_so(refused, stocked, tmp_path):
    target = tmp_path / "没有这个目录" / "导出.csv"
    words = ("catalogue", "export", "--area", "441204", "-o", target)
    assert "导出.csv" in refused(*words, "--data-dir", stocked.directory)


# --- faq and plan --------------------------------------------------------------------------------


def test_an_imported_faq_document_is_listed_and_answers(zwgk, stocked):
    here = ("--json", "--data-dir", stocked.directory)
    told = stocked.told["faq"]
    assert (told["area"], told["entries"]) == ("420106", 2)
    listed = json.loads(zwgk("faq", "list", *here)[1])
    row = {"section": "怎样编制", "question": "公开栏多久更新一次？"}
    assert {"id": f"{told['document']}-2", **row} in listed
    words = ("ask", "镇里要不要设专人负责政务公开", "--area", "420106", *here)
    source = json.loads(zwgk(*words)[1])["sources"][0]
    assert (source["document"], source["number"], source["binding"]) == (told["document"], 1, True)


def test_an_imported_plan_stands_under_the_area_that_it_names(zwgk, stocked):
    told = stocked.told["plan"]
    assert told["area"] == "140525"
    words = ("plan", "list", "--area", "泽州县", "--json", "--data-dir", stocked.directory)
    tasks = [task for task in json.loads(zwgk(*words)[1]) if told["document"] in task["id"]]
    assert tasks[0]["lead"] == ["县行政审批局"]
    assert tasks[0]["due"] == "2026年10月底前完成"


@pytest.mark.parametrize("kind", ["faq", "plan"])
@pytest.mark.parametrize(
    ("name", "data"),
    [("文件.txt", None), ("文件.txt", b""), ("文件.exe", b"MZ"), ("文件.txt", b"\x80\x81\xff\xfe")],
)
def test_a_document_that_cannot_be_used_is_refused(refused, tmp_path, kind, name, data):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    assert name in refused(kind, "import", path, "--area", "441204")


def test_lists_are_readable_tables(zwgk):
    assert "收录的答疑" in zwgk("faq", "list")[1]
    assert "方案任务" in zwgk("plan", "list", "--area", "高县")[1]
    assert "收录的目录" in zwgk("catalogue", "list")[1]


# --- knowledge -----------------------------------------------------------------------------------


def test_versions_are_published_and_rolled_back(zwgk, refused, office, stocked_copy):
    assert "没有可以退回的上一版本" in refused("knowledge", "rollback", "--data-dir", office)
    here = ("--data-dir", stocked_copy)
    newest, before, *_ = json.loads(zwgk("knowledge", "versions", "--json", *here)[1])
    assert newest["current"]
    assert not before["current"]
    status, out, _ = zwgk("knowledge", "rollback", "--json", *here)
    assert (status, json.loads(out)) == (0, {"current": before["name"]})
    assert zwgk("knowledge", "publish", newest["name"], *here)[0] == 0
    assert "当前" in zwgk("knowledge", "versions", *here)[1]
    assert "没有版本“甲”" in refused("knowledge", "publish", "甲", *here)


def test_what_would_answer_worse_is_published_only_when_that_is_accepted(
    zwgk, refused, office, tmp_path
):
    here = ("--data-dir", office)
    before = zwgk("knowledge", "versions", "--json", *here)[1]
    own = office / "regression" / "自编题.jsonl"
    own.parent.mkdir()
    own.write_text(
        '{"id": "甲", "question": "公开依据要写到条款吗", "gold_faq": 7, "area": "武昌区"}\n',
        "utf-8",
    )
    path = tmp_path / "答疑.txt"
    path.write_text(ANNEX.replace("公开栏多久更新一次", "公开依据要写到条款吗"), "utf-8")
    words = ("faq", "import", path, "--area", "武昌区")
    told = refused(*words, *here)
    assert "1. 〔自编题 甲〕“公开依据要写到条款吗〔武昌区〕”　原来：第7问" in told
    assert "现在：第2问 公开依据要写到条款吗" in told
    assert "--accept-worse" in told
    assert zwgk("knowledge", "versions", "--json", *here)[1] == before
    status, out, _ = zwgk(*words, "--accept-worse", *here)
    assert status == 0
    assert "已接受：原来答对、现在答不对的题有 1 道。" in out
    assert "1. 〔自编题 甲〕" in out
    newest, first = json.loads(zwgk("knowledge", "versions", "--json", *here)[1])
    zwgk("knowledge", "rollback", *here)
    assert "〔自编题 甲〕" in refused("knowledge", "publish", *here)
    status, out, _ = zwgk("knowledge", "publish", "--accept-worse", "--json", *here)
    assert status == 0
    assert json.loads(out)["current"] == newest["name"] != first["name"]
    assert [worse["now"] for worse in json.loads(out)["accepted_worse"]] == [
        "第2问 公开依据要写到条款吗？"
    ]


def test_the_same_documents_build_the_same_version(zwgk, office):
    (built,) = json.loads(zwgk("knowledge", "versions", "--json", "--data-dir", office)[1])
    told = json.loads(zwgk("knowledge", "build", "--json", "--data-dir", office)[1])
    assert told == {"version": built["name"], "current": built["name"]}


def snapshots(directory):
    return sorted((directory / "knowledge").glob("*.sqlite"), key=lambda f: f.stat().st_mtime_ns)


def spoil(path):
    path.chmod(path.stat().st_mode | stat.S_IWUSR)
    path.write_bytes(path.read_bytes()[: 4096 * 3] + b"\0" * 50_000)


def test_the_only_snapshot_damaged_is_built_anew(zwgk, office):
    spoil(snapshots(office)[0])
    status, out, _ = zwgk("ask", "公开依据要写到条款吗", "--data-dir", office)
    assert status == 0
    assert "答疑第7问" in out


def test_one_of_several_snapshots_damaged_loses_no_answer(zwgk, stocked_copy):
    here = ("--json", "--data-dir", stocked_copy)
    spoil(snapshots(stocked_copy)[-1])
    status, out, _ = zwgk("ask", "公开栏多久更新一次", "--area", "420106", *here)
    assert status == 0
    assert json.loads(out)["sources"][0]["number"] == 2
    status, out, _ = zwgk("doctor", *here)
    assert status == 0


# --- the data directory, and the port ------------------------------------------------------------


def test_doctor_finds_a_sound_installation_sound(zwgk, office):
    status, out, _ = zwgk("doctor", "--json", "--data-dir", office)
    assert status == 0
    assert all(row["fine"] for row in json.loads(out))
    assert "检查结果" in zwgk("doctor", "--data-dir", office)[1]


def test_a_data_directory_that_is_a_file_is_refused(refused, tmp_path):
    path = tmp_path / "数据"
    path.write_text("这是文件")
    sentence = refused("ask", "低保", "--data-dir", path)
    assert str(path) in sentence
    assert "--data-dir" in sentence


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_data_directory_without_permission_is_refused(refused, tmp_path):
    tmp_path.chmod(0o500)
    assert "权限" in refused("ask", "低保", "--data-dir", tmp_path / "数据")


def test_a_busy_port_is_refused_before_anything_starts(refused, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        sentence = refused("serve", "--port", port, "--data-dir", tmp_path / "数据")
    assert f"端口 {port} 已被别的程序占用" in sentence
    assert not (tmp_path / "数据").exists()


def test_the_sandbox_runs_in_one_process_only(refused):
    assert "沙盒只能单进程运行" in refused("serve", "--workers", "2", "--sandbox", "--port", "0")
