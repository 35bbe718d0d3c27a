"""A scanned or exported official document as clean paragraphs and tables.

Scans break lines where the page ends, put blanks around digits, mix half-width marks into Chinese
text and keep traces of markdown. Here lines become paragraphs again and the marks Chinese ones; no
word is added, dropped or moved. Two rules decide where a paragraph ends: a line that begins with a
number or label begins a paragraph, and a line that stops inside a sentence goes on in the next one.
Text with one paragraph a line keeps its paragraphs.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .brackets import OPENING, last_bracket, left_open
from .numbering import Number, number_of


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph on one line."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Consecutive table lines; cells keep their column, so a blank cell is an empty string."""

    rows: tuple[tuple[str, ...], ...]


Block = Paragraph | Table

_BLANKS = re.compile("[ \t\u00a0\u2000-\u200b\u3000\ufeff]+")
_HAN = "\u3400-\u9fff〇"
_MARKS = "，。；：？！、（）〔〕【】《》〈〉“”‘’…"
_FULL = _HAN + _MARKS
_WIDE = str.maketrans(",:;?!()", "，：；？！（）")
_PAIR = re.compile(r"\(([^()（）]*)\)")
_LONE_MARK = re.compile(rf"(?<=[{_FULL}]) ?[,:;?!()]|[,:;?!()](?= ?[{_FULL}])")
_SCAN_BLANK = re.compile(
    rf" (?=[{_MARKS}])|(?<=[{_MARKS}]) "  # beside Chinese marks
    rf"|(?<=[{_HAN}]) (?=[0-9A-Za-z])|(?<=[0-9A-Za-z%]) (?=[{_HAN}])"  # 2020 年, 26 个
    rf"|(?<=[0-9][.．、]) (?=[{_HAN}])"  # 1. 编制
)
_PADDING = re.compile(rf"(?:(?<=^)|(?<=[ {_MARKS}]))[{_HAN}](?: [{_HAN}])+(?=$|[ {_MARKS}])")
_HAN_BLANK = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])")

_TITLE = re.compile(
    "(?:通知|方案|细则|意见|制度|规定|办法|规则|规划|计划|要点|指引|指南|标准|目录|清单|台账|答疑|问答|"
    "[分工任务一览登记]表|工作组|领导小组|函|决定|公告|通告|公报|报告|汇编)(?:（[^（）]*）)?$"
)
_OFFICE = re.compile("[^《》]{2,20}(?:人民政府|办公室|办公厅|委员会|[局厅委]|文件)$")
_DATE = re.compile(r"(?:\d{4}|[二〇○零一二三四五六七八九十]{4})\s*年.{1,3}月.{1,3}日(?:印发)?$")
_DOCUMENT_NUMBER = re.compile(rf"[{_HAN}]{{2,12}}[〔\[［（(]\d{{4}}[〕\]］）)]第?\d+号$")
_ATTACHMENT = re.compile(r"附\s*[件表录]\s*[\d一二三四五六七八九十]*\s*$")
_SECTION = re.compile(r"【[^【】]{1,30}】$")
_DIALOGUE = re.compile(r"(?:问题?|答复?|[QqAa])\s*\d{0,3}\s*[：:、.．]")
_ROLE = re.compile(
    r"(?:副?(?:组\s*长|召集人|主任|主席|总指挥|指挥长)|成\s*员(?:单位)?|(?:牵头|责任|配合|负责|主办|协办|参与|参加)(?:单位|部门)"
    r"|完成(?:时限|时间)|时限|填报\S{0,12}?|填表\S{0,6}?|联系\S{0,8}?|抄送|主送|附\s*件\s*\d*|附)[：:]"
)
_LINK = re.compile(r"https?://")
_DUTY = re.compile("责任|牵头|负责|配合|完成|时限|主办|协办|承办")
_OPEN_DUTY = re.compile(rf"[（〔【［(\[][^）〕】］)\]]{{0,60}}?(?:{_DUTY.pattern})")
_SENTENCE_MARK = re.compile("[，。；：？！]")
_STOPPED = re.compile("[。！？：…][”’）〕】》]*$")
_SHORT_HEADING = 10
_NEVER_FIRST = re.compile("[，、。；：？！）〕】》”’]")
_UNFINISHED = re.compile(rf"[，、{re.escape(OPENING)}]$")

_PAGE_NUMBER = re.compile(
    r"[—–－-]+\s*\d{1,3}\s*[—–－-]+$|第\s*\d+\s*页(?:\s*[，,/]?\s*共\s*\d+\s*页)?$"
)
_RULE = re.compile(r"(?:-{3,}|\*{3,}|_{3,})$")
_BOLD_OVER_LINES = re.compile(r"\*\*[^*\n]+(?:\n[^*\n]+)+\*\*")
_TABLE_RULE = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?$")


def blocks(text: str) -> list[Block]:
    """The paragraphs and tables of ``text``, cleaned, in order.

    Lines with tabs, or between ``|``, are table rows; rows that follow each other are one table.
    """
    lines = _lines(text)
    width = _wrap_width(lines)
    found: list[Block] = []
    draft: list[_Line] = []

    def finish() -> None:
        if draft:
            found.append(Paragraph(clean(_joined(draft))))
            draft.clear()

    for index, line in enumerate(lines):
        if line.cells is not None:
            finish()
            if found and isinstance(table := found[-1], Table):
                found[-1] = Table((*table.rows, line.cells))
            else:
                found.append(Table((line.cells,)))
            continue
        if draft and not _goes_on(draft, line, lines, index - len(draft), width):
            after_attachment = _ATTACHMENT.match(draft[0].text) is not None
            finish()
            line = replace(line, titled=line.titled or after_attachment)
        draft.append(line)
    finish()
    return found


def clean(text: str) -> str:
    """A paragraph or cell with Chinese marks and no scan blanks; cleaning twice changes nothing."""
    while (cleaner := _cleaner(text)) != text:
        text = cleaner
    return text


def _cleaner(text: str) -> str:
    """One round: a mark once widened is Chinese context for the marks and blanks beside it."""
    text = _BLANKS.sub(" ", text).strip()
    text = _PAIR.sub(_widen_pair, text)
    text = _LONE_MARK.sub(lambda found: found[0].translate(_WIDE), text)
    text = _SCAN_BLANK.sub("", text)
    text = _PADDING.sub(lambda found: found[0].replace(" ", ""), text)
    running = text.endswith("。") or (_TITLE.search(text) and not _SENTENCE_MARK.search(text))
    if running and not _ROLE.search(text):
        text = _HAN_BLANK.sub("", text)
    return text


def is_sentence(text: str) -> bool:
    """Whether a clean paragraph has marks of a sentence, which titles, names and dates lack."""
    return _SENTENCE_MARK.search(text) is not None


def is_finished(text: str) -> bool:
    """Whether a clean paragraph ends as sentences do, or with a bracket that says who or when."""
    if _STOPPED.search(text):
        return True
    start = last_bracket(text)
    return start is not None and (
        start == 0 or ends_with_duty(text) or bool(_STOPPED.search(text[:start]))
    )


def ends_with_duty(text: str) -> bool:
    """Whether ``text`` ends with a bracket that says who or when: 〔责任单位：县教育局〕."""
    start = last_bracket(text)
    return start is not None and _DUTY.search(text, start) is not None


def is_attachment(text: str) -> bool:
    """Whether a line is an annex's mark on its own: 附件, 附件2."""
    return _ATTACHMENT.match(text) is not None


def is_section(text: str) -> bool:
    """Whether a line is a section heading in square brackets on its own: 【怎样编制】."""
    return _SECTION.match(text) is not None


def is_title(text: str) -> bool:
    """Whether a line without marks of a sentence ends as titles of documents and annexes do."""
    return not is_sentence(text) and _TITLE.search(text) is not None


def is_closing(text: str, following: str) -> bool:
    """Whether a line closes a document: the office over a date, a date, 抄送 (copies to)."""
    if text.startswith("抄送"):
        return True
    signed = _OFFICE.match(text) is not None and _DATE.match(following) is not None
    return not is_sentence(text) and (_DATE.match(text) is not None or signed)


def is_label_line(text: str) -> bool:
    """Whether a line gives a role or a label and who or what it is: 组长：……, 填报日期："""
    return _ROLE.match(text) is not None


@dataclass(frozen=True, slots=True)
class _Line:
    """One line as scanned: ``gap`` is set after an empty line, ``titled`` for marked headings."""

    text: str
    gap: bool
    cells: tuple[str, ...] | None = None
    bullet: bool = False
    titled: bool = False

    @property
    def number(self) -> Number | None:
        return number_of(self.text)

    @property
    def length(self) -> float:
        return sum(1 if ord(char) > 0xFF else 0.5 for char in self.text)

    @property
    def begins(self) -> bool:
        """Whether nothing before this line can go on in it."""
        text = self.text
        return bool(
            self.bullet
            or self.titled
            or self.number
            or _DIALOGUE.match(text)
            or _ATTACHMENT.match(text)
            or _SECTION.match(text)
            or _LINK.match(text)
        )

    @property
    def runs_in(self) -> bool:
        """Whether the text of a numbered line starts on that line: it is not a heading alone."""
        return "。" in self.text or self.text.endswith("；") or is_finished(self.text)


def _lines(text: str) -> list[_Line]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    text = _BOLD_OVER_LINES.sub(lambda found: found[0].replace("\n", ""), text)
    lines: list[_Line] = []
    gap = False
    for raw in text.split("\n"):
        plain = raw.replace("**", "").strip()
        if not plain or _PAGE_NUMBER.match(plain) or _RULE.match(plain) or _is_table_rule(plain):
            gap = True
            continue
        in_table = bool(lines) and lines[-1].cells is not None
        cells = _cells(raw.replace("**", ""), in_table)
        if cells is not None:
            lines.append(_Line(plain, gap, cells))
        else:
            lines.append(_unmarked(plain, gap))
        gap = False
    return lines


def _unmarked(text: str, gap: bool) -> _Line:
    """A line without its markdown: heading marks, bullets, quotation, escapes, link brackets."""
    heading = re.match(r"#{1,6}\s+", text)
    bullet = re.match(r"[-*+•]\s+|>\s?", text)
    mark = heading or bullet
    text = text[mark.end() :] if mark else text
    text = re.sub(r"<(https?://[^>\s]+)>", r"\1", text)
    text = re.sub(r"\\([.()\[\]#*_-])", r"\1", text)
    # Marks are widened before lines are joined: what a line begins and ends with decides.
    return _Line(clean(text), gap, bullet=bullet is not None, titled=heading is not None)


def _cells(raw: str, in_table: bool) -> tuple[str, ...] | None:
    plain = raw.strip(" \u3000\r")
    if plain.startswith("|") and plain.endswith("|") and len(plain) > 2:
        return tuple(clean(cell) for cell in plain[1:-1].split("|"))
    if "\t" not in plain.strip() and not (in_table and "\t" in plain):
        return None
    cells = tuple(clean(cell) for cell in plain.split("\t"))
    # Word writes a tab after the number of a list item.
    if len(cells) == 2 and not in_table and (number := number_of(cells[0])) and not number.rest:
        return None
    return cells


def _is_table_rule(text: str) -> bool:
    return "|" in text and _TABLE_RULE.match(text) is not None


def _wrap_width(lines: Sequence[_Line]) -> float | None:
    """The width at which the text is wrapped (PDF exports); none where lines are paragraphs."""
    lengths = [line.length for line in lines if line.cells is None and not _LINK.match(line.text)]
    longest = max(lengths, default=0)
    full = sum(length >= longest - 3 for length in lengths)
    return longest if 15 <= longest <= 60 and full >= 8 and full >= len(lengths) * 0.35 else None


def _joined(draft: Sequence[_Line]) -> str:
    text = ""
    for line in draft:
        letters = text[-1:].isascii() and text[-1:].isalpha() and line.text[:1].isascii()
        text += (" " if letters and line.text[:1].isalpha() else "") + line.text
    return text


def _goes_on(
    draft: Sequence[_Line], line: _Line, lines: Sequence[_Line], first: int, width: float | None
) -> bool:
    """Whether the paragraph in ``draft``, begun in ``lines[first]``, continues in ``line``."""
    text = _joined(draft)
    if line.begins or (draft[0].titled and not _UNFINISHED.search(text)):
        return False
    number = number_of(text)
    dialogue = _DIALOGUE.match(text)
    if (number and not number.rest) or (dialogue and dialogue.end() == len(text)):
        return True
    if _UNFINISHED.search(text) or left_open(text) or _NEVER_FIRST.match(line.text):
        return True
    if _begins_with_duty(line.text) and is_sentence(text):
        return True
    if is_finished(text) or _stands_alone(line.text, text):
        return False
    if dialogue or "。" in text:
        return True
    full = width is not None and draft[-1].length >= width - 3
    if number:
        return full or _siblings_run_in(lines, first, number)
    if is_sentence(text):
        return full or not _ROLE.match(text)
    return not _is_heading_line(text, line) and (full or width is None)


def _begins_with_duty(text: str) -> bool:
    """Whether a line begins with a bracket that says who or when: it belongs to the text above."""
    if text.startswith("〔") or _OPEN_DUTY.match(text):
        return True
    return last_bracket(text) == 0 and ends_with_duty(text)


def _stands_alone(text: str, before: str) -> bool:
    """Whether a line is a paragraph by its form: role and name, date, 文号, a line in brackets."""
    if _ROLE.match(text) or _DOCUMENT_NUMBER.match(text):
        return True
    if last_bracket(text) == 0 and not _begins_with_duty(text):
        return True
    return _DATE.match(text) is not None and not is_sentence(before)


def _is_heading_line(text: str, following: _Line) -> bool:
    """Whether ``text``, without marks of a sentence, is a title, name, date or short heading."""
    if _DATE.match(text) or _DOCUMENT_NUMBER.match(text) or _ATTACHMENT.match(text):
        return True
    if _LINK.match(text) or _SECTION.match(text) or _TITLE.search(text):
        return True
    if _OFFICE.match(text):
        return not following.text.startswith("关于")
    return following.gap and len(text) < 10


def _siblings_run_in(lines: Sequence[_Line], index: int, number: Number) -> bool:
    """Whether the numbered line at ``index`` is text, not a heading, as most of its siblings are.

    Siblings are the lines numbered alike under the same heading. Without any to go by, 一、
    and （一） stand over text, while an item 1. with a comma is text. What is as short as 加强组织
    领导 is a heading anywhere: no scan breaks its lines so early.
    """
    if "：" in number.rest or number.rest.count("，") > 1:
        return True
    if len(number.rest) <= _SHORT_HEADING and "，" not in number.rest:
        return False
    votes = [sibling.runs_in for sibling in _siblings(lines, index, number.level)]
    if any(votes) and votes.count(True) >= votes.count(False):
        return True
    return number.level >= 4 and "，" in number.rest


def _siblings(lines: Sequence[_Line], index: int, level: int) -> Iterator[_Line]:
    for way in (range(index - 1, -1, -1), range(index + 1, len(lines))):
        for at in way:
            if _ATTACHMENT.match(lines[at].text) or _DIALOGUE.match(lines[at].text):
                break
            if number := lines[at].number:
                if number.level < level:
                    break
                if number.level == level:
                    yield lines[at]


def _widen_pair(found: re.Match[str]) -> str:
    """A pair of half-width brackets, widened when Chinese stands in it or beside it."""
    around = found.string[max(found.start() - 1, 0) : found.end() + 1]
    return f"（{found[1]}）" if re.search(f"[{_FULL}]", around) else found[0]
