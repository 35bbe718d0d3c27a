"""One notice, said as each channel can carry it: with its link, where it comes from, why the person gets it and how to
leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from .model import Purpose, Text

FIELD = 20
"""Characters of a ``thing`` field of 订阅通知 (https://developers.weixin.qq.com/doc/service/api/notify/notify/
api_sendnewsubscribemsg.html)."""

TEXT_BYTES = 2048
"""UTF-8 bytes of a text message; longer ones are refused with 45002 (the platform's list of error codes)."""

CARD_TITLE, CARD_TEXT = 64, 120
"""Characters of a card that are shown before it is opened; longer ones are cut by the platform's own clients."""

SINGLE, PART = 70, 67
"""Characters of a short message, and of each part of a longer one (UCS-2, 3GPP TS 23.040: six octets of each part tell
which part it is)."""

MOST_SEGMENTS = 5
"""Segments of one short message, more of which nobody reads: providers take about 500 characters."""

_MARKS: Mapping[Purpose, str] = {
    Purpose.FIRST: "",
    Purpose.REMINDER: "提醒：",
    Purpose.CORRECTION: "更正：",
    Purpose.WITHDRAWAL: "撤回：",
}
_LEAVE_WECHAT = "不想再收，请回复“退订”。"
_LEAVE_SMS = "拒收请回复R"
_LEAVE_EMAIL = "不想再收到这类邮件，点邮件末尾的链接即可退订。"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a letter says, whoever it goes to: title, text, and the fields templates are filled with (``title``,
    ``issuer``, ``why``, ``number``, ``purpose``)."""

    title: str
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)


def reason(why: Sequence[str]) -> str:
    """Why somebody gets a notice, in a sentence, from the words of the audience (领域：养老服务): 您订阅了“养老服务”."""
    named = [topic for words in why if (topic := words.partition("：")[2])]
    if named:
        return "您订阅了" + "、".join(f"“{topic}”" for topic in named)
    return "、".join(why) or "您订阅了本地政策通知"


def letter_parts(
    channel: str,
    text: Text,
    link: str,
    why: Sequence[str] = (),
    purpose: Purpose = Purpose.FIRST,
    note: str = "",
    signature: str = "",
) -> Parts:
    """What a letter says on a channel; ``note`` says why a notice is corrected or withdrawn.

    ``signature`` is what the provider of short messages puts before each (【高要政务公开】): it counts, and is not part of
    the text.
    """
    title = _MARKS[purpose] + _line(text.title)
    fields = {
        "title": _cut(title, FIELD),
        "issuer": _cut(_line(text.issuer) or "本地政府", FIELD),
        "why": _cut(reason(why), FIELD),
        "number": _line(text.number),
        "purpose": _MARKS[purpose].strip("：") or "新政策",
    }
    if channel == "sms":
        return Parts(title, _sms(title, text, link, why, signature), fields)
    body = _plain(text, note)
    source = f"来源：{_source(text)}"
    because = f"您收到它，是因为{reason(why)}。"
    if channel == "email":
        lines = (note, text.body.strip(), source, f"原文：{text.url}", because, _LEAVE_EMAIL)
        return Parts(title, "\n\n".join(filter(None, lines)), fields)
    tail = "\n".join((source, because, _LEAVE_WECHAT))
    room = TEXT_BYTES - sum(len(f"{part}\n".encode()) for part in (title, tail, link))
    return Parts(title, f"{_cut_bytes(body, room)}\n{tail}", fields)


def segments(text: str, signature: str = "") -> int:
    """How many short messages a text is charged as. UTF-16 units count: an emoji is two."""
    units = len((_signed(signature) + text).encode("utf-16-be")) // 2
    return 1 if units <= SINGLE else ceil(units / PART)


def _sms(title: str, text: Text, link: str, why: Sequence[str], signature: str) -> str:
    """At most ``MOST_SEGMENTS``; what gives way is the title, never the link nor the way out."""
    issuer = _line(text.issuer)
    whole = f"{issuer}发布《{{}}》，全文：{link} {reason(why)}。{_LEAVE_SMS}"
    room = MOST_SEGMENTS * PART - len(_signed(signature)) - len(whole) + 2
    return whole.format(_cut(title, room))


def _plain(text: Text, note: str) -> str:
    return "\n".join(filter(None, (note, " ".join(text.body.split()))))


def _source(text: Text) -> str:
    return "，".join(filter(None, (_line(text.issuer), _line(text.number)))) or text.url


def _signed(signature: str) -> str:
    return f"【{signature.strip('【】')}】" if signature else ""


def _line(words: str) -> str:
    return " ".join(words.split())


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: max(0, most - 1)] + "…"


def _cut_bytes(words: str, most: int) -> str:
    coded = words.encode()
    if len(coded) <= most:
        return words
    return coded[: max(0, most - len("…".encode()))].decode(errors="ignore") + "…"
