"""FAQ entries and known phrasings inside a knowledge snapshot."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from catalogue_index.snapshot import SnapshotReader, SnapshotWriter

from .model import FaqEntry


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A way in which people put the question that ``unit`` answers (相似问法); ``unit`` as in the index."""

    unit: str
    text: str


def entry_id(entry: FaqEntry) -> str:
    """The public id of an entry: its document and number."""
    return f"{entry.document}-{entry.number}"


def write(
    writer: SnapshotWriter, entries: Iterable[FaqEntry], phrasings: Iterable[Phrasing]
) -> None:
    """Add entries and phrasings to a snapshot under way."""
    writer.add("entries", ({"id": entry_id(e)} | asdict(e) for e in entries), pk="id")
    writer.add("phrasings", (asdict(p) for p in phrasings))


def read_entries(reader: SnapshotReader) -> list[FaqEntry]:
    """All entries, by document and number."""
    return [
        FaqEntry(**{k: v for k, v in row.items() if k != "id"}) for row in reader.rows("entries")
    ]
