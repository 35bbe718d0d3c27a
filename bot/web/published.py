"""What the pages read of the published knowledge: documents, text, entries, items, passages."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from catalogue_index.model import Document, Item
from faq.model import FaqEntry


class Passage(Protocol):
    """A numbered stretch of a document: a heading, a paragraph or a task."""

    @property
    def ordinal(self) -> int:
        """Its place in the document, which is also its anchor: 12 is at ``#p12``."""

    @property
    def title(self) -> str:
        """Its heading, if it has one."""

    @property
    def text(self) -> str:
        """Its words."""


class Published(Protocol):
    """One version of the published knowledge, which never changes."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """Every document by its id."""

    def text(self, document_id: str, /) -> str:
        """The whole official text, paragraphs joined by newlines; empty for a catalogue."""

    def entry(self, entry_id: str, /) -> FaqEntry | None:
        """The entry called ``<document>-<number>``."""

    def item(self, item_id: str, /) -> tuple[Document, Item] | None:
        """The catalogue row called ``<document>-<ordinal>``, with its document."""

    def entries_of(self, document_id: str, /) -> Sequence[FaqEntry]:
        """The entries of one document, in order."""

    def items_of(self, document_id: str, /) -> Sequence[Item]:
        """The rows of one catalogue, in order; their ordinals count from 1."""

    def passages_of(self, document_id: str, /) -> Sequence[Passage]:
        """The passages of one document, in order."""
