"""What is learned from: known phrasings with the unit that answers them, and messages with the door they belong to."""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import cycle

from bot.knowledge.building import fingerprint
from bot.knowledge.builtin import builtin_contents, builtin_phrasings
from bot.knowledge.model import Content
from catalogue_index.analysis.synonyms import Synonym, everyday_words
from faq.snapshot import Phrasing

OURS = "ours"
"""The route of example messages that must be searched: they show what looks like another door and is none."""
ASKED = "asked"
"""The collection of phrasings that people asked; the others we wrote beside the texts."""
AREAS: Sequence[str | None] = (None, "441204", "140525")
"""Where those live who ask what can be asked anywhere, in turn: unknown, in the notice's province, in another one."""
NAMING = 20
"""Who asks about a plan mostly names its area; of other messages one in so many is taken to name an area with a plan."""


@dataclass(frozen=True, slots=True)
class Example:
    """A message: the units that answer it, by subject, or else the ``route`` that it belongs to; the asker's ``area``, and
    the name of the area that the message begins with (``named``), if any."""

    text: str
    subjects: frozenset[str] = frozenset()
    route: str = ""
    area: str | None = None
    named: str = ""

    @property
    def said(self) -> str:
        """The whole message."""
        return f"{self.named}{self.text}"

    @property
    def kind(self) -> str:
        """The kind of source that answers it, or its route."""
        return self.route or min(self.subjects).partition(":")[0]


@dataclass(frozen=True, slots=True)
class Material:
    """All that is learned from. Without ``repairs``, homophones stay as they were typed."""

    contents: Sequence[Content]
    phrasings: Sequence[Phrasing]
    messages: Sequence[Example]
    synonyms: Sequence[Synonym]
    repairs: bool = True

    @property
    def digest(self) -> str:
        """The same for the same documents, phrasings, messages and everyday words."""
        texts = fingerprint(self.contents, self.phrasings, self.synonyms, "")
        messages = "\n".join(f"{message.route},{message.text}" for message in self.messages)
        return hashlib.sha256(f"{texts}\n{messages}".encode()).hexdigest()[:16]


def builtin_material() -> Material:
    """What this package holds."""
    return Material(builtin_contents(), builtin_phrasings(), example_messages(), everyday_words())


def builtin_questions(material: Material) -> list[Example]:
    """The questions that teach the weights: what people asked, and messages for other doors. What we wrote beside the
    texts is not among them: we had the texts before us."""
    texts = {phrasing.text for phrasing in builtin_phrasings(ASKED)}
    asked = [phrasing for phrasing in material.phrasings if phrasing.text in texts]
    found = [
        *questions(asked, material.contents, AREAS),
        *messages_for_doors(material.messages, AREAS),
    ]
    return [*found, *naming_areas(found, material.contents)]


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
        example = Example(text, frozenset(units), area=areas[number % len(areas)])
        if example.kind == "plan":
            example = replace(example, area=homes[_document(example)])
        found.append(example)
    return found


def messages_for_doors(messages: Iterable[Example], areas: Sequence[str | None]) -> list[Example]:
    """Messages that nothing of ours answers, from people who live in any of ``areas``, in turn."""
    others = {message for message in messages if message.route != OURS}
    ordered = sorted(others, key=lambda message: (message.text, message.route))
    return [replace(m, area=areas[number % len(areas)]) for number, m in enumerate(ordered)]


def naming_areas(examples: Iterable[Example], contents: Iterable[Content]) -> list[Example]:
    """The messages of people from anywhere who name an area: every question about a plan again, with the area of the plan,
    and one in ``NAMING`` of the other messages, with each area that has a plan in turn."""
    names = {each.document.id: each.document.area_name for each in contents if each.passages}
    asked = list(examples)
    plans = [example for example in asked if example.kind == "plan"]
    others = [example for example in asked if example.kind != "plan"]
    turns = zip(others[::NAMING], cycle(names.values()), strict=False)
    named = [*((plan, names[_document(plan)]) for plan in plans), *turns]
    return [replace(example, area=None, named=name) for example, name in named]


def _document(plan: Example) -> str:
    """The document that a question about a plan is answered by."""
    return min(plan.subjects).partition(":")[2].rpartition("-")[0]
