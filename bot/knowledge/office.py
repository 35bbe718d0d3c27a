"""Documents that an office has imported: each a folder with the file as it came and what was said of it.

A folder appears by one rename when it is whole, so an import cut short leaves nothing that counts. Nothing is overwritten
but the list of moments at which a file came again. Which documents are in force, the published version says, not this
directory: going back to an older version takes back what was imported since.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from catalogue_index.areas import Area
from catalogue_index.errors import UnreadableFile
from catalogue_index.model import Document
from catalogue_index.readers.files import read_bytes
from catalogue_index.versions import sector_name

from . import corrections, files
from .corrections import Correction
from .model import Content
from .reading import catalogue_content, faq_content, plan_content, read_words, readable

_DESCRIPTION = "document.json"
_FILE = "file"
_MOST_BYTES = 64_000_000

Holders = Mapping[tuple[str, str], str]
"""Area code and sector → id of the catalogue that holds there."""


@dataclass(frozen=True, slots=True)
class Handling:
    """Through whose hands a document came: the id of its proposal, who proposed it and who published it. Empty where it was
    imported at the terminal."""

    proposal: str = ""
    proposer: str = ""
    reviewer: str = ""


@dataclass(frozen=True, slots=True)
class Deposit:
    """An imported document before it is stored: the file's name and bytes, and what the office said of it."""

    document: Document
    file_name: str
    data: bytes
    sector: str | None = None
    corrections: tuple[Correction, ...] = ()
    handling: Handling = Handling()


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of an imported document without reading its file.

    ``imported`` are the moments it came, in order; there is none where its import was cut short.
    """

    document: Document
    file_name: str
    sector: str | None
    imported: tuple[str, ...]
    corrections: tuple[Correction, ...] = ()
    handling: Handling = field(default_factory=Handling)

    @property
    def newest(self) -> str:
        """The moment it came last, or was to come."""
        return self.imported[-1] if self.imported else self.document.version

    def described(self) -> bytes:
        """The description that lies beside the file."""
        said = {
            "file": self.file_name,
            "sector": self.sector,
            "imported": self.imported,
            "document": asdict(self.document),
            "corrections": [asdict(one) for one in self.corrections],
            "handling": asdict(self.handling),
        }
        return files.readable(said)


class OfficeDocuments:
    """The ``documents`` directory. Whoever changes it holds the writer's lock.

    What a document holds never changes, so that of some may stay in memory: ``remembered`` says of how many.
    """

    def __init__(self, directory: Path, remembered: int = 0) -> None:
        self.directory = directory
        self.content = lru_cache(maxsize=remembered)(self._content)
        """A document as it was imported, whatever has replaced it since."""

    @contextmanager
    def adding(self, deposit: Deposit) -> Iterator[None]:
        """Keep a document, and take it back where the block fails. Of a file that is here already, only the moment is kept.

        The moment is written once the block is through: without one, a document was never in force. May raise ``OSError``.
        """
        for left_by_a_killed_one in self.directory.glob(".*.part"):
            shutil.rmtree(left_by_a_killed_one)
        folder = self.directory / deposit.document.id
        part = self.directory / f".{deposit.document.id}.part"
        new = not folder.exists()
        try:
            if new:
                stored = _before_it_came(deposit)
                (part / _FILE).mkdir(parents=True)
                files.write(part / _FILE / deposit.file_name, deposit.data)
                files.write(part / _DESCRIPTION, stored.described())
                part.rename(folder)
            stored = self.stored(deposit.document.id)
            came = replace(stored, imported=(*stored.imported, deposit.document.version))
            part.mkdir()
            files.write(part / _DESCRIPTION, came.described())
            yield
        except BaseException:
            if new:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        else:
            # Published by now: without its moment a document only misses in lists once it is replaced.
            with suppress(OSError):
                (part / _DESCRIPTION).replace(folder / _DESCRIPTION)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def ids(self) -> list[str]:
        """All documents that were ever imported, in order of their last import."""
        folders = [path.parent for path in self.directory.glob(f"[!.]*/{_DESCRIPTION}")]
        return sorted((f.name for f in folders), key=lambda name: (self.stored(name).newest, name))

    def stored(self, document_id: str) -> Stored:
        """What is known of a document; raises ``UnreadableFile`` where its description is damaged."""
        folder = self.directory / document_id
        try:
            said: dict[str, Any] = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
            document = Document(**said["document"])
            moments = tuple(said.get("imported", [document.version]))
            corrected = tuple(Correction(**one) for one in said.get("corrections", []))
            handling = Handling(**said.get("handling", {}))
            return Stored(document, said["file"], said["sector"], moments, corrected, handling)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnreadableFile(
                f"已导入的文件“{folder}”的说明不见了或已损坏。请从备份恢复，或移走这个文件夹后重新导入。"
            ) from error

    def _content(self, document_id: str) -> Content:
        stored = self.stored(document_id)
        path = self.file(stored)
        return read(path, stored.document, stored.sector, stored.corrections)

    def file(self, stored: Stored) -> Path:
        """The file as it came."""
        return self.directory / stored.document.id / _FILE / stored.file_name

    def contents(
        self, ids: Iterable[str], holders: Holders = MappingProxyType({})
    ) -> tuple[Content, ...]:
        """These documents, oldest first, without what another of them replaces (``in_force``)."""
        return in_force(map(self.content, ids), holders)


def in_force(
    contents: Iterable[Content], holders: Holders = MappingProxyType({})
) -> tuple[Content, ...]:
    """What holds of documents given oldest first.

    A sector of an area belongs to the catalogue that ``holders`` names, where it is among these, else to the newest that
    has it; any other document replaces an older one of the same kind, area and title.
    """
    given = list(contents)
    taken = _chosen(given, holders)
    kept: list[Content] = []
    for content in reversed(given):
        document = content.document
        keys = _keys(content)
        replaced = [
            said for said, key in keys.items() if taken.setdefault(key, document.id) != document.id
        ]
        if len(replaced) < len(keys):
            catalogue = document.kind == "catalogue"
            kept.append(replace(content, replaced=tuple(sorted(replaced)) if catalogue else ()))
    return tuple(reversed(kept))


def _chosen(contents: Iterable[Content], holders: Holders) -> dict[tuple[str, str, str], str]:
    """What ``holders`` gives to one of these documents that has it."""
    return {
        key: content.document.id
        for content in contents
        for key in _keys(content).values()
        if holders.get(key[1:]) == content.document.id and key[0] == "catalogue"
    }


def _keys(content: Content) -> dict[str, tuple[str, str, str]]:
    """What a document takes the place of others in: sectors as it writes them, or its title → kind, area and name."""
    document = content.document
    if document.kind == "catalogue":
        about = {item.sector or "": sector_name(item.sector) for item in content.items}
    else:
        about = {document.title: document.title}
    return {said: (document.kind, document.area, name) for said, name in about.items()}


def read(
    path: Path, document: Document, sector: str | None, corrected: Sequence[Correction] = ()
) -> Content:
    """What a stored or incoming file holds, as it was ``corrected``."""
    if document.kind == "catalogue":
        content = catalogue_content(path, document, sector)[0]
        return replace(content, items=corrections.corrected(content.items, corrected))
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
    corrected: Sequence[Correction] = (),
) -> Deposit:
    """A file about to be imported; its id tells kind, area and content apart. Raises ``UnreadableFile``.

    ``number`` and ``date`` are the document's own; ``at``, the moment of import, becomes its version.
    """
    data = read_bytes(path, _MOST_BYTES)
    said = f"{kind}|{area.code}|{area.name}|{sector}|{title}{corrections.digest(corrected)}"
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
    return Deposit(document, readable(path.name), data, sector, tuple(corrected))


def _before_it_came(deposit: Deposit) -> Stored:
    return Stored(
        deposit.document,
        deposit.file_name,
        deposit.sector,
        (),
        deposit.corrections,
        deposit.handling,
    )
