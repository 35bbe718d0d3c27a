"""What is learned from: known phrasings with the unit that answers them, and messages with the door they belong to."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from bot.knowledge.model import Content
from faq.snapshot import Phrasing

OURS = "ours"
"""The route of example messages that must be searched: they show what looks like another door and is none."""


@dataclass(frozen=True, slots=True)
class Example:
    """A message: the units that answer it, by subject, or else the ``route`` that it belongs to; the asker's ``area``."""

    text: str
    subjects: frozenset[str] = frozenset()
    route: str = ""
    area: str | None = None

    @property
    def kind(self) -> str:
        """The kind of source that answers it, or its route."""
        return self.route or min(self.subjects).partition(":")[0]


def example_messages() -> list[Example]:
    """The example messages of this package, by route."""
    folder = files("bot.answering") / "data" / "messages"
    tables = sorted(folder.iterdir(), key=lambda file: file.name)
    rows = (row for file in tables for row in csv.DictReader(file.read_text("utf-8").splitlines()))
    return [Example(row["text"], route=row["route"]) for row in rows]


def questions(
    phrasings: Iterable[Phrasing], contents: Sequence[Content], areas: Sequence[str | None]
) -> list[Example]:
    """Phrasings as questions. Who asks about a plan lives in its area; the others live in any of ``areas``, in turn."""
    homes = {content.document.id: content.document.area for content in contents}
    said: defaultdict[str, set[str]] = defaultdict(set)
    for phrasing in phrasings:
        said[phrasing.text].add(phrasing.unit)
    found = []
    for number, (text, units) in enumerate(sorted(said.items())):
        kind, _, key = min(units).partition(":")
        area = homes[key.rpartition("-")[0]] if kind == "plan" else areas[number % len(areas)]
        found.append(Example(text, frozenset(units), area=area))
    return found
