"""What the platform tells of messages and consents, as events of the webhook.

Each kind may come more than once; ``Receipt.event`` is the same for the same fact. Of 群发 only totals come, and only when
the sending is *nearly* done, so they may differ from what the console shows later.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..port import Fate, Receipt
from .errors import official_errors

TEMPLATE = "templatesendjobfinish"
NOTICE = "subscribe_msg_sent_event"
MASS = "masssendjobfinish"
POPUP = "subscribe_msg_popup_event"
CHANGE = "subscribe_msg_change_event"

EVENTS = frozenset({TEMPLATE, NOTICE, MASS, POPUP, CHANGE})
"""Events in small letters (https://developers.weixin.qq.com/doc/service/guide/product/subscription_messages/push.html,
…/Template_Message_Interface.html, …/Batch_Sends_and_Originality_Checks.html)."""

_TEMPLATE_WHYS = {
    "failed:user block": "对方拒收公众号的消息。",
    "failed:system failed": "微信发送失败（系统原因）。",
}

_MASS_WHYS = {
    "send success": "",
    "send fail": "微信没有发出这次群发。",
    "err(10001)": "涉嫌广告。",
    "err(20001)": "涉嫌政治。",
    "err(20004)": "涉嫌社会。",
    "err(20002)": "涉嫌色情。",
    "err(20006)": "涉嫌违法犯罪。",
    "err(20008)": "涉嫌欺诈。",
    "err(20013)": "涉嫌版权。",
    "err(22000)": "涉嫌互推。",
    "err(21000)": "涉嫌其他违规。",
    "err(30001)": "原创校验出现系统错误，且用户选择了被判为转载就不群发。",
    "err(30002)": "原创校验判为不能群发。",
    "err(30003)": "原创校验判为转载，且用户选择了被判为转载就不群发。",
    "err(40001)": "管理员拒绝了这次群发。",
    "err(40002)": "管理员 30 分钟内没有确认，这次群发没有发出。",
}


@dataclass(frozen=True, slots=True)
class Totals:
    """What became of a 群发 as a whole: ``ref`` is its msg_id; ``sent`` and ``failed`` sum up to ``filtered``, the
    people that were left of ``total``. ``failure``: empty, or why nothing was sent."""

    account: str
    ref: str
    status: str
    total: int
    filtered: int
    sent: int
    failed: int
    failure: str


@dataclass(frozen=True, slots=True)
class Consent:
    """A follower allowed a template's notices, or took that back. ``scene`` is where they were asked."""

    account: str
    openid: str = field(repr=False)
    template: str
    given: bool
    scene: str
    at: int


@dataclass(frozen=True, slots=True)
class Told:
    """All that one event tells."""

    receipts: tuple[Receipt, ...] = ()
    totals: tuple[Totals, ...] = ()
    consents: tuple[Consent, ...] = ()


def is_told(fields: Mapping[str, Any]) -> bool:
    """Whether an incoming message is one of these events."""
    return _text(fields, "MsgType").lower() == "event" and _event(fields) in EVENTS


def read(account: str, fields: Mapping[str, Any]) -> Told:
    """What an event told to ``account``; nothing for any other message, or one that makes no sense."""
    match _event(fields) if is_told(fields) else "":
        case "templatesendjobfinish":
            return Told(receipts=tuple(_template(account, fields)))
        case "subscribe_msg_sent_event":
            return Told(receipts=tuple(_notices(account, fields)))
        case "masssendjobfinish":
            return Told(totals=tuple(_totals(account, fields)))
        case "subscribe_msg_popup_event" | "subscribe_msg_change_event":
            return Told(consents=tuple(_consents(account, fields)))
        case _:
            return Told()


def _template(account: str, fields: Mapping[str, Any]) -> Iterator[Receipt]:
    ref, status = _number(fields), _text(fields, "Status").lower().replace(": ", ":")
    if ref and status:
        fate = Fate.DELIVERED if status == "success" else Fate.UNDELIVERED
        why = "" if status == "success" else _TEMPLATE_WHYS.get(status, "微信没有送达这条消息。")
        yield Receipt(
            "wechat_template", account, f"{TEMPLATE}:{ref}", fate, ref=ref, code=status, why=why
        )


def _notices(account: str, fields: Mapping[str, Any]) -> Iterator[Receipt]:
    for row in _rows(fields, "SubscribeMsgSentEvent"):
        ref, code = _number(row), _text(row, "ErrorCode")
        if ref and code:
            fate = Fate.DELIVERED if code == "0" else Fate.UNDELIVERED
            why = "" if code == "0" else _meaning(code)
            yield Receipt(
                "wechat_notice",
                account,
                f"{NOTICE}:{ref}",
                fate,
                ref=ref,
                code=code,
                why=why,
                address=_text(fields, "FromUserName"),
                template=_text(row, "TemplateId"),
            )


def _totals(account: str, fields: Mapping[str, Any]) -> Iterator[Totals]:
    ref, status = _number(fields), _text(fields, "Status").lower().replace(" (", "(")
    if ref and status:
        yield Totals(
            account,
            ref,
            status,
            total=_count(fields, "TotalCount"),
            filtered=_count(fields, "FilterCount"),
            sent=_count(fields, "SentCount"),
            failed=_count(fields, "ErrorCount"),
            failure=_MASS_WHYS.get(status, f"微信没有发出这次群发（{status}）。"),
        )


def _consents(account: str, fields: Mapping[str, Any]) -> Iterator[Consent]:
    node = "SubscribeMsgPopupEvent" if _event(fields) == POPUP else "SubscribeMsgChangeEvent"
    openid, at = _text(fields, "FromUserName"), _count(fields, "CreateTime")
    for row in _rows(fields, node):
        template, status = _text(row, "TemplateId"), _text(row, "SubscribeStatusString").lower()
        if openid and template and status in ("accept", "reject"):
            given = status == "accept"
            yield Consent(account, openid, template, given, _text(row, "PopupScene"), at)


def _rows(fields: Mapping[str, Any], node: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a list: one or many of them, in XML inside ``node``, in JSON at the top."""
    inside = fields.get(node)
    rows = (inside if isinstance(inside, Mapping) else fields).get("List")
    for row in rows if isinstance(rows, list) else [rows]:
        if isinstance(row, Mapping):
            yield row


def _event(fields: Mapping[str, Any]) -> str:
    return _text(fields, "Event").lower()


def _number(fields: Mapping[str, Any]) -> str:
    number = _text(fields, "MsgID") or _text(fields, "MsgId")
    return number if number.isdigit() else ""


def _count(fields: Mapping[str, Any], name: str) -> int:
    text = _text(fields, name)
    return int(text) if text.isdigit() else 0


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return str(value).strip() if isinstance(value, str | int) else ""


def _meaning(code: str) -> str:
    known = official_errors().get(int(code)) if code.lstrip("-").isdigit() else None
    return f"{known.meaning}。" if known else f"微信没有送达这条通知（错误码 {code}）。"
