"""Plans (实施方案, 实施细则) and notices as passages: who leads what until when, and all else.

    parsing.parse_plan(text, document) -> list[Passage]

``outline`` finds sections by their headings, ``duties`` reads units and due times, ``tables`` reads
tables of duties and forms, ``parsing`` turns each section into passages. Who only shows passages does not load it.
"""

from .model import KINDS, Passage

__all__ = ["KINDS", "Passage"]
