"""What an office does with its knowledge: import a document, build a version, publish it, go back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.clock import Clock
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonyms, everyday_words
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import Area, Areas
from catalogue_index.errors import Refused, UnknownArea, UnreadableFile
from catalogue_index.importing import Report
from catalogue_index.snapshot import SnapshotReader

from . import office
from .building import build, fingerprint
from .builtin import builtin_contents, builtin_phrasings
from .model import Content
from .office import OfficeDocuments
from .reading import catalogue_content, read_words
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
    """The knowledge of one data directory. Safe to use from several processes: each step ends in one rename."""

    def __init__(
        self,
        data_dir: Path,
        tokeniser: Callable[[], Tokeniser],
        areas: Areas,
        clock: Clock,
        software: str,
    ) -> None:
        self.versions = Versions(data_dir / "knowledge")
        self.documents = OfficeDocuments(data_dir / "documents")
        self._tokeniser = tokeniser
        self._areas = areas
        self._clock = clock
        self._software = software

    def ensure(self, step: Step = _quiet) -> None:
        """Have a version in force that this software can read, building it where there is none."""
        current = self.versions.current()
        if current is not None:
            try:
                if (
                    SnapshotReader(self.versions.path(current)).meta.get("software")
                    == self._software
                ):
                    return
            except UnreadableFile:
                if len(self.versions.names()) > 1:
                    return  # the library falls back to a sound older version and says so
                self.versions.path(current).unlink(missing_ok=True)
        self.versions.publish(self.build(step))

    def build(self, step: Step = _quiet) -> str:
        """Build a candidate from the built-in and the office's documents; returns its name. The same
        documents give the same version, which is then not built again."""
        step("读取文件")
        contents = (*builtin_contents(), *self.documents.contents())
        phrasings, synonyms = builtin_phrasings(), everyday_words()
        now = self._clock()
        digest = fingerprint(contents, phrasings, synonyms)
        for name in self.versions.names():
            if name.endswith(digest) and self._sound(name):
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
        deposit = self._deposit(path, "catalogue", where, "", sector)
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

        Area and title are taken from the document's first lines where they are not given.
        """
        step("读取文件")
        raw = read_words(path)
        lines = [line.strip("# *") for line in raw.splitlines() if line.strip("# *")]
        where = self._areas.find(area) if area else self._area_in(lines[:12], path)
        deposit = self._deposit(path, kind, where, title or _title_in(lines) or path.stem, None)
        content = office.read(path, deposit.document, None)
        return Imported(content, self._keep(deposit, step))

    def _deposit(
        self, path: Path, kind: str, where: Area, title: str, sector: str | None
    ) -> office.Deposit:
        return office.deposit(
            path,
            kind=kind,
            area=where.code,
            area_name=where.name,
            title=title,
            sector=sector,
            at=self._clock(),
        )

    def _keep(self, deposit: office.Deposit, step: Step) -> str:
        """Store the document, build with it and publish; take it back when that fails."""
        new = not (self.documents.directory / deposit.document.id).exists()
        self.documents.add(deposit)
        try:
            name = self.build(step)
            step("发布")
            self.versions.publish(name)
        except BaseException:
            if new:
                self.documents.remove(deposit.document.id)
            raise
        return name

    def _sound(self, name: str) -> bool:
        try:
            return SnapshotReader(self.versions.path(name)).meta.get("software") == self._software
        except UnreadableFile:
            return False

    def _area_in(self, lines: Sequence[str], path: Path) -> Area:
        text = "".join(lines)
        found = [
            area
            for _, name in self._areas.names()
            if len(name) >= 2 and (f"{name}人民政府" in text or f"{name}全面" in text)
            for area in self._areas.named(name)
        ]
        counties = [a for a in found if len(a.code) == 6 and a.full_name[-len(a.name) :] == a.name]
        if len(counties) == 1:
            return counties[0]
        raise UnknownArea(
            f"看不出“{path.name}”是哪个地区的文件。请用 --area 写明地区，例如 --area 441204。"
        )


def _title_in(lines: Sequence[str]) -> str:
    """A document's title: the first lines up to the one that ends like a title."""
    for end, line in enumerate(lines[:6], 1):
        if line.endswith(("方案", "细则", "通知", "意见", "答疑", "问答", "办法", "要点")):
            start = end - 1
            while start and not lines[start - 1].endswith(("文件", "号", "办公室")):
                start -= 1
            return "".join(lines[start:end]).replace(" ", "")
    return ""
