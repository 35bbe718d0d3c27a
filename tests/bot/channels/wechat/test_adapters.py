"""Every adapter of the platform over real HTTP: what is sent, and how sure each outcome is."""

import logging
import socketserver
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bot.channels.calling import Failed, call, open_http, way_out
from bot.channels.filling import Template
from bot.channels.options import Style
from bot.channels.port import Accounting, Channel, Fate, Letter, Outcome
from bot.channels.tokens import Fetched, Tokens
from bot.channels.wechat.client import Platform
from bot.channels.wechat.custom import WeChatCustom
from bot.channels.wechat.mass import WeChatMass
from bot.channels.wechat.templated import NOTICE, TEMPLATE, WeChatTemplated
from bot.settings import AccountKind
from bot.storage.database import Database
from bot.storage.vault import Vault
from tests.fixtures.clock import Clock
from tests.fixtures.platform import MESSAGE_TEMPLATE, NOTICE_TEMPLATE, Server

FIELDS = {"thing1": "title", "thing2": "issuer", "date3": "date", "thing4": "=点击查看全文"}
PATHS = {
    "wechat_notice": "/cgi-bin/message/subscribe/bizsend",
    "wechat_template": "/cgi-bin/message/template/send",
    "wechat_custom": "/cgi-bin/message/custom/send",
    "wechat_mass": "/cgi-bin/message/mass/send",
}
Letters = Callable[..., Letter]


def all_channels(platform: Platform) -> dict[str, Channel]:
    channels: list[Channel] = [
        WeChatTemplated(NOTICE, platform, Template(NOTICE_TEMPLATE, FIELDS)),
        WeChatTemplated(TEMPLATE, platform, Template(MESSAGE_TEMPLATE, FIELDS)),
        WeChatCustom(platform),
        WeChatMass(platform, AccountKind.SERVICE),
    ]
    return {channel.name: channel for channel in channels}


@pytest.fixture(params=PATHS)
def channel(request: pytest.FixtureRequest, platform: Platform) -> Channel:
    return all_channels(platform)[request.param]


@pytest.fixture
def letters(letter: Letters) -> list[Letter]:
    return [letter("o-anna"), letter("o-ben", key="push-1/ben", delivery=2)]


def test_what_the_platform_takes_is_accepted(
    channel: Channel, letters: list[Letter], server: Server
) -> None:
    outcomes = channel.hand(letters)
    assert [outcome.fate for outcome in outcomes] == [Fate.ACCEPTED] * 2
    calls = server.sent(PATHS[channel.name])
    reached = [
        one for call in calls for one in (call["touser"] if len(calls) == 1 else [call["touser"]])
    ]
    assert reached == ["o-anna", "o-ben"]
    assert channel.forecast(letters[0]).fate is Fate.ACCEPTED
    assert channel.probe().usable


@pytest.mark.parametrize("broken", ["hang", "500", "html", "reset after", "reset before"])
def test_without_an_answer_the_outcome_is_unknown_and_nothing_is_repeated(
    channel: Channel, letters: list[Letter], server: Server, tokens: Tokens, broken: str
) -> None:
    tokens.get("gaoyao")
    path = PATHS[channel.name]
    server.breaks[path] = [broken] * 2
    outcomes = channel.hand(letters)
    assert [outcome.fate for outcome in outcomes] == [Fate.UNKNOWN] * 2
    attempts = 1 if channel.accounting is Accounting.AGGREGATE else 2
    assert len(server.sent(path)) == (0 if broken == "reset before" else attempts)


def test_without_a_connection_nothing_is_out(
    letters: list[Letter], database: Database, vault: Vault, clock: Clock, free_port: int
) -> None:
    tokens = Tokens(database, vault, clock, lambda *_: Fetched("t", 7200))
    with open_http(f"http://127.0.0.1:{free_port}") as http:
        for channel in all_channels(Platform(http, tokens, "gaoyao", clock)).values():
            assert [one.fate for one in channel.hand(letters)] == [Fate.LATER] * 2
            assert not channel.probe().usable


def test_each_letter_tells_that_it_leaves_before_the_platform_can_have_it(
    channel: Channel, letters: list[Letter], server: Server
) -> None:
    path, arrived = PATHS[channel.name], []
    channel.hand(
        [replace(one, leaving=lambda: arrived.append(len(server.sent(path)))) for one in letters]
    )
    together = channel.accounting is Accounting.AGGREGATE
    assert arrived == ([0, 0] if together else [0, 1])


def test_a_letter_that_has_to_stay_reaches_nobody(
    channel: Channel, letters: list[Letter], server: Server
) -> None:
    def stay() -> None:
        raise Failed(Outcome(Fate.LATER, code="late", why="等待太久"))

    outcomes = channel.hand([replace(one, leaving=stay) for one in letters])
    assert [(one.fate, one.code) for one in outcomes] == [(Fate.LATER, "late")] * 2
    assert not any(server.sent(PATHS[channel.name]))  # a head without a body at most
    assert [one.fate for one in channel.hand(letters)] == [Fate.ACCEPTED] * 2


def test_without_tls_nothing_is_out(
    letters: list[Letter], database: Database, vault: Vault, clock: Clock, server: Server
) -> None:
    tokens = Tokens(database, vault, clock, lambda *_: Fetched("t", 7200))
    with open_http(server.url.replace("http:", "https:")) as http:
        channel = WeChatCustom(Platform(http, tokens, "gaoyao", clock))
        assert [one.fate for one in channel.hand(letters)] == [Fate.LATER] * 2


def test_a_stranger_is_gone_and_the_next_letter_still_goes(
    platform: Platform, letter: Letters
) -> None:
    channel = WeChatCustom(platform)
    stranger, follower = channel.hand([letter("o-stranger"), letter("o-ben")])
    assert (stranger.fate, stranger.gone, stranger.code) == (Fate.REFUSED, True, "40003")
    assert "o-stranger" not in repr(stranger)
    assert follower.fate is Fate.ACCEPTED


@pytest.mark.parametrize(
    ("code", "fate", "gone", "until"),
    [
        (-1, Fate.LATER, False, None),
        (43004, Fate.REFUSED, True, None),
        (43101, Fate.REFUSED, False, None),
        (45009, Fate.CLOSED, False, "2026-11-22T00:00:00+08:00"),
        (45011, Fate.CLOSED, False, "2026-11-21T09:01:00+08:00"),
        (45015, Fate.REFUSED, False, None),
        (48001, Fate.CLOSED, False, "2026-11-22T00:00:00+08:00"),
        (50002, Fate.CLOSED, False, "2026-11-22T00:00:00+08:00"),
        (99999, Fate.LATER, False, None),
    ],
)
def test_codes_decide_what_becomes_of_a_letter(
    platform: Platform,
    server: Server,
    letter: Letters,
    code: int,
    fate: Fate,
    gone: bool,
    until: str | None,
) -> None:
    path = PATHS["wechat_custom"]
    server.codes[path] = [{"errcode": code, "errmsg": "no rid: 6715e2f1-1b2c-3d4e"}]
    [outcome] = WeChatCustom(platform).hand([letter()])
    assert (outcome.fate, outcome.gone, outcome.code) == (fate, gone, str(code))
    assert (outcome.until.isoformat() if outcome.until else None) == until
    assert "6715e2f1-1b2c-3d4e" in outcome.why
    assert len(server.sent(path)) == 1


def test_once_closed_the_rest_is_not_offered(
    platform: Platform, server: Server, letter: Letters
) -> None:
    path = PATHS["wechat_custom"]
    server.codes[path] = [
        {"errcode": 0},
        {"errcode": 45009, "errmsg": "reach max api daily quota limit"},
    ]
    outcomes = WeChatCustom(platform).hand([letter()] * 4)
    assert [outcome.fate for outcome in outcomes] == [Fate.ACCEPTED, *[Fate.CLOSED] * 3]
    assert len(server.sent(path)) == 2


def test_a_notice_fills_its_template(platform: Platform, server: Server, letter: Letters) -> None:
    channel = WeChatTemplated(NOTICE, platform, Template(NOTICE_TEMPLATE, FIELDS))
    [outcome] = channel.hand([letter()])
    [call] = server.sent(PATHS["wechat_notice"])
    assert call == {
        "touser": "o-anna",
        "template_id": NOTICE_TEMPLATE,
        "page": "https://zwgk.example.cn/notices/1",
        "data": {
            "thing1": {"value": "高要区2026年度城乡居民基本医疗保险…"},
            "thing2": {"value": "高要区医保局"},
            "date3": {"value": "2026年11月21日"},
            "thing4": {"value": "点击查看全文"},
        },
    }
    assert len(call["data"]["thing1"]["value"]) == 20
    assert outcome.ref.isdigit()


SCOPE = f"wechat_notice:{NOTICE_TEMPLATE}"


@pytest.mark.parametrize(("kind", "used"), [(2, SCOPE), (3, ""), (None, "")])
def test_a_one_time_consent_is_used_by_its_message(
    kind: int | None, used: str, platform: Platform, server: Server, letter: Letters
) -> None:
    listed = {"errcode": 0, "data": [{"priTmplId": NOTICE_TEMPLATE, "type": kind}]}
    asked = "/wxaapi/newtmpl/gettemplate"
    server.codes[asked] = [listed if kind else {"errcode": 48001, "errmsg": "api unauthorized"}]
    channel = WeChatTemplated(NOTICE, platform, Template(NOTICE_TEMPLATE, FIELDS))
    outcomes = [*channel.hand([letter()] * 3), *channel.hand([letter()])]
    assert [(one.fate, one.consent) for one in outcomes] == [(Fate.ACCEPTED, used)] * 4
    assert len(server.sent(asked)) == 1


def test_the_platform_says_when_a_consent_is_not_there(
    platform: Platform, server: Server, letter: Letters
) -> None:
    server.codes[PATHS["wechat_notice"]] = [{"errcode": 43101, "errmsg": "user refuse to accept"}]
    channel = WeChatTemplated(NOTICE, platform, Template(NOTICE_TEMPLATE, FIELDS))
    [outcome] = channel.hand([letter()])
    assert (outcome.fate, outcome.consent) == (Fate.REFUSED, SCOPE)


def test_what_cannot_be_filled_is_refused_before_the_platform_is_asked(
    platform: Platform, server: Server, letter: Letters
) -> None:
    channel = WeChatTemplated(NOTICE, platform, Template(NOTICE_TEMPLATE, FIELDS))
    bad = letter(fields={"issuer": "", "date": "明天"})
    [outcome] = channel.hand([bad])
    assert channel.forecast(bad) == outcome
    assert outcome.fate is Fate.REFUSED
    assert "thing2" in outcome.why
    assert "date3" in outcome.why
    assert not server.sent(PATHS["wechat_notice"])


def test_the_platform_knows_a_template_message_again(
    platform: Platform, server: Server, letter: Letters
) -> None:
    channel = WeChatTemplated(TEMPLATE, platform, Template(MESSAGE_TEMPLATE, FIELDS))
    server.breaks[PATHS["wechat_template"]] = ["reset after"]
    [first], [second] = channel.hand([letter()]), channel.hand([letter()])
    [other] = channel.hand([letter(key="push-1/anna/2")])
    assert [first.fate, second.fate, other.fate] == [Fate.UNKNOWN, Fate.ACCEPTED, Fate.ACCEPTED]
    assert len(server.once) == 2  # the repetition made no second message
    assert second.ref != other.ref


def test_a_missing_template_is_told_before_anything_is_sent(platform: Platform) -> None:
    for channel in (
        WeChatTemplated(NOTICE, platform, Template("gone", FIELDS)),
        WeChatTemplated(TEMPLATE, platform, Template("gone", FIELDS)),
    ):
        capability = channel.probe()
        assert not capability.usable
        assert "gone" in capability.why


@pytest.mark.parametrize("text", ["短文", "很长的正文" * 400, "𠮷" * 700])
def test_a_custom_text_fits_and_keeps_its_link(
    platform: Platform, server: Server, letter: Letters, text: str
) -> None:
    [outcome] = WeChatCustom(platform).hand([letter(text=text)])
    [call] = server.sent(PATHS["wechat_custom"])
    content = call["text"]["content"]
    assert outcome.fate is Fate.ACCEPTED
    assert len(content.encode()) <= 2048
    assert content.startswith("高要区2026年度")
    assert content.endswith("https://zwgk.example.cn/notices/1")


def test_a_custom_card_leads_to_the_notice(
    platform: Platform, server: Server, letter: Letters
) -> None:
    WeChatCustom(platform, Style.NEWS).hand([letter()])
    [call] = server.sent(PATHS["wechat_custom"])
    [card] = call["news"]["articles"]
    assert card["url"] == "https://zwgk.example.cn/notices/1"


def test_neither_token_nor_secret_nor_openid_reaches_a_log(
    platform: Platform, server: Server, letter: Letters, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.breaks[PATHS["wechat_custom"]] = ["reset after"]
    outcomes = WeChatCustom(platform).hand([letter(), letter("o-stranger"), letter()])
    told = caplog.text + repr(outcomes) + repr(letter())
    for secret in ("token-1", "s3cret", "o-anna", "o-stranger"):
        assert secret not in told


@contextmanager
def refusing(heads: list[str]) -> Iterator[str]:
    """Somebody who answers every call with 407, and remembers what was asked; gives the address."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while (line := self.rfile.readline().decode()).strip():
                heads.append(line.strip())
            self.wfile.write(b"HTTP/1.1 407 Log in\r\nContent-Length: 0\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()


@pytest.mark.parametrize("way", ["http://{}", "{}", "http://clerk:pass@{}"])
def test_a_proxy_that_wants_a_login_let_nothing_out(way: str) -> None:
    heads: list[str] = []
    with (
        refusing(heads) as address,
        open_http("https://api.example.cn", proxy=way.format(address)) as http,
        pytest.raises(Failed) as failed,
    ):
        call(http, "POST", "/", {})
    assert failed.value.outcome.fate is Fate.LATER
    assert "pass" not in repr(failed.value.outcome)
    assert heads[0].startswith("CONNECT api.example.cn:443 ")
    login = b64encode(b"clerk:pass").decode()
    assert any(login in head for head in heads) == ("clerk" in way)


def test_a_proxys_word_in_place_of_an_answer_let_nothing_out() -> None:
    with (
        refusing([]) as address,
        open_http(f"http://{address}") as http,
        pytest.raises(Failed, match="上网代理要求登录") as failed,
    ):
        call(http, "POST", "/", {})
    assert failed.value.outcome.fate is Fate.LATER


def test_the_way_out_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "inside.example.cn")
    assert way_out("https://api.example.cn") == "http://127.0.0.1:9"
    assert way_out("https://inside.example.cn") == ""
    assert way_out("http://127.0.0.1:8000") == ""
