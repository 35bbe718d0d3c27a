import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werobot.crypto import MessageCrypt
from werobot.utils import get_signature

from bot.wechat.crypto import Cipher, Forged, Signature, check, sign

APP_ID = "wx2c2769f8efd9abc2"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WEROBOT = MessageCrypt("t0ken", KEY, APP_ID).prp_crypto
TEXT = st.text(st.characters(codec="utf-8"), min_size=1)


def test_signature_of_the_platforms_page() -> None:
    # The worked example of the platform's message-push page.
    assert sign("AAAAA", "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"


@given(TEXT, st.integers(0, 10**12 - 1).map(str), TEXT, TEXT)
def test_signatures_equal_another_implementations(
    token: str, timestamp: str, nonce: str, encrypted: str
) -> None:
    expected = get_signature(token, timestamp, nonce, encrypted)

    assert sign(token, timestamp, nonce, encrypted) == expected
    check(token, Signature(expected, timestamp, nonce), float(timestamp), encrypted)


@given(TEXT)
def test_another_implementation_reads_what_we_encrypt(text: str) -> None:
    assert WEROBOT.decrypt(Cipher(KEY, APP_ID).encrypt(text), APP_ID).decode() == text


@given(TEXT)
def test_we_read_what_another_implementation_encrypts(text: str) -> None:
    assert Cipher(KEY, APP_ID).decrypt(WEROBOT.encrypt(text, APP_ID).decode()) == text


@given(st.text())
def test_whatever_is_no_cipher_text_is_one_refusal(text: str) -> None:
    with pytest.raises(Forged):
        Cipher(KEY, APP_ID).decrypt(text)


@given(st.binary(min_size=1).map(lambda body: body * 16))
def test_whatever_is_encrypted_wrongly_is_one_refusal(body: bytes) -> None:
    encryptor = WEROBOT.cipher.encryptor()
    encrypted = base64.b64encode(encryptor.update(body) + encryptor.finalize()).decode()

    with pytest.raises(Forged):
        Cipher(KEY, APP_ID).decrypt(encrypted)


def test_empty_token_signs_nothing() -> None:
    signature = Signature(sign("", "1714036504", "1"), "1714036504", "1")

    with pytest.raises(Forged) as caught:
        check("", signature, 1714036504)
    assert caught.value.reason == "unsigned"


def test_digits_cannot_move_from_the_nonce_to_the_timestamp() -> None:
    assert sign("t", "12", "3") == sign("t", "1", "23"), "the platform's rule has this gap"

    with pytest.raises(Forged) as caught:
        check("t", Signature(sign("t", "12", "3"), "1", "23"), 12 + 10_000)
    assert caught.value.reason == "stale"


def test_another_accounts_message_is_told_from_a_damaged_one() -> None:
    of_another = WEROBOT.encrypt("x", "wx0000000000000000").decode()

    with pytest.raises(Forged, match="另一个公众号"):
        Cipher(KEY, APP_ID).decrypt(of_another)
    with pytest.raises(Forged, match="密文解不开"):
        Cipher(KEY, APP_ID).decrypt("AAAA")
