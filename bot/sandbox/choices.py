"""What an account's administrator has set up on the platform's site: templates, menu, protection, allowed addresses."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from .file import File

LONG_TERM, ONE_TIME = 3, 2
"""Types of templates of 订阅通知."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template: its id, its title, its fields by key with their labels; ``type`` is 0 for 模板消息."""

    id: str
    title: str
    fields: Mapping[str, str]
    type: int = 0

    @property
    def content(self) -> str:
        """The template as the platform lists it."""
        return "\n".join(f"{label}:{{{{{key}.DATA}}}}" for key, label in self.fields.items())


class Choices:
    """The choices kept in a file; what was never chosen is as ``templates.toml`` says."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._read: dict[tuple[str, str], tuple[str, Any]] = {}

    def get(self, account: str, name: str, default: Any) -> Any:
        """What was chosen; read once as long as it stays the same."""
        row = self._file.first(
            "SELECT value FROM choices WHERE account = ? AND name = ?", (account, name)
        )
        if row is None:
            return default
        text, value = self._read.get((account, name), ("", None))
        if text != row["value"]:
            text, value = row["value"], json.loads(row["value"])
            self._read[account, name] = (text, value)
        return value

    def set(self, account: str, name: str, value: Any) -> None:
        """Choose."""
        text = json.dumps(value, ensure_ascii=False)
        self._file.write(
            "INSERT INTO choices VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (account, name, text),
        )

    def templates(self, account: str) -> Mapping[str, Template]:
        """The account's templates of both kinds, by id."""
        chosen = self.get(account, "templates", None)
        if chosen is None:
            return first_templates()
        return {one["id"]: Template(**one) for one in chosen}

    def set_templates(self, account: str, templates: Mapping[str, Template]) -> None:
        """Have these templates and no others."""
        self.set(account, "templates", [asdict(template) for template in templates.values()])


@cache
def first_templates() -> Mapping[str, Template]:
    """The templates that every account has to begin with."""
    text = files(__package__).joinpath("templates.toml").read_text(encoding="utf-8")
    found = [Template(**one) for one in tomllib.loads(text)["template"]]
    return {template.id: template for template in found}
