"""Which area a visitor means: any county by name or code, and any place with documents here."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalogue_index.areas import NATION, Area, Areas
from catalogue_index.errors import UnknownArea
from catalogue_index.model import Document

from . import wording

LONGEST_NAME = 40
"""Characters; the longest full name in GB/T 2260 has 24."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a typed place came to: one ``area``, several ``candidates``, or a ``problem``."""

    area: Area | None = None
    candidates: tuple[Area, ...] = ()
    problem: str = ""


class Places:
    """The areas to choose from; ``documents`` name towns and villages, which the list lacks."""

    def __init__(self, areas: Areas, documents: Iterable[Document]) -> None:
        self._areas = areas
        self._documents = tuple(documents)
        self._names = {document.area: document.area_name for document in self._documents}

    def find(self, text: str) -> Found:
        """The area that ``text`` (a name or a code) means."""
        text = text.strip()
        if len(text) > LONGEST_NAME:
            return Found(problem=wording.LONG_AREA)
        if text in self._names:
            return Found(self._of(text))
        own = [code for code, name in self._names.items() if name == text]
        found = self._areas.named(text) or [self._of(code) for code in own]
        if len(found) == 1:
            return Found(found[0])
        if found:
            return Found(candidates=tuple(found))
        try:
            if (
                text.isdigit()
            ):  # a clerk may name a code that the list lacks; a citizen has mistyped
                return Found(self._areas.get(text))
            return Found(self._areas.find(text))
        except UnknownArea as error:
            # The list's own sentence about codes is for clerks at the command line.
            problem = wording.NO_SUCH_CODE.format(code=text) if text.isdigit() else str(error)
            return Found(problem=problem)

    def with_documents(self) -> list[Area]:
        """Places that any document is of, by code; the nation is not a place to choose."""
        return self._sorted(self._documents)

    def with_own_documents(self) -> list[Area]:
        """Places with documents that are more than examples for others, by code."""
        return self._sorted(document for document in self._documents if not document.reference)

    def _sorted(self, documents: Iterable[Document]) -> list[Area]:
        codes = {document.area for document in documents} - {NATION}
        return [self._of(code) for code in sorted(codes)]

    def _of(self, code: str) -> Area:
        return self._areas.get(code, self._names[code])
