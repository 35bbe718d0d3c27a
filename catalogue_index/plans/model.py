"""One passage of a plan or notice: the smallest text worth quoting as an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "task": "任务",
        "responsibility": "责任分工",
        "goal": "目标",
        "form": "表式",
        "question": "答疑",
        "paragraph": "正文",
    }
)
"""Kind of passage → its Chinese name.

A task is numbered below a heading of tasks, or names its own units or due time; a responsibility
is one line of a list or table that gives sectors to units; a goal is what is to be reached by a
year; a form is a blank table to be filled in; a question is one of a Q&A annex, which
``faq.parser`` turns into entries; a paragraph is whatever else the document says.
"""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage and where it stands.

    ``path`` are the headings above it; ``number``, as printed (（七）, 3, 附件2) or empty, and
    ``title`` are its own, or those of the section that it is a paragraph of. ``text`` is whole and
    word for word, with its bracket of units; paragraphs stand on lines of their own, and so do the
    cells of a table row, each after its column's label. ``due`` is in the document's words
    (2020年8月底前完成); ``long_term`` marks 长期坚持. ``sectors`` are the sectors of a
    responsibility as printed, without 领域. ``year`` is that of a goal.
    """

    document: str
    ordinal: int
    kind: str
    path: tuple[str, ...]
    number: str
    title: str
    text: str
    lead: tuple[str, ...] = ()
    supporting: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    due: str | None = None
    long_term: bool = False
    sectors: tuple[str, ...] = ()
    year: int | None = None
