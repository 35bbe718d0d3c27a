"""Documents that an office proposes: looked through, put right, and published by somebody else (先审后发).

Each is a folder with the file as it came and ``proposal.json``; it appears, changes and goes by one rename under the
writer's lock, so that a crash or two people at once leave nothing half done. What a published document keeps of its
proposal stands in its own record.
"""

import hashlib
import json
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from bot.clock import Clock
from catalogue_index import privacy
from catalogue_index.areas import Areas
from catalogue_index.errors import Refused, UnreadableFile
from catalogue_index.importing import Report
from catalogue_index.model import Item

from . import corrections, files
from .corrections import Correction
from .examination import Changed, Examination, Look
from .library import Knowledge
from .model import Content
from .office import Handling
from .service import Incoming, KnowledgeService, Published, Step, Worse

KINDS: Mapping[str, str] = {"catalogue": "标准目录", "faq": "答疑", "plan": "实施方案"}
"""Kinds of documents, as people call them."""

MOST_WAITING = 200
"""Proposals that lie at once."""

_ID = re.compile(r"[0-9]{14}-[0-9a-f]{8}")
_PROPOSAL, _EXAMINATION, _FILE = "proposal.json", "examination.json", "file"
_RESERVED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_LONGEST_NAME = 150
"""Bytes of a file's name that are kept; file systems hold 255."""
_LONGEST_LINE = 200
_READ = 16
"""Files whose contents stay in memory."""


class ProposalRefused(Refused):
    """Something about a proposal is not possible; the sentence says why and what to do."""


class State(StrEnum):
    """How far a proposal has come."""

    DRAFT = "draft"
    WAITING = "waiting"
    RETURNED = "returned"


STATES: Mapping[State, str] = {
    State.DRAFT: "整理中",
    State.WAITING: "等待审核",
    State.RETURNED: "已退回修改",
}
"""States, as people call them."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A document on its way in. ``area`` is a code; ``at`` is in seconds since 1970; ``note`` says why it was sent back,
    and ``reviewer`` by whom. ``revision`` counts changes, so that what is published is what was seen."""

    id: str
    file_name: str
    sha256: str
    kind: str
    area: str
    area_name: str
    sector: str
    title: str
    proposer: str
    at: int
    state: State = State.DRAFT
    revision: int = 1
    corrections: tuple[Correction, ...] = ()
    note: str = ""
    reviewer: str = ""

    @property
    def open(self) -> bool:
        """Whether it may be put right."""
        return self.state is not State.WAITING

    @property
    def hands(self) -> frozenset[str]:
        """Who had a part in it, and so may not publish it."""
        return frozenset({self.proposer, *(one.who for one in self.corrections)})


@dataclass(frozen=True, slots=True)
class Examined:
    """An examination, and of what: the version in force then (``base``) and the proposal's revision."""

    base: str
    revision: int
    found: Examination


@dataclass(frozen=True, slots=True)
class Reading:
    """What a proposal's file holds; the report is of a catalogue, ``as_read`` its items before they were corrected."""

    content: Content
    report: Report | None
    as_read: tuple[Item, ...]

    @property
    def personal(self) -> list[str]:
        """Each line of a document in words that seems to hold personal data, masked. In catalogues they are masked as
        they are read, and told in the report."""
        lines = self.content.text.splitlines()
        return [privacy.mask(line)[:_LONGEST_LINE] for line in lines if privacy.find(line)]


class Proposals:
    """The ``proposals`` directory of one installation; safe to share between threads and processes."""

    def __init__(
        self, directory: Path, service: KnowledgeService, areas: Areas, clock: Clock, look: Look
    ) -> None:
        self._directory = directory
        self._service = service
        self._areas = areas
        self._clock = clock
        self._look = look
        self._read_once = lru_cache(maxsize=_READ)(self._as_it_came)

    # --- what there is ---

    def all(self) -> list[Proposal]:
        """Every proposal, the newest first; damaged ones are left out."""
        found = (path.parent.name for path in self._directory.glob(f"[0-9]*/{_PROPOSAL}"))
        proposals = []
        for id in sorted(found, reverse=True):
            try:
                proposals.append(self.find(id))
            except ProposalRefused:
                continue
        return proposals

    def find(self, id: str) -> Proposal:
        """The proposal of an id; raises ``ProposalRefused``."""
        try:
            said: dict[str, Any] = json.loads((self._folder(id) / _PROPOSAL).read_text("utf-8"))
            made = tuple(Correction(**one) for one in said.pop("corrections"))
            return Proposal(**{**said, "state": State(said["state"]), "corrections": made})
        except FileNotFoundError:
            raise ProposalRefused("没有这份上传的文件：可能已经发布，或者已被移除。") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ProposalRefused("这份上传的文件已损坏。请移除后重新上传。") from error

    def reading(self, proposal: Proposal) -> Reading:
        """What a proposal's file holds, as corrected; read once and then remembered. Raises ``Refused``."""
        read = self._read_once(proposal.id)
        items = corrections.corrected(read.content.items, proposal.corrections)
        return replace(read, content=replace(read.content, items=items))

    def file(self, proposal: Proposal) -> Path:
        """The file as it came."""
        return self._folder(proposal.id) / _FILE / proposal.file_name

    def examined(self, proposal: Proposal) -> Examined | None:
        """The last examination of a proposal."""
        try:
            said = json.loads((self._folder(proposal.id) / _EXAMINATION).read_text("utf-8"))
            found = said["found"]
            worse = tuple(Worse(**one) for one in found["worse"])
            changed = tuple(Changed(**one) for one in found["changed"])
            examination = Examination(found["asked"], worse, changed)
            return Examined(said["base"], said["revision"], examination)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def is_current(self, proposal: Proposal, examined: Examined) -> bool:
        """Whether an examination still tells what publishing would do."""
        now = self._service.versions.current()
        return (examined.revision, examined.base) == (proposal.revision, now)

    def document(self, id: str) -> str:
        """The id of the document that a proposal has become; empty where it has not."""
        documents = self._service.documents
        for name in documents.ids():
            stored = documents.stored(name)
            if stored.handling.proposal == id and stored.imported:
                return name
        return ""

    # --- proposing and putting right ---

    def add(
        self,
        who: str,
        file_name: str,
        data: BinaryIO,
        *,
        kind: str,
        area: str,
        sector: str = "",
        title: str = "",
    ) -> Proposal:
        """Keep a file that ``who`` proposes for an area (a code or a name); it is not read yet. Raises ``Refused``."""
        if kind not in KINDS:
            raise ProposalRefused("请选择文件是标准目录、答疑还是实施方案。")
        where = self._areas.find(area)
        now = self._clock()
        proposal = Proposal(
            id=f"{now:%Y%m%d%H%M%S}-{secrets.token_hex(4)}",
            file_name=safe_name(file_name),
            sha256="",
            kind=kind,
            area=where.code,
            area_name=where.name,
            sector=sector,
            title=" ".join(title.split()),
            proposer=who,
            at=int(now.timestamp()),
        )
        with self._changing():
            part = self._directory / f".{proposal.id}.part"
            (part / _FILE).mkdir(parents=True)
            proposal = replace(proposal, sha256=_keep(data, part / _FILE / proposal.file_name))
            self._refuse_second(proposal)
            files.write(part / _PROPOSAL, files.readable(asdict(proposal)))
            part.rename(self._folder(proposal.id))
        return proposal

    def correct(
        self, id: str, who: str, sheet: str, row: int, cells: Mapping[str, str], known: int
    ) -> Proposal:
        """Put cells of a row right, or confirm it where nothing in it is changed; ``known`` is how many corrections of the
        row were seen. Raises ``ProposalRefused`` where another was faster, and for what is no row."""
        item = self._row(self.find(id), sheet, row)
        made = corrections.of_row(item, cells, who, int(self._clock().timestamp()))
        return self._put_right(id, (sheet, row), made, known)

    def leave_out(self, id: str, who: str, sheet: str, row: int, known: int) -> Proposal:
        """Say that a row is no item; the rest as of ``correct``."""
        item = self._row(self.find(id), sheet, row)
        made = corrections.leaving_out(item, who, int(self._clock().timestamp()))
        return self._put_right(id, (sheet, row), [made], known)

    def _put_right(
        self, id: str, place: tuple[str, int], made: Sequence[Correction], known: int
    ) -> Proposal:
        row = place[1]

        def change(proposal: Proposal) -> Proposal:
            _refuse_closed(proposal)
            earlier = [one for one in proposal.corrections if one.place == place]
            if len(earlier) != known:
                raise ProposalRefused(
                    f"第 {row} 行刚被“{earlier[-1].who}”改过，您的修改没有保存。请看过最新内容再改。"
                    if earlier
                    else f"第 {row} 行刚被改过，您的修改没有保存。请看过最新内容再改。"
                )
            return replace(proposal, corrections=(*proposal.corrections, *made))

        return self._change(id, change)

    def submit(self, id: str, revision: int) -> Proposal:
        """Hand a proposal to whoever publishes it, as it was seen. Raises ``Refused`` where it cannot be read."""
        self.reading(self.find(id))

        def change(proposal: Proposal) -> Proposal:
            _refuse_closed(proposal)
            _refuse_unseen(proposal, revision)
            return replace(proposal, state=State.WAITING, note="", reviewer="")

        return self._change(id, change)

    def give_back(self, id: str, who: str, note: str) -> Proposal:
        """Send a proposal back with a note of what to put right."""
        if not note.strip():
            raise ProposalRefused("请写明为什么退回、要改什么，经办人才知道怎么做。")

        def change(proposal: Proposal) -> Proposal:
            if proposal.state is not State.WAITING:
                raise ProposalRefused("这份文件没有在等待审核，不用退回。")
            return replace(proposal, state=State.RETURNED, note=note.strip(), reviewer=who)

        return self._change(id, change)

    def remove(self, id: str) -> Proposal:
        """Throw a proposal away."""
        with self._changing():
            proposal = self.find(id)
            self._throw_away(id)
        return proposal

    # --- examining and publishing ---

    def examine(self, id: str, step: Step) -> Examined:
        """Ask the questions of the version in force and of one with the proposal in it, and remember what came of it."""
        proposal = self.find(id)
        base = self._service.versions.current() or ""
        step("读取文件")
        incoming = self._incoming(proposal)

        def look(in_force: Knowledge, candidate: Knowledge) -> Examination:
            return self._look(in_force, candidate, proposal.area)

        with TemporaryDirectory(prefix="zwgk-") as folder:
            found = self._service.preview(incoming, Path(folder) / "candidate.sqlite", look, step)
        examined = Examined(base, proposal.revision, found)
        with self._changing():
            if self.find(id).revision == proposal.revision:
                self._put(id, _EXAMINATION, asdict(examined))
        return examined

    def publish(
        self, id: str, who: str, revision: int, *, accept_worse: bool, step: Step
    ) -> tuple[str, Published]:
        """Put a proposal in force as ``who`` saw it; returns the document's id and its publication.

        Raises ``ProposalRefused`` for whoever had a part in it, and ``WouldBeWorse`` for what is not accepted: what an
        examination of just this named.
        """
        proposal = self._publishable(id, who, revision)
        step("读取文件")
        incoming = self._incoming(proposal, who)
        with self._service.versions.changing():
            self._publishable(id, who, revision)
            if (document := self.document(id)) and (now := self._service.versions.current()):
                # A crash came between publishing and taking it away.
                self._throw_away(id)
                return document, Published(now, ())
            examined = self.examined(proposal)
            if accept_worse and not (examined and self.is_current(proposal, examined)):
                raise ProposalRefused(
                    "知识库在核对之后又有变化，没有发布。请重新核对，看过会变差的题再决定。"
                )
            published = self._service.keep(incoming, accept_worse=accept_worse, step=step)
            self._throw_away(id)
        return incoming.deposit.document.id, published

    def _publishable(self, id: str, who: str, revision: int) -> Proposal:
        proposal = self.find(id)
        if proposal.state is not State.WAITING:
            raise ProposalRefused("这份文件还没有送审，不能发布。")
        if who in proposal.hands:
            raise ProposalRefused(
                "先审后发：上传或修改过这份文件的人不能自己发布，请由另一位有发布权限的同事审核。"
            )
        _refuse_unseen(proposal, revision)
        return proposal

    # --- reading ---

    def _as_it_came(self, id: str) -> Reading:
        read = self._incoming(replace(self.find(id), corrections=()))
        return Reading(read.content, read.report, read.content.items)

    def _incoming(self, proposal: Proposal, reviewer: str = "") -> Incoming:
        try:
            read = self._read(proposal)
        except Refused:
            self.find(proposal.id)  # whoever was faster has taken the file away
            raise
        handling = Handling(proposal.id, proposal.proposer, reviewer)
        return replace(read, deposit=replace(read.deposit, handling=handling))

    def _read(self, proposal: Proposal) -> Incoming:
        path = self.file(proposal)
        if proposal.kind == "catalogue":
            return self._service.read_catalogue(
                path,
                proposal.area,
                sector=proposal.sector or None,
                area_name=proposal.area_name,
                corrections=proposal.corrections,
            )
        return self._service.read_words(
            path, proposal.kind, area=proposal.area, title=proposal.title
        )

    def _row(self, proposal: Proposal, sheet: str, row: int) -> Item:
        reading = self.reading(proposal)
        # As it holds; one that is left out, as it was read.
        for items in (reading.content.items, reading.as_read):
            found = [item for item in items if _at(item, sheet, row)]
            if len(found) == 1:
                return found[0]
        raise ProposalRefused("没有找到这一行，没有保存。请刷新页面后再试。")

    # --- on disk ---

    def _folder(self, id: str) -> Path:
        if not _ID.fullmatch(id):
            raise ProposalRefused("没有这份上传的文件。")
        return self._directory / id

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._service.versions.changing():
            self._directory.mkdir(exist_ok=True)
            for left_by_a_killed_one in self._directory.glob(".*"):
                shutil.rmtree(left_by_a_killed_one, ignore_errors=True)
            yield

    def _change(self, id: str, change: Callable[[Proposal], Proposal]) -> Proposal:
        with self._changing():
            changed = change(self.find(id))
            changed = replace(changed, revision=changed.revision + 1)
            self._put(id, _PROPOSAL, asdict(changed))
        return changed

    def _put(self, id: str, name: str, said: Mapping[str, Any]) -> None:
        files.put(self._folder(id) / name, files.readable(said))

    def _throw_away(self, id: str) -> None:
        gone = self._directory / f".{id}.gone"
        self._folder(id).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _refuse_second(self, proposal: Proposal) -> None:
        every = self.all()
        if len(every) >= MOST_WAITING:
            raise ProposalRefused(
                f"已有 {MOST_WAITING} 份文件等着处理，没有收下。请先发布或移除一些。"
            )
        for other in every:
            if _same(other) == _same(proposal):
                raise ProposalRefused(
                    f"同一个文件“{other.proposer}”已经上传过，现在{STATES[other.state]}，不用再传。"
                )


def safe_name(name: str) -> str:
    """A file's name without folders, control characters and marks that turn the direction of writing; its ending stays.

    Every system can hold it; ``上传的文件`` where nothing is left.
    """
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(c for c in last if c.isprintable() or c.isspace())
    plain = " ".join(_RESERVED.sub("_", shown).split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending.encode()) > 10:
        stem, dot, ending = plain, "", ""
    while len((stem + dot + ending).encode()) > _LONGEST_NAME:
        stem = stem[:-1]
    return f"{stem or '上传的文件'}{dot}{ending}"


def _at(item: Item, sheet: str, row: int) -> bool:
    return (item.place.sheet, item.place.row) == (sheet, row)


def _same(proposal: Proposal) -> Sequence[str]:
    return proposal.sha256, proposal.kind, proposal.area, proposal.sector, proposal.title


def _refuse_closed(proposal: Proposal) -> None:
    if not proposal.open:
        raise ProposalRefused("这份文件已经送审，不能再改。需要修改的，请审核人先退回。")


def _refuse_unseen(proposal: Proposal, revision: int) -> None:
    if proposal.revision != revision:
        raise ProposalRefused("您打开页面以后，这份文件又有改动，没有执行。请看过最新内容再提交。")


def _keep(data: BinaryIO, path: Path) -> str:
    """Write a file to disk; returns the SHA-256 of its bytes."""
    digest = hashlib.sha256()
    with files.durable(path) as file:
        while block := data.read(1 << 20):
            digest.update(block)
            file.write(block)
        if not file.tell():
            raise UnreadableFile("这个文件是空的，没有收下。请确认选对了文件。")
    return digest.hexdigest()
