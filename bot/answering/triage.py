"""Which messages never reach the search, and the refusal that fits each route.

Some messages must not be answered with a catalogue row: a cry for help, a threat, an insult, an
attempt to talk the service out of its rules, a request for somebody's telephone number, a
grievance that needs the right door (政府信息公开条例 第三十九条: say so and name the channel).
A few strong rules stop them before the search; everything weaker is for the classifier to judge.
All words are data, in ``data/triage/``: this module reads them, refuses what is wrong in them, and
applies them from top to bottom.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from .model import Kind

STOPPED = ("crisis", "abuse", "personal_data", "complaint")
"""Routes with rules of their own, in the order in which they are tried: ``data/triage/<name>.toml``."""

CAREFUL: Mapping[str, float] = {**dict.fromkeys(STOPPED, -0.25), "chitchat": -0.6, "nonsense": -0.6}
"""What must speak for routes whose reply would be wrong for who asked in earnest. (Matters that were never seen before
get about -0.8 for each.)"""

ROUTES = frozenset({*STOPPED, "chitchat", "near_miss", "nonsense", "other_government"})

_REFERENCE = re.compile(r"<([a-z_]+)>")
_PLAIN = re.compile("[㐀-鿿a-z]+")
"""A word that is no pattern."""
_NEAR = r"[^,.!?;]{0,8}"
"""What ``~`` in a pattern stands for: a few characters of the same clause."""


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

    @property
    def kind(self) -> Kind:
        """What is flagged is looked at by a person of the office."""
        return Kind.HANDOVER if self.flagged else Kind.DECLINED


@dataclass(frozen=True, slots=True)
class Rule:
    """A route, the words that lead to it, and those that show a question for us after all (empty: none do), as patterns.

    They are compiled when they are first looked for: all of them take an eighth of a second, which a start need not wait.
    """

    route: Route
    words: str
    unless: str = ""

    def fits(self, text: str) -> bool:
        """Whether ``text`` has the words, and none that excuse them."""
        return _has(text, self.words) and not (self.unless and _has(text, self.unless))

    def warm_up(self) -> None:
        """Compile the patterns now."""
        for pattern in filter(None, (self.words, self.unless)):
            _compiled(pattern)


class Triage:
    """Routes by pattern. ``text`` is always normalised (``catalogue_index.analysis.normalise``)."""

    def __init__(
        self, stops: Iterable[Rule], routes: Mapping[str, Route], replies: Iterable[Rule] = ()
    ) -> None:
        if routes.keys() != ROUTES:
            raise ValueError(f"one route each is wanted: {sorted(routes.keys() ^ ROUTES)}")
        self._stops = tuple(stops)
        self._routes = routes
        self._replies = tuple(replies)

    def before(self, text: str) -> Route | None:
        """The route of a message that must not be searched; ``None`` for all that may be."""
        return next((rule.route for rule in self._stops if rule.fits(text)), None)

    def route(self, name: str, text: str = "") -> Route:
        """The route called ``name``, with the reply that suits ``text`` best."""
        fitting = (r.route for r in self._replies if r.route.name == name and r.fits(text))
        return next(fitting, self._routes[name])

    def warm_up(self) -> None:
        """Do now what the first messages would wait for."""
        for rule in (*self._stops, *self._replies):
            rule.warm_up()

    @property
    def reply_keys(self) -> frozenset[str]:
        """Every text that a route may ask for."""
        rules = (rule.route for rule in (*self._stops, *self._replies))
        return frozenset(route.reply_key for route in (*rules, *self._routes.values()))


def read_triage(tables: Mapping[str, Mapping[str, Any]]) -> Triage:
    """Triage from ``words``, ``routes`` and a table for each of ``STOPPED``, as the data files have them.

    Raises ``ValueError`` for a name that nothing has.
    """
    words = _Words(tables["words"])
    routes = {}
    replies = []
    for entry in tables["routes"]["route"]:
        default = Route(entry["name"], entry["reply"], entry["reason"], entry["flagged"])
        routes[default.name] = default
        for reply, chosen_by in entry.get("replies", {}).items():
            replies.append(Rule(replace(default, reply_key=reply), words.any(chosen_by)))
    stops = []
    for name in STOPPED:
        local = words.with_more(tables[name].get("words", {}))
        for rule in tables[name]["rule"]:
            route = replace(routes[name], reply_key=rule["reply"], reason=rule["reason"])
            unless = local.pattern(rule.get("unless", ()))
            stops.append(Rule(route, local.pattern(rule["patterns"]), unless))
    return Triage(stops, routes, replies)


def official_triage() -> Triage:
    """The rules this package ships."""
    folder = files("bot.answering").joinpath("data/triage")
    return read_triage(
        {
            name: tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
            for name in ("words", "routes", *STOPPED)
        }
    )


_compiled = cache(re.compile)


def _has(text: str, pattern: str) -> bool:
    return _compiled(pattern).search(text) is not None


class _Words:
    """Word classes by name; a class may use those before it."""

    def __init__(self, classes: Mapping[str, str], known: Mapping[str, str] | None = None) -> None:
        self._known = dict(known or {})
        for name, words in classes.items():
            self._known[name] = self.any(words)

    def with_more(self, classes: Mapping[str, str]) -> "_Words":
        return _Words(classes, self._known)

    def any(self, words: str) -> str:
        """The pattern for any of the words, which stand between blanks."""
        plain = [word for word in words.split() if _PLAIN.fullmatch(word)]
        others = [word for word in words.split() if not _PLAIN.fullmatch(word)]
        if plain:
            # At most places of a text none of them begins: one look at a character tells.
            heads = "".join(sorted({word[0] for word in plain}))
            others.append(f"(?=[{heads}])(?:{'|'.join(plain)})")
        return f"(?:{self._written_out('|'.join(others))})"

    def pattern(self, patterns: Iterable[str]) -> str:
        return "|".join(map(self._written_out, patterns))

    def _written_out(self, pattern: str) -> str:
        return _REFERENCE.sub(self._class, pattern.replace("~", _NEAR))

    def _class(self, reference: re.Match[str]) -> str:
        if reference[1] not in self._known:
            raise ValueError(f"pattern names unknown words <{reference[1]}>")
        return self._known[reference[1]]
