"""What both providers share: signs, templates, numbers, and what becomes of a message."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.clock import CHINA

from ..file import milliseconds
from ..ledger import Message
from ..world import World

CHANNEL = "sms"
SIGN = "沙盒政务公开"
"""The sign (短信签名) that is approved to begin with."""
TEMPLATES: Mapping[str, str] = {
    "2000001": "{1}。详见：{2}，拒收请回复R",
    "SMS_200000001": "${title}。详见：${link}，拒收请回复R",
}
"""The templates that are approved to begin with: a number for Tencent, ``SMS_…`` for Aliyun."""

SINGLE, PART = 70, 67
"""Characters of a message that is one, and of each part of a longer one."""

NUMBER = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")


@dataclass(frozen=True, slots=True)
class Fate:
    """What a provider reports of a message in the end."""

    arrived: bool
    code: str
    words: str


ARRIVED = Fate(True, "DELIVERED", "用户接收成功")
FATES: Mapping[str, Fate] = {
    "0404": Fate(False, "MK:0001", "空号"),
    "0403": Fate(False, "MBBLACK", "黑名单"),
    "0503": Fate(False, "MK:0012", "关机或停机"),
}
"""Numbers that end in these digits never get anything; all others do."""


@dataclass(frozen=True, slots=True)
class Sms:
    """A message as it goes out. ``key`` is the sender's (SessionContext, OutId)."""

    number: str
    sign: str
    template: str
    text: str
    key: str

    @property
    def segments(self) -> int:
        """How many messages it is paid for."""
        size = len(self.text)
        return 1 if size <= SINGLE else -(-size // PART)


def number_of(text: str) -> str:
    """The eleven digits of a mobile number of the mainland; empty: it is none."""
    match = NUMBER.fullmatch(text.strip())
    return match[1] if match else ""


def fate_of(number: str) -> Fate:
    """What becomes of a message to ``number``."""
    return FATES.get(number[-4:], ARRIVED)


def signs(world: World) -> list[str]:
    """Approved signs."""
    chosen: list[str] = world.choices.get("sms", "signs", [SIGN])
    return chosen


def templates(world: World) -> Mapping[str, str]:
    """Approved templates, by number."""
    chosen: Mapping[str, str] = world.choices.get("sms", "templates", TEMPLATES)
    return chosen


def accept(world: World, provider: str, sms: Sms, now: float) -> str:
    """Take a message; returns the provider's number for it. Who never gets it has not received it."""
    content = {
        "sign": sms.sign,
        "template": sms.template,
        "text": sms.text,
        "segments": sms.segments,
    }
    return world.ledger.accept(
        provider,
        sms.number,
        CHANNEL,
        content,
        milliseconds(now),
        key=sms.key,
        arrived=fate_of(sms.number).arrived,
    )


def sent_to(world: World, provider: str, number: str, now: float) -> list[Message]:
    """Messages to one number whose report is there by now."""
    return world.ledger.sent(provider, number, before=_reported(world, now))


def not_pulled(world: World, provider: str, most: int, now: float) -> list[Message]:
    """Reports that were not asked for yet; each is given once."""
    last = world.choices.get(provider, "pulled", 0)
    found = world.ledger.sent(provider, "", before=_reported(world, now), after_id=last)[:most]
    if found:
        world.choices.set(provider, "pulled", found[-1].id)
    return found


def clock_of(milliseconds_: int) -> str:
    """A moment as both providers write it."""
    return f"{datetime.fromtimestamp(milliseconds_ / 1000, CHINA):%Y-%m-%d %H:%M:%S}"


def push_report(world: World, provider: str, report: Any, now: float) -> None:
    """Have a report pushed, if an address for it was chosen."""
    if world.choices.get(provider, "callback", ""):
        world.outbox.report(provider, [report], now)


def _reported(world: World, now: float) -> int:
    return milliseconds(now - world.outbox.receipts.delay)
