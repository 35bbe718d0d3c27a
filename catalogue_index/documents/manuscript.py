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
from itertools import islice

from . import layout
from .brackets import OPENING, left_open
from .numbering import Number, number_of
from .punctuation import clean

__all__ = ["Block", "Paragraph", "Table", "blocks", "clean"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph on one line."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Consecutive table lines; cells keep their column, so a blank cell is an empty string."""

    rows: tuple[tuple[str, ...], ...]


Block = Paragraph | Table

_DIALOGUE = re.compile(r"(?:问题?|答复?|[QqAa])\s*\d{0,3}\s*[：:、.．]")
_NEVER_FIRST = re.compile("[，、。；：？！）〕】》”’]")
_UNFINISHED = re.compile(rf"[，、{re.escape(OPENING)}]$")
_SHORT_HEADING = 10
_EDGE = 400
"""How much of a paragraph's beginning and end is looked at, so that long ones take no longer."""

_PAGE_NUMBER = re.compile(
    r"[—–－-]+\s*\d{1,3}\s*[—–－-]+$|第\s*\d+\s*页(?:\s*[，,/]?\s*共\s*\d+\s*页)?$"
)
_RULE = re.compile(r"(?:-{3,}|\*{3,}|_{3,})$")
_BOLD_OVER_LINES = re.compile(r"\*\*[^*\n]+(?:\n[^*\n]+){1,5}\*\*")
_TABLE_RULE = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?$")


def blocks(text: str) -> list[Block]:
    """The paragraphs and tables of ``text``, cleaned, in order.

    Lines with tabs, or between ``|``, are table rows; rows that follow each other are one table.
    """
    lines = _lines(text)
    width = _wrap_width(lines)
    found: list[Block] = []
    draft: _Draft | None = None
    rows: list[tuple[str, ...]] = []
    for index, line in enumerate(lines):
        if line.cells is not None:
            if draft:
                found.append(draft.paragraph())
                draft = None
            rows.append(line.cells)
            continue
        if rows:
            found.append(Table(tuple(rows)))
            rows = []
        if draft and _goes_on(draft, line, lines, width):
            draft.add(line)
            continue
        if draft:
            found.append(draft.paragraph())
            if layout.is_attachment(draft.head):
                line = replace(line, titled=True)
        draft = _Draft(index, line)
    if draft:
        found.append(draft.paragraph())
    if rows:
        found.append(Table(tuple(rows)))
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    """One line as scanned: ``gap`` is set after an empty line, ``titled`` for marked headings."""

    text: str
    gap: bool
    number: Number | None = None
    cells: tuple[str, ...] | None = None
    bullet: bool = False
    titled: bool = False

    @property
    def length(self) -> float:
        return sum(1 if ord(char) > 0xFF else 0.5 for char in self.text)

    @property
    def begins(self) -> bool:
        """Whether nothing before this line can go on in it."""
        forms = (_DIALOGUE.match, layout.is_attachment, layout.is_section, layout.is_link)
        marked = self.bullet or self.titled or self.number is not None
        return marked or any(form(self.text) for form in forms)

    @property
    def runs_in(self) -> bool:
        """Whether the text of a numbered line starts on that line: it is not a heading alone."""
        return "。" in self.text or self.text.endswith("；") or layout.is_finished(self.text)


class _Draft:
    """A paragraph under way; it began in line ``index``."""

    def __init__(self, index: int, line: _Line) -> None:
        self.index = index
        self.last = line
        self.titled = line.titled
        self.head = self.tail = line.text
        self.has_stop = self.is_sentence = False
        self._parts: list[str] = []
        self._note(line.text)

    def add(self, line: _Line) -> None:
        """Let the paragraph go on in ``line``."""
        letters = self.tail[-1:].isascii() and self.tail[-1:].isalpha()
        words = letters and line.text[:1].isascii() and line.text[:1].isalpha()
        joined = " " * words + line.text
        if len(self.head) < _EDGE:
            self.head += joined
        self.tail = self.tail[-_EDGE:] + joined
        self.last = line
        self._note(joined)

    def paragraph(self) -> Paragraph:
        """The whole, clean."""
        text = clean("".join(self._parts))
        running = text.endswith("。") or layout.is_title(text)
        return Paragraph(clean(text, running=running and not layout.has_label(text)))

    def _note(self, text: str) -> None:
        self._parts.append(text)
        self.has_stop = self.has_stop or "。" in text
        self.is_sentence = self.is_sentence or layout.is_sentence(text)


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
            lines.append(_Line(plain, gap, cells=cells))
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
    text = clean(text)
    return _Line(text, gap, number_of(text), bullet=bullet is not None, titled=heading is not None)


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
    lengths = [
        line.length for line in lines if line.cells is None and not layout.is_link(line.text)
    ]
    longest = max(lengths, default=0)
    full = sum(length >= longest - 3 for length in lengths)
    return longest if 15 <= longest <= 60 and full >= 8 and full >= len(lengths) * 0.35 else None


def _goes_on(draft: _Draft, line: _Line, lines: Sequence[_Line], width: float | None) -> bool:
    """Whether the paragraph under way continues in ``line``."""
    head, tail = draft.head, draft.tail
    if line.begins or (draft.titled and not _UNFINISHED.search(tail)):
        return False
    number = number_of(head)
    dialogue = _DIALOGUE.match(head)
    if (number and not number.rest) or (dialogue and dialogue.end() == len(head)):
        return True
    if _UNFINISHED.search(tail) or left_open(tail) or _NEVER_FIRST.match(line.text):
        return True
    if draft.is_sentence and layout.begins_with_duty(line.text):
        return True
    if layout.is_finished(tail) or layout.stands_alone(line.text):
        return False
    if layout.is_date(line.text) and not draft.is_sentence:
        return False
    if dialogue or draft.has_stop:
        return True
    full = width is not None and draft.last.length >= width - 3
    if number:
        return full or _siblings_run_in(lines, draft.index, number)
    if draft.is_sentence:
        return full or not layout.is_label(head)
    return not _is_heading_line(tail, line) and (full or width is None)


def _is_heading_line(text: str, following: _Line) -> bool:
    """Whether ``text``, without marks of a sentence, is a title, name, date or short heading."""
    if layout.is_whole(text):
        return True
    if layout.is_office(text):
        return not following.text.startswith("关于")
    return following.gap and len(text) < _SHORT_HEADING


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
    """The nearest lines numbered alike, up to sixty lines away: enough for a vote."""
    for way in (range(index - 1, -1, -1), range(index + 1, len(lines))):
        for at in islice(way, 60):
            line = lines[at]
            if layout.is_attachment(line.text) or _DIALOGUE.match(line.text):
                break
            if line.number and line.number.level < level:
                break
            if line.number and line.number.level == level:
                yield line
