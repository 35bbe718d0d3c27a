"""What the platform sends, XML or JSON, as messages of our own.

wechatpy's parser knows XML only, has no class for files and newer events, and raises on repeated
nodes; so xmltodict, which it uses too, reads the body and two tables say what each type means.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

from bot.dialog.model import Incoming
from catalogue_index.errors import Refused

from .characters import clean

UNSUPPORTED = "【收到不支持的消息类型，暂无法显示】"
"""The text that the platform puts in place of what it cannot forward."""

_KINDS = {
    "text": "text",
    "voice": "voice",
    "image": "image",
    "video": "video",
    "shortvideo": "video",
    "location": "location",
    "link": "link",
    "file": "file",
}
"""Message types to kinds of ``Incoming``; any other is unsupported."""

_EVENT_KINDS = {
    "subscribe": "subscribe",
    "unsubscribe": "unsubscribe",
    "scan": "scan",
    "click": "click",
    "view": "view",
    "location": "report_location",
    # The person took back what they had granted: all their data goes, what was kept for a return too.
    "user_authorization_revoke": "revoked",
    "user_authorization_cancellation": "revoked",
}
"""Event types, in small letters, to kinds of ``Incoming``; any other is other_event."""

_WORDS = {"text": "Content", "voice": "Recognition"}
_QR_SCENE = "qrscene_"


class Format(StrEnum):
    """推送格式, a setting of the platform's console; a reply goes back in the format that came."""

    XML = "xml"
    JSON = "json"


class Unreadable(Refused):
    """The body is not what the platform sends; the message is its kind of fault, for the log."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message or event: who sent it to which account, what it says, and its identity.

    ``key`` is the same in each delivery of the message and differs for any other message.
    """

    person: str
    recipient: str
    key: str
    incoming: Incoming


def parse(body: str) -> tuple[Format, Mapping[str, Any]]:
    """The nodes of ``body`` under its root, and its format; raises ``Unreadable``."""
    text = clean(body).strip()
    try:
        if text.startswith("{"):
            format, fields = Format.JSON, json.loads(text)
        else:
            # xmltodict refuses entities (ValueError) and fetches nothing.
            format, fields = Format.XML, xmltodict.parse(text).get("xml")
    except (ExpatError, ValueError, RecursionError) as error:
        raise Unreadable(f"收到的内容读不懂（{type(error).__name__}）。") from None
    if not isinstance(fields, Mapping):
        raise Unreadable("收到的内容读不懂（没有内容）。")
    return format, fields


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """The text of node ``name``: empty when it is missing, the first one when it is repeated."""
    value = fields.get(name)
    while isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, Mapping):
        value = value.get("#text")
    return "" if value is None else clean(str(value)).strip()


def read(fields: Mapping[str, Any], app_id: str, area: str | None) -> Message:
    """The message in ``fields``, sent to the account of ``app_id`` and ``area``.

    Raises ``Unreadable`` when it has no type or no sender.
    """
    type_ = text_of(fields, "MsgType").lower()
    sender = text_of(fields, "FromUserName")
    if not type_ or not sender:
        raise Unreadable("收到的内容读不懂（没有消息类型或发送者）。")
    is_event = type_ == "event"
    event = text_of(fields, "Event").lower()
    kind, words = _event(fields, event) if is_event else _message(fields, type_)
    # Who takes back a grant stands in OpenID; FromUserName is then the platform's own.
    taken_back = text_of(fields, "OpenID") if event.startswith("user_authorization_") else ""
    return Message(
        person=taken_back or sender,
        recipient=text_of(fields, "ToUserName"),
        key=_key(fields, app_id, sender, is_event=is_event),
        incoming=Incoming(kind, words, area),
    )


def _message(fields: Mapping[str, Any], type_: str) -> tuple[str, str]:
    kind = _KINDS.get(type_, "unsupported")
    words = text_of(fields, _WORDS[kind]) if kind in _WORDS else ""
    return ("unsupported", "") if words == UNSUPPORTED else (kind, words)


def _event(fields: Mapping[str, Any], event: str) -> tuple[str, str]:
    kind = _EVENT_KINDS.get(event, "other_event")
    key = text_of(fields, "EventKey")
    match kind:
        case "subscribe":
            # A scene only when a QR code of ours was scanned; other keys tell of other doors.
            return kind, key.removeprefix(_QR_SCENE) if key.startswith(_QR_SCENE) else ""
        case "scan" | "click" | "view":
            return kind, key
        case _:
            return kind, ""


def _key(fields: Mapping[str, Any], app_id: str, sender: str, *, is_event: bool) -> str:
    """What tells a repeated delivery from another message.

    The platform names MsgId for messages, and sender and time for events. In the field two people
    got one MsgId (WxJava #333), and two events of a person fell into one second (WxJava #3445): so
    a message's key also holds sender and time, and an event's all that it says.
    """
    number = "" if is_event else text_of(fields, "MsgId") or text_of(fields, "MsgID")
    identity = number or json.dumps(fields, sort_keys=True)
    return "|".join((app_id, sender, text_of(fields, "CreateTime"), identity))
