"""What knowledge is made of: documents with what was read from each."""

from dataclasses import dataclass

from catalogue_index.model import Document, Item
from catalogue_index.plans import Passage
from faq.model import FaqEntry


@dataclass(frozen=True, slots=True)
class Content:
    """One document, its whole text (empty for a catalogue), and the entries, passages and items read from it."""

    document: Document
    text: str = ""
    entries: tuple[FaqEntry, ...] = ()
    passages: tuple[Passage, ...] = ()
    items: tuple[Item, ...] = ()
