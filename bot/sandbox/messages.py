"""What a follower can send, as the XML that is pushed (接收普通消息、接收事件推送)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from catalogue_index.errors import Refused

LONGEST_TEXT = 10_000
EVENTS = frozenset({"subscribe", "unsubscribe", "scan", "click", "allow", "refuse"})


@dataclass(frozen=True, slots=True)
class Gesture:
    """One thing that a follower does on the phone.

    ``kind`` is a key of ``NAMES``. ``text`` holds the words, the recognised speech, the menu key,
    the QR scene, the place or the file name; ``menu_id`` comes with a tapped line.
    """

    kind: str
    text: str = ""
    menu_id: str = ""

    @property
    def event(self) -> bool:
        """Whether the platform pushes it as an event, which has no MsgId."""
        return self.kind in EVENTS


NAMES: Mapping[str, str] = MappingProxyType(
    {
        "text": "文字",
        "voice": "语音",
        "image": "图片",
        "location": "位置",
        "file": "文件",
        "click": "菜单点击",
        "subscribe": "关注",
        "unsubscribe": "取消关注",
        "scan": "扫码",
        "allow": "同意订阅通知",
        "refuse": "拒收订阅通知",
    }
)


class UnknownGesture(Refused):
    """There is no such thing to do on the phone, or it lacks its words."""


def gesture(kind: str, text: str = "", menu_id: str = "") -> Gesture:
    """The gesture asked for; raises ``UnknownGesture``."""
    if kind not in NAMES:
        raise UnknownGesture(f"没有“{kind}”这种操作。请使用页面上的按钮。")
    if not text and kind in {"text", "click", "scan", "allow", "refuse"}:
        raise UnknownGesture(f"{NAMES[kind]}没有内容。请先填写再发送。")
    if len(text) > LONGEST_TEXT:
        raise UnknownGesture(
            f"内容超过 {LONGEST_TEXT} 字，微信发不出这么长的消息。请缩短后再发送。"
        )
    return Gesture(kind, text, menu_id)


def push_xml(done: Gesture, *, account_id: str, openid: str, created: int, msg_id: int) -> str:
    """The clear XML of ``done``. Characters below 0x20 pass through, as they do on the platform."""
    fields = [
        ("ToUserName", _cdata(account_id)),
        ("FromUserName", _cdata(openid)),
        ("CreateTime", str(created)),
        *_FIELDS[done.kind](done),
    ]
    if not done.event:
        fields.append(("MsgId", str(msg_id)))
    if done.menu_id:
        fields.append(("bizmsgmenuid", _cdata(done.menu_id)))
    return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields) + "</xml>"


def event_xml(account_id: str, openid: str, created: int, event: str, body: str) -> str:
    """The clear XML of an event that no follower set off; ``body`` is XML too."""
    return (
        f"<xml><ToUserName>{_cdata(account_id)}</ToUserName>"
        f"<FromUserName>{_cdata(openid)}</FromUserName><CreateTime>{created}</CreateTime>"
        f"<MsgType>{_cdata('event')}</MsgType><Event>{_cdata(event)}</Event>{body}</xml>"
    )


Fields = list[tuple[str, str]]


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _text(done: Gesture) -> Fields:
    return [("MsgType", _cdata("text")), ("Content", _cdata(done.text))]


def _voice(done: Gesture) -> Fields:
    # Recognition comes only where the console switches it on; unclear speech comes as nothing.
    return [
        ("MsgType", _cdata("voice")),
        ("MediaId", _cdata("sandbox-voice")),
        ("Format", _cdata("amr")),
        ("Recognition", _cdata(done.text)),
    ]


def _image(_: Gesture) -> Fields:
    return [
        ("MsgType", _cdata("image")),
        ("PicUrl", _cdata("http://mmbiz.qpic.cn/sandbox/0")),
        ("MediaId", _cdata("sandbox-image")),
    ]


def _location(done: Gesture) -> Fields:
    return [
        ("MsgType", _cdata("location")),
        ("Location_X", "23.027910"),
        ("Location_Y", "112.458401"),
        ("Scale", "15"),
        ("Label", _cdata(done.text)),
    ]


def _file(done: Gesture) -> Fields:
    # No MediaId: the platform tells that a file came, but does not hand it over.
    return [
        ("MsgType", _cdata("file")),
        ("Title", _cdata(done.text or "材料.docx")),
        ("Description", _cdata("")),
        ("FileKey", _cdata("sandbox-file")),
        ("FileMd5", _cdata("0" * 32)),
        ("FileTotalLen", "20480"),
    ]


def _event(name: str, key: str, ticket: str = "") -> Fields:
    fields = [("MsgType", _cdata("event")), ("Event", _cdata(name)), ("EventKey", _cdata(key))]
    return [*fields, ("Ticket", _cdata(ticket))] if ticket else fields


def _subscribe(done: Gesture) -> Fields:
    if done.text:
        return _event("subscribe", f"qrscene_{done.text}", "sandbox-ticket")
    return _event("subscribe", "")


def _consent(event: str, element: str, answer: str, more: str = "") -> Callable[[Gesture], Fields]:
    """https://developers.weixin.qq.com/doc/service/guide/product/subscription_messages/push.html"""

    def fields(done: Gesture) -> Fields:
        listed = (
            f"<List><TemplateId>{_cdata(done.text)}</TemplateId>"
            f"<SubscribeStatusString>{_cdata(answer)}</SubscribeStatusString>{more}</List>"
        )
        return [("MsgType", _cdata("event")), ("Event", _cdata(event)), (element, listed)]

    return fields


_FIELDS: Mapping[str, Callable[[Gesture], Fields]] = MappingProxyType(
    {
        "text": _text,
        "voice": _voice,
        "image": _image,
        "location": _location,
        "file": _file,
        "click": lambda done: _event("CLICK", done.text),
        "subscribe": _subscribe,
        "unsubscribe": lambda _: _event("unsubscribe", ""),
        "scan": lambda done: _event("SCAN", done.text, "sandbox-ticket"),
        "allow": _consent(
            "subscribe_msg_popup_event",
            "SubscribeMsgPopupEvent",
            "accept",
            "<PopupScene>2</PopupScene>",
        ),
        "refuse": _consent("subscribe_msg_change_event", "SubscribeMsgChangeEvent", "reject"),
    }
)
