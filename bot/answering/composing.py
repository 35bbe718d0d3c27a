"""Stored official text → what the person reads: the words as they stand, what was asked first, the source last."""

import math
import re
from collections.abc import Callable, Sequence

from bot.knowledge.library import Knowledge
from catalogue_index.model import COLUMNS, Document, Item
from catalogue_index.plans import Passage
from faq.model import FaqEntry

from .asking import Asked
from .finding import FIELDS, Candidate
from .model import Choice, Source
from .scope import Scope

LONGEST_EXCERPT = 260
"""Characters of a plan passage shown whole; a longer one is cut to the sentences that answer."""

_GAP = "……"
_SENTENCE = re.compile(r"[^。；\n]*[。；\n]?")
_DUTY = re.compile(
    r"[〔（(][^〔〕（）()]*(?:[（(][^（）()]*[）)][^〔〕（）()]*)*(?:负责|责任单位|牵头|完成)[^〔〕]*[〕）)]\s*$"
)
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
    """The nearest heading of a passage, as printed."""
    own = f"{passage.number}{passage.title}" if passage.title else ""
    return own or (passage.path[-1] if passage.path else "")


def excerpt(passage: Passage, weigh: Weigh) -> str:
    """Whole when short; else the sentences nearest to the question with their neighbours, and the bracket of units."""
    if passage.kind == "responsibility" and "\n" in passage.text:
        cells = [cell for cell in passage.text.split("\n") if not cell.isdigit()]
        return f"{cells[0]}：{'、'.join(cells[1:])}" if len(cells) > 1 else passage.text
    if len(passage.text) <= LONGEST_EXCERPT:
        return passage.text
    duty = _DUTY.search(passage.text)
    body = passage.text[: duty.start()] if duty else passage.text
    sentences = [s for s in _SENTENCE.findall(body) if s.strip()]
    chosen = _best_run(sentences, weigh)
    kept = [sentences[i] for i in sorted(chosen)]
    text = "".join(
        (_GAP if place and chosen_at - 1 not in chosen else "") + sentence
        for place, (chosen_at, sentence) in enumerate(zip(sorted(chosen), kept, strict=True))
    )
    head = _GAP if 0 not in chosen else ""
    tail = _GAP if len(sentences) - 1 not in chosen else ""
    return f"{head}{text.strip()}{tail}{duty[0].strip() if duty else ''}"


def _best_run(sentences: Sequence[str], weigh: Weigh) -> set[int]:
    """The heaviest sentences, in turn, while they fit; the neighbour after the heaviest comes along if there is room."""
    order = sorted(
        range(len(sentences)),
        key=lambda i: -weigh(sentences[i]) / math.sqrt(len(sentences[i]) + 10),
    )
    chosen: set[int] = set()
    room = LONGEST_EXCERPT
    for number in order[:3]:
        if not chosen or len(sentences[number]) <= room:
            chosen.add(number)
            room -= len(sentences[number])
    for number in (order[0] + 1, order[0] - 1):
        if 0 <= number < len(sentences) and number not in chosen and len(sentences[number]) <= room:
            chosen.add(number)
            room -= len(sentences[number])
    return chosen


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
        place = str(source.locator["number"]).strip("．.、")
    number = f"（{source.document_number}）" if source.document_number else ""
    parts = [f"《{source.document_title}》{number}", place, source.area_name, source.date]
    return "来源：" + "，".join(part for part in parts if part)


def choice_of(candidate: Candidate, knowledge: Knowledge, scope: Scope) -> Choice:
    """A candidate as something to tap: for a plan the label says whose it is."""
    source = source_of(candidate, knowledge, scope)
    if candidate.type == "faq":
        return Choice(_short(source.title), source.title, source)
    if candidate.type == "item":
        names = [source.locator[k] for k in ("sector", "category", "item") if source.locator[k]]
        return Choice(_short(" · ".join(names)), " ".join(names), source)
    passage = knowledge.passage(candidate.key)
    assert passage
    about = "、".join(passage.sectors) if passage.sectors else source.title or passage.text
    return Choice(
        _short(f"{source.area_name}：{about}"), f"{source.area_name}{_short(about)}", source
    )


def _short(text: str) -> str:
    text = re.split(r"[？?]", text)[0]
    return text if len(text) <= _LABEL_LENGTH else text[: _LABEL_LENGTH - 1] + "…"
