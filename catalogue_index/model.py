"""The words of a disclosure catalogue as values: documents, items and where each came from.

Labels and their order follow the national guides (国务院部门试点领域标准指引) and are the first columns of every export.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "sector": "领域",
        "category": "一级事项",
        "item": "二级事项",
        "content": "公开内容(要素)",
        "basis": "公开依据",
        "time_limit": "公开时限",
        "discloser": "公开主体",
        "channels": "公开渠道和载体",
        "audience": "公开对象",
        "method": "公开方式",
        "level": "公开层级",
    }
)
"""Attribute of ``Item`` → official column label, in official order."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its file an item stood: sheet (or page) name and the 1-based row as the clerk sees it."""

    row: int
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One catalogue row (二级事项). ``None`` means unknown: the published cell was blank or unreadable.

    ``extras`` keeps columns outside the official eleven by their label; ``raw`` keeps the published cell where the
    clean value differs from it, by attribute name.
    """

    sector: str | None
    category: str | None
    item: str | None
    content: str | None = None
    basis: str | None = None
    time_limit: str | None = None
    discloser: str | None = None
    channels: str | None = None
    audience: str | None = None
    method: str | None = None
    level: str | None = None
    place: Place = Place(0)
    extras: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)

    def cells(self) -> dict[str, str]:
        """Known cells by official label, in official order."""
        pairs = ((label, getattr(self, name)) for name, label in COLUMNS.items())
        return {label: value for label, value in pairs if value}


@dataclass(frozen=True, slots=True)
class Document:
    """An official document, or one published version of a catalogue.

    ``id`` is stable and readable (``guangdong-2020-notice``); ``number`` is the 文号; ``date`` is ISO 8601 or as much of
    it as the document gives (``2020-07-31``, ``2020``); ``area`` is the code whose offices it binds, with all below it;
    ``reference`` marks text that is searched for everyone, as an example where it does not bind;
    ``scope`` says in the office's words whom it binds.
    """

    id: str
    title: str
    kind: str
    area: str
    area_name: str
    issuer: str = ""
    number: str = ""
    date: str = ""
    reference: bool = False
    url: str = ""
    version: str = ""
    scope: str = ""
