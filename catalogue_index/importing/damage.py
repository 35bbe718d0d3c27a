"""What copying, converting and scanning does to words in cells: rules, each with where it was seen.

Only what can be put right surely is repaired; the rest is doubted and left as published.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_YEAR = r"\s*((?:19|20)\d\d)\s*"
_WIDE = r"[\u4e00-\u9fff]"
_BLANKS = "[ \u00a0\u3000]+"
_WITHOUT_BLANKS = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Damaged words: an example ``seen``, and what a clerk is told of them (``said``).

    A text without any of the ``signs`` has none, which is quickly seen. ``right`` is what a repair
    puts in their place; ``_WITHOUT_BLANKS`` takes out the blanks between them.
    """

    seen: str
    signs: str
    pattern: re.Pattern[str]
    said: str
    right: str = ""

    def repair(self, text: str) -> str:
        """``text`` with every such place put right."""
        return self.pattern.sub(self.right or _without_blanks, text)


REPAIRS = (
    Rule(
        "国办发〔201680号, 税总发〔201744号, 建村〔2017192号",
        "〔﹝[【",
        re.compile(rf"[〔﹝\[【]{_YEAR}(?=\d{{1,4}}号)"),
        "文号的年份后面少了括号，已补上",
        r"〔\1〕",
    ),
    Rule(
        "〔2018)23号〕, 〔2016 )115号",
        "〔﹝[【",
        re.compile(rf"[〔﹝]{_YEAR}[)）\]】]\s*(\d{{1,4}}号)[〕﹞]?"),
        "文号的括号前后不一致，已改为〔〕",
        r"〔\1〕\2",
    ),
    Rule(
        "县 应 急 管 理 局, 《中 华 人 民 共 和 国…》",
        " \u00a0\u3000",
        re.compile(rf"(?<!{_WIDE})(?:{_WIDE}{_BLANKS}){{2,}}{_WIDE}(?!{_WIDE})"),
        "字与字之间的空格已去掉",
        _WITHOUT_BLANKS,
    ),
    Rule(
        "《中华人 民共 和国政 府信 息公开 条例》 (but not 《民政部 财政部关于…》)",
        " \u00a0\u3000",
        re.compile(rf"《(?:{_WIDE}{{1,3}}{_BLANKS}){{2,}}{_WIDE}{{1,3}}》"),
        "文件名称里的空格已去掉",
        _WITHOUT_BLANKS,
    ),
)
"""Put right in this order."""

SUSPICIONS = (
    Rule(
        "?结果 (a lost bullet)",
        "?",
        re.compile(rf"(?:^|[\n;；。])\s*\?(?={_WIDE})"),
        "行首的“?”像是丢失的符号",
    ),
    Rule(
        "<地方预决算公开< pan>地方预决算公开<>操作规程的通知> (突泉)",
        "<&",
        re.compile(r"<\s*/?\s*s?pan\b|<\s*>|</?(?:font|br|p|div|td)\b|&(?:nbsp|lt|gt|amp);"),
        "夹有网页标记，文字可能不全",
    ),
    Rule(
        "《关于印发的通知》 (〈…〉 taken for a tag)",
        "《〈关",
        re.compile(r"关于(?:印发|转发|公布|发布|修改)?的(?:通知|意见|公告|决定|批复)|《》|〈〉"),
        "文件名称里少了一段文字",
    ),
)
"""Left as published."""


def _any_sign(rules: Iterable[Rule]) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(''.join(rule.signs for rule in rules))}]")


_REPAIRABLE, _SUSPICIOUS = _any_sign(REPAIRS), _any_sign(SUSPICIONS)
_MARKING = re.compile(r"扣\s*\d+(?:\.\d+)?\s*分|得\s*\d+(?:\.\d+)?\s*分|扣完为止")


def repaired(text: str) -> tuple[str, list[str]]:
    """``text`` put right, and what was done."""
    done: list[str] = []
    if _REPAIRABLE.search(text):
        for rule in REPAIRS:
            if (right := rule.repair(text)) != text:
                text = right
                done.append(rule.said)
    return text, done


def suspected(text: str) -> list[str]:
    """What is doubtful about ``text``."""
    if not _SUSPICIOUS.search(text):
        return []
    return [rule.said for rule in SUSPICIONS if rule.pattern.search(text)]


def is_marking(text: str) -> bool:
    """Whether a text tells inspectors how to mark (不全的每个扣2分)."""
    return _MARKING.search(text) is not None


def _without_blanks(found: re.Match[str]) -> str:
    return "".join(found[0].split())
