import csv
import json

import pytest
from PIL import Image

from tests.fixtures.platform import APP_ID, APP_SECRET, serving

HEADER = "姓名,手机,邮箱,地区,订阅,同意,同意日期,依据"
ROWS = (
    "张三,138 0013 8000,a@b.cn,高要区,养老、低保,是,2025-11-01,纸质登记表",
    "李四,13900139000,,441204101,养老,是,2025-11-01,纸质登记表",
    "王五,13700137000,,高要区,养老,,,",
    "赵六,123456789,,高要区,养老,是,2025-11-01,纸质登记表",
    "张三,13800138000,,高要区,养老,是,2025-11-01,纸质登记表",
)


@pytest.fixture
def run(zwgk, tmp_path):
    """Runs ``zwgk subscription`` in a data directory of the test's own."""

    def run(*words):
        return zwgk("subscription", *words, "--data-dir", tmp_path / "data")

    return run


@pytest.fixture
def said(run):
    def said(*words):
        status, out, err = run(*words)
        assert status == 0, err
        return out

    return said


@pytest.fixture
def turned_down(run):
    def turned_down(*words):
        status, out, err = run(*words)
        assert (status, out) == (1, "")
        return err

    return turned_down


@pytest.fixture
def register(tmp_path):
    path = tmp_path / "登记表.csv"
    path.write_text("\n".join((HEADER, *ROWS)), encoding="utf-8")
    return path


def listed(said, *words):
    return json.loads(said("list", *words, "--json"))


def test_a_register_is_imported_and_what_is_refused_is_listed(said, register):
    tried = said("import", register, "--dry-run")
    assert "没有保存" in tried
    assert listed(said) == []

    out = said("import", register)

    assert "新增 2 人" in out
    assert "重复的 1 行" in out
    assert "没有导入 2 行" in out
    assert "7000" in out
    for personal in ("张三", "王五", "13800138000", "13700137000", "a@b.cn"):
        assert personal not in out + tried
    assert len(listed(said)) == 2
    again = json.loads(said("import", register, "--json"))
    assert (again["new"], again["same"], again["folded"]) == (0, 2, 1)
    assert [refusal["row"] for refusal in again["refused"]] == [4, 5]


def test_lists_are_narrowed_and_show_nobody(said, register):
    said("import", register)

    assert len(listed(said, "--area", "441204101")) == 1
    assert len(listed(said, "--area", "高要区")) == 2
    assert len(listed(said, "--group", "低保户")) == 1
    assert len(listed(said, "--sector", "养老", "--limit", "1")) == 1
    out = said("list")
    assert "订阅的人" in out
    assert "13800138000" not in out


def test_figures_count_people(said, register):
    said("import", register)
    figures = json.loads(said("stats", "--json"))

    assert figures["standing"] == {"active": 2}
    counted = {topic["value"]: topic["people"] for topic in figures["topics"]}
    assert counted == {"养老服务": 2, "低保对象": 1}
    assert figures["areas"] == {"441204": 1, "441204101": 1}
    assert figures["media"] == {"email": 1, "sms": 2}
    assert "养老服务（领域）" in said("stats")


def test_one_person_is_shown_and_erased(said, turned_down, register):
    said("import", register)
    (record,) = json.loads(said("show", "138-0013-8000"))
    assert {one["value"] for one in record["subscriptions"]} == {"养老服务", "低保对象"}
    assert {one["medium"] for one in record["addresses"]} == {"sms", "email"}
    assert record["consents"][0]["evidence"]["basis"] == "纸质登记表"
    assert "13800138000" not in json.dumps(record)

    assert "--yes" in turned_down("erase", "13800138000")
    said("erase", "13800138000", "--yes")

    assert "没有找到" in turned_down("show", "13800138000")
    assert len(listed(said)) == 1
    (other,) = listed(said)
    said("erase", other["person"][:12], "--yes")
    assert listed(said) == []


@pytest.mark.parametrize("who", ["张三", "abc", "0123456789ab"])
def test_nobody_is_meant_by_other_words(turned_down, who):
    assert turned_down("show", who)


def test_a_stopped_address_stays_stopped_until_restored(said, turned_down, register):
    said("suppress", "13900139000")
    assert json.loads(said("stats", "--json"))["suppressed"] == 1
    out = json.loads(said("import", register, "--json"))
    assert (out["new"], [one["row"] for one in out["refused"]]) == (1, [3, 4, 5])
    assert "停发" in out["refused"][0]["why"]

    said("restore", "13900139000")

    assert json.loads(said("stats", "--json"))["suppressed"] == 0
    assert "不用恢复" in turned_down("restore", "13600136000")
    assert "11 位" in turned_down("suppress", "12345")


def test_everything_is_exported_for_a_spreadsheet(said, register, tmp_path):
    said("import", register)
    said("export", "-o", tmp_path / "订阅.csv")

    content = (tmp_path / "订阅.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert {row["地区"] for row in rows} == {"广东省肇庆市高要区", "广东省肇庆市高要区441204101"}
    assert b"13800138000" not in content


def test_a_code_is_made_listed_and_removed(said, turned_down):
    made = json.loads(
        said("scene", "new", "--sector", "养老", "--area", "高要区", "--label", "村口", "--json")
    )
    assert made["topic"] == {"kind": "sector", "value": "养老服务"}
    assert made["area"] == "441204"
    assert made["key"] in said("scene", "list")
    item = json.loads(said("scene", "new", "--item", "低保审批结果", "--label", "窗口", "--json"))
    assert item["topic"]["kind"] == "item"

    said("scene", "remove", made["key"])

    assert made["key"] not in said("scene", "list")
    assert made["key"] in turned_down("scene", "remove", made["key"])


@pytest.mark.parametrize(
    "words",
    [
        ("--label", "村口"),
        ("--sector", "养老", "--group", "老年人", "--label", "村口"),
        ("--sector", "火星", "--label", "村口"),
        ("--group", "大学生", "--label", "村口"),
        ("--sector", "养老", "--label", " "),
    ],
)
def test_unclear_codes_are_refused(turned_down, words):
    assert turned_down("scene", "new", *words)


def test_a_poster_is_drawn(said, turned_down, tmp_path):
    made = json.loads(said("scene", "new", "--sector", "养老", "--label", "村口", "--json"))
    words = ("scene", "poster", made["key"], "--office", "高要区人民政府办公室")
    assert "--link" in turned_down(*words, "-o", tmp_path / "a.png")

    said(*words, "--link", "http://weixin.qq.com/q/x", "-o", tmp_path / "a.png")

    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (1654, 2339)
    link = ("--link", "http://weixin.qq.com/q/x")
    assert "扩展名" in turned_down(*words, *link, "-o", tmp_path / "a.doc")
    missing = ("scene", "poster", "sub-none", "--office", "x", *link, "-o", tmp_path / "b.png")
    assert "sub-none" in turned_down(*missing)
    (tmp_path / "font.ttf").write_text("")
    no_font = ("--font", tmp_path / "font.ttf", "-o", tmp_path / "c.png")
    assert "打不开" in turned_down(*words, *link, *no_font)


ACCOUNT = """
[[wechat]]
name = "gaoyao"
app_id = "wx0123456789abcdef"
token = "tokentoken"
mode = "plain"
kind = "{kind}"
"""


def test_an_account_without_parametric_codes_asks_for_a_word(said, turned_down, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "zwgk.toml").write_text(ACCOUNT.format(kind="subscription"))
    made = json.loads(said("scene", "new", "--sector", "养老", "--label", "村口", "--json"))
    item = json.loads(said("scene", "new", "--item", "低保审批结果", "--label", "村口", "--json"))
    rest = ("--office", "高要区", "-o", tmp_path / "a.pdf")
    link = ("--link", "http://weixin.qq.com/r/x")
    assert "--link" in turned_down("scene", "poster", made["key"], *rest)
    assert "事项" in turned_down("scene", "poster", item["key"], *rest, *link)

    said("scene", "poster", made["key"], *rest, *link)

    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_without_a_secret_no_code_can_be_asked_for(said, turned_down, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "zwgk.toml").write_text(ACCOUNT.format(kind="service"))
    made = json.loads(said("scene", "new", "--sector", "养老", "--label", "村口", "--json"))
    rest = ("--office", "高要区", "-o", tmp_path / "a.pdf")

    assert "app_secret" in turned_down("scene", "poster", made["key"], *rest)
    assert "other" in turned_down("scene", "poster", made["key"], *rest, "--account", "other")


def test_a_service_account_gets_its_code_from_the_platform(said, turned_down, tmp_path):
    path = "/cgi-bin/qrcode/create"
    with serving() as server:
        (tmp_path / "data").mkdir()
        account = ACCOUNT.format(kind="service").replace("wx0123456789abcdef", APP_ID)
        account += f'app_secret = "{APP_SECRET}"\napi_url = "{server.url}"\n'
        (tmp_path / "data" / "zwgk.toml").write_text(account)
        made = json.loads(said("scene", "new", "--sector", "养老", "--label", "村口", "--json"))
        words = ("scene", "poster", made["key"], "--office", "高要区")
        server.codes[path] = [{"errcode": 48001, "errmsg": "api unauthorized"}]
        assert "二维码" in turned_down(*words, "-o", tmp_path / "a.png")

        server.codes[path] = [{"ticket": "t", "url": "http://weixin.qq.com/q/x"}]
        said(*words, "-o", tmp_path / "a.png")

        assert server.sent(path)[-1]["action_info"]["scene"]["scene_str"] == made["key"]
    said(*words, "--link", "http://weixin.qq.com/q/x", "-o", tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
