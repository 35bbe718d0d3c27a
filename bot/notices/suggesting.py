"""Whom a notice may concern, from its title and summary: sectors, groups, each with reasons in words. A person decides.

Two classifiers, one of sectors and one of groups, are learned from ``data/examples.csv`` (``zwgk tune --notices``). They
hear runs of characters, and the cue words of ``data/cues.csv``, each for itself and all those of a group together. What
citizens' messages taught of sectors counts beside: asked of the title, and of the whole.
"""

import csv
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from math import exp, log

from bot.answering.recognising import Recogniser, learned_recogniser
from bot.subscriptions.groups import Groups, national_groups
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.classifier import Classifier, features
from catalogue_index.analysis.normalise import normalise
from catalogue_index.model import Item
from catalogue_index.sectors import Sectors, national_sectors

CUE_WEIGHT = 2
"""How many times a group's cue words weigh as much as any other run of characters."""

_TALK_WEIGHT = 0.025
_LEAST_SHARE = 1e-4
"""How much citizens' messages count beside notices, by the logarithm of a sector's share, and the least share there is."""
_MOST_WORDS = 3
_SHOWN = re.compile(r"[㐀-鿿]{2,}")

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
    """From which score on a label is suggested, and how many at most."""

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

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that have cue words."""
        return tuple(self._words)

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


@dataclass(frozen=True, slots=True)
class Listener:
    """What is heard of a notice, before anything is known of notices."""

    analyser: Analyser
    recogniser: Recogniser
    cues: Cues

    def clues(self, title: str, summary: str) -> set[str]:
        """Everything that the classifiers hear."""
        query = self.analyser.query(f"{bare(title)}。{summary}")
        return features(query) | self.cues.clues(bare(title), summary)

    def talk(self, title: str, summary: str) -> dict[str, float]:
        """How much citizens' messages speak for each sector: below 0, most for the likeliest."""
        whole = self.recogniser.recognise(self.analyser.query(f"{bare(title)}。{summary}"))
        head = self.recogniser.recognise(self.analyser.query(bare(title)))
        told = {name: exp(3 * (s + head.sectors[name])) for name, s in whole.sectors.items()}
        everything = sum(told.values())
        return {
            name: _TALK_WEIGHT * log(max(one / everything, _LEAST_SHARE))
            for name, one in told.items()
        }


class Suggester:
    """Suggests; made once, used for many notices."""

    def __init__(
        self,
        listener: Listener,
        sectors: Classifier,
        groups: Classifier,
        names: Sectors,
        thresholds: Thresholds,
    ) -> None:
        self._listener = listener
        self._sectors = sectors
        self._groups = groups
        self._names = names
        self._thresholds = thresholds

    def suggest(self, title: str, summary: str) -> Suggestion:
        """Sectors and groups for a notice: at least one of each."""
        least = self._thresholds
        heard = self._listener.clues(title, summary)
        sectors = together(self._sectors.scores(heard), self._listener.talk(title, summary))
        groups = self._groups.scores(heard)
        text = f"{title}。{summary}"
        return Suggestion(
            tuple(
                Suggested(name, self._why_sector(name, text, heard))
                for name in chosen(sectors, least.sectors, least.most_sectors)
            ),
            tuple(
                Suggested(name, self._why_group(name, text, heard))
                for name in chosen(groups, least.groups, least.most_groups)
            ),
        )

    def _why_sector(self, name: str, text: str, heard: set[str]) -> tuple[str, ...]:
        named = [said for found, said, _ in self._names.mentioned(text) if found == name]
        known = [s.word for s in self._listener.analyser.query(text).synonyms if s.sector == name]
        words = known or _words(self._sectors.speaking(heard, name))
        reasons = [f"写明“{said}”" for said in named] + [f"说到“{word}”" for word in words]
        return tuple(dict.fromkeys(reasons)) or (f"用词像“{name}”领域的事项",)

    def _why_group(self, name: str, text: str, heard: set[str]) -> tuple[str, ...]:
        words = self._listener.cues.words(name, text) or _words(self._groups.speaking(heard, name))
        return tuple(f"说到“{word}”" for word in words) or ("内容像发给这类人的通知",)


def _words(clues: Iterable[str]) -> list[str]:
    """The first few runs of characters among clues that can be shown: of two or more, none inside another."""
    found: list[str] = []
    for clue in filter(_SHOWN.fullmatch, clues):
        if not any(clue in other or other in clue for other in found):
            found.append(clue)
    return found[:_MOST_WORDS]


def together(scores: Mapping[str, float], talk: Mapping[str, float]) -> dict[str, float]:
    """The scores of sectors, with what citizens' messages say of each."""
    least = _TALK_WEIGHT * log(_LEAST_SHARE)
    return {name: score + talk.get(name, least) for name, score in scores.items()}


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
    sectors, groups = (Classifier.read(_lines(f"learned/{n}.csv")) for n in ("sectors", "groups"))
    listener = Listener(analyser, learned_recogniser(), builtin_cues())
    return Suggester(listener, sectors, groups, national_sectors(), learned_thresholds())


def learned_thresholds() -> Thresholds:
    """The thresholds that cross-validation chose."""
    return Thresholds(**tomllib.loads("\n".join(_lines("learned/thresholds.toml"))))


def _lines(name: str) -> list[str]:
    return (files("bot.notices") / "data" / name).read_text("utf-8").splitlines()
