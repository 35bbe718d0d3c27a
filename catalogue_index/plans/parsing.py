"""A plan or notice, scanned or well-formed, as passages; nothing of it is lost, nothing added."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..documents import layout
from ..documents.manuscript import Table, blocks
from ..documents.numbering import number_of
from ..errors import UnrecognisedFile
from .duties import (
    NO_DUTIES,
    Duties,
    duties_of,
    is_label,
    named_units,
    stated,
    with_role,
)
from .model import Passage
from .outline import Section, outline
from .tables import form_text, is_form, rows_of, sectors_in

_TASKS = re.compile("任务|工作内容|工作措施|重点工作|主要措施|具体措施|主要举措|工作举措|主要内容")
_GOALS = re.compile("目标")
_GOAL = re.compile(
    r"(?:[^，。：]{0,12}：)?(?:力争)?(?:到|至)?"
    r"(?P<due>(?P<year>\d{4})年(?:\d{1,2}月)?(?:\d{1,2}日)?(?:年?[底末])?(?:之?前)?)"
)
_ASSIGNED = re.compile(
    r"(?P<work>[^，。；：]{2,40}(?:领域|目录))(?:，?由|[：:。，])(?P<who>[^。]{2,150})。?$"
)


def parse_plan(text: str, document: str) -> list[Passage]:
    """The passages of ``text`` in order, numbered from 1.

    Raises ``UnrecognisedFile`` when there is no task, responsibility, goal or form in it.
    """
    whole = blocks(text)
    passages = [
        replace(passage, document=document, ordinal=ordinal)
        for ordinal, passage in enumerate(
            (passage for section in outline(whole) for passage in _passages(section)), start=1
        )
    ]
    if not any(p.kind in {"task", "responsibility", "goal", "form"} for p in passages):
        raise UnrecognisedFile(_nothing_found(passages))
    return passages


def _nothing_found(passages: Sequence[Passage]) -> str:
    if not passages:
        return "文件里没有文字，无法导入。请提供实施方案的文本或 Word 文件。"
    return (
        f"没有找到任务、责任分工或年度目标：共 {len(passages)} 段文字，"
        f"开头是“{passages[0].text[:30]}”。请提供写明“（一）……〔……负责〕”的实施方案，"
        "或带“领域”“责任单位”两栏的责任分工表。"
    )


@dataclass(slots=True)
class _Group:
    """Paragraphs that belong together, and the duties that they state."""

    paragraphs: list[str] = field(default_factory=list)
    duties: Duties = NO_DUTIES
    label: bool = False


def _passages(section: Section) -> Iterator[Passage]:
    paragraphs = [block.text for block in section.body if not isinstance(block, Table)]
    tables = [block for block in section.body if isinstance(block, Table)]
    if section.question:
        rows = [row.text for table in tables for row in rows_of(table)]
        yield _passage(section, "question", "\n".join([*paragraphs, *rows]))
        return
    if tables and all(is_form(table, paragraphs) for table in tables):
        lines = [form_text(b) if isinstance(b, Table) else b.text for b in section.body]
        yield _passage(section, "form", "\n".join(lines))
        return
    pending: list[str] = []
    for block in section.body:
        if isinstance(block, Table):
            yield from _of_paragraphs(section, pending)
            pending = []
            yield from _of_table(section, block)
        else:
            pending.append(block.text)
    yield from _of_paragraphs(section, pending)


def _of_table(section: Section, table: Table) -> Iterator[Passage]:
    path = (*section.path, section.heading) if section.heading else section.path
    for row in rows_of(table):
        kind = "paragraph"
        if row.duties and row.work:
            kind = "responsibility" if row.sectors else "task"
        below = Section(path=path, number=row.number, title=row.work or section.title)
        passage = _passage(below, kind, row.text, row.duties)
        yield replace(passage, sectors=row.sectors)


def _of_paragraphs(section: Section, paragraphs: Sequence[str]) -> Iterator[Passage]:
    goals = any(_GOALS.search(heading) for heading in (*section.path, section.title))
    tasks = any(_TASKS.search(heading) for heading in section.path)
    for group in _groups(section, paragraphs, alone=goals):
        text = "\n".join(group.paragraphs)
        number = number_of(text) if section.run_in else None
        words = number.rest if number else text
        if goals and (goal := _GOAL.match(words)):
            passage = _passage(section, "goal", text, group.duties)
            yield replace(passage, year=int(goal["year"]), due=goal["due"])
        elif number and (assigned := _ASSIGNED.match(words)) and (who := _who(assigned["who"])):
            work = assigned["work"]
            passage = _passage(replace(section, title=work), "responsibility", text, who)
            yield replace(passage, sectors=sectors_in(work))
        elif group.duties or (tasks and not group.label):
            yield _passage(section, "task", text, group.duties)
        else:
            yield _passage(section, "paragraph", text)


def _who(words: str) -> Duties:
    """The units that a line of a list gives its sector to, by verbs or as bare names."""
    return stated(words) or with_role("responsible", named_units(words))


def _groups(section: Section, paragraphs: Sequence[str], alone: bool) -> list[_Group]:
    """Paragraphs that make one passage.

    A paragraph's units are those of what stands since the last units: 高要区（七）prints them after
    its second paragraph, 江汉区 after each. Lines that are no sentences (title, addressees,
    signature, people) stay together. A numbered paragraph keeps those after it; under a heading
    on a line of its own each paragraph stands alone.
    """
    groups: list[_Group] = []
    under_way = False
    for text in paragraphs:
        last = groups[-1] if groups else None
        if is_label(text) and last and not last.label:
            last.paragraphs.append(text)
            last.duties |= duties_of(text)
            under_way = False
            continue
        label = _is_label_line(text)
        duties = duties_of(text)
        if last and not alone and (last.label if label else under_way):
            last.paragraphs.append(text)
            last.duties |= duties
        else:
            groups.append(_Group([text], duties, label))
        under_way = not label and not duties
    if section.run_in:
        return groups
    return [part for group in groups for part in _apart(group)]


def _apart(group: _Group) -> list[_Group]:
    """Paragraphs without units, under a heading on a line of its own: each stands alone."""
    if group.duties or group.label:
        return [group]
    return [_Group([text]) for text in group.paragraphs]


def _is_label_line(text: str) -> bool:
    addressees = text.endswith("：") and not text.endswith("如下：") and "。" not in text
    return not layout.is_sentence(text) or layout.is_label(text) or (addressees and len(text) <= 80)


def _passage(section: Section, kind: str, text: str, duties: Duties = NO_DUTIES) -> Passage:
    return Passage(
        document="",
        ordinal=0,
        kind=kind,
        path=section.path,
        number=section.number,
        title=section.title,
        text=text,
        lead=duties.lead,
        supporting=duties.supporting,
        responsible=duties.responsible,
        due=duties.due,
        long_term=duties.long_term,
    )
