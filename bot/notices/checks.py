"""What is looked at before a notice may be submitted (三校): each check blocks, or asks a person to confirm."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from catalogue_index import privacy

from .model import Attribute, Text
from .rendering import MOST_SEGMENTS, letter_parts, segments


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text alone does not tell: the day; whether its address answers (``None``: not asked); the channels it is to go
    by, its link, and the signature of short messages."""

    today: date
    alive: bool | None = None
    channels: tuple[str, ...] = ()
    link: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: its id, whether it keeps the notice from being sent (on ``channel`` alone, where one is named),
    the sentence, and what asks for it."""

    check: str
    blocks: bool
    sentence: str
    source: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A line of the table: ``look`` yields a sentence for each thing that is found."""

    id: str
    blocks: bool
    source: str
    look: Callable[[Text, Facts], Iterable[str]] = field(repr=False)


_DAY = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日")
_PHONE = re.compile(r"(?<![\d-])(?:0\d{2,3}[-—－ ]?\d{7,8}|1[3-9]\d{9}|1\d{4}|400\d{7})(?!\d)")
_SENSITIVE: Mapping[str, str] = {
    "内部": "可能是内部用语",
    "不予公开": "写着“不予公开”",
    "秘密": "可能涉密",
    "机密": "可能涉密",
    "绝密": "可能涉密",
    "台湾省": "称谓应按规范核对",
    "最高级": "可能是绝对化用语",
    "国家级": "可能是绝对化用语",
    "病历": "可能涉及个人隐私",
    "未成年人姓名": "可能涉及个人隐私",
}
"""Words that a person of the office looks at, and why. Not a list of forbidden words."""


def _attribute(text: Text, _: Facts) -> Iterator[str]:
    if text.attribute is not Attribute.ACTIVE:
        yield f"公开属性是“{text.attribute}”，只有“主动公开”的文件可以推送。请核对属性，或不要推送。"


def _source(text: Text, _: Facts) -> Iterator[str]:
    if not re.fullmatch(r"https?://[^\s/]+\S*", text.url):
        yield "没有政府网站上的原文网址。请先在政府网站发布，再填写完整的原文网址。"


def _interpretation(text: Text, _: Facts) -> Iterator[str]:
    if text.policy and not (text.interpretation or text.uninterpreted):
        yield "政策文件没有解读。请填写解读网址；确实不需要的，写明没有解读的理由。"


def _empty(text: Text, _: Facts) -> Iterator[str]:
    if not text.body.strip():
        yield "没有正文。请补上正文或摘要。"


def _personal(text: Text, _: Facts) -> Iterator[str]:
    for name, words in (("标题", text.title), ("正文", text.body)):
        for found in privacy.find(words):
            before = words[max(0, found.start - 8) : found.start]
            kind = privacy.NAMES[found.kind]
            yield f"{name}里有{kind}（在“{privacy.mask(before)}”之后）。请隐去后再推送；确是公开的办公电话，请写成座机。"


def _dead(_: Text, facts: Facts) -> Iterator[str]:
    if facts.alive is False:
        yield "原文网址打不开。请核对网址，或等政府网站恢复后再推送。"


def _expired(text: Text, facts: Facts) -> Iterator[str]:
    if text.valid_until and text.valid_until < facts.today:
        yield f"有效期已过（{text.valid_until}）。请核对是否还要推送。"


def _past(text: Text, facts: Facts) -> Iterator[str]:
    for found in dict.fromkeys(_DAY.findall(f"{text.title}\n{text.body}")):
        year, month, day = (int(part) if part else facts.today.year for part in found)
        try:
            past = date(year, month, day) < facts.today
        except ValueError:
            yield f"日期“{month}月{day}日”不存在。请核对。"
            continue
        if past:
            yield f"日期“{''.join((f'{year}年' if found[0] else '', f'{month}月{day}日'))}”已经过去。请核对。"


def _phones(text: Text, _: Facts) -> Iterator[str]:
    hidden = privacy.mask(text.body)
    for number in dict.fromkeys(_PHONE.findall(hidden)):
        yield f"电话“{number}”请拨打核对。"


def _words(text: Text, _: Facts) -> Iterator[str]:
    for word, why in _SENSITIVE.items():
        if word in text.title or word in text.body:
            yield f"出现“{word}”：{why}。请核对。"


def _sms(text: Text, facts: Facts) -> Iterator[str]:
    if "sms" in facts.channels:
        said = letter_parts("sms", text, facts.link, signature=facts.signature).text
        many = segments(said, facts.signature)
        if many > MOST_SEGMENTS:
            yield f"短信要拆成 {many} 条，最多 {MOST_SEGMENTS} 条。请缩短标题或发文机关名称，或不用短信。"


def _email(text: Text, facts: Facts) -> Iterator[str]:
    if "email" in facts.channels and len(text.body) > 50_000:
        yield "正文超过 5 万字，邮件会被拒收。请改为摘要，全文看链接。"


def _template(text: Text, facts: Facts) -> Iterator[str]:
    if "wechat_notice" in facts.channels and not text.issuer.strip():
        yield "订阅通知要写发文机关。请填写。"


_REGULATION = "《政府信息公开条例》"
_TRANSMISSION = "三审三校：发布前核对内容、日期、电话和链接"

CHECKS: tuple[Check, ...] = (
    Check("attribute", True, f"{_REGULATION}第十三条至第十六条", _attribute),
    Check("source", True, "政府网站是公开的第一平台：县级方案“以政府门户网站为第一平台”", _source),
    Check(
        "interpretation",
        True,
        "泽州县、江汉区实施方案：政策解读与政策文件同步起草、同步审签、同步发布",
        _interpretation,
    ),
    Check("empty", True, _TRANSMISSION, _empty),
    Check("personal", True, f"{_REGULATION}第十五条，《个人信息保护法》第二十五条", _personal),
    Check("dead", False, _TRANSMISSION, _dead),
    Check("expired", False, _TRANSMISSION, _expired),
    Check("past", False, _TRANSMISSION, _past),
    Check("phones", False, _TRANSMISSION, _phones),
    Check("words", False, f"{_REGULATION}第十七条（保密审查）", _words),
)
"""In the order in which a reviewer reads."""

CHANNEL_CHECKS: Mapping[str, Check] = {
    "sms": Check("length", True, "3GPP TS 23.040：短信每条 70 字，长短信每条 67 字", _sms),
    "email": Check("length", True, "邮箱服务商对邮件大小的限制", _email),
    "wechat_notice": Check(
        "fields", True, "微信订阅通知：字段不能为空（api_sendnewsubscribemsg）", _template
    ),
}
"""What keeps a notice from one channel only."""


def check(text: Text, facts: Facts) -> list[Finding]:
    """Everything that is found about a text, what blocks first."""
    found = [
        Finding(one.id, one.blocks, sentence, one.source)
        for one in CHECKS
        for sentence in one.look(text, facts)
    ]
    found += [
        Finding(one.id, one.blocks, sentence, one.source, channel)
        for channel, one in CHANNEL_CHECKS.items()
        for sentence in one.look(text, facts)
    ]
    return sorted(found, key=lambda finding: not finding.blocks)
