import json
from pathlib import Path

import pytest

from bot import bootstrap
from bot.channels.wechat.menu import standard
from bot.cli import main
from bot.clock import china_clock
from bot.dialog.commands import parse_command
from bot.records.model import Deed
from bot.records.service import Records
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.vault import Vault
from bot.subscriptions.model import NOBODY, Kind, Subscriber, Topic
from bot.subscriptions.repository import Contact, Reach, keep
from tests.fixtures.platform import APP_ID, APP_SECRET, NOTICE_TEMPLATE, serving

CONFIG = """
public_url = "https://zwgk.example.cn"

[[wechat]]
name = "gaoyao"
app_id = "{app_id}"
app_secret = "{secret}"
token = "t0ken"
mode = "plain"
api_url = "{url}"

[[channel]]
kind = "wechat_notice"
account = "gaoyao"
template = "{template}"
"""


def run(tmp_path: Path, *words: str) -> int:
    try:
        main(["channels", *words, "--data-dir", str(tmp_path)])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def told(tmp_path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a line says that works."""
    capsys.readouterr()
    assert run(tmp_path, *words) == 0
    return capsys.readouterr().out


def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Why a line does not work."""
    capsys.readouterr()
    assert run(tmp_path, *words) == 1
    return capsys.readouterr().err


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZWGK_DATA_DIR", str(tmp_path))


def write(tmp_path: Path, url: str, template: str = NOTICE_TEMPLATE) -> None:
    text = CONFIG.format(app_id=APP_ID, secret=APP_SECRET, url=url, template=template)
    (tmp_path / "zwgk.toml").write_text(text, encoding="utf-8")


def test_what_works_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as server:
        write(tmp_path, server.url)
        assert run(tmp_path) == 0
    shown = capsys.readouterr().out
    assert "订阅通知" in shown
    assert "可以用" in shown


def test_what_does_not_work_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as server:
        write(tmp_path, server.url, "lost")
        assert run(tmp_path, "--json") == 1
    [channel] = json.loads(capsys.readouterr().out)["channels"]
    assert not channel["usable"]
    assert "lost" in channel["why"]


def test_without_channels_it_is_said_how_to_set_one_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path) == 0
    assert "[[channel]]" in capsys.readouterr().out


# Closed and open


def test_a_channel_is_closed_with_a_reason_and_opened_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(tmp_path, capsys, "closed") == "没有停用的渠道。\n"
    done = told(tmp_path, capsys, "close", "sms", "--reason", "签名被停", "--by", "甲")
    assert "已停用短信" in done

    listed = json.loads(told(tmp_path, capsys, "closed", "--json"))
    assert listed == [{"channel": "sms", "account": "", "why": "签名被停（甲）", "until": None}]
    assert "签名被停" in told(tmp_path, capsys, "closed")

    told(tmp_path, capsys, "open", "sms", "--by", "乙")
    assert told(tmp_path, capsys, "closed") == "没有停用的渠道。\n"
    deeds = [(d.who, d.action, d.object, d.detail) for d in deeds_of(tmp_path)]
    assert deeds == [
        ("乙", "channels.open", "channel:sms", ""),
        ("甲", "channels.close", "channel:sms", "签名被停"),
    ]


def test_all_channels_are_closed_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(tmp_path, capsys, "close", "all", "--reason", "内容有误", "--by", "甲")
    (closed,) = json.loads(told(tmp_path, capsys, "closed", "--json"))
    assert closed["channel"] == "all"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("close", "短信", "--reason", "x", "--by", "甲"), "没有“短信”"),
        (("close", "sms", "--reason", " ", "--by", "甲"), "原因"),
        (("close", "sms", "--reason", "x", "--by", " "), "是谁"),
        (("open", "sms", "--by", "甲"), "没有停用"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    assert sentence in refused(tmp_path, capsys, *words)
    assert deeds_of(tmp_path) == []


# Official accounts


def test_every_line_of_the_menu_is_a_command_that_people_may_type_too() -> None:
    lines = [line for button in standard("https://zwgk.example.cn") for line in button.lines]
    keys = [line.key for line in lines if line.key]

    assert all(parse_command(key) for key in keys)
    assert "订阅" in keys
    assert [line.url for line in lines if line.url] == ["https://zwgk.example.cn"]
    assert not [line for button in standard("") for line in button.lines if line.url]


def test_the_menu_is_shown_first_and_then_put_in_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as server:
        write(tmp_path, server.url)
        shown = told(tmp_path, capsys, "menu")
        assert "我的订阅" in shown
        assert not server.calls
        assert "--by" in refused(tmp_path, capsys, "menu", "--yes")
        assert "几分钟" in told(tmp_path, capsys, "menu", "--yes", "--by", "甲")
        (body,) = [body for path, body in server.calls if path == "/cgi-bin/menu/create"]
    assert [button["name"] for button in body["button"]] == ["问公开", "订政策", "我的"]
    (deed,) = deeds_of(tmp_path)
    assert (deed.who, deed.action, deed.object) == ("甲", "channels.set", "menu:gaoyao")


def test_followers_wear_the_tags_of_what_they_subscribe_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topic = Topic(Kind.SECTOR, "养老服务")
    with serving() as server:
        write(tmp_path, server.url)
        server.followers |= {"o-1", "o-2", "o-3"}
        for openid in ("o-1", "o-2", "o-left"):
            subscribe(tmp_path, openid, NOBODY.subscribed((topic,), "words"))
        subscribe(tmp_path, "o-3", NOBODY.subscribed((topic,), "words").paused())

        rows = json.loads(
            told(tmp_path, capsys, "tags", "--sector", "养老", "--by", "甲", "--json")
        )

        (tag,) = rows
        assert (tag["name"], tag["added"], tag["not_following"]) == ("养老服务", 2, 1)
        assert server.wearers[tag["tag"]] == {"o-1", "o-2"}
        assert "可以写" in refused(tmp_path, capsys, "tags", "--sector", "没有这个", "--by", "甲")
        assert "--sector" in refused(tmp_path, capsys, "tags", "--by", "甲")
    (deed,) = deeds_of(tmp_path)
    assert deed.object == "tag:gaoyao/养老服务"


def test_without_an_account_nothing_is_set_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "app_secret" in refused(tmp_path, capsys, "menu", "--yes", "--by", "甲")


def opened(tmp_path: Path) -> tuple[Database, Vault]:
    return bootstrap.operations(Settings(data_dir=tmp_path))


def deeds_of(tmp_path: Path) -> list[Deed]:
    """What the log holds, the newest first."""
    database, vault = opened(tmp_path)
    return [record.deed for record in Records(database, vault, china_clock).search()]


def subscribe(tmp_path: Path, openid: str, after: Subscriber) -> None:
    database, vault = opened(tmp_path)
    reach = Reach("wechat", openid, "gaoyao")
    contact = Contact(reach.person(vault), "gaoyao", (reach,))
    with database.statements(writing=True) as statements:
        keep(statements, vault, contact, NOBODY, after, {"by": "person"}, 1)
