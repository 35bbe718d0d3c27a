"""A Q&A annex (答疑, 问答) as FAQ entries: questions in order, each with its whole answer.

Questions are marked 问：, 问1、 or Q：, answers 答： or A：; where questions carry only a number
(1. …？), the line before each answer, or each numbered line that asks, is a question. A heading,
in 【】 or on its own before a question, opens a section. The annex ends where the next one begins.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from catalogue_index.documents.layout import is_attachment, is_finished, is_section, is_title
from catalogue_index.documents.manuscript import Block, Table, blocks
from catalogue_index.documents.numbering import number_of
from catalogue_index.errors import UnrecognisedFile

from .model import FaqEntry

_NUMBER = r"\s*(?:\d{1,3}|[一二三四五六七八九十]{1,3})?\s*[：:、.．]\s*"
_QUESTION = re.compile(rf"(?:问题?|[Qq]){_NUMBER}")
_ANSWER = re.compile(rf"(?:答复?|[Aa]){_NUMBER}")
_ANSWER_INSIDE = re.compile(r"(?<=[？?。！])\s*答[：:]")
_ASKS = re.compile(r"[？?]$")


@dataclass(slots=True)
class _Draft:
    section: str
    question: str
    answer: list[str] = field(default_factory=list)


def parse_annex(text: str, document: str) -> list[FaqEntry]:
    """The entries of the Q&A in ``text``, numbered from 1 in order of appearance.

    ``text`` may hold more than the annex: what stands before the first question, and from the next
    annex on, is left out. Raises ``UnrecognisedFile`` when there is no question, and when one has
    no answer.
    """
    paragraphs = [_plain(block) for block in blocks(text)]
    asks = _questions(paragraphs)
    drafts = list(_drafts(paragraphs, asks))
    if not drafts:
        raise UnrecognisedFile(_nothing_found(paragraphs))
    for number, draft in enumerate(drafts, start=1):
        if not any(draft.answer):
            raise UnrecognisedFile(
                f"第 {number} 个问题没有答复：“{draft.question[:40]}”。"
                "请在问题后补上以“答：”开头的答复。"
            )
    return [
        FaqEntry(document, number, draft.section, draft.question, "\n".join(draft.answer))
        for number, draft in enumerate(drafts, start=1)
    ]


def _plain(block: Block) -> str:
    """A paragraph's text, or a table's rows as lines: a table in an answer is part of it."""
    if isinstance(block, Table):
        return "\n".join("\t".join(row) for row in block.rows)
    return block.text


def _questions(paragraphs: Sequence[str]) -> dict[int, str]:
    """Index of each question's paragraph → its words, by the way in which this annex marks them."""
    marked = {
        index: text[mark.end() :]
        for index, text in enumerate(paragraphs)
        if (mark := _QUESTION.match(text))
    }
    if marked:
        return marked
    before_answers = {
        index - 1: _without_number(paragraphs[index - 1])
        for index, text in enumerate(paragraphs)
        if index and _ANSWER.match(text) and not _ANSWER.match(paragraphs[index - 1])
    }
    if before_answers:
        return before_answers
    return {
        index: number.rest
        for index, text in enumerate(paragraphs)
        if (number := number_of(text)) and _ASKS.search(text)
    }


def _drafts(paragraphs: Sequence[str], asks: dict[int, str]) -> Iterator[_Draft]:
    section = ""
    draft: _Draft | None = None
    style = _heading_style(paragraphs, asks)
    for index, text in enumerate(paragraphs):
        if index in asks:
            if draft:
                yield draft
            question, answer = _split(asks[index])
            draft = _Draft(section, question, [answer] if answer else [])
        elif is_attachment(text):
            if draft:
                yield draft
            section, draft = "", None
        elif is_section(text) or (index + 1 in asks and _style(text) == style is not None):
            if draft:
                yield draft
            section, draft = _heading(text), None
        elif draft and draft.answer and is_title(text):
            yield draft
            draft = None
        elif draft:
            mark = _ANSWER.match(text) if not draft.answer else None
            answer = text[mark.end() :] if mark else text
            if answer:
                draft.answer.append(answer)
    if draft:
        yield draft


def _split(question: str) -> tuple[str, str]:
    """A question and the answer that stands in the same paragraph, if one does."""
    inside = _ANSWER_INSIDE.search(question)
    if not inside:
        return question, ""
    return question[: inside.start()], question[inside.end() :].strip()


def _heading_style(paragraphs: Sequence[str], asks: dict[int, str]) -> int | None:
    """How sections are headed here, shown by the line above the first question; none: not at all.

    Without this, the last line of an answer (身份证) would pass for a heading of the next question.
    """
    first = min(asks, default=0)
    return _style(paragraphs[first - 1]) if first else None


def _style(text: str) -> int | None:
    """Level of the number of a line that may be a section heading, 0 without a number."""
    if "\n" in text or is_finished(text) or is_attachment(text) or _ANSWER.match(text):
        return None
    if number := number_of(text):
        return number.level
    return None if is_title(text) or len(text) > 30 else 0


def _heading(text: str) -> str:
    return text[1:-1].strip() if is_section(text) else _without_number(text)


def _without_number(text: str) -> str:
    number = number_of(text)
    return number.rest if number else text


def _nothing_found(paragraphs: Sequence[str]) -> str:
    if not paragraphs:
        return "文件里没有文字，无法导入问答。请提供含“问：”“答：”的答疑文件。"
    return (
        f"没有找到问答：共 {len(paragraphs)} 段文字，开头是“{paragraphs[0][:30]}”，"
        "其中没有以“问：”开头的问题。请提供“问：……”“答：……”成对排列的答疑文件。"
    )
