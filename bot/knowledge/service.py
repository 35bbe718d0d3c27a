"""What an office does with its knowledge: import a document, build a version, publish it, go back."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot.clock import Clock
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonyms, everyday_words
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import Areas
from catalogue_index.errors import Refused, UnknownArea, UnreadableFile
from catalogue_index.importing import Report
from catalogue_index.model import Item
from catalogue_index.snapshot import SnapshotReader
from catalogue_index.versions import (
    CatalogueVersion,
    histories,
    in_force,
    previous,
    sector_name,
)
from faq.snapshot import Phrasing

from . import edits, office
from .building import build, fingerprint
from .builtin import builtin_contents, builtin_phrasings
from .corrections import Correction, corrected
from .edits import Edit, Edits, State
from .heading import area_of, date_of, lines_of, number_of, title_of
from .library import Knowledge
from .model import Content
from .office import Deposit, Holders, OfficeDocuments, Stored
from .reading import catalogue_content, read_words, readable
from .versions import Versions

T = TypeVar("T")
Step = Callable[[str], None]
"""Told the name of each step of long work as it begins."""


LISTED = 10
"""Questions that a refusal names."""


@dataclass(frozen=True, slots=True)
class Worse:
    """A question that the version in force answers right and a candidate does not: what comes, and what would."""

    question: str
    before: str
    now: str

    def __str__(self) -> str:
        return f"{self.question}　原来：{self.before}；现在：{self.now}"


Examine = Callable[[Knowledge, Knowledge], Sequence[Worse]]
"""Which questions a candidate makes worse, given the version in force and the candidate; may raise ``Refused``."""


class WouldBeWorse(Refused):
    """A publication turned down for what it would make worse."""

    def __init__(self, worse: Sequence[Worse]) -> None:
        self.worse = tuple(worse)
        named = [f"{number}. {one}" for number, one in enumerate(worse[:LISTED], 1)]
        rest = [f"……另有 {len(worse) - LISTED} 道。"] if len(worse) > LISTED else []
        super().__init__(
            "\n".join(
                [
                    f"没有发布，也没有改动：发布后，原来答对的 {len(worse)} 道题会答不对。",
                    *named,
                    *rest,
                    "如果确认可以这样，请在同一条命令后面加上 --accept-worse。",
                ]
            )
        )


def _quiet(_: str) -> None:
    return None


def _nothing(_: Knowledge, __: Knowledge) -> Sequence[Worse]:
    return ()


@dataclass(frozen=True, slots=True)
class Published:
    """A version put in force, and what was accepted to be worse in it."""

    version: str
    worse: tuple[Worse, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought: the content, the report on a catalogue, and how it was published."""

    content: Content
    published: Published | None
    report: Report | None = None

    @property
    def version(self) -> str | None:
        """The version that it is published in."""
        return self.published.version if self.published else None

    @property
    def worse(self) -> tuple[Worse, ...]:
        """What was accepted to be worse."""
        return self.published.worse if self.published else ()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document that was read and is not kept yet; the report is of a catalogue."""

    deposit: Deposit
    content: Content
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class _InForce:
    """Which of the office's documents shall hold, oldest first, which catalogue in each area and sector, and which of its
    edits."""

    documents: tuple[str, ...]
    holders: Holders
    edits: tuple[str, ...] = ()


class KnowledgeService:
    """The knowledge of one data directory. Safe to use from several processes: changes take turns, and each ends in one
    rename. Everything raises ``Refused`` where the directory cannot be written; nothing has changed then.

    ``examine`` is asked before a version takes the place of another. What it finds worse is refused (``WouldBeWorse``)
    unless the caller accepts it; nothing has changed after a refusal. The first publication, the rebuilding of what is
    in force, and going back are not examined.
    """

    def __init__(
        self,
        data_dir: Path,
        tokeniser: Callable[[], Tokeniser],
        areas: Areas,
        clock: Clock,
        software: str,
        builtin: Callable[[], Sequence[Content]] = builtin_contents,
        examine: Examine = _nothing,
        remembered: int = 0,
        phrasings: Callable[[], Sequence[Phrasing]] = builtin_phrasings,
    ) -> None:
        self.versions = Versions(data_dir / "knowledge")
        self.documents = OfficeDocuments(data_dir / "documents", remembered)
        self.edits = Edits(data_dir / "edits")
        self._tokeniser = tokeniser
        self._areas = areas
        self._clock = clock
        self._software = software
        self._builtin = builtin
        self._examine = examine
        self._known = phrasings

    def ensure(self, step: Step = _quiet) -> None:
        """Have a version in force that this software made, building it anew where it is missing or damaged."""
        if self.versions.made_by(self._software):
            return
        with self.versions.changing():
            if not self.versions.made_by(self._software):
                now = self._in_force(self.documents.ids())
                self.versions.publish(self._build(now, step), self._clock())

    def build(self, step: Step = _quiet) -> str:
        """Build a candidate from the built-in and the office's documents in force; returns its name. The same
        documents give the same version, which is then not built again."""
        with self.versions.changing():
            return self._build(self._in_force(self.documents.ids()), step)

    def publish(
        self, version: str = "", *, accept_worse: bool = False, step: Step = _quiet
    ) -> Published:
        """Put a version in force; the newest built where none is named."""
        with self.versions.changing():
            name = version or next(iter(self.versions.names()), "")
            name = name or self._build(self._in_force(self.documents.ids()), step)
            return self._publish(name, accept_worse, step)

    def add_catalogue(
        self,
        path: Path,
        area: str,
        *,
        sector: str | None = None,
        area_name: str = "",
        dry_run: bool = False,
        accept_worse: bool = False,
        step: Step = _quiet,
    ) -> Imported:
        """Import a catalogue file of an area and publish it; ``dry_run`` only reports."""
        step("读取表格")
        read = self.read_catalogue(path, area, sector=sector, area_name=area_name)
        published = None if dry_run else self.keep(read, accept_worse=accept_worse, step=step)
        return Imported(read.content, published, read.report)

    def add_words(
        self,
        path: Path,
        kind: str,
        *,
        area: str = "",
        title: str = "",
        accept_worse: bool = False,
        step: Step = _quiet,
    ) -> Imported:
        """Import a Q&A document (``kind`` faq) or a plan (plan) and publish it; the rest as of ``read_words``."""
        step("读取文件")
        read = self.read_words(path, kind, area=area, title=title)
        return Imported(read.content, self.keep(read, accept_worse=accept_worse, step=step))

    def read_catalogue(
        self,
        path: Path,
        area: str,
        *,
        sector: str | None = None,
        area_name: str = "",
        corrections: Sequence[Correction] = (),
    ) -> Incoming:
        """Read a catalogue file of an area (a code or a name), corrected; raises ``Refused`` where it has no items."""
        where = self._areas.get(area, area_name) if area.isdigit() else self._areas.find(area)
        deposit = office.deposit(
            path,
            kind="catalogue",
            area=where,
            title="",
            sector=sector,
            at=self._clock(),
            corrected=corrections,
        )
        content, imported = catalogue_content(path, deposit.document, sector)
        content = replace(content, items=corrected(content.items, corrections))
        if not content.items:
            raise Refused(f"“{path.name}”里没有读出事项，没有导入。请确认表格里有事项行。")
        return Incoming(deposit, content, imported.report)

    def read_words(self, path: Path, kind: str, *, area: str = "", title: str = "") -> Incoming:
        """Read a Q&A document (``kind`` faq) or a plan (plan).

        Area and title are taken from the document's first lines where they are not given; raises ``UnknownArea`` where
        they do not tell the area.
        """
        text = read_words(path)
        lines = lines_of(text)
        where = self._areas.find(area) if area else area_of(lines, self._areas)
        if where is None:
            raise UnknownArea(
                f"看不出“{readable(path.name)}”是哪个地区的文件。请用 --area 写明地区，例如 --area 441204。"
            )
        title = title or title_of(lines) or Path(readable(path.name)).stem
        deposit = office.deposit(
            path,
            kind=kind,
            area=where,
            title=title,
            number=number_of(lines),
            date=date_of(text),
            at=self._clock(),
        )
        return Incoming(deposit, office.read(path, deposit.document, None))

    def keep(
        self, incoming: Incoming, *, accept_worse: bool = False, step: Step = _quiet
    ) -> Published:
        """Store a document, build with it as the newest and publish; take it all back when that fails."""
        with self.versions.changing():
            after = self._after(incoming)
            with self.documents.adding(incoming.deposit):
                return self._replace(after, accept_worse, step)

    def edits_in_force(self) -> tuple[str, ...]:
        """The ids of the edits that hold, in the order of their approval."""
        return self._in_force(()).edits

    def propose(self, edit: Edit) -> Edit:
        """Keep an edit for somebody else to review; gives it as it is kept."""
        with self.versions.changing():
            placed = self.edits.placed(edit)
            self.edits.keep(placed)
            return placed

    def decide(
        self,
        edit_id: str,
        decision: Callable[[Edit], Edit],
        *,
        accept_worse: bool = False,
        step: Step = _quiet,
    ) -> Published | None:
        """Decide on an edit, and publish what follows: one that was approved holds, any other does not.

        ``decision`` gives the edit as it is from now on; what it raises is passed on. ``None`` where nothing follows.
        """
        with self.versions.changing():
            edit = decision(self.edits.find(edit_id))
            now = self._in_force(self.documents.ids())
            after = _with(now, edit)
            published = None if after == now else self._replace(after, accept_worse, step)
            # After a crash before this the version holds what the file does not say: deciding again says it.
            self.edits.keep(edit)
            return published

    def preview_edit(
        self,
        edit: Edit,
        scratch: Path,
        look: Callable[[Knowledge, Knowledge], T],
        step: Step = _quiet,
    ) -> T:
        """What ``look`` sees between the version in force and one with an edit in it; the rest as of ``preview``."""
        now = self._in_force(self.documents.ids())
        held = (*self.edits.of(one for one in now.edits if one != edit.id), edit)
        imported = self.documents.contents(now.documents, now.holders)
        return self._compared(scratch, imported, held, look, step)

    def preview(
        self,
        incoming: Incoming,
        scratch: Path,
        look: Callable[[Knowledge, Knowledge], T],
        step: Step = _quiet,
    ) -> T:
        """What ``look`` sees between the version in force and one with a document in it as the newest.

        The candidate is built at ``scratch`` and removed again; nothing is kept, and no other writer waits. Raises
        ``Refused`` where there is no version in force.
        """
        after = self._after(incoming)
        this = incoming.deposit.document.id
        others = (self.documents.content(name) for name in after.documents if name != this)
        imported = office.in_force((*others, incoming.content), after.holders)
        return self._compared(scratch, imported, self.edits.of(after.edits), look, step)

    def _compared(
        self,
        scratch: Path,
        imported: Sequence[Content],
        held: Sequence[Edit],
        look: Callable[[Knowledge, Knowledge], T],
        step: Step,
    ) -> T:
        try:
            self._write(scratch, self._builtin(), imported, held, self._clock(), step)
            candidate = Knowledge(scratch.stem, SnapshotReader(scratch))
            current = self.versions.current()
            if current is None:
                raise UnreadableFile(
                    "现在没有可用的知识版本。请运行 zwgk knowledge build 重新生成。"
                )
            step("核对答复有没有变化")
            return look(self.versions.load(current, Knowledge), candidate)
        finally:
            scratch.unlink(missing_ok=True)

    def rollback(self, to: str = "") -> str:
        """Put the version published before this one in force again and return its name; ``to`` as of ``Versions``."""
        return self.versions.rollback(self._clock(), to)

    def catalogue_versions(self, area: str = "", sector: str = "") -> list[CatalogueVersion]:
        """What each imported catalogue says of each of its sectors, by area and sector, the oldest first.

        ``area`` is a code; only that area or sector where one is given.
        """
        known = self.documents.ids()
        holders = self._in_force(known).holders
        wanted = sector_name(sector)
        found = [
            version
            for stored in map(self.documents.stored, known)
            if stored.document.kind == "catalogue" and area in ("", stored.document.area)
            for version in self._versions_of(stored, holders)
            if wanted in ("", version.sector)
        ]
        by_place = sorted(histories(found).items())
        return [version for _, history in by_place for version in history]

    def rollback_catalogue(
        self,
        area: str,
        sector: str,
        *,
        to: str = "",
        accept_worse: bool = False,
        step: Step = _quiet,
    ) -> tuple[CatalogueVersion, Published]:
        """Put the version before of one sector in force again, or the one of the document ``to``; everything else stays.

        Nothing is deleted: the version left can be gone back to in the same way.
        """
        with self.versions.changing():
            name = sector_name(sector)
            history = [one for one in self.catalogue_versions(area) if one.sector == name]
            chosen = _chosen(history, area, name, to)
            now = self._in_force(known := self.documents.ids())
            wanted = {*now.documents, chosen.document.id}
            holders = {**now.holders, (area, name): chosen.document.id}
            after = _InForce(tuple(one for one in known if one in wanted), holders, now.edits)
            return chosen, self._replace(after, accept_worse, step)

    def catalogue_items(self, area: str, at: datetime | None = None) -> dict[str, list[Item]]:
        """Sector → its items in an area's catalogues in force, now or at a moment; nothing before the first publication."""
        return self.items_in(self.versions.in_force_at(at) if at else self.versions.current(), area)

    def items_in(self, name: str | None, area: str) -> dict[str, list[Item]]:
        """Sector → its items in an area's catalogues in a version; nothing for none."""
        found: dict[str, list[Item]] = {}
        if name is not None:
            self.versions.known(name)
            reader = SnapshotReader(self.versions.path(name))
            for document, _ in reader.documents():
                if document.kind == "catalogue" and document.area == area:
                    for _, item in reader.items(document.id):
                        found.setdefault(sector_name(item.sector), []).append(item)
        return found

    def _versions_of(self, stored: Stored, holders: Holders) -> Iterator[CatalogueVersion]:
        content = self.documents.content(stored.document.id)
        sectors: dict[str, list[Item]] = {}
        for item in content.items:
            sectors.setdefault(sector_name(item.sector), []).append(item)
        imported = datetime.fromisoformat(stored.newest)
        for sector, items in sectors.items():
            holds = holders.get((stored.document.area, sector)) == stored.document.id
            if holds or stored.imported:
                yield CatalogueVersion(content.document, sector, imported, tuple(items), holds)

    def _after(self, incoming: Incoming) -> _InForce:
        """What shall be in force with a document as the newest."""
        this = incoming.deposit.document
        now = self._in_force(self.documents.ids())
        held = {(this.area, sector_name(i.sector)): this.id for i in incoming.content.items}
        others = (name for name in now.documents if name != this.id)
        return _InForce((*others, this.id), {**now.holders, **held}, now.edits)

    def _replace(self, after: _InForce, accept_worse: bool, step: Step) -> Published:
        """Build what shall be in force and publish it; what was built is taken back when that fails."""
        before = self.versions.names()
        try:
            return self._publish(self._build(after, step), accept_worse, step)
        except BaseException:
            for name in set(self.versions.names()) - set(before):
                self.versions.path(name).unlink(missing_ok=True)
            raise

    def _publish(self, name: str, accept_worse: bool, step: Step) -> Published:
        worse = tuple(self._worse(name, step))
        if worse and not accept_worse:
            raise WouldBeWorse(worse)
        step("发布")
        self.versions.publish(name, self._clock())
        return Published(name, worse)

    def _worse(self, name: str, step: Step) -> Sequence[Worse]:
        """What this version makes worse; nothing where it takes the place of none that can be read."""
        current = self.versions.current()
        if current in (None, name) or not self.versions.path(name).exists():
            return ()
        step("核对原来答对的题")
        candidate = self.versions.load(name, Knowledge)
        try:
            in_force = self.versions.load(current, Knowledge)
        except UnreadableFile:
            return ()
        return self._examine(in_force, candidate)

    def _build(self, wanted: _InForce, step: Step) -> str:
        step("读取文件")
        imported = self.documents.contents(wanted.documents, wanted.holders)
        held = self.edits.of(wanted.edits)
        contents = self._builtin()
        digest = fingerprint(
            (*contents, *imported, *edits.contents(held, self._areas)),
            self._phrasings(held),
            everyday_words(),
            # What is proposed anew in the same words is another edit.
            " ".join((self._software, *wanted.edits)),
        )
        for name in self.versions.names():
            if name.endswith(digest) and self.versions.made_by(self._software, name):
                return name
        now = self._clock()
        name = f"{now:%Y%m%d}-{digest}"
        self._write(self.versions.path(name), contents, imported, held, now, step)
        return name

    def _write(
        self,
        path: Path,
        contents: Sequence[Content],
        imported: Sequence[Content],
        held: Sequence[Edit],
        now: datetime,
        step: Step,
    ) -> None:
        """Build a version of the built-in ``contents``, what the office ``imported``, and the edits that hold."""
        step("建立检索")
        synonyms = everyday_words()
        build(
            path,
            contents,
            self._phrasings(held),
            synonyms,
            Analyser(self._tokeniser(), Synonyms(synonyms)),
            (*imported, *edits.contents(held, self._areas)),
            software=self._software,
            built_on=now.isoformat(timespec="seconds"),
            documents=str(len(contents) + len(imported)),
            edits=" ".join(edit.id for edit in held),
            reviewed=json.dumps([astuple(one) for one in edits.reviewed(held)]),
        )

    def _phrasings(self, held: Sequence[Edit]) -> tuple[Phrasing, ...]:
        return tuple(dict.fromkeys((*self._known(), *edits.phrasings(held))))

    def _in_force(self, known: Sequence[str]) -> _InForce:
        """The office's documents in the version in force, oldest first; all that are ``known`` where it cannot be read."""
        current = self.versions.current()
        try:
            if current:
                reader = SnapshotReader(self.versions.path(current))
                listed = {d.id: d.area for d, _ in reader.documents() if d.id in known}
                holders = {
                    (listed[name], sector_name(sector)): name
                    for name, sector in reader.sectors()
                    if name in listed
                }
                held = tuple(reader.meta.get("edits", "").split())
                return _InForce(tuple(listed), holders, held)
        except UnreadableFile:
            pass  # a damaged version cannot say; leaving out what was imported would be worse
        return _InForce(tuple(known), {}, self.edits.approved())


def _with(now: _InForce, edit: Edit) -> _InForce:
    """What shall be in force where an edit holds if it is approved, and does not if not."""
    others = tuple(one for one in now.edits if one != edit.id)
    if edit.state is not State.APPROVED:
        return replace(now, edits=others)
    return now if edit.id in now.edits else replace(now, edits=(*others, edit.id))


def _chosen(
    history: Sequence[CatalogueVersion], area: str, sector: str, to: str
) -> CatalogueVersion:
    """The version of a sector to go back to: the one before, or of the document ``to``."""
    where = f"{history[0].document.area_name if history else f'地区 {area} '}的{sector}领域"
    if not history:
        raise Refused(f"{where}没有导入过目录。用 zwgk catalogue versions 查看导入过哪些。")
    holding = in_force(history)
    if to:
        named = next((version for version in history if version.document.id == to), None)
        if named is None:
            raise Refused(f"{where}没有编号为“{to}”的版本。用 zwgk catalogue versions 查看有哪些。")
        if named is holding:
            raise Refused(f"“{to}”就是{where}现在生效的版本，没有改动。")
        return named
    if holding is None:
        raise Refused(f"{where}现在没有生效的版本，看不出退到哪一版。请用 --to 写明版本编号。")
    earlier = previous(history, holding)
    if earlier is None:
        raise Refused(f"{where}没有更早的版本可以退回：现在就是最早导入的。")
    return earlier
