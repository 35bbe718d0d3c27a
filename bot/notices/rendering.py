"""One notice, said as each channel can carry it: with its link, where it comes from, why the person gets it and how to
leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from .model import WEEKLY, Purpose, Text

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
_WEEKLY_WECHAT = f"这是您要的{WEEKLY}，想早点收到，请回复“马上告诉我”。"
_LEAVE_SMS = "拒收请回复R"
_LEAVE_EMAIL = "不想再收到这类邮件，点邮件末尾的链接即可退订。"
_WEEKLY_EMAIL = f"这是您要的{WEEKLY}。"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a letter says, whoever it goes to: title, text, and the fields templates are filled with (``title``,
    ``issuer``, ``why``, ``number``, ``purpose``)."""

    title: str
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """One of several notices in one letter: what is said of it, where it is read, and why the person gets it."""

    text: Text
    link: str
    why: Sequence[str] = ()
    purpose: Purpose = Purpose.FIRST

    @property
    def title(self) -> str:
        """The title, with what tells a reminder from the first time."""
        return _MARKS[self.purpose] + _line(self.text.title)


def reason(why: Sequence[str]) -> str:
    """Why somebody gets a notice, in a sentence, from the words of the audience (领域：养老服务): 您订阅了“养老服务”."""
    named = [topic for words in why if (topic := words.partition("：")[2])]
    if named:
        return "您订阅了" + "、".join(f"“{topic}”" for topic in named)
    return "、".join(words for words in why if words != WEEKLY) or "您订阅了本地政策通知"


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


def gathered_parts(channel: str, told: Sequence[Told], link: str, signature: str = "") -> Parts:
    """What a letter says that carries several notices, each with its title, link and reason; ``link`` leads to all of them,
    for channels that have room for one."""
    title = f"{WEEKLY}：{len(told)}份新通知"
    first, rest = told[0].text, f"等{len(told)}份"
    issuers = list(dict.fromkeys(_line(one.text.issuer) for one in told))
    topics = reason(tuple(dict.fromkeys(words for one in told for words in one.why)))
    fields = {
        "title": _cut(told[0].title, FIELD - len(rest)) + rest,
        "issuer": _cut((issuers[0] if len(issuers) == 1 else "") or "本地政府", FIELD),
        "why": _cut(topics, FIELD),
        "number": _cut(_line(first.number), FIELD - len(rest)) + rest if first.number else rest,
        "purpose": WEEKLY,
    }
    if channel == "sms":
        return Parts(title, _gathered_sms(told, link, topics, signature), fields)
    if channel == "email":
        items = (_item(number, one, "\n") for number, one in enumerate(told, 1))
        return Parts(title, "\n\n".join((*items, _WEEKLY_EMAIL, _LEAVE_EMAIL)), fields)
    tail = "\n".join((_WEEKLY_WECHAT, _LEAVE_WECHAT))
    room = TEXT_BYTES - sum(len(f"{part}\n".encode()) for part in (title, tail, link))
    return Parts(title, f"{_as_many_as_fit(told, room)}\n{tail}", fields)


def segments(text: str, signature: str = "") -> int:
    """How many short messages a text is charged as. UTF-16 units count: an emoji is two."""
    units = len((_signed(signature) + text).encode("utf-16-be")) // 2
    return 1 if units <= SINGLE else ceil(units / PART)


def _sms(title: str, text: Text, link: str, why: Sequence[str], signature: str) -> str:
    """At most ``MOST_SEGMENTS``; what gives way is the title, never the link nor the way out."""
    issuer = _line(text.issuer)
    before, after = f"{issuer}发布《", f"》，全文：{link} {reason(why)}。{_LEAVE_SMS}"
    room = MOST_SEGMENTS * PART - len(_signed(signature) + before + after)
    return f"{before}{_cut(title, room)}{after}"


def _gathered_sms(told: Sequence[Told], link: str, topics: str, signature: str) -> str:
    """Titles give way, as in the short message of one notice; the topics next."""
    leave, room = _LEAVE_SMS, MOST_SEGMENTS * PART - len(_signed(signature))
    before = f"{WEEKLY}{len(told)}份新通知："
    after = f"，全文：{link} {_cut(topics, PART)}。{leave}"
    titles = "".join(f"《{one.title}》" for one in told)
    return f"{before}{_cut(titles, room - len(before + after))}{after}"


def _as_many_as_fit(told: Sequence[Told], room: int) -> str:
    """Whole items within so many UTF-8 bytes; how many more there are is said at the end."""
    items = [_item(number, one, "，") for number, one in enumerate(told, 1)]
    for shown in range(len(items), 0, -1):
        rest = len(items) - shown
        more = [f"另有 {rest} 份，点下面的链接看全部。"] if rest else []
        text = "\n".join((*items[:shown], *more))
        if len(text.encode()) <= room:
            return text
    return _cut_bytes(items[0], room)


def _item(number: int, one: Told, between: str) -> str:
    said = between.join((f"{number}. {one.title}", reason(one.why)))
    return f"{said}\n{one.link}"


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
