"""Which messages never reach the search, and which honest refusal fits one that found nothing.

Some messages must not be answered with a catalogue row: a cry for help, a threat, a request for
somebody's telephone number, an attempt to talk the service out of its rules, a complaint that
needs the right door (政府信息公开条例 第三十九条: say so and name the channel). All words and
patterns are data, in ``data/triage.toml``; this module reads them, refuses what is wrong in them,
and applies them from top to bottom.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from .model import Kind
from .patterns import PatternTable

FLAGGED = frozenset({"crisis", "complaint"})
"""Routes that a person of the office looks at: these are handed over."""

ROUTES = FLAGGED | {
    "abuse",
    "chitchat",
    "near_miss",
    "nonsense",
    "other_government",
    "personal_data",
}

_REFERENCE = re.compile(r"<([a-z_]+)>")
_LINE_BREAK = re.compile(r"^\s+|\n\s*")
"""Long patterns run over several lines in the file.

The breaks and the indents after them are not part of them.
"""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message goes instead of the search.

    ``name`` is the ``route`` of the answer, ``reply_key`` names its text in the wording,
    ``reason`` says in Chinese what kind of words decided; it never repeats the person's own.
    """

    name: str
    reply_key: str
    reason: str
    flagged: bool
    kind: Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """One route, the patterns that lead to it, and those that show a question after all."""

    route: Route
    patterns: tuple[str, ...]
    unless: re.Pattern[str] | None = None


class Rules:
    """Rules tried from top to bottom."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._table = PatternTable(rule.patterns for rule in self._rules)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def warm_up(self) -> None:
        """Compile every pattern now."""
        self._table.warm_up()

    def first(self, text: str) -> Route | None:
        """The route of the first rule that fits ``text``."""
        for number in sorted(self._table.found_in(text)):
            rule = self._rules[number]
            if not (rule.unless and rule.unless.search(text)):
                return rule.route
        return None


class Triage:
    """Routes by pattern. ``text`` is always normalised (``catalogue_index.analysis.normalise``)."""

    def __init__(self, before: Iterable[Rule], after: Iterable[Rule]) -> None:
        self._before = Rules(before)
        self._after = Rules(after)
        if not self._after.first(""):
            raise ValueError("the last rule of stage 'after' must fit every message")

    def warm_up(self) -> None:
        """Do now what the first messages would wait for: a service does it once it is ready."""
        self._before.warm_up()
        self._after.warm_up()

    def before(self, text: str) -> Route | None:
        """The route of a message that must not be searched; ``None`` for all that may be."""
        return self._before.first(text)

    def after(self, text: str) -> Route:
        """The refusal for a message that the search found no support for."""
        route = self.before(text) or self._after.first(text)
        assert route, "the last rule fits every message"
        return route

    @property
    def reply_keys(self) -> frozenset[str]:
        """Every text that a route may ask for."""
        return frozenset(rule.route.reply_key for rule in (*self._before, *self._after))


def read_rules(data: Mapping[str, Any]) -> Triage:
    """Rules as ``data/triage.toml`` lays them out.

    Raises ``ValueError`` for an unknown route, stage or name.
    """
    known = {name: f"(?:{_expand(words, {})})" for name, words in data.get("words", {}).items()}
    for name, term in data.get("terms", {}).items():
        known[name] = f"(?:{_expand(term, known)})"
    stages: dict[str, list[Rule]] = {"before": [], "after": []}
    for entry in data["rule"]:
        if entry["route"] not in ROUTES or entry["stage"] not in stages:
            raise ValueError(f"no such route or stage: {entry['route']}, {entry['stage']}")
        stages[entry["stage"]].append(_rule(entry, known))
    return Triage(stages["before"], stages["after"])


def official_triage() -> Triage:
    """The rules this package ships."""
    path = files("bot.answering").joinpath("data/triage.toml")
    return read_rules(tomllib.loads(path.read_text(encoding="utf-8")))


def _rule(entry: Mapping[str, Any], known: Mapping[str, str]) -> Rule:
    name = entry["route"]
    flagged = entry.get("flagged", name in FLAGGED)
    route = Route(
        name=name,
        reply_key=entry["reply"],
        reason=entry["reason"],
        flagged=flagged,
        kind=Kind.HANDOVER if flagged else Kind.DECLINED,
    )
    unless = "|".join(_expand(pattern, known) for pattern in entry.get("unless", ()))
    return Rule(
        route,
        tuple(_expand(pattern, known) for pattern in entry["patterns"]),
        re.compile(unless) if unless else None,
    )


def _expand(pattern: str, known: Mapping[str, str]) -> str:
    def words(found: re.Match[str]) -> str:
        if found[1] not in known:
            raise ValueError(f"pattern names unknown words <{found[1]}>")
        return known[found[1]]

    return _REFERENCE.sub(words, _LINE_BREAK.sub("", pattern))
