"""Who speaks is the platform: signatures, their age, and the encryption of messages.

The platform's rules (消息加解密说明): a signature is the SHA-1 of the sorted and joined token,
timestamp, nonce and, as ``msg_signature``, cipher text; the cipher is AES-256-CBC over 16 random
bytes, a length, the message and the AppID. wechatpy does the cipher; the checks around it are ours,
because its own compare in variable time, accept an empty token, and let odd cipher text raise
anything.
"""

import base64
import hmac
import re
import secrets
import struct
from dataclasses import dataclass

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException
from wechatpy.utils import WeChatSigner

from catalogue_index.errors import Refused

REPLAY_SECONDS = 600
"""How far a signature's timestamp may be from our clock. A repeated nonce is no ground for refusal:
the platform may use it again when it delivers a message again, and that is told by its key."""


class Forged(Refused):
    """Not from the platform, or not as the account is set up.

    ``reason`` is for the log: unsigned, stale, signature, clear, encrypted, unreadable, cipher or
    app_id.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason = reason


_SENTENCES = {
    "unsigned": "请求没有签名，不是微信平台发来的。",
    "stale": "请求的时间与本机相差超过十分钟。请核对服务器时间。",
    "signature": "签名不符。请核对令牌(Token)是否与公众平台一致。",
    "clear": "收到明文消息，而本公众号设为安全或兼容模式。请核对公众平台的消息加解密方式。",
    "encrypted": "收到密文消息，而本公众号设为明文模式。请核对公众平台的消息加解密方式。",
    "unreadable": "收到的内容不是 XML 或 JSON，不是微信平台发来的。",
    "cipher": "密文解不开。请核对消息加解密密钥(EncodingAESKey)是否与公众平台一致。",
    "app_id": "消息属于另一个公众号。请核对 AppID 是否与公众平台一致。",
}


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it stands in the address of a request."""

    value: str
    timestamp: str
    nonce: str


def sign(token: str, timestamp: str, nonce: str, *more: str) -> str:
    """The platform's signature: 40 hexadecimal digits."""
    signer = WeChatSigner()
    signer.add_data(token, timestamp, nonce, *more)
    signature: str = signer.signature
    return signature


def check(token: str, signature: Signature, now: float, *more: str) -> None:
    """Raise ``Forged`` unless ``signature`` was made with ``token`` over ``more``, about now."""
    if not (token and signature.nonce and re.fullmatch(r"[0-9a-f]{40}", signature.value)):
        raise Forged("unsigned")
    # The pieces are joined with nothing between: digits only, so that none can lend to another.
    if not re.fullmatch(r"[0-9]{1,12}", signature.timestamp):
        raise Forged("unsigned")
    expected = sign(token, signature.timestamp, signature.nonce, *more)
    if not hmac.compare_digest(expected.encode(), signature.value.encode()):
        raise Forged("signature")
    if abs(int(signature.timestamp) - now) > REPLAY_SECONDS:
        raise Forged("stale")


class Cipher:
    """The encryption of one account: its EncodingAESKey and AppID."""

    def __init__(self, encoding_aes_key: str, app_id: str) -> None:
        # The 43rd character carries two spare bits, which Python's decoder lets be anything.
        self._prp = _SecretPrp(base64.b64decode(encoding_aes_key + "="))
        self._app_id = app_id

    def encrypt(self, text: str) -> str:
        """``text`` as cipher text; twice the same text gives two different results."""
        encrypted: bytes = self._prp.encrypt(text, self._app_id)
        return encrypted.decode()

    def decrypt(self, encrypted: str) -> str:
        """The text that was encrypted; raises ``Forged``, whatever is wrong with it."""
        try:
            text: str = self._prp.decrypt(encrypted, self._app_id)
        except InvalidAppIdException:
            raise Forged("app_id") from None
        except (ValueError, IndexError, struct.error):
            raise Forged("cipher") from None
        return text


class _SecretPrp(PrpCrypto):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy draws these 16 bytes from ``random``, which an onlooker can predict."""

    def get_random_string(self) -> bytes:
        return secrets.token_bytes(16)
