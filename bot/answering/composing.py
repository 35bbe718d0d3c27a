"""Stored official text → what the person reads: the words as they stand, what was asked first, the source last."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.clock import chinese_day
from bot.knowledge.library import Knowledge
from catalogue_index.model import COLUMNS, Document, Item
from catalogue_index.plans import Passage
from faq.model import FaqEntry

from .asking import FIELDS, Asked
from .finding import Candidate
from .model import Choice, Source
from .scope import Scope

EXCERPT = 260
"""Characters of a plan passage shown whole; a longer one is cut to the sentences that answer."""

LONGEST_EXCERPT = 600
"""Characters that an excerpt never exceeds, however long its sentences are: what one WeChat message carries."""

_GAP = "……"
_BRACKET = r"[〔（(](?:[^〔〕（）()\n]|[（(][^（）()\n]*[）)])*[〕）)]"
_DUTY_WORD = re.compile(r"负责|责任单位|牵头|完成")
_SENTENCE = re.compile(rf"(?:{_BRACKET}|[^。；\n])*[。；]?(?:[ \t]*{_BRACKET})?\n*")
"""Up to its full stop or semicolon, with the bracket behind it; what stands in brackets is never cut."""
_CLAUSE = re.compile(r"[^，、：]*[，、：]?")
_LAST_BRACKET = re.compile(rf"{_BRACKET}\s*\Z")
_ROW_NUMBER = re.compile(r"(?:\S*序号 ?)?[0-9]+")
_NUMBER_MARKS = ((re.compile(r"[0-9]+"), "."), (re.compile(r"[一二三四五六七八九十]+"), "、"))
_SHOWN_ALWAYS = (
    "time_limit",
    "discloser",
    "channels",
    "content",
    "audience",
    "method",
    "level",
    "basis",
)
_LABEL_LENGTH = 38

Weigh = Callable[[str], float]
"""How much a sentence has of what was asked."""


def source_of(candidate: Candidate, knowledge: Knowledge, scope: Scope) -> Source:
    """The stored text that a candidate stands for."""
    if candidate.type == "faq":
        entry = knowledge.entry(candidate.key)
        assert entry
        document = knowledge.documents[entry.document]
        locator: dict[str, object] = {"number": entry.number, "section": entry.section}
        return _source(
            "faq", document, scope, entry.question, entry.answer, f"/faq/{candidate.key}", locator
        )
    if candidate.type == "item":
        found = knowledge.item(candidate.key)
        assert found
        document, item = found
        locator = {
            "sector": item.sector,
            "category": item.category,
            "item": item.item,
            "row": item.place.row,
            "version": document.version,
        }
        title = item.item or item.category or item.sector or ""
        return _source(
            "catalogue", document, scope, title, item.cells(), f"/items/{candidate.key}", locator
        )
    passage = knowledge.passage(candidate.key)
    assert passage
    document = knowledge.documents[passage.document]
    locator = {"number": passage.number, "path": list(passage.path)}
    page = f"/sources/{document.id}#p{passage.ordinal}"
    return _source("plan", document, scope, passage_title(passage), passage.text, page, locator)


def _source(
    type: str,
    document: Document,
    scope: Scope,
    title: str,
    quote: object,
    page: str,
    locator: dict[str, object],
) -> Source:
    return Source(
        type=type,
        document=document.id,
        document_title=document.title,
        document_number=document.number,
        area=document.area,
        area_name=document.area_name,
        date=document.date,
        title=title,
        quote=quote,  # type: ignore[arg-type]
        binding=scope.binds(document.area),
        page=page,
        locator=locator,
    )


def faq_text(entry: FaqEntry) -> str:
    """The official question and its whole answer."""
    return f"问：{entry.question}\n答：{entry.answer}"


def item_text(item: Item, asked: Asked) -> str:
    """A catalogue row in plain order: what was asked first, then the other cells; unknown cells are named as such."""
    wanted = [name for aspect in asked.aspects for name in FIELDS.get(aspect, ())]
    names = list(dict.fromkeys([*wanted, *(n for n in _SHOWN_ALWAYS if getattr(item, n))]))
    heading = " · ".join(part for part in (item.sector, item.category, item.item) if part)
    lines = [f"{COLUMNS[name]}：{getattr(item, name) or '这份目录没有写明'}" for name in names]
    return "\n".join([f"【{heading}】", *lines])


def plan_text(passage: Passage, weigh: Weigh) -> str:
    """The part of a plan passage that answers, under its heading."""
    heading = passage_title(passage)
    body = excerpt(passage, weigh)
    if not heading or normal(body).startswith(normal(heading)):
        return body
    return f"{heading}\n{body}"


def passage_title(passage: Passage) -> str:
    """The nearest heading of a passage, as printed; that of the table for a row of one."""
    above = passage.path[-1] if passage.path else ""
    if is_row(passage):
        return above or passage.title
    if not passage.title:
        return above
    if passage.number and normal(passage.text).startswith(normal(passage.number)):
        # The number is the paragraph's own; only where the title follows it are they one heading.
        own = normal(passage.text).startswith(normal(passage.number + passage.title))
        return f"{_printed(passage.number)}{passage.title}" if own else passage.title
    return f"{_printed(passage.number)}{passage.title}"


def is_row(passage: Passage) -> bool:
    """Whether a passage is a row of a table of responsibilities: its cells stand on lines of their own."""
    return passage.kind == "responsibility" and "\n" in passage.text


def excerpt(passage: Passage, weigh: Weigh) -> str:
    """Whole when short; else the sentences nearest to the question with their neighbours, and the bracket of units.

    Every piece between two …… stands in the passage as it is. A sentence is cut only when it alone is too long, and then
    at a comma. Of a table row the running number is left out.
    """
    text = passage.text.strip()
    if is_row(passage):
        text = "\n".join(line for line in text.split("\n") if not _ROW_NUMBER.fullmatch(line))
    if len(text) <= (LONGEST_EXCERPT if is_row(passage) else EXCERPT):
        return text
    duty = _duty(text)
    body = text.removesuffix(duty)
    room = LONGEST_EXCERPT - len(duty) - 2 * len(_GAP)
    pieces = [piece for s in _SENTENCE.findall(body) if s for piece in _bounded(s, room)]
    shown, last = "", -1
    for number in sorted(_nearest(pieces, weigh)):
        shown = shown.rstrip() + _GAP if number != last + 1 else shown
        shown, last = shown + pieces[number], number
    shown = shown.strip() if last == len(pieces) - 1 else shown.rstrip() + _GAP
    return shown + duty


def _duty(text: str) -> str:
    """The bracket of units or due time that closes a passage; empty where there is none."""
    found = _LAST_BRACKET.search(text)
    known = found and _DUTY_WORD.search(found[0]) and len(found[0]) <= LONGEST_EXCERPT // 2
    return found[0].strip() if found and known else ""


def _bounded(sentence: str, room: int) -> list[str]:
    """A sentence, cut at commas, and failing that anywhere, when it alone would fill the message."""
    if len(sentence) <= room:
        return [sentence]
    pieces = [""]
    for clause in _CLAUSE.findall(sentence):
        for start in range(0, len(clause), room):
            part = clause[start : start + room]
            if len(pieces[-1]) + len(part) > EXCERPT:
                pieces.append("")
            pieces[-1] += part
    return [piece for piece in pieces if piece]


def _nearest(pieces: Sequence[str], weigh: Weigh) -> set[int]:
    """The heaviest, in turn, while they fit; the neighbours of the heaviest come along if there is room."""
    weights = [-weigh(piece) / math.sqrt(len(piece) + 10) for piece in pieces]
    order = sorted(range(len(pieces)), key=weights.__getitem__)
    chosen = {order[0]}
    room = EXCERPT - len(pieces[order[0]])
    others = [number for number in order[1:3] if weights[number]]
    for number in (*others, order[0] + 1, order[0] - 1):
        if 0 <= number < len(pieces) and number not in chosen and len(pieces[number]) <= room:
            chosen.add(number)
            room -= len(pieces[number])
    return chosen


def _printed(number: str) -> str:
    """A number with the mark that stands behind it in print."""
    marks = (mark for pattern, mark in _NUMBER_MARKS if pattern.fullmatch(number))
    return number + next(marks, "")


def normal(text: str) -> str:
    """Without blanks and numbering marks, to see whether a text repeats its heading."""
    return re.sub(r"[\s.．、（）()]", "", text)


def source_line(source: Source) -> str:
    """The line under an answer that says where it stands: document, 文号, number or row, area, date."""
    place = ""
    if source.type == "faq":
        place = f"答疑第{source.locator['number']}问"
    elif source.type == "catalogue" and source.locator["row"]:
        place = f"第{source.locator['row']}行"
    elif source.locator.get("number"):
        printed = str(source.locator["number"]).strip("．.、")
        place = f"第{printed}项" if printed.isdigit() else printed
    number = f"（{source.document_number}）" if source.document_number else ""
    date = source.date or _imported(source)
    parts = [f"《{source.document_title}》{number}", place, source.area_name, date]
    return "来源：" + "，".join(part for part in parts if part)


def _imported(source: Source) -> str:
    """The day on which the office put this version of a catalogue in force; empty for texts that are no such version."""
    version = str(source.locator.get("version") or "")
    return f"{chinese_day(datetime.fromisoformat(version))}导入" if version else ""


def choice_of(candidate: Candidate, knowledge: Knowledge, scope: Scope) -> Choice:
    """A candidate as something to tap: for a plan the label says whose it is."""
    source = source_of(candidate, knowledge, scope)
    if candidate.type == "faq":
        return Choice(_short(source.title), source.title, source)
    if candidate.type == "item":
        names = [source.locator[k] for k in ("sector", "category", "item") if source.locator[k]]
        found = knowledge.item(candidate.key)
        assert found
        return Choice(_short(" · ".join(names)), item_message(found[1]), source)
    passage = knowledge.passage(candidate.key)
    assert passage
    message = plan_message(passage, source.area_name)
    return Choice(f"{source.area_name}：{message.removeprefix(source.area_name)}", message, source)


def item_message(item: Item) -> str:
    """What is sent when a row is tapped: its names."""
    return " ".join(name for name in (item.sector, item.category, item.item) if name)


def plan_message(passage: Passage, area_name: str) -> str:
    """What is sent when a plan passage is tapped: whose it is, and its sectors, its own heading or its first words."""
    heading = passage_title(passage)
    own = heading and normal(passage.text).startswith(normal(heading))
    about = "、".join(passage.sectors) or (heading if own else passage.text.split("\n")[0])
    return f"{area_name}{_short(about)}"


def _short(text: str) -> str:
    text = re.split(r"[？?]", text)[0]
    return text if len(text) <= _LABEL_LENGTH else text[: _LABEL_LENGTH - 1] + "…"
