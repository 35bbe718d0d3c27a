"""One official question with its official answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """An entry of a Q&A annex, known by document and number.

    ``number`` counts questions in order of appearance from 1; ``section`` is the heading above it (怎样编制).
    ``answer`` is whole, paragraphs joined by a newline.
    """

    document: str
    number: int
    section: str
    question: str
    answer: str
