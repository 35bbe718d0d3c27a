"""A clerk looks at how catalogues changed, goes back, and answers from what was in force before."""

import io
import json
import re
import shutil
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import date

import pytest

from bot.cli import main
from bot.clock import china_clock, chinese_day
from bot.knowledge.telling import day_of, form_only, marked, rows, sentences
from catalogue_index.comparing import Piece, compare
from catalogue_index.errors import Refused
from catalogue_index.model import COLUMNS, Item

HEAD = ",".join(COLUMNS.values())
LOW = "社会救助,最低生活保障,审批信息,低保对象名单,《社会救助暂行办法》,{},区民政局,政府网站,全社会,主动,县级"
AID = "社会救助,临时救助,救助政策,申请条件,《社会救助暂行办法》,即时,区民政局,政府网站,全社会,主动,县级"
CARE = (
    "养老服务,老年补贴,补贴名单,名单,《老年人权益保障法》,每季度,区民政局,政府网站,全社会,主动,县级"
)
AREA = ("--area", "高要区")
SECTOR = ("--sector", "社会救助")
QUESTION = ("ask", "低保审批信息多久公开", "--area", "441204")


@pytest.fixture(scope="module")
def imported(builtin_dir, tmp_path_factory):
    """A data directory with two imports of a sector, what each said, and what was answered between them."""
    folder = tmp_path_factory.mktemp("history")
    data = shutil.copytree(builtin_dir, folder / "office")
    files = {"old": (LOW.format("20个工作日"), AID, CARE), "new": (LOW.format("7个工作日"),)}
    told = {"data": data}

    def run(*words):
        out = io.StringIO()
        with redirect_stdout(out):
            main([*map(str, words), "--json", "--data-dir", str(data)])
        return json.loads(out.getvalue())

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ZWGK_DATA_DIR", str(data))
        for name, lines in files.items():
            path = folder / f"{name}.csv"
            path.write_text("\n".join((HEAD, *lines)), encoding="utf-8-sig")
            told[f"{name}_file"] = path
            told[name] = run("catalogue", "import", path, *AREA)
            told[f"{name}_answer"] = run(*QUESTION)
    return told


@pytest.fixture
def line(zwgk, imported):
    """Runs a line on that data directory: its output, or with ``--json`` the value."""

    def run(*words):
        status, out, err = zwgk(*words, "--data-dir", imported["data"])
        assert (status, err) == (0, "")
        return json.loads(out) if "--json" in words else out

    return run


@pytest.fixture
def wrong(refused, imported):
    return lambda *words: refused(*words, "--data-dir", imported["data"])


def test_every_import_is_listed_with_what_became_of_it(line, imported):
    found = line("catalogue", "versions", *AREA, *SECTOR, "--json")
    old, new = imported["old"]["document"], imported["new"]["document"]
    assert [(row["id"], row["in_force"], row["replaced_by"], row["items"]) for row in found] == [
        (old, False, new, 2),
        (new, True, None, 1),
    ]
    assert len(line("catalogue", "versions", "--json")) == 3
    page = line("catalogue", "versions")
    assert "现行" in page
    assert chinese_day(china_clock()) in page
    assert line("catalogue", "versions", "--area", "寿光市", "--json") == []


def test_a_replaced_catalogue_and_its_items_are_shown_with_their_own_numbers(line, imported):
    old = imported["old"]["document"]
    shown = line("catalogue", "show", old, "--json")
    assert [(row["id"], row["二级事项"], row["in_force"]) for row in shown] == [
        (f"{old}-1", "审批信息", False),
        (f"{old}-2", "救助政策", False),
        (f"{old}-3", "补贴名单", True),
    ]
    item = line("catalogue", "show", f"{old}-1", "--json")
    assert (item["公开时限"], item["in_force"]) == ("20个工作日", False)
    page = line("catalogue", "show", f"{old}-1")
    assert "已被替换" in page
    assert "20个工作日" in page
    assert "已替换" in line("catalogue", "show", old)
    assert "已被替换" not in line("catalogue", "show", f"{old}-3")


def test_a_catalogue_differs_from_the_version_before(line, imported):
    new = imported["new"]["document"]
    found = line("catalogue", "diff", new, "--json")
    assert found["added"] == []
    assert [item["二级事项"] for item in found["removed"]] == ["救助政策"], "its own sector only"
    (change,) = found["changed"]
    (cell,) = change["cells"]
    assert (cell["label"], cell["before"], cell["after"]) == (
        "公开时限",
        "20个工作日",
        "7个工作日",
    )
    assert cell["pieces"] == [["20", "7"], ["个工作日", "个工作日"]]
    page = line("catalogue", "diff", new)
    assert "【20→7】个工作日" in page
    assert "新增 0 项，删除 1 项，改动 1 项。" in page


def test_ids_and_files_are_compared_in_any_mixture(line, imported):
    old, new = imported["old"]["document"], imported["new"]["document"]
    by_id = line("catalogue", "diff", old, new, "--json")
    assert [item["二级事项"] for item in by_id["removed"]] == ["救助政策", "补贴名单"]
    for first in (old, imported["old_file"]):
        for second in (new, imported["new_file"]):
            assert line("catalogue", "diff", first, second, "--json") == by_id
    assert "没有变化" in line("catalogue", "diff", old, imported["old_file"])
    assert line("catalogue", "diff", "anquan--dachuan", "anquan--dachuan").endswith("没有变化。\n")


def test_what_cannot_be_compared_is_refused(wrong, imported, tmp_path):
    assert "没有上一版可比" in wrong("catalogue", "diff", imported["old"]["document"])
    assert "没有编号为“不存在”的目录，也没有这个文件" in wrong("catalogue", "diff", "不存在")
    (tmp_path / "花名册.csv").write_text("姓名,电话\n张三,1\n", "utf-8")
    told = wrong("catalogue", "diff", tmp_path / "花名册.csv", imported["new_file"])
    assert "没有找到标准目录的表头" in told


def test_citizens_read_sentences_and_clerks_a_table(line, imported):
    day = china_clock().date().isoformat()
    told = line("catalogue", "changes", *AREA, "--since", day)
    assert f"高要区的目录从{chinese_day(date.fromisoformat(day))}以来有这些变化：" in told
    assert "1. 新增“最低生活保障 · 审批信息”（公开时限：7个工作日；公开主体：区民政局）。" in told
    table = line("catalogue", "changes", *AREA, "--since", day, "--table")
    assert "新增" in table
    assert "社会救助" in table
    found = line("catalogue", "changes", *AREA, "--since", day, "--json")
    assert set(found["changes"]) == {"社会救助", "养老服务"}
    later = line("catalogue", "changes", *AREA, "--since", "2999年1月1日")
    assert later == "高要区的目录从2999年1月1日以来没有变化。\n"


def test_stale_items_are_told_with_the_articles(line):
    assert "没有超过 365 天没有更新的事项" in line("catalogue", "stale")
    year = china_clock().year + 3
    page = line("catalogue", "stale", *AREA, "--today", f"{year}-01-01")
    assert "第十二条" in page
    assert "第二十六条" in page
    found = line("catalogue", "stale", *SECTOR, "--today", f"{year}年1月1日", "--json")
    assert found["today"] == f"{year}-01-01"
    assert [(one["discloser"], one["items"], one["of"]) for one in found["stale"]] == [
        ("区民政局", ["审批信息"], 1)
    ]
    assert (
        line("catalogue", "stale", "--days", "9999", "--today", f"{year}-01-01").count("没有") > 1
    )


def test_days_that_are_none_are_refused(wrong):
    assert "--since 的日期“昨天”看不懂" in wrong("catalogue", "changes", *AREA, "--since", "昨天")
    assert "--today 的日期" in wrong("catalogue", "stale", "--today", "2026-02-30")


def test_going_back_and_forward_from_the_command_line(zwgk, refused, imported, tmp_path):
    data = shutil.copytree(imported["data"], tmp_path / "copy")
    here = ("--data-dir", data)
    old, new = imported["old"]["document"], imported["new"]["document"]
    status, out, _ = zwgk("catalogue", "rollback", *AREA, *SECTOR, *here)
    assert status == 0
    assert re.search(
        rf"高要区社会救助领域现在用 {old}（\d+年\d+月\d+日 \d\d:\d\d导入，2 个事项）", out
    )
    again = ("catalogue", "rollback", *AREA, *SECTOR, *here)
    assert "高要区的社会救助领域没有更早的版本可以退回" in refused(*again)
    status, out, _ = zwgk(*again, "--to", new, "--json")
    told = json.loads(out)
    assert (told["id"], told["in_force"], told["published"]) == (
        new,
        True,
        imported["new"]["published"],
    )


def test_an_answer_given_before_an_import_is_given_again_from_its_version(line, wrong, imported):
    version = imported["old"]["published"]
    current = line(*QUESTION, "--json")
    assert current["sources"][0]["quote"]["公开时限"] == "7个工作日"
    again = line(*QUESTION, "--version", version, "--json")
    assert again["sources"][0]["quote"]["公开时限"] == "20个工作日"
    assert {**again, "ms": 0} == {**imported["old_answer"], "ms": 0}
    assert {**line(*QUESTION, "--json"), "ms": 0} == {**current, "ms": 0}, "nothing was published"
    assert "没有版本“20240101-000000000000”" in wrong(
        *QUESTION, "--version", "20240101-000000000000"
    )


# --- a comparison in words ---

ITEM = Item(
    "社会救助",
    "最低生活保障",
    "审批信息",
    content="名单",
    time_limit="20个工作日",
    discloser="区民政局",
)


def told(**changes):
    return list(sentences(compare([ITEM], [replace(ITEM, **changes)])))


def test_each_change_is_a_plain_sentence():
    assert told(time_limit="7个工作日") == [
        "“最低生活保障 · 审批信息”的公开时限由“20个工作日”改为“7个工作日”。"
    ]
    assert told(level="县级") == ["“最低生活保障 · 审批信息”写明了公开层级：“县级”。"]
    assert told(time_limit=None) == [
        "“最低生活保障 · 审批信息”不再写明公开时限（原来是“20个工作日”）。"
    ]
    assert told(item="审批结果信息") == [
        "“最低生活保障 · 审批信息”改名，现在是“最低生活保障 · 审批结果信息”。"
    ]
    assert told(item="1.审批信息", level="县级") == [
        "“最低生活保障 · 1.审批信息”写明了公开层级：“县级”。"
    ]
    assert told(category="低保") == ["“最低生活保障 · 审批信息”移到别处，现在是“低保 · 审批信息”。"]
    assert told(sector="养老服务") == ["“最低生活保障 · 审批信息”由社会救助领域移到养老服务领域。"]
    assert list(sentences(compare([], [ITEM]))) == [
        "新增“最低生活保障 · 审批信息”（公开时限：20个工作日；公开主体：区民政局）。"
    ]
    assert list(sentences(compare([ITEM], []))) == ["不再列出“最低生活保障 · 审批信息”。"]


def test_a_change_in_a_long_text_is_told_by_the_words_around_it():
    long = "申请条件、救助标准、审核程序和办理结果" * 5
    before, after = (
        replace(ITEM, content=f"{long}甲乙{long}"),
        replace(ITEM, content=f"{long}丙{long}"),
    )
    (sentence,) = sentences(compare([before], [after]))
    assert "……" in sentence
    assert "【甲乙→丙】" in sentence
    assert len(sentence) < 100


def test_changes_of_form_are_counted_but_not_told():
    comparison = compare([ITEM], [replace(ITEM, item="1.审批信息。")])
    assert (list(sentences(comparison)), rows(comparison), form_only(comparison)) == ([], [], 1)


def test_what_came_and_went_is_marked():
    assert marked([Piece("名单", "名单"), Piece("", "和金额")]) == "名单【增：和金额】"
    assert marked([Piece("名单", ""), Piece("金额", "金额")]) == "【删：名单】金额"


@pytest.mark.parametrize("text", ["2026-11-01", "2026年11月1日", " 2026-11-1 ", "2026年11月01日"])
def test_days_are_read_as_people_write_them(text):
    assert day_of(text, "--since") == date(2026, 11, 1)


@pytest.mark.parametrize("text", ["", "今天", "2026", "2026-13-01", "2026-1-1-1", "20261121"])
def test_other_texts_are_no_days(text):
    with pytest.raises(Refused, match="--since"):
        day_of(text, "--since")
