"""The platform's side of the callback protocol: sign, encrypt, check and decrypt.

Written from the rules of 消息加解密说明 with the AES primitive alone, so that it checks the webhook
independently of the code that serves it.

    Refused
    └── BadReply     the platform would not take this reply; says why and what to change
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1
from hmac import compare_digest
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from catalogue_index.errors import Refused

from .account import COMPATIBLE, PLAIN, SAFE, Account

BLOCK = 32
"""PKCS#7 block of the platform, twice that of AES."""
_HEAD = 20
"""16 random bytes and 4 of length before the message."""


class BadReply(Refused):
    """The platform would turn this reply down and show the follower its failure notice."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One POST to the webhook: the query of its address and its body."""

    query: Mapping[str, str]
    body: str


def signature(*parts: str) -> str:
    """SHA-1 over ``parts`` sorted as strings and joined with nothing between, in lower-case hex."""
    return sha1("".join(sorted(parts)).encode()).hexdigest()


def verification(account: Account, *, timestamp: str, nonce: str, echo: str) -> dict[str, str]:
    """The query with which the platform asks whether an address is ours (接入验证)."""
    return {
        "signature": signature(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": echo,
    }


def seal(
    xml: str, account: Account, *, openid: str, timestamp: str, nonce: str, random16: bytes
) -> Parcel:
    """``xml`` as the platform pushes it in the account's mode."""
    query = {
        "signature": signature(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": openid,
    }
    if account.mode == PLAIN:
        return Parcel(query, xml)
    cipher = encrypt(xml, account, random16)
    query["encrypt_type"] = "aes"
    query["msg_signature"] = signature(account.token, timestamp, nonce, cipher)
    sealed = f"<Encrypt><![CDATA[{cipher}]]></Encrypt>"
    if account.mode == COMPATIBLE:
        return Parcel(query, xml.removesuffix("</xml>") + sealed + "</xml>")
    to = f"<ToUserName><![CDATA[{account.original_id}]]></ToUserName>"
    return Parcel(query, f"<xml>{to}{sealed}</xml>")


def open_reply(body: bytes, account: Account) -> str:
    """The clear XML of a reply, or "" for ``success`` and the empty reply, which mean silence.

    Raises ``BadReply`` for what the account's mode does not allow and for a broken envelope.
    """
    if body in (b"", b"success"):
        return ""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadReply("回复不是 UTF-8 编码。请以 UTF-8 返回。") from None
    if text.lstrip().startswith(("{", "[")):
        raise BadReply("推送用的是 XML，回复却是 JSON，微信不认。请返回 XML。")
    fields = parse(text)
    sealed = fields.find("Encrypt") is not None
    if account.mode == SAFE and not sealed:
        raise BadReply("安全模式下回复必须加密，收到的却是明文。请加密后返回。")
    if account.mode == PLAIN and sealed:
        raise BadReply("明文模式下回复不应加密。请返回明文 XML。")
    return _unseal(fields, account) if sealed else text


def parse(text: str) -> ElementTree.Element:
    """The one ``<xml>`` element of ``text``, no field given twice; raises ``BadReply``."""
    if found := next((c for c in text if not _allowed(c)), None):
        raise BadReply(
            f"回复里有控制字符 U+{ord(found):04X}，XML 不允许，用户会看到故障提示。请去掉。"
        )
    if "<!DOCTYPE" in text.upper():
        raise BadReply("回复里有 DOCTYPE 声明，微信的回复不需要它。请去掉。")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise BadReply(f"回复不是完整的 XML（{error}）。请检查标签和 CDATA。") from None
    if root.tag != "xml":
        raise BadReply(f"回复的根标签应为 <xml>，实际是 <{root.tag}>。")
    names = [child.tag for child in root]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadReply(f"回复里 <{twice}> 出现了不止一次，可能是正文中的“]]>”没有处理。")
    return root


def encrypt(xml: str, account: Account, random16: bytes) -> str:
    """``xml`` in the platform's cipher: random bytes, length, message and AppID, in AES-256-CBC."""
    message = xml.encode()
    plain = random16 + len(message).to_bytes(4, "big") + message + account.app_id.encode()
    missing = BLOCK - len(plain) % BLOCK
    encryptor = _cipher(account).encryptor()
    padded = plain + bytes([missing]) * missing
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def decrypt(cipher: str, account: Account) -> str:
    """The XML inside ``cipher``; raises ``BadReply`` for any byte that is not as the rules say."""
    try:
        sealed = base64.b64decode(cipher, validate=True)
    except (binascii.Error, ValueError):
        raise BadReply("Encrypt 的内容不是 Base64。请检查加密。") from None
    if not sealed or len(sealed) % BLOCK:
        raise BadReply(f"密文长度 {len(sealed)} 字节，不是 {BLOCK} 的倍数。请按 {BLOCK} 字节补位。")
    decryptor = _cipher(account).decryptor()
    plain = decryptor.update(sealed) + decryptor.finalize()
    padding = plain[-1]
    if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
        raise BadReply("解密后补位不对：密钥不一致，或没有按 PKCS#7（32 字节）补位。")
    content = plain[:-padding]
    end = _HEAD + int.from_bytes(content[16:_HEAD], "big")
    if len(content) < _HEAD or end > len(content):
        raise BadReply("解密后长度字段不对：应为 4 字节大端的字节数，不是字数。")
    if content[end:] != account.app_id.encode():
        raise BadReply("解密后的 AppID 与账号不一致。请检查账号配置。")
    try:
        return content[_HEAD:end].decode("utf-8")
    except UnicodeDecodeError:
        raise BadReply("解密后的内容不是 UTF-8 编码。请以 UTF-8 加密。") from None


def _unseal(envelope: ElementTree.Element, account: Account) -> str:
    fields = {child.tag: child.text or "" for child in envelope}
    needed = ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")
    if missing := [name for name in needed if not fields.get(name)]:
        raise BadReply(f"加密的回复缺少 {'、'.join(missing)}。四个字段都要有。")
    expected = signature(account.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
    if not compare_digest(expected.encode(), fields["MsgSignature"].encode()):
        raise BadReply("回复的签名 MsgSignature 不对。请检查 Token 和参与签名的四个值。")
    return decrypt(fields["Encrypt"], account)


def _cipher(account: Account) -> Cipher[modes.CBC]:
    key = base64.b64decode(account.encoding_aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _allowed(c: str) -> bool:
    """Whether XML 1.0 allows the character (production Char)."""
    return c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000"
