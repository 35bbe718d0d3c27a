"""A draft of a catalogue checked as an office's own file, before anybody publishes it. Nothing is kept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from catalogue_index.areas import NATION
from catalogue_index.checking import Draft, Finding, Guide, check, of_file
from catalogue_index.checking.rules import SEVERITIES
from catalogue_index.errors import UnrecognisedFile
from catalogue_index.exporting.annotating import Note, annotate
from catalogue_index.importing import import_catalogue
from catalogue_index.readers import Grid, grids_of

from .reading import readable


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft and what is wrong with it, gravest first."""

    name: str
    data: bytes
    draft: Draft
    findings: Sequence[Finding]

    @property
    def counts(self) -> Counter[str]:
        """How many findings there are of each severity."""
        return Counter(finding.severity for finding in self.findings)

    @property
    def told(self) -> str:
        """The counts in words; empty where nothing was found."""
        count = self.counts
        return "、".join(
            f"{word} {count[key]} 处" for key, word in SEVERITIES.items() if count[key]
        )

    def annotated(self) -> bytes:
        """The draft as an xlsx with its findings at their cells."""
        notes = [_note(finding) for finding in self.findings]
        return annotate(self.data, self.name, self.draft.grids, notes)


def check_draft(
    data: bytes,
    name: str,
    guide: Guide,
    today: date,
    *,
    area: str = NATION,
    sector: str | None = None,
) -> Checked:
    """Check the file in ``data`` called ``name`` of the office of ``area`` (a code); refusals as of the importer."""
    title = readable(PurePath(name).stem)
    draft = Draft.read(grids_of(data, name), guide, today, sector=sector, title=title)
    return Checked(name, data, draft, check(draft, area))


def guide_of(grids: Sequence[Grid], name: str, sector: str | None = None) -> Guide:
    """The guide that the tables of a file called ``name`` are; raises ``UnrecognisedFile``."""
    title = readable(PurePath(name).stem)
    guide = of_file(import_catalogue(grids, sector=sector, title=title))
    if not guide.rows:
        raise UnrecognisedFile(
            f"“{name}”里没有能对照的事项：看不出领域，或没有一级、二级事项。"
            "请指明领域，或换一个文件。"
        )
    return guide


def where(finding: Finding) -> str:
    """The place of a finding in words: sheet, row and column."""
    row = f"第{finding.place.row}行" if finding.place.row else ""
    sheet = f"“{finding.place.sheet}”" if finding.place.sheet else ""
    return " ".join(filter(None, (sheet, row, finding.label)))


def _note(finding: Finding) -> Note:
    text = f"{finding.what}\n{finding.todo}\n依据：{finding.quotation}"
    return Note(finding.place.sheet, finding.place.row, finding.column, finding.severity, text)
