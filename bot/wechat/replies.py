"""Replies as WeChat shows them: within 2,048 bytes, options as tappable lines, and the envelope.

Text from people and from documents can never form a tag, leave its CDATA section or make the XML
malformed. A text that is too long is cut between sentences; what is left over waits for 更多.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from wechatpy.replies import TextReply

from bot.dialog.conversations import Fitted
from bot.dialog.model import Option, Reply

from .characters import clean
from .messages import Format

LIMIT = 2048
"""Bytes of UTF-8 in a passive text reply, tags included."""

MORE = "更多"
"""What the tappable 【更多】 sends."""

_LEAST_TEXT = 1024
"""Bytes that options leave to a text that needs them; options that find no room come with 更多."""

_LONGEST_LINK = 512
_LONGEST_SOURCE = 512

_CLOSERS = "[”’」』）】》〕]*"
_SENTENCE_END = re.compile(rf"(?:[。！？]+|[!?]+(?=\s)){_CLOSERS}|\n+")
_CLAUSE_END = re.compile(rf"(?:[，、；：]+|[,;]+(?=\s)){_CLOSERS}|\s+")
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_UNSAFE_IN_LINK = re.compile(r"[\x00-\x20\"#%&'+;<=>?\\^`{|}\x7f]")


def fit(reply: Reply, public_url: str) -> Fitted:
    """``reply`` as one WeChat text; links begin with ``public_url``, and are left out without one.

    The fitted reply holds everything in ``text``. The rest is plain text, to be fitted again.
    """
    text = _harmless(reply.text).strip("\n")
    lines = [_option_line(number, option) for number, option in enumerate(reply.options, 1)]
    title = _harmless(reply.options_title).strip()
    source = _harmless(reply.source).strip()
    if _size(source) > _LONGEST_SOURCE:  # as a part of the text, it can be cut like the text
        text, source = _lines(text, source), ""
    page = _page_link(public_url, reply.page)
    whole = _paragraphs(_lines(text, source), _menu(title, lines), page)
    if _size(whole) <= LIMIT:
        return _fitted(reply, whole, "")

    footer = "  ".join(filter(None, [_tappable(MORE, f"【{MORE}】"), page]))
    room_for_menu = LIMIT - min(_size(text), _LEAST_TEXT) - _size(f"\n{source}")
    shown = len(lines)
    while shown and _size(_paragraphs("", _menu(title, lines[:shown]), footer)) > room_for_menu:
        shown -= 1
    tail = _paragraphs("", _menu(title, lines[:shown]), footer)
    head, rest = cut(text, LIMIT - _size(tail) - _size(f"\n{source}"))
    later = [f"{n}. {_label(option.label)}" for n, option in enumerate(reply.options, 1)][shown:]
    rest = rest.strip("\n")
    rest = _lines(rest, source) if rest else ""
    rest = _paragraphs(rest, _menu("" if shown else title, later)).lstrip("\n")
    return _fitted(reply, _lines(head.rstrip("\n"), source) + tail, rest)


def cut(text: str, room: int) -> tuple[str, str]:
    """``text`` in two: as much as ``room`` bytes hold, and the rest; nothing is lost between them.

    The cut is after a sentence; in a sentence longer than the room after a clause; in a longer
    clause between two characters as people see them.
    """
    if _size(text) <= room:
        return text, ""
    end = len(text.encode()[:room].decode(errors="ignore"))
    for boundary in (_SENTENCE_END, _CLAUSE_END):
        if position := _last_end(boundary, text, end):
            return text[:position], text[position:]
    position = end
    while position > 1 and _joined(text[position - 1], text[position]):
        position -= 1
    position = position if position > 1 else end
    return text[:position], text[position:]


def envelope(format: Format, *, sender: str, recipient: str, text: str, created: int) -> str:
    """A text reply from the account ``sender`` to the person ``recipient``."""
    if format is Format.JSON:
        return json.dumps(
            {
                "ToUserName": recipient,
                "FromUserName": sender,
                "CreateTime": created,
                "MsgType": "text",
                "Content": clean(text),
            },
            ensure_ascii=False,
        )
    reply = TextReply(
        source=_in_cdata(sender), target=_in_cdata(recipient), content=_in_cdata(text), time=created
    )
    rendered: str = reply.render()
    return rendered


def sealed_envelope(
    format: Format, *, encrypted: str, signature: str, timestamp: str, nonce: str
) -> str:
    """An encrypted reply with its signature."""
    if format is Format.JSON:
        return json.dumps(
            {
                "Encrypt": encrypted,
                "MsgSignature": signature,
                "TimeStamp": int(timestamp),
                "Nonce": nonce,
            }
        )
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt>"
        f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    )


def _fitted(reply: Reply, text: str, rest: str) -> Fitted:
    return Fitted(replace(reply, text=text, source="", options=(), options_title="", page=""), rest)


def _paragraphs(*parts: str) -> str:
    """Parts with a blank line between; an empty first part leaves its blank line."""
    first, *others = parts
    return first + "".join(f"\n\n{part}" for part in others if part)


def _lines(text: str, source: str) -> str:
    return "\n".join(filter(None, [text, source]))


def _menu(title: str, lines: Sequence[str]) -> str:
    return "\n".join(filter(None, [title, *lines])) if lines else ""


def _option_line(number: int, option: Option) -> str:
    return f"{number}. {_tappable(option.message, option.label, number)}"


def _tappable(message: str, label: str, number: int = 0) -> str:
    """A link that sends ``message`` when it is tapped: no official page, but wide use and no quota.

    Characters of Chinese stay as they are: percent signs would make each three times as long.
    """
    sent = _UNSAFE_IN_LINK.sub(lambda c: quote(c[0], safe=""), clean(message).strip())
    return _link(f"weixin://bizmsgmenu?msgmenucontent={sent}&msgmenuid={number}", label)


def _page_link(public_url: str, page: str) -> str:
    link = _link(public_url + quote(page), "查看原文") if public_url and page else ""
    return link if _size(link) <= _LONGEST_LINK else ""


def _link(address: str, label: str) -> str:
    return f'<a href="{address}">{_label(label)}</a>'


def _label(label: str) -> str:
    return " ".join(clean(label).split()).replace("<", "＜").replace(">", "＞")


def _harmless(text: str) -> str:
    """``text`` in which nothing passes for a tag: ``<`` before a letter is made full-width."""
    return _TAG_START.sub("＜", clean(text))


def _in_cdata(text: str) -> str:
    return clean(text).replace("]]>", "]]]]><![CDATA[>")


def _size(text: str) -> int:
    return len(text.encode())


def _last_end(boundary: re.Pattern[str], text: str, end: int) -> int:
    last = 0
    for found in boundary.finditer(text):
        if found.end() > end:
            break
        last = found.end()
    return last


def _joined(left: str, right: str) -> bool:
    """Whether two characters are seen as one: combining marks, emoji with joiners or skin tones."""
    joiner = "\N{ZERO WIDTH JOINER}"
    return (
        joiner in (left, right)
        or unicodedata.category(right) in {"Mn", "Mc", "Me"}
        or "\U0001f3fb" <= right <= "\U0001f3ff"
    )
