"""Documents that an office has imported: each a folder with the file as it came and what was said of it.

A folder appears by one rename when it is whole, so an import cut short leaves nothing that counts. Nothing is overwritten.
Which documents are in force, the published version says, not this directory: going back to an older version takes back what
was imported since.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from catalogue_index.areas import Area
from catalogue_index.errors import UnreadableFile
from catalogue_index.model import Document
from catalogue_index.readers.files import read_bytes
from catalogue_index.sectors import national_sectors

from .model import Content
from .reading import catalogue_content, faq_content, plan_content, read_words, readable

_DESCRIPTION = "document.json"
_FILE = "file"
_MOST_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Deposit:
    """An imported document before it is stored: the file's name and bytes, and what the office said of it."""

    document: Document
    file_name: str
    data: bytes
    sector: str | None = None


class OfficeDocuments:
    """The ``documents`` directory. Whoever changes it holds the writer's lock."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def add(self, deposit: Deposit) -> bool:
        """Keep a document; ``False`` when the same file so described is here already. May raise ``OSError``."""
        for left_by_a_killed_one in self.directory.glob(".*.part"):
            shutil.rmtree(left_by_a_killed_one)
        folder = self.directory / deposit.document.id
        if folder.exists():
            return False
        part = self.directory / f".{deposit.document.id}.part"
        try:
            (part / _FILE).mkdir(parents=True)
            _write(part / _FILE / deposit.file_name, deposit.data)
            said = {
                "file": deposit.file_name,
                "sector": deposit.sector,
                "document": asdict(deposit.document),
            }
            _write(part / _DESCRIPTION, json.dumps(said, ensure_ascii=False, indent=2).encode())
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return True

    def remove(self, document_id: str) -> None:
        """Take back a document that could not be published."""
        shutil.rmtree(self.directory / document_id, ignore_errors=True)

    def ids(self) -> list[str]:
        """All documents that were ever imported, in order of their first import."""
        folders = [path.parent for path in self.directory.glob(f"[!.]*/{_DESCRIPTION}")]
        return [f.name for f in sorted(folders, key=lambda f: (_said(f)[0].version, f.name))]

    def contents(self, ids: Iterable[str]) -> tuple[Content, ...]:
        """These documents, oldest first, without what a later one of them replaces (``in_force``)."""
        found = []
        for folder in (self.directory / document_id for document_id in ids):
            document, file_name, sector = _said(folder)
            found.append(read(folder / _FILE / file_name, document, sector))
        return in_force(found)


def in_force(contents: Iterable[Content]) -> tuple[Content, ...]:
    """What holds of documents given oldest first.

    A catalogue replaces its sectors in older catalogues of its area; any other document replaces an older one of the same
    kind, area and title.
    """
    taken: set[tuple[str, str, str]] = set()
    kept: list[Content] = []
    for content in reversed(list(contents)):
        document = content.document
        if document.kind == "catalogue":
            about = {item.sector or "": "" for item in content.items}
            about |= {sector: national_sectors().canonical(sector) or sector for sector in about}
        else:
            about = {document.title: document.title}
        keys = {said: (document.kind, document.area, name) for said, name in about.items()}
        replaced = tuple(sorted(said for said, key in keys.items() if key in taken))
        if len(replaced) < len(keys):
            kept.append(replace(content, replaced=replaced if document.kind == "catalogue" else ()))
        taken.update(keys.values())
    return tuple(reversed(kept))


def read(path: Path, document: Document, sector: str | None) -> Content:
    """What a stored or incoming file holds."""
    if document.kind == "catalogue":
        return catalogue_content(path, document, sector)[0]
    parse = faq_content if document.kind == "faq" else plan_content
    return parse(read_words(path), document)


def deposit(
    path: Path,
    *,
    kind: str,
    area: Area,
    title: str,
    at: datetime,
    sector: str | None = None,
    number: str = "",
    date: str = "",
) -> Deposit:
    """A file about to be imported; its id tells kind, area and content apart. Raises ``UnreadableFile``.

    ``number`` and ``date`` are the document's own; ``at``, the moment of import, becomes its version.
    """
    data = read_bytes(path, _MOST_BYTES)
    said = f"{kind}|{area.code}|{area.name}|{sector}|{title}"
    digest = hashlib.sha256(data + said.encode("utf-8", "replace")).hexdigest()[:8]
    document = Document(
        id=f"{kind}-{area.code}-{digest}",
        title=title,
        kind=kind,
        area=area.code,
        area_name=area.name,
        number=number,
        date=date,
        version=at.isoformat(timespec="microseconds"),
    )
    return Deposit(document, readable(path.name), data, sector)


def _said(folder: Path) -> tuple[Document, str, str | None]:
    try:
        said: dict[str, Any] = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
        return Document(**said["document"]), said["file"], said["sector"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(
            f"已导入的文件“{folder}”的说明不见了或已损坏。请从备份恢复，或移走这个文件夹后重新导入。"
        ) from error


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
