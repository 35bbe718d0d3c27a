import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
import xmltodict
from werobot.crypto import MessageCrypt

from bot.dialog.model import Incoming, Option, Reply
from bot.settings import Mode
from bot.wechat.webhook import APOLOGY, BODY_LIMIT

Serve = Callable[[Mode], Any]


def test_message_in_safe_mode_is_answered_encrypted(platform: Any) -> None:
    reply = platform.open(platform.post_sealed(platform.xml(Content="低保怎么申请")))

    assert reply == {
        "ToUserName": "o-anna",
        "FromUserName": "gh_10f6c3c3ac5a",
        "CreateTime": str(platform.clock.timestamp),
        "MsgType": "text",
        "Content": "text:低保怎么申请:1",
    }


def test_message_in_json_is_answered_in_json(platform: Any) -> None:
    fields = platform.fields(Content="低保怎么申请", CreateTime=platform.clock.timestamp)

    response = platform.post_sealed(json.dumps(fields, ensure_ascii=False))

    assert response.headers["content-type"].startswith("application/json")
    assert platform.open(response)["Content"] == "text:低保怎么申请:1"
    assert platform.open(response)["CreateTime"] == platform.clock.timestamp


def test_two_replies_share_neither_nonce_nor_cipher_text(platform: Any) -> None:
    body = platform.xml(Content="a")
    outers = [xmltodict.parse(platform.post_sealed(body).text)["xml"] for _ in range(2)]

    assert outers[0]["Nonce"] != outers[1]["Nonce"]
    assert outers[0]["Encrypt"] != outers[1]["Encrypt"]


def test_account_gives_its_area(platform: Any, dialog: Any) -> None:
    platform.say("a")

    assert dialog.heard == [Incoming("text", "a", "441204")]


@pytest.mark.parametrize("mode", [Mode.SAFE, Mode.COMPATIBLE, Mode.PLAIN])
def test_address_is_verified_with_the_bare_echo(serve: Serve, mode: Mode) -> None:
    platform = serve(mode)
    response = platform.client.get(
        "/wechat/gaoyao", params={**platform.address(), "echostr": "<b>4375120948345356249"}
    )

    assert response.status_code == 200
    assert response.text == "<b>4375120948345356249"
    assert response.headers["content-type"].startswith("text/plain")


def test_echo_comes_only_after_the_check(platform: Any) -> None:
    address = {**platform.address(), "echostr": "secret", "signature": "0" * 40}

    response = platform.client.get("/wechat/gaoyao", params=address)

    assert (response.status_code, response.text) == (403, "")


def test_message_signature_does_not_verify_an_address(platform: Any) -> None:
    address, _ = platform.sealed("<xml/>")
    del address["signature"]

    response = platform.client.get("/wechat/gaoyao", params={**address, "echostr": "x"})

    assert response.status_code == 403


def test_unknown_account_is_not_found(platform: Any) -> None:
    assert platform.client.get("/wechat/other", params=platform.address()).status_code == 404
    assert platform.client.post("/wechat/other", params=platform.address()).status_code == 404


def forgeries(platform: Any) -> dict[str, tuple[dict[str, str], str]]:
    address, encrypted = platform.sealed(platform.xml(Content="a"))
    wrap = "<xml><ToUserName>gh</ToUserName><Encrypt>{}</Encrypt></xml>".format
    clear = platform.xml(Content="a")
    without = {name: value for name, value in address.items() if name != "msg_signature"}
    other_app = MessageCrypt("t0ken-of-account", platform_key(), "wx0000000000000000")
    of_other_app = other_app.prp_crypto.encrypt(clear, "wx0000000000000000").decode()
    other_key = MessageCrypt("t0ken-of-account", "B" * 43, "wx2c2769f8efd9abc2")
    with_other_key = other_key.prp_crypto.encrypt(clear, "wx2c2769f8efd9abc2").decode()
    signed = lambda text: platform.address(text, name="msg_signature")  # noqa: E731
    return {
        "no address": ({}, wrap(encrypted)),
        "no signature": (without, wrap(encrypted)),
        "clear signature only": (platform.address(), wrap(encrypted)),
        "wrong signature": ({**address, "msg_signature": "0" * 40}, wrap(encrypted)),
        "empty signature": ({**address, "msg_signature": ""}, wrap(encrypted)),
        "odd signature": ({**address, "msg_signature": "签" * 40}, wrap(encrypted)),
        "no nonce": ({**address, "nonce": ""}, wrap(encrypted)),
        "moved digit": (
            {
                **address,
                "timestamp": address["timestamp"] + address["nonce"][0],
                "nonce": address["nonce"][1:],
            },
            wrap(encrypted),
        ),
        "timestamp no number": ({**address, "timestamp": "now"}, wrap(encrypted)),
        "other cipher text": (address, wrap(encrypted[:-4] + "AAA=")),
        "clear text": (platform.address(), clear),
        "clear text, message signature": (address, clear),
        "empty cipher text": (signed(""), wrap("")),
        "short cipher text": (signed("AAAA"), wrap("AAAA")),
        "cipher text no base64": (signed("密文"), wrap("密文")),
        "cipher text one block": (signed("A" * 24), wrap("A" * 22 + "==")),
        "cipher text one short block": (signed("A" * 22 + "=="), wrap("A" * 22 + "==")),
        "cipher text of zeros": (signed("A" * 128), wrap("A" * 128)),
        "another account's": (signed(of_other_app), wrap(of_other_app)),
        "another key's": (signed(with_other_key), wrap(with_other_key)),
        "garbage": (address, "garbage"),
        "nothing": (address, ""),
        "entity bomb": (
            address,
            '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Encrypt>&a;</Encrypt></xml>',
        ),
        "deep": (address, "[" * 60_000),
    }


def platform_key() -> str:
    return "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.mark.parametrize("mode", [Mode.SAFE, Mode.COMPATIBLE])
def test_what_is_not_the_platform_is_refused_without_detail(
    serve: Serve, dialog: Any, mode: Mode
) -> None:
    platform = serve(mode)
    for name, (address, content) in forgeries(platform).items():
        response = platform.post(address, content)
        assert (response.status_code, response.content) == (403, b""), name

    assert dialog.heard == []


@pytest.mark.parametrize("seconds", [-601, 601])
@pytest.mark.parametrize("mode", list(Mode))
def test_stale_request_is_refused_in_every_mode(
    serve: Serve, dialog: Any, mode: Mode, seconds: int
) -> None:
    platform = serve(mode)
    body = platform.xml(Content="a")
    address, encrypted = platform.sealed(body)
    content = body if mode is Mode.PLAIN else f"<xml><Encrypt>{encrypted}</Encrypt></xml>"
    platform.clock.pass_seconds(seconds)

    assert platform.post(address, content).status_code == 403
    assert dialog.heard == []
    platform.clock.pass_seconds(-seconds + (599 if seconds > 0 else -599))
    assert platform.post(address, content).status_code == 200


def test_compatible_mode_believes_the_encrypted_part_only(serve: Serve) -> None:
    platform = serve(Mode.COMPATIBLE)
    address, encrypted = platform.sealed(platform.xml(Content="真"))
    clear = platform.xml(Content="假")
    both = clear.replace("</xml>", f"<Encrypt>{encrypted}</Encrypt></xml>")

    assert platform.open(platform.post(address, both))["Content"] == "text:真:1"


def test_plain_mode_answers_in_clear(serve: Serve) -> None:
    platform = serve(Mode.PLAIN)
    response = platform.post(platform.address(), platform.xml(Content="a ]]> b"))

    reply = xmltodict.parse(response.text)["xml"]
    assert reply["Content"] == "text:a ]]> b:1"
    assert reply["MsgType"] == "text"


def test_plain_mode_in_json(serve: Serve) -> None:
    platform = serve(Mode.PLAIN)
    response = platform.post(platform.address(), json.dumps(platform.fields(Content="a")))

    assert response.json()["Content"] == "text:a:1"


def test_plain_mode_refuses_unsigned_and_encrypted(serve: Serve, dialog: Any) -> None:
    platform = serve(Mode.PLAIN)
    address, encrypted = platform.sealed(platform.xml(Content="a"))

    assert platform.post({}, platform.xml(Content="a")).status_code == 403
    assert platform.post(address, f"<xml><Encrypt>{encrypted}</Encrypt></xml>").status_code == 403
    assert dialog.heard == []


def test_large_body_is_refused_and_the_largest_allowed_is_read(platform: Any) -> None:
    assert platform.post(platform.address(), b"x" * (BODY_LIMIT + 1)).status_code == 413
    assert platform.post(platform.address(), b"x" * BODY_LIMIT).status_code == 403


def test_each_delivery_gets_the_same_reply_and_is_handled_once(platform: Any) -> None:
    body = platform.xml(Content="a")
    replies = []
    for _ in range(4):
        replies.append(platform.open(platform.post_sealed(body))["Content"])
        platform.clock.pass_seconds(5)

    assert replies == ["text:a:1"] * 4
    assert platform.say("b") == "text:b:2"


def test_one_number_of_two_people_is_two_messages(platform: Any) -> None:
    anna = platform.xml(person="o-anna", Content="a", MsgId="1234567890123456")
    ben = platform.xml(person="o-ben", Content="b", MsgId="1234567890123456")

    assert platform.open(platform.post_sealed(anna))["Content"] == "text:a:1"
    assert platform.open(platform.post_sealed(ben))["Content"] == "text:b:1"


def test_two_events_of_one_second_are_two(platform: Any, dialog: Any) -> None:
    for key in ("menu-a", "menu-b", "menu-b"):
        platform.post_sealed(platform.xml("event", Event="CLICK", EventKey=key))

    replies = [incoming.text for incoming in dialog.heard]
    assert platform.say("c") == "text:c:3"
    assert set(replies) == {"menu-a", "menu-b"}


def test_event_without_reply_gets_the_bare_success(platform: Any) -> None:
    response = platform.post_sealed(platform.xml("event", Event="VIEW", EventKey="https://a.cn"))

    assert (response.status_code, response.text) == (200, "success")


@pytest.mark.parametrize("event", ["unsubscribe", "user_authorization_revoke"])
def test_who_leaves_is_forgotten(platform: Any, event: str) -> None:
    platform.say("a", person="o-anna")
    nodes = {"Event": event} if event == "unsubscribe" else {"Event": event, "OpenID": "o-anna"}
    sender = "o-anna" if event == "unsubscribe" else "o-of-the-platform"

    assert platform.post_sealed(platform.xml("event", sender, **nodes)).text == "success"
    assert platform.say("b", person="o-anna") == "text:b:1"


def test_long_reply_continues_with_more(platform: Any, dialog: Any) -> None:
    sentences = [f"第{number}项，由县级人民政府信息公开工作主管部门负责。" for number in range(80)]
    dialog.replies["长"] = Reply("".join(sentences), page="/faq/guangdong-2020-notice-2")
    body = platform.xml(Content="长")
    parts = [platform.open(platform.post_sealed(body))["Content"]]
    assert platform.open(platform.post_sealed(body))["Content"] == parts[0]
    while "msgmenucontent=更多" in parts[-1]:
        parts.append(platform.say("更多"))

    assert len(parts) > 2
    assert all(len(part.encode()) <= 2048 for part in parts)
    assert "https://zwgk.example.cn/faq/guangdong-2020-notice-2" in parts[0]
    assert "".join(part.split("\n\n<a ")[0] for part in parts) == "".join(sentences)


def test_options_are_tappable_lines(platform: Any, dialog: Any) -> None:
    dialog.replies["低保"] = Reply(
        "您想问哪一项？",
        options=(Option("低保标准", "低保标准是多少"), Option("低保申请", "低保怎么申请")),
    )

    assert platform.say("低保") == (
        "您想问哪一项？\n\n"
        '1. <a href="weixin://bizmsgmenu?msgmenucontent=低保标准是多少&msgmenuid=1">低保标准</a>\n'
        '2. <a href="weixin://bizmsgmenu?msgmenucontent=低保怎么申请&msgmenuid=2">低保申请</a>'
    )


def test_failure_of_the_dialog_becomes_an_apology(platform: Any, counted: list[Any]) -> None:
    assert platform.say("出错") == APOLOGY
    assert counted == [("gaoyao", "failed")]
    assert platform.say("a") == "text:a:1"


def test_locked_database_becomes_an_apology(platform: Any, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "zwgk.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    apology = platform.say("a")
    view = platform.post_sealed(platform.xml("event", Event="VIEW", EventKey="x"))
    other.close()

    assert apology == APOLOGY
    assert view.text == "success"
    assert platform.say("a") == "text:a:1"


@pytest.mark.parametrize("body", ["<xml></xml>", "<xml><a/></xml>", "plain words", '{"a": 1}', "{"])
def test_unreadable_message_of_the_platform_gets_success(
    platform: Any, dialog: Any, body: str
) -> None:
    response = platform.post_sealed(body)

    assert (response.status_code, response.text) == (200, "success")
    assert dialog.heard == []


def test_control_characters_of_a_phone_are_no_hindrance(platform: Any) -> None:
    body = platform.xml(Content="低CONTROL保").replace("CONTROL", "\x0b\x08\uffff")

    assert platform.open(platform.post_sealed(body))["Content"] == "text:低保:1"


def test_log_has_one_line_a_request_and_nobodys_words(platform: Any, counted: list[Any]) -> None:
    with structlog.testing.capture_logs() as lines:
        platform.say("低保怎么申请")
        platform.say("出错")
        platform.post({}, platform.xml(Content="低保"))
        platform.post_sealed(platform.xml("event", Event="VIEW", EventKey="x"))

    assert [line["outcome"] for line in lines] == ["answered", "failed", "refused", "silent"]
    assert [outcome for _, outcome in counted] == ["answered", "failed", "refused", "silent"]
    assert lines[1]["error"] == "ZeroDivisionError"
    assert lines[2]["reason"] == "clear"
    assert not any(word in str(lines) for word in ("低保", "出错", "o-anna", "t0ken"))


def test_repeated_delivery_is_counted_as_such(platform: Any, counted: list[Any]) -> None:
    body = platform.xml(Content="a")
    platform.post_sealed(body)
    platform.post_sealed(body)

    assert counted == [("gaoyao", "answered"), ("gaoyao", "repeated")]
