"""What copying, converting and scanning does to words in cells: rules, each with where it was seen.

Only what can be put right surely is repaired; the rest is doubted and left as published.
"""

import re
from dataclasses import dataclass

_YEAR = r"\s*((?:19|20)\d\d)\s*"
_WIDE = r"[\u4e00-\u9fff]"


@dataclass(frozen=True, slots=True)
class Repair:
    """Words that can be put right: ``seen`` is an example, ``said`` what a clerk is told."""

    seen: str
    pattern: re.Pattern[str]
    right: str
    said: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Words that are not whole, by an example; they stay, and a clerk is told."""

    seen: str
    pattern: re.Pattern[str]
    said: str


REPAIRS = (
    Repair(
        "国办发〔201680号, 税总发〔201744号, 建村〔2017192号",
        re.compile(rf"[〔﹝\[【]{_YEAR}(?=\d{{1,4}}号)"),
        r"〔\1〕",
        "文号的年份后面少了括号，已补上",
    ),
    Repair(
        "〔2018)23号〕, 〔2016 )115号",
        re.compile(rf"[〔﹝]{_YEAR}[)）\]】]\s*(\d{{1,4}}号)[〕﹞]?"),
        r"〔\1〕\2",
        "文号的括号前后不一致，已改为〔〕",
    ),
    Repair(
        "县 应 急 管 理 局, 《中 华 人 民 共 和 国…》",
        re.compile(rf"(?<!{_WIDE})(?:{_WIDE}[ \u00a0\u3000]+){{2,}}{_WIDE}(?!{_WIDE})"),
        "",
        "字与字之间的空格已去掉",
    ),
    Repair(
        "《中华人 民共和国政 府信息公开条例》",
        re.compile(r"《[^《》A-Za-z]*?\s[^《》A-Za-z]*》"),
        "",
        "文件名称里的空格和换行已去掉",
    ),
)
"""Applied in order to every cell of words. An empty ``right`` takes the blanks out."""

SUSPICIONS = (
    Suspicion(
        "?结果 (a lost bullet)",
        re.compile(rf"(?:^|[\n;；。])\s*\?(?={_WIDE})"),
        "行首的“?”像是丢失的符号",
    ),
    Suspicion(
        "<地方预决算公开< pan>地方预决算公开<>操作规程的通知> (突泉)",
        re.compile(r"<\s*/?\s*s?pan\b|<\s*>|</?(?:font|br|p|div|td)\b|&(?:nbsp|lt|gt|amp);"),
        "夹有网页标记，文字可能不全",
    ),
    Suspicion(
        "《关于印发的通知》 (〈…〉 taken for a tag)",
        re.compile(r"关于(?:印发|转发|公布|发布|修改)?的(?:通知|意见|公告|决定|批复)|《》|〈〉"),
        "文件名称里少了一段文字",
    ),
)

_MARKING = re.compile(r"扣\s*\d+(?:\.\d+)?\s*分|得\s*\d+(?:\.\d+)?\s*分|扣完为止")


def repaired(text: str) -> tuple[str, list[str]]:
    """``text`` put right, and what was done."""
    done = []
    for repair in REPAIRS:
        right = repair.right or _without_blanks
        text, count = repair.pattern.subn(right, text)
        if count:
            done.append(repair.said)
    return text, done


def suspected(text: str) -> list[str]:
    """What is doubtful about ``text``."""
    return [suspicion.said for suspicion in SUSPICIONS if suspicion.pattern.search(text)]


def is_marking(text: str) -> bool:
    """Whether a text tells inspectors how to mark (不全的每个扣2分)."""
    return _MARKING.search(text) is not None


def _without_blanks(found: re.Match[str]) -> str:
    return "".join(found[0].split())
