"""Catalogues as they are read: what is in force, what was replaced, the same item elsewhere, and what to export of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType

from bot.clock import chinese_day
from catalogue_index import exporting
from catalogue_index.areas import Area
from catalogue_index.checking import Draft, Finding, Guide, check, consensus
from catalogue_index.comparing import SAME_NAME, Comparison, alike_in_name, pieces
from catalogue_index.exporting.template import examples
from catalogue_index.importing import Import, Report
from catalogue_index.model import COLUMNS, Document, Item, Place
from catalogue_index.versions import CatalogueVersion, compared, replaced_by, sector_name

from .library import Knowledge
from .office import OfficeDocuments

_HELD = 512
"""Catalogues whose items stay in memory while they are looked at."""

_COMPARED = 128
"""Pairs of versions of which it stays in memory how they differ."""

_FLAWED = 16
"""Areas of which the same is true of what is wrong with them."""

PLACES = 6
"""Places that are shown side by side."""

Found = tuple[Document, int, Item]
"""An item with its document and its number there, from 1."""


FLAWS: Mapping[str, str] = MappingProxyType(
    {
        "deadline-missing": "没写公开时限",
        "deadline-too-long": "公开时限超过20个工作日",
        "deadline-vague": "公开时限没说定",
        "deadline-unit-lost": "公开时限缺单位",
        "body-vague": "公开主体写得笼统",
        "law-outdated": "公开依据已过时",
    }
)
"""Rules of the check by which an office looks through what it has published (条例 第二十六条 and others: each finding
quotes its own), and what a list of their findings is called."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """An item in force, and one thing that is wrong with it."""

    found: Found
    finding: Finding


def key_of(found: Found) -> str:
    """The public id of an item."""
    return f"{found[0].id}-{found[1]}"


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two versions of a sector, told apart by ``ids``."""

    ids: tuple[str, str, str]
    older: CatalogueVersion | None = field(compare=False)
    newer: CatalogueVersion = field(compare=False)


@dataclass(frozen=True, slots=True)
class Exported:
    """A file of an area's items: its bytes, of how many items it is, and what was masked in it, a sentence each."""

    data: bytes
    items: int
    masked: Sequence[str]


class Catalogues:
    """The catalogues of an installation, by the version in force and by what the office imported."""

    def __init__(self, knowledge: Callable[[], Knowledge], documents: OfficeDocuments) -> None:
        self._knowledge = knowledge
        self._documents = documents
        self._held = lru_cache(maxsize=_HELD)(_items_of)
        self._flaws = lru_cache(maxsize=_FLAWED)(self._flaws_of)
        self._compared = lru_cache(maxsize=_COMPARED)(_compared)

    def documents(self, area: str | None = None) -> list[Document]:
        """The catalogues in force, built-in ones first; those of one area where its code is given."""
        return [
            document
            for document in self._knowledge().documents.values()
            if document.kind == "catalogue" and area in (None, document.area)
        ]

    def everything(self, area: str | None = None) -> Iterator[Found]:
        """All items in force."""
        knowledge = self._knowledge()
        for document in self.documents(area):
            yield from self._held(knowledge, document)

    def in_force(self, document: str) -> list[Item]:
        """A document's items in force."""
        return self._knowledge().items_of(document)

    def by_sector(self, area: str) -> dict[str, list[Found]]:
        """An area's items in force, by the official name of their sector."""
        found: dict[str, list[Found]] = {}
        for one in self.everything(area):
            found.setdefault(sector_name(one[2].sector), []).append(one)
        return found

    def of_document(self, name: str) -> list[Found]:
        """All items of a catalogue, those that were replaced too; none where there is no such catalogue."""
        if name in self._documents.ids():
            content = self._documents.content(name)
            return [(content.document, n, item) for n, item in enumerate(content.items, 1)]
        knowledge = self._knowledge()
        document = knowledge.documents.get(name)
        if document is None or document.kind != "catalogue":
            return []
        return [(document, n, item) for n, item in knowledge.numbered_items_of(document.id)]

    def item(self, key: str) -> Found | None:
        """The item of an id, in force or replaced."""
        name, _, number = key.rpartition("-")
        if found := self._knowledge().item(key):
            return found[0], int(number), found[1]
        return next((found for found in self.of_document(name) if str(found[1]) == number), None)

    def holds(self, found: Found) -> bool:
        """Whether an item is in force."""
        return self._knowledge().item(key_of(found)) is not None

    def compared(self, older: CatalogueVersion | None, newer: CatalogueVersion) -> Comparison:
        """How a version differs from the one before it; worked out once, for versions never change."""
        before = older.document.id if older else ""
        return self._compared(_Pair((before, newer.document.id, newer.sector), older, newer))

    # --- what wants doing ---

    def flaws(self, area: str, today: date) -> list[Flaw]:
        """What is wrong with an area's items in force by ``FLAWS``, the gravest first."""
        return self._flaws(self._knowledge(), area, today)

    def _flaws_of(self, _: Knowledge, area: str, today: date) -> list[Flaw]:
        found = list(self.everything(area))
        # A place of its own for each: rows of several files may have the same.
        items = tuple(replace(item, place=Place(n)) for n, (_, _, item) in enumerate(found))
        columns = {"": dict.fromkeys(COLUMNS, (0,))}
        imported = Import(items, Report(len(items), len(items)), columns)
        draft = Draft((), imported, Guide(), today)
        told = check(draft, area, tuple(FLAWS))
        return [Flaw(found[one.place.row], one) for one in told]

    # --- elsewhere ---

    def elsewhere(self, base: Found) -> list[Found]:
        """The same item in other areas, the likest of each, the likest first."""
        return elsewhere(list(self.everything()), base)

    def published_alike(self, own: str) -> Guide:
        """What the catalogues we hold publish alike, without those of the office's ``own`` area."""
        items: dict[str, list[Item]] = {}
        for document, _, item in self.everything():
            if document.area != own or not own:
                items.setdefault(document.area, []).append(item)
        return consensus(items)

    def examples(self, sector: str) -> list[Item]:
        """What the reference catalogues publish alike in a sector; where they do not, what any has."""
        places: dict[str, list[Item]] = {}
        for document, _, item in self.everything():
            if document.reference:
                places.setdefault(document.area, []).append(item)
        items = [item for several in places.values() for item in several]
        return examples(sector, consensus(places), items)

    # --- out ---

    def exported(self, where: Area, sector: str, format: str, layout: str) -> Exported | None:
        """An area's items as a file that can be imported again; ``None`` where there are none.

        Arguments and refusals as of ``exporting.export``; only one sector where it is named.
        """
        found = [one for one in self.everything(where.code) if sector in ("", one[2].sector)]
        items = [item for _, _, item in found]
        if not items:
            return None
        data = exporting.export(
            items,
            format,
            layout=layout,
            title=f"{where.name}{f'{sector}领域' if sector else ''}基层政务公开标准目录",
            date=_updated(found),
        )
        return Exported(data, len(items), exporting.masked(items))


def _compared(pair: _Pair) -> Comparison:
    return compared(pair.older, pair.newer)


def _items_of(knowledge: Knowledge, document: Document) -> list[Found]:
    return [(document, n, item) for n, item in knowledge.numbered_items_of(document.id)]


def elsewhere(every: Sequence[Found], base: Found) -> list[Found]:
    """The same item in other areas, the likest of each, the likest first."""
    likeness = [alike_in_name(base[2], item) for _, _, item in every]
    order = sorted(range(len(every)), key=lambda n: (-likeness[n], every[n][0].area, n))
    likest: dict[str, Found] = {}
    for found in (every[n] for n in order if likeness[n] >= SAME_NAME):
        if found[0].area != base[0].area:
            likest.setdefault(found[0].area, found)
    return list(likest.values())


def differing(first: str, other: str) -> str:
    """A cell, what the first place does not have so in 【】."""
    if not other:
        return "【没有写明】" if first else ""
    return "".join(
        after if before == after else (f"【{after}】" if after else "")
        for before, after in pieces(first, other)
    )


def state_of(version: CatalogueVersion, history: Sequence[CatalogueVersion]) -> str:
    """Whether a version holds, in words."""
    if version.in_force:
        return "现行"
    newer = replaced_by(history, version)
    return f"已由 {newer.document.id} 替换" if newer else "未生效（已退回）"


def side_by_side(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    """Cells by label of several places → each label with its cells, what the first does not have so in 【】."""
    labels = dict.fromkeys(label for row in rows for label in row)
    first = rows[0]
    return [
        (label, tuple(differing(first.get(label, ""), row.get(label, "")) for row in rows))
        for label in labels
    ]


def _updated(found: Sequence[Found]) -> str:
    """When the newest of the catalogues was imported; nothing for those that came with the program."""
    newest = max((document.version for document, _, _ in found), default="")
    return chinese_day(datetime.fromisoformat(newest)) if newest else ""
