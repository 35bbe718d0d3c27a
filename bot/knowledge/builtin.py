"""The documents that every installation starts with, as package data."""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import as_file, files

from catalogue_index.areas import national_areas
from catalogue_index.documents.errata import Erratum
from catalogue_index.model import Document, Item
from catalogue_index.readers.text import read_text
from faq.snapshot import Phrasing

from .model import Content
from .reading import catalogue_content, faq_content, plan_content

_FOUND = ("来源县区", "来源网址")
_DATA = files("bot.knowledge") / "builtin"


def builtin_contents() -> tuple[Content, ...]:
    """The five official documents, then the reference catalogues: searched for everyone, binding where they apply."""
    return (*_documents(), *_catalogues())


def builtin_phrasings(collection: str = "") -> tuple[Phrasing, ...]:
    """Ways in which people put what the documents answer, reviewed. Each file of the folder holds one ``collection``: what
    people asked (``asked``), and what we wrote beside the texts. All of them where none is named."""
    every = sorted((_DATA / "phrasings").iterdir(), key=lambda file: file.name)
    lists = [file for file in every if collection in ("", file.name.removesuffix(".csv"))]
    rows = (row for file in lists for row in csv.DictReader(file.read_text("utf-8").splitlines()))
    return tuple(dict.fromkeys(Phrasing(row["unit"], row["text"]) for row in rows))


def _documents() -> Iterator[Content]:
    errata = [
        Erratum(**e) for e in tomllib.loads((_DATA / "errata.toml").read_text("utf-8"))["erratum"]
    ]
    for entry in tomllib.loads((_DATA / "manifest.toml").read_text("utf-8"))["document"]:
        with as_file(_DATA / entry.pop("file")) as path:
            raw = read_text(path)
        document = Document(**entry, reference=entry["kind"] == "faq", version=entry["date"])
        parse = faq_content if document.kind == "faq" else plan_content
        yield parse(raw, document, [e for e in errata if e.document == document.id])


def _catalogues() -> Iterator[Content]:
    areas = national_areas()
    rows = csv.DictReader((_DATA / "catalogues.csv").read_text("utf-8").splitlines())
    for row in rows:
        name = row["file"].removesuffix(".csv")
        area = areas.get(row["area"], row["area_name"])
        document = Document(
            id=name,
            title=f"{row['area_name']}{row['sector']}领域基层政务公开标准目录（节选）",
            kind="catalogue",
            area=area.code,
            area_name=row["area_name"],
            reference=True,
            url=row["url"],
        )
        with as_file(_DATA / "catalogues" / row["file"]) as path:
            content = catalogue_content(path, document, row["sector"])[0]
        yield replace(content, items=tuple(map(_published, content.items)))


def _published(item: Item) -> Item:
    """The row as its office published it: where we found it stands in the document, not among its cells."""
    extras = {label: text for label, text in item.extras.items() if label not in _FOUND}
    return replace(item, extras=extras)
