"""Documents that look like a catalogue and are none, and catalogues that somebody tampered with."""

import re
from collections.abc import Iterable, Mapping

TABLES = {
    "政府信息主动公开基本目录": r"主动公开(基本)?目录|主动公开事项目录",
    "公共企事业单位信息公开目录": r"公共(企业|企)?事业单位.{0,6}(信息)?.{0,4}公开目录",
    "权责清单": r"权责清单|权力清单|责任清单|权力和责任清单",
    "村（居）务公开目录": r"[村居]务公开",
    "网站栏目清单": r"栏目清单|五级栏目",
    "政府信息公开标准": r"政府信息公开标准",
}
"""Tables whose columns may be called like a catalogue's: their titles tell them apart."""

TEXTS = {
    "政府信息公开指南": r"信息公开指南",
    "实施方案": r"实施方案|工作方案",
    "标准指引": r"标准指引",
    "政府信息公开年度报告": r"年度报告",
}
"""Texts that speak about catalogues; a catalogue annexed to one is a catalogue."""

_CATALOGUE = re.compile(r"标准目录|标准指引|(?<!主动)公开事项(清单|目录)|领域.*目录")

# Copies on hijacked sites replace words of law names by brands of gambling sites. Ordinary words
# (彩票公益金, 查处赌博) are the business of offices, so most count only inside a law's name.
_BRANDS = re.compile(
    r"(365bet|皇冠足球|大发体育|雷速体育|中国竞彩网|星空彩票|彩票官网|博彩平台|百家乐|六合彩|时时彩|澳门威尼斯人|体育投注)"
    r"|《[^》]*(老虎机|竞彩|棋牌|彩票官网|足球比分|体育在线|赌场)[^》]*》"
)
_TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
_TONED = re.compile(f"[{_TONES}]")
_PINYIN = re.compile(rf"[\u4e00-\u9fff][(（][a-z]*[{_TONES}][a-z]*[)）]")
_MASKED = re.compile(r"\*{4,}|\*\s*(个工作日|级事项)|公\*\*台")


def lookalike(title: str) -> str | None:
    """The kind of table that ``title`` announces, when that is not a catalogue."""
    return None if _CATALOGUE.search(title) else _kind(title, TABLES)


def other_kind(text: str) -> str | None:
    """The kind of document that begins with ``text``, for one that has no catalogue in it."""
    return _kind(text, {**TABLES, **TEXTS})


def _kind(text: str, kinds: Mapping[str, str]) -> str | None:
    return next((kind for kind, words in kinds.items() if re.search(words, text)), None)


def tampering(texts: Iterable[str]) -> str | None:
    """Why a file is a contaminated or masked copy, naming the words; ``None`` for a clean one."""
    for text in texts:
        if match := _BRANDS.search(text):
            return f"含有可疑词语“{match[1] or match[2]}”，像是被篡改的网页副本"
        if _TONED.search(text) and (match := _PINYIN.search(text)):
            return f"含有夹注拼音“{match[0]}”，像是被篡改的网页副本"
        if match := _MASKED.search(text):
            return f"含有“{match[0]}”，文字已被遮盖，不是完整的原件"
    return None


_LABELS = re.compile(r"公开(?:内容|依据|时限|主体|渠道|对象|方式|层级)")
_MOST_OF_THEM = 4
_LONGEST_LABEL = 16


def without_cells(texts: Iterable[str]) -> str | None:
    """How a catalogue's words stand in ``texts`` when its table was lost; ``None`` where they hold none.

    Either one text says all labels (大涌, 云霄, 溪湖), or each label stands in a text of its own (抚顺新抚).
    """
    alone: set[str] = set()
    for text in texts:
        found = set(_LABELS.findall(text))
        if len(found) >= _MOST_OF_THEM:
            return "表格已经连成一整段文字，没有分隔"
        alone |= found if len(text) <= _LONGEST_LABEL else set()
    return "表格变成了一行一格" if len(alone) >= _MOST_OF_THEM else None
