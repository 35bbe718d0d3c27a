"""A file of a known kind → its content. The same way for built-in and for imported documents."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from catalogue_index import readers
from catalogue_index.documents.errata import Erratum, correct
from catalogue_index.documents.manuscript import Paragraph, blocks
from catalogue_index.errors import UnreadableFile, UnrecognisedFile
from catalogue_index.importing import Import, import_catalogue
from catalogue_index.model import Document
from catalogue_index.plans.parsing import parse_plan
from catalogue_index.readers.docx import read_docx_text
from catalogue_index.readers.text import read_text
from faq.parser import parse_annex

from .model import Content

TEXT_READERS = {".txt": read_text, ".md": read_text, ".docx": read_docx_text}
"""Readers of documents in words, by file name ending."""


def read_words(path: Path) -> str:
    """The raw text of a txt or docx file; raises ``UnreadableFile`` for other formats."""
    reader = TEXT_READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile(
            f"“{path.name}”的格式不支持：问答和方案请用 txt 或 docx 文件（WPS、Word 可另存为 docx）。"
        )
    return reader(path)


def whole(text: str) -> str:
    """The joined text as pages show it: a paragraph or a table row a line, cells apart by a tab."""
    lines: list[str] = []
    for block in blocks(text):
        rows = [(block.text,)] if isinstance(block, Paragraph) else block.rows
        lines.extend("\t".join(row) for row in rows)
    return "\n".join(lines)


def readable(name: str) -> str:
    """A file name as it was meant: archives packed on Windows leave GBK names, which Python keeps as odd bytes."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", "replace")
    return name


def faq_content(raw: str, document: Document, errata: Iterable[Erratum] = ()) -> Content:
    """A Q&A document: its entries, and the paragraphs around them where there are any."""
    text = correct(raw, errata)
    entries = tuple(parse_annex(text, document.id))
    try:
        passages = tuple(p for p in parse_plan(text, document.id) if p.kind != "question")
    except UnrecognisedFile:
        passages = ()
    return Content(document, whole(text), entries=entries, passages=passages)


def plan_content(raw: str, document: Document, errata: Iterable[Erratum] = ()) -> Content:
    """An implementation plan: its passages."""
    text = correct(raw, errata)
    return Content(document, whole(text), passages=tuple(parse_plan(text, document.id)))


def catalogue_content(
    path: Path, document: Document, sector: str | None = None
) -> tuple[Content, Import]:
    """A catalogue file: its items, and the report for the clerk."""
    imported = import_catalogue(readers.read_grids(path), sector=sector, title=readable(path.stem))
    sectors: Sequence[str] = list(dict.fromkeys(i.sector for i in imported.items if i.sector))
    if not document.title:
        about = "、".join(sectors[:3]) + ("等" if len(sectors) > 3 else "")
        document = replace(document, title=f"{document.area_name}{about}领域基层政务公开标准目录")
    return Content(document, items=imported.items), imported
