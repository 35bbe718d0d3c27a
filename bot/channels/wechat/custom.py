"""客服消息: a few messages to somebody who wrote or tapped within the last 48 hours.

Five after a message, three within a minute after a tap, a scan or a follow; all of an account 500,000 a day
(https://developers.weixin.qq.com/doc/service/guide/product/kf/intro).
"""

from collections.abc import Sequence
from typing import Any

from ..calling import one_by_one
from ..options import Style
from ..port import Accounting, Capability, Fate, Letter, Limits, Outcome
from .client import Platform, probe

SEND = "/cgi-bin/message/custom/send"
STAFF = "/cgi-bin/customservice/getkflist"

TEXT_BYTES = 2048
"""UTF-8 bytes of a text; the platform refuses longer ones (45002)."""

LIMITS = Limits(per_second=20, per_day=500_000)


class WeChatCustom:
    """Sends 客服消息."""

    name = "wechat_custom"
    medium = "wechat"
    accounting = Accounting.PER_PERSON

    def __init__(
        self, platform: Platform, style: Style = Style.TEXT, limits: Limits = LIMITS
    ) -> None:
        self._platform = platform
        self._style = style
        self.account = platform.account
        self.limits = limits

    def forecast(self, letter: Letter) -> Outcome:
        """Free. Whether the person is within their 48 hours only the platform knows."""
        return forecast(letter)

    def hand(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        """Send each; there are no receipts and no references."""
        return one_by_one(letters, self._send)

    def settle(self, letters: Sequence[Letter], refs: Sequence[str]) -> Sequence[Outcome]:
        """The platform tells nothing about them."""
        why = "客服消息没有回执，也不能查询结果。"
        return [
            Outcome(Fate.UNKNOWN, ref=ref, why=why) for _, ref in zip(letters, refs, strict=True)
        ]

    def probe(self) -> Capability:
        """Whether the account may use the interfaces of 客服."""
        return probe(self._missing)

    def _missing(self) -> str:
        self._platform.get(STAFF)
        return ""

    def _send(self, letter: Letter) -> Outcome:
        body = {"touser": letter.address, **message(self._style, letter)}
        self._platform.post(SEND, body, letter.leaving)
        return Outcome(Fate.ACCEPTED)


def forecast(letter: Letter) -> Outcome:
    """Free; refused without words."""
    if not (letter.title or letter.text):
        return Outcome(Fate.REFUSED, code="empty", why="消息没有内容。请填写标题或正文。")
    return Outcome(Fate.ACCEPTED)


def message(style: Style, letter: Letter) -> dict[str, Any]:
    """The letter as a message of the platform's."""
    if style is Style.NEWS and letter.link:
        card = {"title": letter.title, "description": letter.text, "url": letter.link}
        return {"msgtype": "news", "news": {"articles": [card]}}
    return {"msgtype": "text", "text": {"content": cut(letter)}}


def cut(letter: Letter) -> str:
    """Title, text and link within the bytes of a text; the text gives way, never the link."""
    head = letter.title if letter.title not in letter.text else ""
    tail = letter.link if letter.link not in letter.text else ""
    room = TEXT_BYTES - sum(len(f"{part}\n".encode()) for part in (head, tail) if part)
    text = letter.text
    if len(text.encode()) > room:
        text = text.encode()[: max(0, room - len("…".encode()))].decode(errors="ignore") + "…"
    return "\n".join(filter(None, (head, text, tail)))
