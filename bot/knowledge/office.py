"""Documents that an office has imported: each a folder with the file as it came and what was said of it.

A folder appears by one rename when it is whole, so an import cut short leaves nothing behind. Nothing is overwritten: a
newer version of the same catalogue takes the older one's place in the next build, and both stay on disk.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from catalogue_index.errors import UnreadableFile
from catalogue_index.model import Document

from .model import Content
from .reading import catalogue_content, faq_content, plan_content, read_words

_DESCRIPTION = "document.json"
_UNSAFE = re.compile(r"[^0-9A-Za-z㐀-鿿._-]+")


@dataclass(frozen=True, slots=True)
class Deposit:
    """An imported document before and after it is stored: the file's bytes, and what the office said of it."""

    document: Document
    file_name: str
    data: bytes
    sector: str | None = None


class OfficeDocuments:
    """The ``documents`` directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def add(self, deposit: Deposit) -> None:
        """Keep a document; the same file with the same description again is kept once."""
        folder = self.directory / deposit.document.id
        if folder.exists():
            return
        part = self.directory / f".{deposit.document.id}.{os.getpid()}.part"
        try:
            part.mkdir(parents=True)
            self._write(part / deposit.file_name, deposit.data)
            said = {
                "file": deposit.file_name,
                "sector": deposit.sector,
                "document": asdict(deposit.document),
            }
            self._write(
                part / _DESCRIPTION, json.dumps(said, ensure_ascii=False, indent=2).encode("utf-8")
            )
            with suppress(OSError):
                part.rename(folder)
            if not folder.exists():
                raise UnreadableFile(
                    f"文件存不进数据目录“{self.directory}”，没有导入。请检查空间和权限。"
                )
        except OSError as error:
            raise UnreadableFile(
                f"文件存不进数据目录“{self.directory}”（{error.strerror}），没有导入。请检查剩余空间和写入权限。"
            ) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def remove(self, document_id: str) -> None:
        """Take back a document that turned out to be unusable."""
        shutil.rmtree(self.directory / document_id, ignore_errors=True)

    def contents(self) -> tuple[Content, ...]:
        """What is in force: of each area's catalogue of a sector, and of each titled document, the newest."""
        newest: dict[object, Content] = {}
        for content in self._all():
            document = content.document
            sectors = tuple(sorted({item.sector or "" for item in content.items}))
            key = (document.kind, document.area, sectors or document.title)
            newest.pop(key, None)
            newest[key] = content
        return tuple(newest.values())

    def _all(self) -> Iterator[Content]:
        folders = self.directory.glob("*/" + _DESCRIPTION) if self.directory.is_dir() else ()
        described = [(json.loads(f.read_text(encoding="utf-8")), f.parent) for f in folders]
        for said, folder in sorted(described, key=lambda pair: pair[0]["document"]["version"]):
            document = Document(**said["document"])
            yield read(folder / said["file"], document, said["sector"])

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


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
    area: str,
    area_name: str,
    title: str,
    sector: str | None,
    at: datetime,
) -> Deposit:
    """A file about to be imported. Its id tells the area, the moment and the content apart."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = {
            FileNotFoundError: "没有这个文件",
            IsADirectoryError: "这是一个文件夹",
            PermissionError: "没有读取权限",
        }
        raise UnreadableFile(
            f"“{path}”读不出来：{reason.get(type(error), error.strerror)}。请核对路径。"
        ) from error
    digest = hashlib.sha256(data + f"{kind}|{area}|{sector}|{title}".encode()).hexdigest()[:8]
    document = Document(
        id=f"{kind}-{area}-{digest}",
        title=title,
        kind=kind,
        area=area,
        area_name=area_name,
        date=at.date().isoformat(),
        version=at.isoformat(timespec="seconds"),
    )
    return Deposit(document, _UNSAFE.sub("_", path.name)[-80:], data, sector)
