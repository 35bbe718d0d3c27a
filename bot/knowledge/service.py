"""What an office does with its knowledge: import a document, build a version, publish it, go back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.clock import Clock
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonyms, everyday_words
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import Areas
from catalogue_index.errors import Refused, UnknownArea, UnreadableFile
from catalogue_index.importing import Report
from catalogue_index.snapshot import SnapshotReader

from . import office
from .building import build, fingerprint
from .builtin import builtin_contents, builtin_phrasings
from .heading import area_of, date_of, lines_of, number_of, title_of
from .library import Knowledge
from .model import Content
from .office import OfficeDocuments
from .reading import catalogue_content, read_words, readable
from .versions import Versions

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
    ) -> None:
        self.versions = Versions(data_dir / "knowledge")
        self.documents = OfficeDocuments(data_dir / "documents")
        self._tokeniser = tokeniser
        self._areas = areas
        self._clock = clock
        self._software = software
        self._builtin = builtin
        self._examine = examine

    def ensure(self, step: Step = _quiet) -> None:
        """Have a version in force that this software made, building it anew where it is missing or damaged."""
        if self._in_force_is_ours():
            return
        with self.versions.changing():
            if not self._in_force_is_ours():
                self.versions.publish(self._build(self._documents_in_force(), step))

    def build(self, step: Step = _quiet) -> str:
        """Build a candidate from the built-in and the office's documents in force; returns its name. The same
        documents give the same version, which is then not built again."""
        with self.versions.changing():
            return self._build(self._documents_in_force(), step)

    def publish(
        self, version: str = "", *, accept_worse: bool = False, step: Step = _quiet
    ) -> Published:
        """Put a version in force; the newest built where none is named."""
        with self.versions.changing():
            name = version or next(iter(self.versions.names()), "")
            return self._publish(
                name or self._build(self._documents_in_force(), step), accept_worse, step
            )

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
        where = self._areas.get(area, area_name) if area.isdigit() else self._areas.find(area)
        step("读取表格")
        deposit = office.deposit(
            path, kind="catalogue", area=where, title="", sector=sector, at=self._clock()
        )
        content, imported = catalogue_content(path, deposit.document, sector)
        if not content.items:
            raise Refused(f"“{path.name}”里没有读出事项，没有导入。请确认表格里有事项行。")
        if dry_run:
            return Imported(content, None, imported.report)
        return Imported(content, self._keep(deposit, accept_worse, step), imported.report)

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
        """Import a Q&A document (``kind`` faq) or a plan (plan) and publish it.

        Area and title are taken from the document's first lines where they are not given; raises ``UnknownArea`` where
        they do not tell the area.
        """
        step("读取文件")
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
        content = office.read(path, deposit.document, None)
        return Imported(content, self._keep(deposit, accept_worse, step))

    def _keep(self, deposit: office.Deposit, accept_worse: bool, step: Step) -> Published:
        """Store the document, build with it as the newest and publish; take it all back when that fails."""
        this = deposit.document.id
        with self.versions.changing():
            others = [d for d in self._documents_in_force() if d != this]
            before = self.versions.names()
            new = self.documents.add(deposit)
            try:
                return self._publish(self._build([*others, this], step), accept_worse, step)
            except BaseException:
                if new:
                    self.documents.remove(this)
                for name in set(self.versions.names()) - set(before):
                    self.versions.path(name).unlink(missing_ok=True)
                raise

    def _publish(self, name: str, accept_worse: bool, step: Step) -> Published:
        worse = tuple(self._worse(name, step))
        if worse and not accept_worse:
            raise WouldBeWorse(worse)
        step("发布")
        self.versions.publish(name)
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

    def _build(self, documents: Sequence[str], step: Step) -> str:
        step("读取文件")
        contents, imported = self._builtin(), self.documents.contents(documents)
        phrasings, synonyms = builtin_phrasings(), everyday_words()
        now = self._clock()
        digest = fingerprint((*contents, *imported), phrasings, synonyms, self._software)
        for name in self.versions.names():
            if name.endswith(digest) and self._is_ours(name):
                return name
        name = f"{now:%Y%m%d}-{digest}"
        step("建立检索")
        build(
            self.versions.path(name),
            contents,
            phrasings,
            synonyms,
            Analyser(self._tokeniser(), Synonyms(synonyms)),
            imported,
            software=self._software,
            built_on=now.isoformat(timespec="seconds"),
            documents=str(len(contents) + len(imported)),
        )
        return name

    def _documents_in_force(self) -> list[str]:
        """The office's documents in the version in force, oldest first; all there are where it cannot be read."""
        known = self.documents.ids()
        current = self.versions.current()
        try:
            if current:
                listed = SnapshotReader(self.versions.path(current)).documents()
                return [document.id for document, _ in listed if document.id in known]
        except UnreadableFile:
            pass  # a damaged version cannot say; leaving out what was imported would be worse
        return known

    def _in_force_is_ours(self) -> bool:
        current = self.versions.current()
        return current is not None and self._is_ours(current)

    def _is_ours(self, name: str) -> bool:
        try:
            return SnapshotReader(self.versions.path(name)).meta.get("software") == self._software
        except UnreadableFile:
            return False
