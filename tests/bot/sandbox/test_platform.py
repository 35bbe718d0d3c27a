"""The platform's protocol against WeRoBot's crypto and against known values."""

import base64
from contextlib import suppress

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st
from werobot.crypto import MessageCrypt
from werobot.parser import parse_xml

from bot.sandbox import platform
from bot.sandbox.account import Account
from bot.sandbox.platform import BadReply

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SAFE = Account("a", "wx0123456789abcdef", "token", KEY, "safe")
COMPATIBLE = Account("a", SAFE.app_id, "token", KEY, "compatible")
PLAIN = Account("a", SAFE.app_id, "token", "", "plain")
CRYPT = MessageCrypt(SAFE.token, SAFE.encoding_aes_key, SAFE.app_id)
SEAL = {"openid": "o1", "timestamp": "1760000000", "nonce": "77", "random16": b"0123456789abcdef"}
TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=300)


def wrapped(**fields):
    return "<xml>" + "".join(f"<{k}>{v}</{k}>" for k, v in fields.items()) + "</xml>"


def enveloped(cipher, *, token=SAFE.token, timestamp="1", nonce="2"):
    signature = platform.signature(token, timestamp, nonce, cipher)
    return wrapped(
        Encrypt=cipher, MsgSignature=signature, TimeStamp=timestamp, Nonce=nonce
    ).encode()


def test_signature_of_the_worked_example_in_the_documentation():
    signature = platform.signature("AAAAA", "1714036504", "1514711492")
    assert signature == "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_address_check_is_signed_without_the_echo():
    query = platform.verification(SAFE, timestamp="1714036504", nonce="1514711492", echo="e")
    assert query["signature"] == platform.signature("token", "1714036504", "1514711492")
    assert query["echostr"] == "e"


@given(TEXT, st.binary(min_size=16, max_size=16))
def test_what_we_seal_another_implementation_opens(message, random16):
    xml = f"<xml>{message}</xml>"
    parcel = platform.seal(xml, SAFE, **{**SEAL, "random16": random16})
    opened = CRYPT.decrypt_message(
        parcel.query["timestamp"],
        parcel.query["nonce"],
        parcel.query["msg_signature"],
        parse_xml(parcel.body)["Encrypt"],
    )
    assert opened.decode() == xml


@given(TEXT)
def test_what_another_implementation_seals_we_open(message):
    assert platform.open_reply(CRYPT.encrypt_message(message).encode(), SAFE) == message


def test_safe_mode_shows_nothing_but_the_account():
    parcel = platform.seal("<xml><Content>密</Content></xml>", SAFE, **SEAL)
    assert set(xmltodict.parse(parcel.body)["xml"]) == {"ToUserName", "Encrypt"}
    assert parcel.query["encrypt_type"] == "aes"
    assert parcel.query["openid"] == "o1"


def test_compatible_mode_sends_both_and_plain_mode_only_the_clear_text():
    xml = "<xml><Content>明</Content></xml>"
    both = xmltodict.parse(platform.seal(xml, COMPATIBLE, **SEAL).body)["xml"]
    assert set(both) == {"Content", "Encrypt"}
    parcel = platform.seal(xml, PLAIN, **SEAL)
    assert parcel.body == xml
    assert "msg_signature" not in parcel.query


@pytest.mark.parametrize("silence", [b"", b"success"])
@pytest.mark.parametrize("account", [SAFE, COMPATIBLE, PLAIN])
def test_silence_is_never_encrypted(silence, account):
    assert platform.open_reply(silence, account) == ""


def test_each_mode_takes_the_replies_it_allows():
    clear, sealed = b"<xml></xml>", CRYPT.encrypt_message("<xml></xml>").encode()
    assert platform.open_reply(clear, PLAIN) == "<xml></xml>"
    assert platform.open_reply(clear, COMPATIBLE) == "<xml></xml>"
    assert platform.open_reply(sealed, COMPATIBLE) == "<xml></xml>"
    with pytest.raises(BadReply, match="安全模式下回复必须加密"):
        platform.open_reply(clear, SAFE)
    with pytest.raises(BadReply, match="明文模式下回复不应加密"):
        platform.open_reply(sealed, PLAIN)


def sealed_bytes(plain):
    encryptor = platform._cipher(SAFE).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def padded(content):
    missing = 32 - len(content) % 32
    return content + bytes([missing]) * missing


LENGTH_IN_CHARACTERS = padded(b"0" * 16 + (99).to_bytes(4, "big") + b"x" + SAFE.app_id.encode())
OTHER_ACCOUNT = padded(b"0" * 16 + (1).to_bytes(4, "big") + b"x" + b"wxother")
NOT_UTF8 = padded(b"0" * 16 + (1).to_bytes(4, "big") + b"\xff" + SAFE.app_id.encode())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b'{"MsgType": "text"}', "JSON"),
        (b"<xml><Content>", "不是完整的 XML"),
        (b"plain words", "不是完整的 XML"),
        (b"<reply></reply>", "根标签应为 <xml>"),
        (b"<xml><a>\x0b</a></xml>", "控制字符 U\\+000B"),
        (b'<!DOCTYPE xml [<!ENTITY a "b">]><xml>&a;</xml>', "DOCTYPE"),
        (b"<xml><MsgType>text</MsgType><MsgType>image</MsgType></xml>", "不止一次"),
        (wrapped(Encrypt="x", TimeStamp="1", Nonce="2").encode(), "缺少 MsgSignature"),
        (
            enveloped(platform.encrypt("<xml/>", SAFE, b"0" * 16), token="other"),
            "MsgSignature 不对",
        ),
        (enveloped("不是密文"), "Base64"),
        (enveloped("YWJj"), "不是 32 的倍数"),
        (enveloped(sealed_bytes(b"\x00" * 32)), "补位不对"),
        (enveloped(sealed_bytes(b"0" * 30 + b"\x01\x02")), "补位不对"),
        (enveloped(sealed_bytes(LENGTH_IN_CHARACTERS)), "长度字段不对"),
        (enveloped(sealed_bytes(OTHER_ACCOUNT)), "AppID"),
        (enveloped(sealed_bytes(NOT_UTF8)), "不是 UTF-8"),
    ],
)
def test_unacceptable_replies_are_named(body, reason):
    with pytest.raises(BadReply, match=reason):
        platform.open_reply(body, SAFE)


@given(st.binary(max_size=200))
def test_any_bytes_are_opened_or_refused(body):
    for account in (SAFE, COMPATIBLE, PLAIN):
        with suppress(BadReply):
            assert isinstance(platform.open_reply(body, account), str)


@given(st.data())
def test_one_changed_bit_of_a_sealed_reply_is_noticed(data):
    sealed = bytearray(CRYPT.encrypt_message("<xml>原文</xml>").encode())
    start, end = sealed.index(b"CDATA[") + 6, sealed.index(b"]]>")
    place = data.draw(st.integers(start, end - 1))
    sealed[place] ^= 1
    with pytest.raises(BadReply):
        platform.open_reply(bytes(sealed), SAFE)
