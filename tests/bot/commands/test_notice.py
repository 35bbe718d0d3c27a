"""A notice on its way from the first line to the ledger, typed by an office."""

import json

import pytest
from sqlalchemy import insert

from bot import bootstrap
from bot.settings import Settings
from bot.storage.schema import addresses, consents, subscribers, subscriptions

SETTINGS = """
public_url = "https://zwgk.example.cn"

[[officer]]
name = "甲"
roles = ["起草"]
[[officer]]
name = "乙"
roles = ["初审"]
[[officer]]
name = "丙"
roles = ["复审"]
[[officer]]
name = "丁"
roles = ["终审"]

[[channel]]
kind = "email"
account = "office"
host = "127.0.0.1"
sender = "zwgk@example.cn"
"""


@pytest.fixture
def office(office, monkeypatch):
    monkeypatch.setenv("ZWGK_DATA_DIR", str(office))
    (office / "zwgk.toml").write_text(SETTINGS, encoding="utf-8")
    database, _ = bootstrap.operations(Settings(data_dir=office))
    person = {"person": "张", "account": "office", "area": "441204", "state": "active"}
    address = {"person": "张", "medium": "email", "account": "", "sealed": "x", "hash": "h"}
    with database.write() as connection:
        connection.execute(
            insert(subscribers), person | {"digest": "immediate", "created_at": 1, "updated_at": 1}
        )
        topic = {"person": "张", "kind": "group", "value": "老年人", "since": 1, "source": "words"}
        connection.execute(insert(subscriptions), topic)
        connection.execute(
            insert(addresses), address | {"failures": 0, "suppressed": "", "updated_at": 1}
        )
        consent = {"person": "张", "scope": "email", "evidence": "", "given_at": 1}
        connection.execute(insert(consents), consent)
    yield office
    database.close()


@pytest.fixture
def run(zwgk, office, monkeypatch):
    """Runs ``zwgk notice …`` and returns what it says."""
    monkeypatch.setenv("ZWGK_DATA_DIR", str(office))

    def run(*words, status=0):
        ended, out, err = zwgk("notice", *words)
        assert ended == status, err
        return json.loads(out) if "--json" in words and status == 0 else out + err

    return run


@pytest.fixture
def notice(run):
    return run(
        *("new", "--by", "甲", "--area", "高要区", "--title", "关于发放高龄津贴的通知"),
        *("--body", "八十周岁以上老人每月五十元。", "--number", "高民〔2026〕12号"),
        *("--url", "https://www.gaoyao.gov.cn/1.html", "--issuer", "高要区民政局", "--json"),
    )["id"]


def submitted(run, notice):
    words = ("--by", "甲", "--channel", "email", "--group", "老人", "--json")
    return run("submit", notice, *words)


def test_from_the_first_line_to_the_ledger_and_back(run, notice):
    assert "检查通过" in run("check", notice)
    push = submitted(run, notice)
    assert push["dossier"]["figures"]["included"] == 1
    for officer in ("乙", "丙", "丁"):
        run("approve", push["id"], "--by", officer)
    assert run("send", push["id"], "--by", "甲", "--json")["state"] == "running"

    status = run("status", push["id"], "--json")
    assert status["letters"] == {"queued": 1}
    assert "暂停" in run("pause", push["id"], "--by", "乙")
    assert "继续" in run("resume", push["id"], "--by", "乙")
    assert "已撤回" in run("recall", notice, "--by", "丁", "--note", "文件废止")
    assert run("show", notice, "--json")["state"] == "recalled"
    assert run("status", push["id"], "--json")["state"] == "stopped"
    assert "已停止" in run("status", push["id"])


def test_what_is_not_allowed_is_refused_and_remembered(run, notice):
    push = submitted(run, notice)["id"]

    assert "不能审批自己" in run("approve", push, "--by", "甲", status=1)
    assert "没有这项职责" in run("approve", push, "--by", "丁", status=1)
    assert "名单里没有" in run("approve", push, "--by", "戊", status=1)
    assert "名单里没有" in run("edit", notice, "--by", "戊", "--title", "别的", status=1)
    events = [event["what"] for event in run("status", push, "--json")["events"]]
    assert events.count("refused:approve") == 3


def test_an_edit_voids_what_was_approved(run, notice):
    push = submitted(run, notice)["id"]
    run("approve", push, "--by", "乙")

    run("edit", notice, "--by", "甲", "--body", "每月六十元。")

    assert run("status", push, "--json")["state"] == "draft"
    assert submitted(run, notice)["id"] == push
    assert "退回" in run("reject", push, "--by", "乙", "--note", "再核对金额")
    assert submitted(run, notice)["state"] == "submitted"


def test_lists_name_what_is_there(run, notice):
    assert [one["id"] for one in run("list", "--json")] == [notice]
    assert notice in run("list")
    assert "高民〔2026〕12号" in run("show", notice)


def test_a_notice_is_read_from_a_file(run, tmp_path):
    page = tmp_path / "通知.html"
    page.write_text(
        "<html><head><meta charset='utf-8'><title>关于春季招生的通知</title></head><body><nav>首页</nav>"
        "<p>高教〔2026〕3号</p><p>三月一日起报名。</p><script>x()</script></body></html>",
        encoding="utf-8",
    )
    text = tmp_path / "通知.txt"
    text.write_text("关于夏季招生的通知\n高教〔2026〕4号\n六月一日起报名。", encoding="utf-8")

    for path, number in ((page, "3"), (text, "4")):
        words = ("new", "--by", "甲", "--area", "441204", "--file", path, "--json")
        made = run(*words)["text"]
        assert made["title"].endswith("季招生的通知")
        assert made["number"] == f"高教〔2026〕{number}号"
        assert "起报名" in made["body"]
        assert "首页" not in made["body"]
        assert "x()" not in made["body"]


def test_the_same_number_names_the_notice(run, notice):
    words = ("new", "--by", "甲", "--area", "441204", "--title", "又", "--number")

    assert notice in run(*words, "高民〔2026〕12号", status=1)


def test_what_blocks_ends_with_one(run):
    words = ("--title", "通知", "--number", "高办〔2026〕1号", "--attribute", "依申请公开")
    made = run("new", "--by", "甲", "--area", "441204", *words, "--json")["id"]

    said = run("check", made, status=1)

    assert "主动公开" in said
    assert "必须改" in said


def test_suggestions_one_by_one_and_by_the_file(run, notice, tmp_path):
    one = run("suggest", notice, "--json")
    assert "老年人" in one["groups"]
    assert one["areas"] == ["441204"]
    assert all(item["reasons"] for item in one["items"])
    assert one["items"]
    assert "老年人" in run("suggest", notice)
    batch = tmp_path / "batch.jsonl"
    lines = [
        {"id": n, "notice_title": "关于休渔的通告", "notice_summary": "渔船进港停泊。"}
        for n in "ba"
    ]
    batch.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")

    told = [json.loads(line) for line in run("suggest", "--batch", batch).splitlines()]

    assert [row["id"] for row in told] == ["b", "a"]
    assert all("渔民" in row["groups"] and row["reasons"]["渔民"] for row in told)
    batch.write_text("{}\n", encoding="utf-8")
    assert "第 1 行" in run("suggest", "--batch", batch, status=1)
    assert "二者选一" in run("suggest", status=1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--channel", "信鸽"), "渠道"),
        (("--channel", "email", "--group", "外星人"), "人群"),
        (("--channel", "email", "--sector", "没有"), "领域"),
        (("--channel", "email", "--everyone", "--purpose", "x"), "目的"),
        (("--channel", "email", "--everyone", "--at", "明天"), "时间"),
        (("--channel", "email"), "推送给谁"),
        (("--everyone",), "没有选渠道"),
    ],
)
def test_what_cannot_be_is_said_in_words(run, notice, words, said):
    assert said in run("submit", notice, "--by", "甲", *words, status=1)
