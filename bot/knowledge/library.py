"""The published knowledge: loaded once by each process, swapped whole when a new version is published."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache

from catalogue_index.analysis import normalise
from catalogue_index.analysis.synonyms import Synonyms
from catalogue_index.errors import UnreadableFile
from catalogue_index.model import Document, Item
from catalogue_index.plans import Passage
from catalogue_index.snapshot import SnapshotReader, passage_id
from faq.model import FaqEntry
from faq.snapshot import Phrasing, entry_id, read_entries

from .building import shelf_of
from .versions import Versions

_ITEMS_KEPT = 20_000
"""Catalogue items in memory at once; the others are read when they are asked for."""


class Knowledge:
    """One version of the knowledge in memory; never changes, so it may be shared between threads."""

    def __init__(self, version: str, reader: SnapshotReader) -> None:
        self.version = version
        self.built_on = reader.meta.get("built_on", "")
        self.reviewed = tuple(
            Phrasing(*one) for one in json.loads(reader.meta.get("reviewed", "[]"))
        )
        """The office's own ways of asking, each reviewed: whoever asks so gets what it leads to."""
        documents = reader.documents()
        self.documents: Mapping[str, Document] = {d.id: d for d, _ in documents}
        self.synonyms = Synonyms(reader.synonyms())
        self.index = reader.index()
        self._texts = {d.id: text for d, text in documents}
        self._entries = {entry_id(entry): entry for entry in read_entries(reader)}
        self._passages = {passage_id(passage): passage for passage in reader.passages()}
        self._reader = reader
        self.item = lru_cache(maxsize=_ITEMS_KEPT)(self._item)
        """The catalogue item of a public id, with its document; ``None`` where there is none."""

    def text(self, document_id: str) -> str:
        """A document's whole text, paragraphs joined by newlines; empty for a catalogue or an unknown id."""
        return self._texts.get(document_id, "")

    def entry(self, key: str) -> FaqEntry | None:
        """The FAQ entry of a public id such as ``guangdong-2020-notice-2``."""
        return self._entries.get(key)

    def _item(self, key: str) -> tuple[Document, Item] | None:
        found = self._reader.item(key)
        return (self.documents[found[0]], found[1]) if found else None

    def passage(self, key: str) -> Passage | None:
        """The plan passage of a public id."""
        return self._passages.get(key)

    def shelf(self, kind: str, key: str) -> str:
        """The index's shelf on which a unit of a public id stands."""
        if kind == "item":
            found = self.item(key)
            assert found
            return shelf_of(kind, found[0])
        held = self._entries[key] if kind == "faq" else self._passages[key]
        return shelf_of(kind, self.documents[held.document])

    def area_of(self, key: str) -> str:
        """The area whose offices an FAQ entry binds, by its public id."""
        return self.documents[self._entries[key].document].area

    def entries_of(self, document_id: str) -> list[FaqEntry]:
        """A document's FAQ entries, in order."""
        return [entry for entry in self._entries.values() if entry.document == document_id]

    def items_of(self, document_id: str) -> list[Item]:
        """A document's catalogue items, in published order."""
        return [item for _, item in self._reader.items(document_id)]

    def numbered_items_of(self, document_id: str) -> list[tuple[int, Item]]:
        """The same, each with its number in the document, from 1; numbers of replaced items are missing."""
        found = self._reader.items(document_id)
        return [(int(key.rpartition("-")[2]), item) for key, item in found]

    def passages_of(self, document_id: str) -> list[Passage]:
        """A document's plan passages, in order."""
        return [p for p in self._passages.values() if p.document == document_id]

    @cached_property
    def plan_areas(self) -> tuple[str, ...]:
        """Codes of the areas that have a plan of their own."""
        owners = {
            p.document for p in self._passages.values() if p.kind in ("task", "responsibility")
        }
        return tuple(sorted({self.documents[owner].area for owner in owners}))

    @cached_property
    def questions(self) -> Mapping[str, tuple[str, ...]]:
        """Every FAQ question (``as_question``), with the ids of the entries that answer it, the newest last."""
        found: dict[str, tuple[str, ...]] = {}
        for key, entry in self._entries.items():
            said = as_question(normalise(entry.question))
            found[said] = (*found.get(said, ()), key)
        return found

    @cached_property
    def responsibilities(self) -> Mapping[str, tuple[Passage, ...]]:
        """Area code → the lines of its plans that give sectors to units."""
        lines: dict[str, list[Passage]] = {}
        for passage in self._passages.values():
            if passage.kind == "responsibility":
                lines.setdefault(self.documents[passage.document].area, []).append(passage)
        return {area: tuple(passages) for area, passages in lines.items()}

    @cached_property
    def areas(self) -> frozenset[str]:
        """Codes of all areas that some document is from."""
        return frozenset(document.area for document in self.documents.values())


def as_question(normalised: str) -> str:
    """A question without its closing mark, which people leave out."""
    return normalised.rstrip("?!。. ")


class Library:
    """Gives the knowledge in force. A publication by any process is seen within ``look_every`` seconds.

    A question under way keeps the version it began with. A version that cannot be read is passed over: the one in memory
    stays, and ``trouble`` says why; at the start, an older one on disk serves. Raises ``UnreadableFile`` then when none
    can be read. With ``only`` it gives that version and no other, whatever is in force; raises ``UnknownVersion``.
    """

    def __init__(
        self,
        versions: Versions,
        *,
        only: str = "",
        look_every: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._versions = versions
        self._look_every = look_every
        self._now = now
        self._lock = threading.Lock()
        self._looked = now()
        self._seen = versions.stamp()
        self._only = only
        self.trouble = ""
        if only:
            versions.known(only)
            self._knowledge = versions.load(only, Knowledge)
        else:
            self._knowledge, self.trouble = versions.load_newest_sound(Knowledge)

    def current(self) -> Knowledge:
        """The version in force."""
        if self._only:
            return self._knowledge
        if self._now() - self._looked >= self._look_every and self._lock.acquire(blocking=False):
            try:
                self._looked = self._now()
                self._refresh()
            finally:
                self._lock.release()
        return self._knowledge

    def _refresh(self) -> None:
        stamp = self._versions.stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        name = self._versions.current()
        if name is None:
            self.trouble = "当前版本的知识快照不见了，仍用内存中的版本。请运行 zwgk knowledge build 重新生成并发布。"
            return
        try:
            self._knowledge = self._versions.load(name, Knowledge)
            self.trouble = ""
        except UnreadableFile as error:
            self.trouble = f"{error}仍用内存中的版本。"
