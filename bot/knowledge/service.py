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
from .model import Content
from .office import OfficeDocuments
from .reading import catalogue_content, read_words, readable
from .versions import Versions

Step = Callable[[str], None]
"""Told the name of each step of long work as it begins."""


def _quiet(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought: the content, the report on a catalogue, and the version it is published in."""

    content: Content
    version: str | None
    report: Report | None = None


class KnowledgeService:
    """The knowledge of one data directory. Safe to use from several processes: changes take turns, and each ends in one
    rename. Everything raises ``Refused`` where the directory cannot be written; nothing has changed then."""

    def __init__(
        self,
        data_dir: Path,
        tokeniser: Callable[[], Tokeniser],
        areas: Areas,
        clock: Clock,
        software: str,
        builtin: Callable[[], Sequence[Content]] = builtin_contents,
    ) -> None:
        self.versions = Versions(data_dir / "knowledge")
        self.documents = OfficeDocuments(data_dir / "documents")
        self._tokeniser = tokeniser
        self._areas = areas
        self._clock = clock
        self._software = software
        self._builtin = builtin

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

    def add_catalogue(
        self,
        path: Path,
        area: str,
        *,
        sector: str | None = None,
        area_name: str = "",
        dry_run: bool = False,
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
        return Imported(content, self._keep(deposit, step), imported.report)

    def add_words(
        self, path: Path, kind: str, *, area: str = "", title: str = "", step: Step = _quiet
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
        return Imported(content, self._keep(deposit, step))

    def _keep(self, deposit: office.Deposit, step: Step) -> str:
        """Store the document, build with it as the newest and publish; take it back when that fails."""
        this = deposit.document.id
        with self.versions.changing():
            others = [d for d in self._documents_in_force() if d != this]
            new = self.documents.add(deposit)
            try:
                name = self._build([*others, this], step)
                step("发布")
                self.versions.publish(name)
            except BaseException:
                if new:
                    self.documents.remove(this)
                raise
        return name

    def _build(self, documents: Sequence[str], step: Step) -> str:
        step("读取文件")
        contents = (*self._builtin(), *self.documents.contents(documents))
        phrasings, synonyms = builtin_phrasings(), everyday_words()
        now = self._clock()
        digest = fingerprint(contents, phrasings, synonyms, self._software)
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
            software=self._software,
            built_on=now.isoformat(timespec="seconds"),
            documents=str(len(contents)),
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
