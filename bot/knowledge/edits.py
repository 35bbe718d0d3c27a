"""What an office itself adds to the knowledge: ways of asking (相似问法), and answers of its own with their source.

One readable file, ``edits/edits.json``, holds them all with who proposed and who reviewed. It is replaced atomically, and
only by who holds the writer's lock. Which of them hold, the published version says, as it does of documents: going back to
an older version takes back what was approved since.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from catalogue_index import privacy
from catalogue_index.analysis.normalise import clean, normalise
from catalogue_index.areas import Areas
from catalogue_index.errors import Refused, UnreadableFile
from catalogue_index.model import Document
from faq.model import FaqEntry
from faq.snapshot import Phrasing

from . import files
from .model import Content

FILE = "edits.json"
LONGEST_TEXT = 200
"""Characters of a question, a way of asking, a title or a number."""
LONGEST_ANSWER = 5000
MOST_TEXTS = 20
"""Ways of asking in one edit."""


Groups = Iterable[tuple[str, str]]
"""Questions on the desk, by area and likeness."""


class Kind(StrEnum):
    """An edit adds ways of asking for something that is there, or an answer of the office's own."""

    ALIAS = "alias"
    ENTRY = "entry"


class State(StrEnum):
    """Where an edit is: nothing is answered with before somebody else approved it."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class EditRefused(Refused):
    """An edit cannot be taken, or not by this person; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class LocalEntry:
    """A question, its official answer word for word, and the document that says so: title, number (文号), date, link."""

    question: str
    answer: str
    title: str
    number: str = ""
    date: str = ""
    url: str = ""

    @property
    def source(self) -> tuple[str, str, str, str]:
        """What tells its document from others."""
        return self.title, self.number, self.date, self.url


@dataclass(frozen=True, slots=True)
class Edit:
    """One addition. ``texts`` are ways of asking for ``unit`` (as in the index: ``faq:…``, ``item:…``, ``plan:…``); an
    ``entry`` has the ``place`` in its document from 1. ``area`` is the code whose people asked, and for whom an entry is.
    ``groups`` are the questions on the desk that it answers, by area and likeness. Moments are ISO 8601."""

    id: str
    kind: Kind
    area: str
    proposed_by: str
    proposed_at: str
    unit: str = ""
    texts: tuple[str, ...] = ()
    entry: LocalEntry | None = None
    place: int = 0
    groups: tuple[tuple[str, str], ...] = ()
    state: State = State.PROPOSED
    reviewed_by: str = ""
    reviewed_at: str = ""
    note: str = ""

    @property
    def document(self) -> str:
        """The id of the document that an entry stands in."""
        said = json.dumps([self.area, *(self.entry.source if self.entry else ())])
        return f"local-{self.area}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"

    @property
    def leads_to(self) -> str:
        """The unit of the index that it makes people find."""
        return f"faq:{self.document}-{self.place}" if self.entry else self.unit

    def approved(self, by: str, at: datetime) -> "Edit":
        """Reviewed and good, by another person than who proposed it; again, where a step back had taken it out."""
        if self.state not in (State.PROPOSED, State.APPROVED):
            raise EditRefused("这一条已经处理过了，不能再通过。需要时请重新提出。")
        if by == self.proposed_by:
            raise EditRefused("自己提出的要由另一位同志审核，不能自己通过。")
        return self._reviewed(State.APPROVED, by, at, "")

    def rejected(self, by: str, at: datetime, note: str) -> "Edit":
        """Turned down, with a reason. Who proposed it may take it back so."""
        if self.state is not State.PROPOSED:
            raise EditRefused("这一条已经处理过了，不能再退回。")
        return self._reviewed(State.REJECTED, by, at, _needed(note, "退回的原因", LONGEST_TEXT))

    def withdrawn(self, by: str, at: datetime, note: str) -> "Edit":
        """Out of force again, with a reason."""
        if self.state is not State.APPROVED:
            raise EditRefused("这一条没有生效，不用撤下。")
        return self._reviewed(State.WITHDRAWN, by, at, _needed(note, "撤下的原因", LONGEST_TEXT))

    def _reviewed(self, state: State, by: str, at: datetime, note: str) -> "Edit":
        moment = at.isoformat(timespec="seconds")
        return replace(self, state=state, reviewed_by=by, reviewed_at=moment, note=note)

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        return asdict(self)


def alias(
    unit: str, texts: Iterable[str], *, area: str, by: str, at: datetime, groups: Groups = ()
) -> Edit:
    """Ways of asking for a unit, proposed. Raises ``EditRefused``."""
    said = {normalise(text): _needed(text, "问法", LONGEST_TEXT) for text in texts if text.strip()}
    if not said:
        raise EditRefused("还没有写问法。请写上群众会怎么问，一行一个。")
    if len(said) > MOST_TEXTS:
        raise EditRefused(f"问法太多了，一次最多 {MOST_TEXTS} 个。请分几次提出。")
    if not unit:
        raise EditRefused("还没有选这些问法应该得到哪一条答复。请先选一条。")
    made = Edit("", Kind.ALIAS, area, by, _moment(at), unit=unit, texts=tuple(said.values()))
    return _named(replace(made, groups=tuple(groups)))


def entry(given: LocalEntry, *, area: str, by: str, at: datetime, groups: Groups = ()) -> Edit:
    """An answer of the office's own, proposed. Raises ``EditRefused``: an answer without a source is none."""
    if not area:
        raise EditRefused("还没有写这条答疑适用于哪个地区。请选一个地区。")
    number, link = (given.number.strip(), given.url.strip())
    if not (number or link):
        raise EditRefused("还没有写出处：文号和网址至少写一个，群众才能核对原文。")
    if link and not link.startswith(("https://", "http://")):
        raise EditRefused("网址要以 https:// 或 http:// 开头。请从浏览器地址栏复制完整的网址。")
    checked = LocalEntry(
        _needed(given.question, "问题", LONGEST_TEXT),
        _needed(given.answer, "答复原文", LONGEST_ANSWER, lines=True),
        _needed(given.title, "文件名称", LONGEST_TEXT),
        _checked(number, "文号", LONGEST_TEXT),
        _date(given.date.strip()),
        _checked(link, "网址", LONGEST_TEXT),
    )
    made = Edit("", Kind.ENTRY, area, by, _moment(at), entry=checked, groups=tuple(groups))
    return _named(made)


def phrasings(edits: Iterable[Edit]) -> tuple[Phrasing, ...]:
    """The ways of asking that edits add, an entry's own question aside."""
    return tuple(Phrasing(edit.unit, text) for edit in edits for text in edit.texts)


def reviewed(edits: Iterable[Edit]) -> tuple[Phrasing, ...]:
    """All that somebody reviewed as a way of asking: what edits add, and the questions of entries."""
    return tuple(
        Phrasing(edit.leads_to, text)
        for edit in edits
        for text in (*edit.texts, *([edit.entry.question] if edit.entry else ()))
    )


def contents(edits: Iterable[Edit], areas: Areas) -> tuple[Content, ...]:
    """The documents that local entries stand in, each with its entries by their place in it."""
    held: dict[str, list[Edit]] = {}
    for edit in edits:
        if edit.entry:
            held.setdefault(edit.document, []).append(edit)
    return tuple(_content(document, those, areas) for document, those in sorted(held.items()))


def _content(document: str, edits: Sequence[Edit], areas: Areas) -> Content:
    first = edits[0]
    assert first.entry
    title, number, date, url = first.entry.source
    name = areas.get(first.area, first.area).name
    about = Document(
        document, title, "faq", first.area, name, number=number, date=date, url=url, version=date
    )
    ordered = sorted(edits, key=lambda edit: edit.place)
    entries = tuple(
        FaqEntry(document, edit.place, "", edit.entry.question, edit.entry.answer)
        for edit in ordered
        if edit.entry
    )
    whole = "\n".join(f"{each.question}\n{each.answer}" for each in entries)
    return Content(about, whole, entries=entries)


class Edits:
    """The ``edits`` directory. Whoever changes it holds the writer's lock."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE

    def all(self) -> tuple[Edit, ...]:
        """All that were ever proposed, the oldest first; raises ``UnreadableFile`` where the file is damaged."""
        try:
            said = json.loads(self._path.read_text(encoding="utf-8"))
            return tuple(_edit(one) for one in said["edits"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnreadableFile(
                f"本单位的问法和答疑“{self._path}”读不出来或已损坏。请从备份恢复这个文件。"
            ) from error

    def find(self, edit_id: str) -> Edit:
        """The edit of an id; raises ``EditRefused``."""
        for edit in self.all():
            if edit.id == edit_id:
                return edit
        raise EditRefused(
            f"没有编号为“{edit_id}”的问法或答疑。用 zwgk knowledge edits 查看有哪些。"
        )

    def approved(self) -> tuple[str, ...]:
        """The ids of those that were approved, in the order of their approval."""
        those = [edit for edit in self.all() if edit.state is State.APPROVED]
        return tuple(edit.id for edit in sorted(those, key=lambda e: (e.reviewed_at, e.id)))

    def of(self, ids: Iterable[str]) -> tuple[Edit, ...]:
        """The edits of some ids, in their order; of an id that is gone nothing."""
        known = {edit.id: edit for edit in self.all()}
        return tuple(known[one] for one in ids if one in known)

    def placed(self, edit: Edit) -> Edit:
        """An edit about to be proposed, an entry with the next free place in its document, which never shifts."""
        if not edit.entry:
            return edit
        places = [other.place for other in self.all() if other.document == edit.document]
        return replace(edit, place=max(places, default=0) + 1)

    def keep(self, edit: Edit) -> None:
        """Keep an edit as it is now. May raise ``OSError``."""
        before = self.all()
        after = [edit if other.id == edit.id else other for other in before]
        self._write(after if edit in after else [*after, edit])

    def _write(self, edits: Sequence[Edit]) -> None:
        said = {"edits": [edit.to_json() for edit in edits]}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        files.put(self._path, files.readable(said))


def _edit(said: dict[str, Any]) -> Edit:
    given = said["entry"]
    told = {
        "kind": Kind(said["kind"]),
        "state": State(said["state"]),
        "texts": tuple(said["texts"]),
        "groups": tuple((area, likeness) for area, likeness in said["groups"]),
        "entry": LocalEntry(**given) if given else None,
    }
    return Edit(**{**said, **told})


def _named(edit: Edit) -> Edit:
    """With an id made of what it says and when: proposing the same twice makes two."""
    said = json.dumps(edit.to_json(), ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:12]
    return replace(edit, id=f"edit-{digest}")


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _needed(text: str, name: str, longest: int, *, lines: bool = False) -> str:
    checked = _checked(text, name, longest, lines=lines)
    if not checked:
        raise EditRefused(f"还没有写{name}。请写上后再提交。")
    return checked


def _checked(text: str, name: str, longest: int, *, lines: bool = False) -> str:
    """Words without invisible characters, of their length, and without personal data."""
    checked = "\n".join(filter(None, map(clean, text.splitlines()))) if lines else clean(text)
    if len(checked) > longest:
        raise EditRefused(
            f"{name}有 {len(checked)} 个字，太长了，最多 {longest} 个。请只留要紧的。"
        )
    if found := privacy.find(checked):
        names = "、".join(dict.fromkeys(privacy.NAMES[one.kind] for one in found))
        raise EditRefused(f"{name}里有{names}，不能公开。请删去后再提交。")
    return checked


def _date(text: str) -> str:
    if not text:
        return ""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat()
    except ValueError:
        raise EditRefused("文件日期写得不对。请写成 2026-11-21 这样。") from None
