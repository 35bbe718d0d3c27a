"""The same adapters against the sandbox's strict platform, a process of its own, and its ledger of what arrived."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.channels.port import Accounting, Channel, Fate, Letter
from bot.channels.setup import Channels, open_channels
from bot.channels.wechat import menu, qr, tags
from bot.clock import china_clock
from bot.settings import load_settings
from bot.storage.database import open_sqlite
from bot.storage.migration import migrate
from bot.storage.vault import Vault

ROOT = Path(__file__).parents[3]
LONG, MESSAGE = "sandbox-notice-long", "sandbox-template"
PEOPLE = [f"oSandbox_many_{number:08d}" for number in (1, 2, 3, 4)]

SETTINGS = """
[[wechat]]
name = "trial"
app_id = "{app_id}"
app_secret = "{secret}"
token = "t0ken-of-trial"
mode = "plain"
api_url = "{url}"

[[channel]]
kind = "wechat_notice"
account = "trial"
template = "sandbox-notice-long"
fields = {{ thing1 = "title", thing2 = "issuer", date3 = "date", thing4 = "=点击查看全文" }}

[[channel]]
kind = "wechat_template"
account = "trial"
template = "sandbox-template"
fields = {{ thing1 = "title", phrase2 = "=已发布", time3 = "date" }}

[[channel]]
kind = "wechat_custom"
account = "trial"

[[channel]]
kind = "wechat_mass"
account = "trial"

[[channel]]
kind = "email"
account = "office"
host = "127.0.0.1"
port = {smtp_port}
security = "plain"
sender = "zwgk@gaoyao.example.cn"

[[channel]]
kind = "sms_tencent"
account = "tencent"
app = "1400"
key_id = "AKIDexample"
secret = "s3cret"
sign = "沙盒政务公开"
template = "2000001"
wording = "{{1}}。详见：{{2}}，拒收请回复R"
fields = {{ 1 = "title", 2 = "link" }}
price = 0.045
base_url = "{url}"

[[channel]]
kind = "sms_aliyun"
account = "aliyun"
key_id = "AKIDexample"
secret = "s3cret"
sign = "沙盒政务公开"
template = "SMS_200000001"
wording = "${{title}}。详见：${{link}}，拒收请回复R"
fields = {{ title = "title", link = "link" }}
price = 0.045
base_url = "{url}"
"""

PATHS = {
    ("wechat_notice", "trial"): "/cgi-bin/message/subscribe/bizsend",
    ("wechat_template", "trial"): "/cgi-bin/message/template/send",
    ("wechat_custom", "trial"): "/cgi-bin/message/custom/send",
    ("wechat_mass", "trial"): "/cgi-bin/message/mass/send",
    ("email", "office"): "smtp",
    ("sms", "tencent"): "/",
    ("sms", "aliyun"): "/",
}


@dataclass
class Sandbox:
    """What a test asks of the sandbox, and the channels that send to it."""

    http: httpx2.Client
    channels: Channels
    numbers: Iterator[int]

    def control(self, name: str, given: dict[str, Any]) -> Any:
        answer = self.http.post(f"/sandbox/control/{name}", json=given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def arrived(self, keyword: str) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.http.get("/sandbox/control/messages").json()
        return [
            message for message in messages if keyword in json.dumps(message, ensure_ascii=False)
        ]

    def letters(self, channel: Channel) -> list[Letter]:
        """Two letters that nobody else got."""
        number = next(self.numbers)
        addresses = {
            "wechat": PEOPLE[:2],
            "email": ["anna@example.cn", "ben@example.cn"],
            "sms": ["13800138001", "13800138002"],
        }[channel.medium]
        return [
            Letter(
                delivery=place,
                key=f"push{number}x{place}",
                address=address,
                title=f"第{number}号通知",
                text="个人缴费标准调整为每人每年 400 元。",
                link="https://zwgk.example.cn/notices/1",
                leave="https://zwgk.example.cn/leave/abc",
                fields={"issuer": "高要区医保局", "date": "2026年11月21日"},
            )
            for place, address in enumerate(addresses, 1)
        ]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    ledger = tmp_path_factory.mktemp("sandbox") / "ledger.db"
    command = [sys.executable, "-m", "bot.sandbox.strict", "--ledger", str(ledger)]
    command += ["--latency", "0", "--smtp-port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()


@pytest.fixture(scope="module")
def sandbox(process: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    directory = tmp_path_factory.mktemp("office")
    account = process["accounts"][0]
    text = SETTINGS.format(
        app_id=account["app_id"],
        secret=account["app_secret"],
        url=process["address"],
        smtp_port=process["smtp_port"],
    )
    (directory / "zwgk.toml").write_text(text, encoding="utf-8")
    settings = load_settings(directory / "zwgk.toml", {})
    database = open_sqlite(directory / "zwgk.db")
    migrate(database)
    vault = Vault("a secret of thirty-two characters")
    opened = open_channels(settings.wechat, settings.channel, database, vault, china_clock)
    with opened, httpx2.Client(base_url=process["address"], timeout=60) as http:
        sandbox = Sandbox(http, opened, iter(range(1, 1_000_000)))
        sandbox.control("followers", {"account": "trial", "count": 400, "agreed": [LONG]})
        yield sandbox
    database.close()


@pytest.fixture(params=PATHS, ids="-".join)
def channel(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Channel]:
    sandbox.control("faults", {"rules": []})
    sandbox.control("wrote", {"account": "trial", "openids": PEOPLE})
    yield sandbox.channels.by_key[request.param]
    sandbox.control("faults", {"rules": []})


@pytest.fixture
def breaking(sandbox: Sandbox, channel: Channel) -> Callable[[str], None]:
    """Have the channel's next calls go wrong."""

    def breaking(kind: str) -> None:
        path = PATHS[channel.name, channel.account]
        sandbox.control("faults", {"rules": [{"path": path, "kind": kind, "since": 1}]})

    return breaking


def title(letters: list[Letter]) -> str:
    return letters[0].title


def test_what_is_accepted_arrives_once(sandbox: Sandbox, channel: Channel) -> None:
    letters = sandbox.letters(channel)
    outcomes = channel.hand(letters)
    assert [outcome.fate for outcome in outcomes] == [Fate.ACCEPTED] * 2, outcomes
    if channel.accounting is Accounting.PER_PERSON:
        assert len(sandbox.arrived(title(letters))) == 2


@pytest.mark.parametrize("kind", ["error_after", "reset_after", "page_after", "broken_after"])
def test_what_may_have_arrived_is_never_told_as_not_sent(
    sandbox: Sandbox, channel: Channel, breaking: Callable[[str], None], kind: str
) -> None:
    if channel.name == "email" and kind in ("error_after", "page_after", "broken_after"):
        pytest.skip("a mail server's answer is a code or none")
    letters = sandbox.letters(channel)
    channel.probe()  # the token is there
    breaking(kind)
    assert [outcome.fate for outcome in channel.hand(letters)] == [Fate.UNKNOWN] * 2


@pytest.mark.parametrize("kind", ["error_before", "reset_before", "page_before", "busy", "quota"])
def test_what_is_told_as_not_sent_did_not_arrive(
    sandbox: Sandbox, channel: Channel, breaking: Callable[[str], None], kind: str
) -> None:
    letters = sandbox.letters(channel)
    channel.probe()
    breaking(kind)
    fates = {outcome.fate for outcome in channel.hand(letters)}
    if channel.medium == "wechat":
        allowed = {"busy": {Fate.LATER}, "quota": {Fate.CLOSED}}.get(kind, {Fate.UNKNOWN})
    else:
        allowed = {Fate.UNKNOWN, Fate.LATER, Fate.REFUSED, Fate.CLOSED}
    assert fates <= allowed
    assert not sandbox.arrived(title(letters))


@pytest.mark.parametrize("name", ["wechat_template", "wechat_mass"])
def test_a_repetition_of_what_the_platform_has_arrives_once(sandbox: Sandbox, name: str) -> None:
    channel = sandbox.channels.by_key[name, "trial"]
    letters = sandbox.letters(channel)
    rule = {"path": PATHS[name, "trial"], "kind": "reset_after", "calls": [1, 2]}
    sandbox.control("faults", {"rules": [rule]})
    first = {outcome.fate for outcome in channel.hand(letters)}
    sandbox.control("faults", {"rules": []})
    again = channel.hand(letters)
    assert first == {Fate.UNKNOWN}
    assert {outcome.fate for outcome in again} == {Fate.ACCEPTED}
    # Of a template message the platform says only that it was sent, not which one it was.
    assert all(outcome.ref for outcome in again) or name == "wechat_template"
    assert (
        sandbox.http.get(f"/sandbox/control/received?push={letters[0].key}").json()["duplicates"]
        == 0
    )


def test_a_killed_token_is_cured_on_the_way(sandbox: Sandbox) -> None:
    channel = sandbox.channels.by_key["wechat_notice", "trial"]
    channel.probe()
    sandbox.control("tokens", {"account": "trial", "end": "killed"})
    assert {one.fate for one in channel.hand(sandbox.letters(channel))} == {Fate.ACCEPTED}


def test_who_did_not_agree_or_write_gets_nothing(sandbox: Sandbox) -> None:
    stranger = Letter(1, "k-stranger", "oNobody", "通知", "正文", "https://zwgk.example.cn/n/1")
    silent = Letter(2, "k-silent", "oSandbox_many_00000399", "通知", "正文", "")
    custom = sandbox.channels.by_key["wechat_custom", "trial"]
    first, second = custom.hand([stranger, silent])
    assert (first.fate, first.gone) == (Fate.REFUSED, True)
    assert (second.fate, second.gone, second.code) == (Fate.REFUSED, False, "45015")


@pytest.mark.parametrize("key", [key for key in PATHS if key[0] != "sms"], ids="-".join)
def test_the_account_may_use_its_channels(sandbox: Sandbox, key: tuple[str, str]) -> None:
    sandbox.control("faults", {"rules": []})
    capability = sandbox.channels.by_key[key].probe()
    assert capability.usable, capability.why


def test_short_messages_can_be_asked_for(sandbox: Sandbox) -> None:
    for account in ("tencent", "aliyun"):
        channel = sandbox.channels.by_key["sms", account]
        letters = sandbox.letters(channel)
        refs = [outcome.ref for outcome in channel.hand(letters)]
        assert told(channel, letters, refs) == {Fate.DELIVERED}, account


def told(channel: Channel, letters: list[Letter], refs: list[str]) -> set[Fate]:
    """What the provider says in the end: reports take a moment."""
    for _ in range(600):
        fates = {outcome.fate for outcome in channel.settle(letters, refs)}
        if fates == {Fate.DELIVERED}:
            return fates
        time.sleep(0.1)
    return fates


def test_tags_codes_and_the_menu_are_set(sandbox: Sandbox) -> None:
    sandbox.control("faults", {"rules": []})
    platform = sandbox.channels.platforms["trial"]
    people = {f"oSandbox_many_{number:08d}" for number in range(1, 121)}
    synced = tags.sync(platform, "高龄津贴", people)
    assert (synced.added, synced.strangers) == (120, frozenset())
    assert set(tags.wearers(platform, synced.tag)) == people
    fewer = set(sorted(people)[:100])
    assert tags.sync(platform, "高龄津贴", fewer) == tags.Synced(synced.tag, 0, 20)
    assert qr.permanent(platform, "g.elderly").url.startswith("http")
    menu.set_menu(platform, [menu.Button("订阅", key="订阅")])
