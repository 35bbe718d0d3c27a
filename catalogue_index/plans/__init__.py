"""Plans (实施方案, 实施细则) and notices as passages: who leads what until when, and all else.

    parse_plan(text, document) -> list[Passage]

``outline`` finds sections by their headings, ``duties`` reads units and due times, ``tables`` reads
tables of duties and forms, ``parsing`` turns each section into passages.
"""

from .model import KINDS, Passage
from .parsing import parse_plan

__all__ = ["KINDS", "Passage", "parse_plan"]
