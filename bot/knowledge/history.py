"""What one version of the knowledge has otherwise than another: documents, catalogues, questions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalogue_index.comparing import Comparison, compare
from catalogue_index.model import Document, Item
from catalogue_index.snapshot import SnapshotReader
from catalogue_index.versions import sector_name
from faq.model import FaqEntry
from faq.snapshot import read_entries


@dataclass(frozen=True, slots=True)
class SectorChange:
    """What changed in an area's catalogue of one sector."""

    area: str
    area_name: str
    sector: str
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Difference:
    """What takes one version to another. ``questions`` are those of Q&A documents that came, went or are answered
    otherwise: the question, the answer before and after (empty: none)."""

    added: tuple[Document, ...]
    removed: tuple[Document, ...]
    catalogues: tuple[SectorChange, ...]
    questions: tuple[tuple[str, str, str], ...]

    @property
    def areas(self) -> frozenset[str]:
        """Codes of the areas whose documents are not the same."""
        return frozenset(document.area for document in (*self.added, *self.removed))

    @property
    def same(self) -> bool:
        """Whether the two hold the same documents."""
        return not (self.added or self.removed)


def difference(before: SnapshotReader, after: SnapshotReader) -> Difference:
    """How ``after`` differs from ``before``, as far as an office changed it."""
    old, new = ({d.id: d for d, _ in reader.documents()} for reader in (before, after))
    added = tuple(d for name, d in new.items() if name not in old)
    removed = tuple(d for name, d in old.items() if name not in new)
    areas = {d.area: d.area_name for d in (*removed, *added) if d.kind == "catalogue"}
    return Difference(
        added,
        removed,
        tuple(
            SectorChange(area, name, sector, comparison)
            for area, name in areas.items()
            for sector, comparison in _compared(
                _sectors(before, old.values(), area), _sectors(after, new.values(), area)
            )
        ),
        _questions(_answers(before, removed), _answers(after, added)),
    )


def _sectors(
    reader: SnapshotReader, documents: Iterable[Document], area: str
) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for document in documents:
        if document.kind == "catalogue" and document.area == area:
            for _, item in reader.items(document.id):
                found.setdefault(sector_name(item.sector), []).append(item)
    return found


def _compared(
    before: Mapping[str, list[Item]], after: Mapping[str, list[Item]]
) -> list[tuple[str, Comparison]]:
    pairs = (
        (sector, compare(before.get(sector, []), after.get(sector, [])))
        for sector in sorted({*before, *after})
    )
    return [(sector, comparison) for sector, comparison in pairs if not comparison.same]


def _answers(
    reader: SnapshotReader, documents: Iterable[Document]
) -> dict[tuple[str, str], FaqEntry]:
    areas = {d.id: d.area for d in documents if d.kind == "faq"}
    entries = read_entries(reader) if areas else ()
    return {(areas[e.document], e.question): e for e in entries if e.document in areas}


def _questions(
    before: Mapping[tuple[str, str], FaqEntry], after: Mapping[tuple[str, str], FaqEntry]
) -> tuple[tuple[str, str, str], ...]:
    told = (
        (key[1], getattr(before.get(key), "answer", ""), getattr(after.get(key), "answer", ""))
        for key in dict.fromkeys((*before, *after))
    )
    return tuple(one for one in told if one[1] != one[2])
