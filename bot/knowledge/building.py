"""Contents → one snapshot file: what is searched, with which weight, and on which shelf."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import faq.snapshot
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonym
from catalogue_index.index import Unit, prepare
from catalogue_index.model import Document
from catalogue_index.snapshot import SnapshotWriter, item_id, passage_id
from faq.snapshot import Phrasing, entry_id

from .model import Content
from .subjects import Subjects

REFERENCE_SHELF = "reference"
"""Where documents stand that everyone's questions search, wherever they bind."""

_QUESTION, _ANSWER = 3.0, 0.7
_ITEM, _CATEGORY, _SECTOR, _CONTENT = 3.0, 1.0, 1.0, 0.7
_TITLE, _PASSAGE = 1.5, 2.0


def shelf_of(kind: str, document: Document) -> str:
    """Where a document's units stand. A plan is searched by the people of its own area, reference or not."""
    return REFERENCE_SHELF if document.reference and kind != "plan" else document.area


def units(contents: Iterable[Content], subjects: Subjects) -> Iterator[Unit]:
    """Everything that can be an answer. Weights say how much each text speaks for its unit."""
    for content in contents:
        document = content.document
        for entry in content.entries:
            unit = f"faq:{entry_id(entry)}"
            yield Unit(
                unit,
                "faq",
                shelf_of("faq", document),
                ((entry.question, _QUESTION), (entry.answer, _ANSWER)),
                unit,
            )
        for passage in content.passages:
            unit = f"plan:{passage_id(passage)}"
            heading = f"{passage.path[-1] if passage.path else ''}{passage.title}"
            own = (
                (passage.text, _PASSAGE),
                (f"{heading}{''.join(passage.sectors)}", _TITLE),
            )
            yield Unit(unit, "plan", shelf_of("plan", document), own, unit)
        for number, item in content.items_in_force():
            unit = f"item:{item_id(document.id, number)}"
            texts = (
                (item.item or item.category or "", _ITEM),
                (item.category or "", _CATEGORY),
                (item.sector or "", _SECTOR),
                (item.content or "", _CONTENT),
            )
            shelf = shelf_of("item", document)
            yield Unit(unit, "item", shelf, texts, subjects.of(unit, item))


def fingerprint(
    contents: Sequence[Content],
    phrasings: Sequence[Phrasing],
    synonyms: Sequence[Synonym],
    software: str,
) -> str:
    """The same for the same inputs and software: 12 hexadecimal digits that name a version."""
    digest = hashlib.sha256(software.encode("utf-8"))
    parts: tuple[Content | Phrasing | Synonym, ...] = (*contents, *phrasings, *synonyms)
    for part in parts:
        digest.update(json.dumps(asdict(part), ensure_ascii=False, default=str).encode("utf-8"))
    return digest.hexdigest()[:12]


def build(
    path: Path,
    contents: Sequence[Content],
    phrasings: Sequence[Phrasing],
    synonyms: Sequence[Synonym],
    analyser: Analyser,
    imported: Sequence[Content] = (),
    **meta: str,
) -> None:
    """Write the snapshot to ``path``, which appears only when it is whole and on disk.

    What an office ``imported`` comes after the built-in ``contents`` and changes no word's weight in them.

    Raises ``OSError`` or ``sqlite3.Error`` where it cannot be written. One process at a time may build a version.
    """
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with closing(SnapshotWriter(part)) as writer:
            everything = (*contents, *imported)
            writer.documents((content.document, content.text) for content in everything)
            for content in everything:
                writer.items(content.document.id, content.items_in_force())
            writer.passages(passage for content in everything for passage in content.passages)
            faq.snapshot.write(writer, (e for c in everything for e in c.entries), phrasings)
            writer.synonyms(synonyms)
            subjects = Subjects(phrasings)
            ours, added = (units(each, subjects) for each in (contents, imported))
            said = ((phrasing.unit, phrasing.text) for phrasing in phrasings)
            writer.index(prepare(ours, said, analyser, added))
            writer.finish(**meta)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
