"""Whom a notice may concern, from its title and summary: sectors, groups, each with reasons in words. A person decides.

Sectors come from the classifier that knows what citizens' messages are about, asked of the title and of the whole. Groups
come from a classifier of their own, learned from ``data/examples.csv`` (``zwgk tune --notices``): it hears runs of
characters, and the cue words of ``data/cues.csv``, each for itself and all those of a group together.
"""

import csv
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from math import exp

from bot.answering.recognising import Recogniser, learned_recogniser
from bot.subscriptions.groups import Groups, national_groups
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.classifier import Classifier, features
from catalogue_index.analysis.normalise import normalise
from catalogue_index.model import Item
from catalogue_index.sectors import Sectors, national_sectors

CUE_WEIGHT = 3
"""How many times a group's cue words weigh as much as any other run of characters."""

_MOST_ITEMS = 3


@dataclass(frozen=True, slots=True)
class Example:
    """A notice whose audience a person has settled."""

    title: str
    summary: str
    sectors: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a label is suggested, and how many at most: sectors by share (0 to 1), groups by score."""

    sectors: float
    most_sectors: int
    groups: float
    most_groups: int


@dataclass(frozen=True, slots=True)
class Suggested:
    """A sector or group, and why."""

    name: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What is suggested for a notice, the likeliest first; ``items`` are catalogue items by their id."""

    sectors: tuple[Suggested, ...]
    groups: tuple[Suggested, ...]
    items: tuple[Suggested, ...] = ()

    def with_items(self, found: Sequence[tuple[str, Item]], groups: Groups) -> "Suggestion":
        """With catalogue items that were found for it, and the groups that their 公开对象 names beside those here."""
        items = tuple(
            Suggested(id, (f"目录事项“{item.item or item.category or id}”与标题相近",))
            for id, item in found
        )
        here = {one.name for one in self.groups}
        named: dict[str, str] = {}
        for id, item in found:
            for name in groups.mentioned(item.audience or ""):
                named.setdefault(name, id)
        more = tuple(
            Suggested(name, (f"目录事项 {id} 的公开对象里有",))
            for name, id in named.items()
            if name not in here
        )
        return replace(self, groups=self.groups + more, items=items)


class Cues:
    """Words by which a text shows that it concerns a group."""

    def __init__(self, words: Mapping[str, Sequence[str]], groups: Groups) -> None:
        self._words = {g: tuple(map(normalise, (*w,))) for g, w in words.items()}
        self._groups = groups

    def words(self, group: str, text: str) -> tuple[str, ...]:
        """The group's words that stand in a text."""
        plain = normalise(text)
        own = self._groups.words_of(group)
        found = [w for w in (*own, *self._words.get(group, ())) if w in plain]
        # A word that stands in another one says no more than that.
        return tuple(w for w in dict.fromkeys(found) if not any(w != o and w in o for o in found))

    def clues(self, title: str, summary: str) -> set[str]:
        """What the classifier hears: T# cue in the title, B# in the body, 2# several, M# the group named, w: each word."""
        head, body = normalise(title), normalise(summary)
        found = {f"M#{name}" for name in self._groups.mentioned(f"{title}。{summary}")}
        for group, words in self._words.items():
            in_head = [w for w in words if w in head]
            in_body = [w for w in words if w in body]
            found |= {f"w:{word}" for word in (*in_head, *in_body)}
            marks = {"T#": in_head, "B#": in_body, "2#": len(in_head) + len(in_body) > 1}
            found |= {f"{mark}{group}" for mark, there in marks.items() if there}
        return found


class Suggester:
    """Suggests; made once, used for many notices."""

    def __init__(
        self,
        analyser: Analyser,
        recogniser: Recogniser,
        groups: Classifier,
        cues: Cues,
        sectors: Sectors,
        thresholds: Thresholds,
    ) -> None:
        self._analyser = analyser
        self._recogniser = recogniser
        self._groups = groups
        self._cues = cues
        self._sectors = sectors
        self._thresholds = thresholds

    def suggest(self, title: str, summary: str) -> Suggestion:
        """Sectors and groups for a notice: at least one of each."""
        least = self._thresholds
        sectors = self.sector_shares(title, summary)
        groups = self._groups.scores(clues(self._analyser, self._cues, title, summary))
        return Suggestion(
            tuple(
                Suggested(name, self._why_sector(name, title, summary))
                for name in chosen(sectors, least.sectors, least.most_sectors)
            ),
            tuple(
                Suggested(name, self._why_group(name, f"{title}。{summary}"))
                for name in chosen(groups, least.groups, least.most_groups)
            ),
        )

    def sector_shares(self, title: str, summary: str) -> dict[str, float]:
        """How likely each sector is, by title and whole together; they add up to 1."""
        whole = self._recogniser.recognise(self._analyser.query(f"{bare(title)}。{summary}"))
        head = self._recogniser.recognise(self._analyser.query(bare(title)))
        told = {name: exp(3 * (s + head.sectors[name])) for name, s in whole.sectors.items()}
        everything = sum(told.values())
        return {name: one / everything for name, one in told.items()}

    def _why_sector(self, name: str, title: str, summary: str) -> tuple[str, ...]:
        text = f"{title}。{summary}"
        named = [said for found, said, _ in self._sectors.mentioned(text) if found == name]
        words = [f"说到“{s.word}”" for s in self._analyser.query(text).synonyms if s.sector == name]
        reasons = [f"写明“{said}”" for said in named] + words
        return tuple(dict.fromkeys(reasons)) or (f"用词像“{name}”领域的事项",)

    def _why_group(self, name: str, text: str) -> tuple[str, ...]:
        words = self._cues.words(name, text)
        return tuple(f"说到“{word}”" for word in words) or ("内容像发给这类人的通知",)


Search = Callable[[str, str | None, int], Sequence[tuple[str, float]]]
ItemOf = Callable[[str], tuple[object, Item] | None]


def near_items(search: Search, item_of: ItemOf, title: str, area: str) -> list[tuple[str, Item]]:
    """Catalogue items near to a title, of the area's own or a higher one's first, by their ids."""
    found = search(title, area, _MOST_ITEMS)
    return [(id, known[1]) for id, _ in found if (known := item_of(id))]


def chosen(scores: Mapping[str, float], least: float, most: int) -> list[str]:
    """The labels to suggest, best first: the first one always."""
    ranked = sorted(scores, key=lambda name: (-scores[name], name))[:most]
    return [name for n, name in enumerate(ranked) if not n or scores[name] > least]


def clues(analyser: Analyser, cues: Cues, title: str, summary: str) -> set[str]:
    """Everything that the classifier of groups hears of a notice."""
    query = analyser.query(f"{bare(title)}。{summary}")
    return features(query) | cues.clues(bare(title), summary)


def bare(title: str) -> str:
    """A title without the word with which all of them begin."""
    return title.removeprefix("关于")


def read_examples() -> list[Example]:
    """The reviewed examples of this package."""
    return [
        Example(
            row["title"],
            row["summary"],
            tuple(row["sectors"].split("、")),
            tuple(row["groups"].split("、")),
        )
        for row in csv.DictReader(_lines("examples.csv"))
    ]


@lru_cache(maxsize=1)
def builtin_cues() -> Cues:
    """The cue words of this package."""
    rows = csv.DictReader(_lines("cues.csv"))
    return Cues({row["group"]: row["words"].split("、") for row in rows}, national_groups())


def learned_suggester(analyser: Analyser) -> Suggester:
    """What this package learned."""
    groups = Classifier.read(_lines("learned/groups.csv"))
    return Suggester(
        analyser,
        learned_recogniser(),
        groups,
        builtin_cues(),
        national_sectors(),
        learned_thresholds(),
    )


def learned_thresholds() -> Thresholds:
    """The thresholds that cross-validation chose."""
    return Thresholds(**tomllib.loads("\n".join(_lines("learned/thresholds.toml"))))


def _lines(name: str) -> list[str]:
    return (files("bot.notices") / "data" / name).read_text("utf-8").splitlines()
