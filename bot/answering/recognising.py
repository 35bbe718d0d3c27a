"""What a message is about, before anything is searched: which kind of source would answer it, which entry of the built-in
FAQ and which sector it sounds like, and which door it belongs to if nothing of ours would."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from catalogue_index.analysis.analyser import Query
from catalogue_index.analysis.classifier import Classifier, features

CLASSIFIERS = ("routes", "entries", "sectors")
KINDS = ("faq", "plan", "item")
"""The kinds of source; every other class of the first classifier is a route to another door."""


@dataclass(frozen=True)
class Recognised:
    """How much speaks for each kind of source, other route, FAQ entry and sector (above 0: for it)."""

    kinds: dict[str, float]
    routes: dict[str, float]
    entries: dict[str, float]
    sectors: dict[str, float]

    @property
    def elsewhere(self) -> float:
        """How much speaks for the likeliest route to another door."""
        return max(self.routes.values())

    def route(self, careful: Mapping[str, float]) -> str:
        """The likeliest route to another door; ``careful`` ones only where more than that speaks for them."""
        sure = {n: s for n, s in self.routes.items() if n not in careful or s > careful[n]}
        return max(sure, key=sure.__getitem__)

    def entry(self, key: str, said: float) -> float:
        """How much speaks for an FAQ entry, by its id: from about -1, for a wrong one, to 0; that much is enough.

        For an entry that the classifier never saw, such as an office's own, the likeness of what is ``said`` stands in.
        """
        return min(self.entries.get(key, 2 * said - 1), 0.0)

    def sector(self, name: str) -> float:
        """How much speaks for a sector, beside the likeliest one: 0 for that itself, and for one never learned."""
        return self.sectors.get(name, self.matter) - self.matter

    @cached_property
    def matter(self) -> float:
        """How much speaks for the likeliest sector: little, where the words fit any matter."""
        return max(self.sectors.values(), default=0.0)


class Recogniser:
    """Learned classifiers: of kinds and routes, of the entries of the built-in FAQ, and of sectors."""

    def __init__(self, routes: Classifier, entries: Classifier, sectors: Classifier) -> None:
        self._routes = routes
        self._entries = entries
        self._sectors = sectors

    def recognise(self, query: Query) -> Recognised:
        """Classify a message."""
        said = features(query)
        told = self._routes.scores(said)
        return Recognised(
            {kind: told.pop(kind) for kind in KINDS},
            told,
            self._entries.scores(said),
            self._sectors.scores(said),
        )


@lru_cache(maxsize=1)
def learned_recogniser() -> Recogniser:
    """The classifiers this package ships; ``zwgk tune`` makes them."""
    return Recogniser(**read_classifiers(files("bot.answering") / "data" / "learned"))


def read_classifiers(folder: Traversable) -> dict[str, Classifier]:
    """The classifiers in a folder, by name."""
    tables = {name: folder.joinpath(f"{name}.csv").read_text("utf-8") for name in CLASSIFIERS}
    return {name: Classifier.read(table.splitlines()) for name, table in tables.items()}
