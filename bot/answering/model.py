"""What an answer is: a kind, a route, a text, and the official sources it stands on."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """How a question ends."""

    ANSWER = "answer"
    CHOICES = "choices"
    DECLINED = "declined"
    HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the text, the asker's area code (``None`` when unknown) and their previous message."""

    text: str
    area: str | None = None
    context: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The stored official text under an answer.

    ``type`` is faq, catalogue or plan; ``page`` is the path of its public page; ``quote`` is the text word for word, or
    for a catalogue row its cells by label; ``binding`` is false when it comes from outside the asker's area; ``locator``
    holds what finds it in its document: number, or sector, category, item, row and version.
    """

    type: str
    document: str
    document_title: str
    area: str
    area_name: str
    date: str
    title: str
    quote: str | Mapping[str, str]
    binding: bool
    page: str
    locator: Mapping[str, Any]
    document_number: str = ""

    def to_json(self) -> dict[str, Any]:
        """The object that ``zwgk ask --json`` prints under ``sources``."""
        quote = self.quote if isinstance(self.quote, str) else dict(self.quote)
        return {
            "type": self.type,
            "document": self.document,
            "document_title": self.document_title,
            "document_number": self.document_number,
            "area": self.area,
            "area_name": self.area_name,
            "date": self.date,
            **self.locator,
            "title": self.title,
            "quote": quote,
            "binding": self.binding,
            "page": self.page,
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that the asker may have meant: ``message`` is what is sent when it is tapped."""

    label: str
    message: str
    source: Source | None = None

    def to_json(self) -> dict[str, Any]:
        """The object that ``zwgk ask --json`` prints under ``choices``."""
        source = self.source.to_json() if self.source else None
        return {"label": self.label, "message": self.message, "source": source}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the asker reads (``text``, whole) and why.

    ``confidence`` is 0 to 1. ``related`` are questions worth asking next. ``flagged`` asks that a person of the office
    looks at the message (crisis, threats, complaints).
    """

    kind: Kind
    route: str
    text: str
    confidence: float = 0.0
    sources: tuple[Source, ...] = ()
    choices: tuple[Choice, ...] = ()
    related: tuple[Choice, ...] = ()
    reasons: tuple[str, ...] = ()
    flagged: bool = False
    needs_area: bool = False

    def to_json(self) -> dict[str, Any]:
        """The object that ``zwgk ask --json`` prints (design §6), without ``id`` and ``ms``."""
        return {
            "kind": str(self.kind),
            "route": self.route,
            "text": self.text,
            "confidence": round(self.confidence, 3),
            "sources": [source.to_json() for source in self.sources],
            "choices": [choice.to_json() for choice in self.choices],
            "related": [choice.to_json() for choice in self.related],
            "reasons": list(self.reasons),
            "flagged": self.flagged,
        }
