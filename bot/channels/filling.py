"""What a provider's template is filled with, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .port import Letter


@dataclass(frozen=True, slots=True)
class Template:
    """A template at a provider: its id there, and what each of its fields is filled with.

    ``fields`` lead from the template's field to what goes there: ``title``, ``text``, ``link``, the name of one of the
    letter's own fields, or, after ``=``, words that never change. Without them the letter's fields are taken as they
    are.
    """

    id: str
    fields: Mapping[str, str] = field(default_factory=dict)


def values(template: Template, letter: Letter) -> dict[str, str]:
    """Field → its words on one line; empty where the letter has none."""
    sources = template.fields or {name: name for name in letter.fields}
    return {name: " ".join(_value(source, letter).split()) for name, source in sources.items()}


def _value(source: str, letter: Letter) -> str:
    if source.startswith("="):
        return source[1:]
    own = {"title": letter.title, "text": letter.text, "link": letter.link}
    return letter.fields.get(source) or own.get(source, "")
