"""A searchable index over official texts: one vector a unit, grouped by area so that a search reads its scope only.

A unit is anything that can be an answer: an FAQ entry, a plan passage, a catalogue item. Its vector is the weighted sum of
its texts' TF-IDF vectors (its question, its answer, the phrasings people use for it), so what many phrasings share
counts and what only one says does not. A question is compared by cosine, and every score can be taken apart into terms.
"""

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .analysis.analyser import Analyser, Query

_TERMS_KEPT = 400
"""Terms kept a unit, heaviest first: the tail of a long answer only adds noise and weight."""
_UNSEEN_SHARE = 0.5
"""A question's word that no unit has still counts, at this share of the heaviest weight: it lowers every score."""

Vector = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Unit:
    """One possible answer: where it applies (``shelf``, usually an area code) and its texts with their weights."""

    id: str
    shelf: str
    texts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A unit found: its cosine (0 to 1), the question's terms that it has, in the question's order, and the share
    (0 to 1) of the question's weight that they make up."""

    id: str
    score: float
    terms: tuple[str, ...]
    share: float


@dataclass(frozen=True, slots=True)
class PreparedIndex:
    """What a snapshot keeps: each term's weight, and each unit's vector with its shelf. Plain data."""

    weights: Mapping[str, float]
    vectors: Sequence[tuple[str, str, Vector]]


def prepare(units: Iterable[Unit], analyser: Analyser) -> PreparedIndex:
    """Analyse all texts once. Term weights (IDF) are taken over the texts of all units."""
    analysed = [
        (unit, [(analyser.terms(text), weight) for text, weight in unit.texts if text])
        for unit in units
    ]
    frequency: Counter[str] = Counter()
    for _, texts in analysed:
        for terms, _ in texts:
            frequency.update(terms.keys())
    total = sum(len(texts) for _, texts in analysed)
    weights = {term: math.log((total + 1) / (n + 0.5)) for term, n in frequency.items()}
    vectors = []
    for unit, texts in analysed:
        summed: Counter[str] = Counter()
        for terms, weight in texts:
            for term, value in _unit_length(_weigh(terms, weights, 0.0)).items():
                summed[term] += weight * value  # type: ignore[assignment]
        kept = _unit_length(dict(summed.most_common(_TERMS_KEPT)))
        vectors.append((unit.id, unit.shelf, {t: round(v, 5) for t, v in kept.items()}))
    return PreparedIndex(weights, vectors)


class _Shelf:
    """The units of one shelf, by position, and for each term the positions and weights of those that have it."""

    def __init__(self) -> None:
        self.units: list[str] = []
        self.vectors: list[Vector] = []
        self.postings: dict[str, tuple[array[int], array[float]]] = {}

    def add(self, unit: str, vector: Vector) -> None:
        for term, weight in vector.items():
            positions, weights = self.postings.setdefault(term, (array("I"), array("d")))
            positions.append(len(self.units))
            weights.append(weight)
        self.units.append(unit)
        self.vectors.append(vector)

    def scores(self, vector: Vector) -> list[float]:
        """The cosine of every unit with a question, by position."""
        scores = [0.0] * len(self.units)
        for term, value in vector.items():
            if found := self.postings.get(term):
                for position, weight in zip(*found, strict=True):
                    scores[position] += value * weight
        return scores


class Index:
    """Answers "which units of these shelves are nearest to this question"."""

    def __init__(self, prepared: PreparedIndex) -> None:
        self._weights = prepared.weights
        self._unseen = max(prepared.weights.values(), default=0.0) * _UNSEEN_SHARE
        self._shelves: dict[str, _Shelf] = {}
        for unit, shelf, vector in prepared.vectors:
            self._shelves.setdefault(shelf, _Shelf()).add(unit, vector)

    @property
    def shelves(self) -> frozenset[str]:
        """All shelves that hold something."""
        return frozenset(self._shelves)

    def search(self, query: Query, shelves: Iterable[str], limit: int = 10) -> list[Hit]:
        """The nearest units, best first; none when the question shares no term with the shelves."""
        vector = _unit_length(_weigh(query.terms, self._weights, self._unseen))
        found: list[tuple[float, str, Vector]] = []
        for shelf in {
            name: self._shelves[name] for name in shelves if name in self._shelves
        }.values():
            scores = shelf.scores(vector)
            near = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)[:limit]
            found.extend((scores[n], shelf.units[n], shelf.vectors[n]) for n in near if scores[n])
        best = sorted(found, key=lambda each: (-each[0], each[1]))[:limit]
        whole = sum(vector.values()) or 1.0
        hits = []
        for score, unit, has in best:
            terms = tuple(term for term in vector if term in has)
            hits.append(Hit(unit, score, terms, sum(map(vector.__getitem__, terms)) / whole))
        return hits

    def overlap(self, query: Query, terms: Mapping[str, float]) -> float:
        """How much of the question a text has: the weights of the question's terms that are in it."""
        return sum(
            count * self._weights.get(term, self._unseen)
            for term, count in query.terms.items()
            if term in terms
        )


def _weigh(
    terms: Mapping[str, float], weights: Mapping[str, float], unseen: float
) -> dict[str, float]:
    return {
        term: (1 + math.log(count) if count > 1 else count) * weights.get(term, unseen)
        for term, count in terms.items()
    }


def _unit_length(vector: Mapping[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {term: value / length for term, value in vector.items()}
