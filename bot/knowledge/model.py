"""What knowledge is made of: documents with what was read from each."""

from dataclasses import dataclass

from catalogue_index.model import Document, Item
from catalogue_index.plans import Passage
from faq.model import FaqEntry


@dataclass(frozen=True, slots=True)
class Content:
    """One document, its whole text (empty for a catalogue), and the entries, passages and items read from it.

    ``replaced`` names the sectors whose items a newer catalogue of the same area has taken over.
    """

    document: Document
    text: str = ""
    entries: tuple[FaqEntry, ...] = ()
    passages: tuple[Passage, ...] = ()
    items: tuple[Item, ...] = ()
    replaced: tuple[str, ...] = ()

    def items_in_force(self) -> list[tuple[int, Item]]:
        """Items that hold, each with its place in the document from 1, which never shifts: links are made of it."""
        return [
            (n, item)
            for n, item in enumerate(self.items, 1)
            if (item.sector or "") not in self.replaced
        ]
