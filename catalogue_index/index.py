"""A searchable index over official texts: one vector a unit, on shelves by area so that a search reads its scope only.

A unit is anything that can be an answer: an FAQ entry, a plan passage, a catalogue item. Its vector is the weighted sum of
its texts' TF-IDF vectors. What people say for it (known phrasings) belongs to its subject, which units of many places
share, and is kept once, as their centre. A question is compared with both by cosine. Numbers lie in arrays, so that some
hundred thousand units are searched in milliseconds.
"""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .analysis.analyser import Analyser, Query
from .analysis.repair import Repairer, words_by_sound

Ids = NDArray[np.uint32]
Weights = NDArray[np.float32]
Scores = NDArray[np.float64]
K = TypeVar("K")

_TERMS_KEPT = 400
"""Terms kept a unit, heaviest first: the tail of a long answer only adds noise and weight."""
_TERMS_SAID = 4000
"""Terms kept of all the phrasings of a subject."""
_UNSEEN_SHARE = 0.5
"""A question's word that no unit has still counts, at this share of the heaviest weight: it lowers every score."""
_LONGEST_POSTING = 5_000
"""Units kept a term on one shelf, those where it weighs most: a word of nearly every row tells none apart."""
_LONG_SPAN = 1_000
"""Rows from which a term is added by itself, the others all at once."""
_ANALYSES_KEPT = 50_000
"""Texts whose analysis is kept while preparing: names of sectors and categories stand in thousands of rows."""
_SHELVES_KEPT = 512
"""Shelves in memory at once; one of a county is some hundred kilobytes."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One possible answer: its ``kind``, where it applies (``shelf``, usually an area code), its texts with their weights,
    and the ``subject`` whose phrasings speak for it (empty: none)."""

    id: str
    kind: str
    shelf: str
    texts: tuple[tuple[str, float], ...]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A unit found: the likeness (cosine, 0 to 1) of the question to its own ``text``, and to what people say for it (its
    text again, where nobody has said anything yet).

    ``covered`` is how much of the question (0 to 1, by weight) stands in its text or was ever said of it, if that is more.
    """

    id: str
    kind: str
    text: float
    said: float
    covered: float

    @property
    def score(self) -> float:
        """A likeness in all, for ranking without any learned weight."""
        return self.text + self.said


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """For each term (ascending) the rows that have it, with its weight there. A row's weights are of unit length."""

    terms: Ids
    starts: Ids
    rows: Ids
    weights: Weights

    @classmethod
    def of(cls, vectors: Iterable[Mapping[int, float]], longest: int | None = None) -> "Postings":
        """Turn rows of term → weight around. A term in more than ``longest`` rows keeps those where it weighs most."""
        terms, sizes, weights = array("I"), array("I"), array("f")
        for vector in vectors:
            terms.extend(vector)
            weights.extend(vector.values())
            sizes.append(len(vector))
        by_row = np.frombuffer(terms, dtype=np.uint32) if terms else np.empty(0, np.uint32)
        order = np.argsort(by_row, kind="stable")
        rows = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)[order]
        sorted_weights = np.array(weights, dtype=np.float32)[order]
        distinct, counts = np.unique(by_row, return_counts=True)
        starts = np.concatenate([[0], np.cumsum(counts)])
        kept = np.ones(len(rows), dtype=bool)
        for number in np.flatnonzero(counts > longest) if longest is not None else ():
            span = slice(starts[number], starts[number + 1])
            light = np.argsort(-sorted_weights[span], kind="stable")[longest:]
            kept[starts[number] + light] = False
        counts = np.add.reduceat(kept, starts[:-1], dtype=np.int64) if len(counts) else counts
        return cls(
            distinct,
            np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32),
            rows[kept],
            sorted_weights[kept],
        )

    def scores(self, terms: Ids, values: Weights, size: int) -> tuple[Scores, Scores]:
        """Of every row of ``size`` rows, the dot product with a question, and the share of the question that it has."""
        begin, end = self._spans(terms)
        lengths = end - begin
        short = np.where(lengths < _LONG_SPAN, lengths, 0)
        at = np.arange(int(short.sum())) + np.repeat(begin - np.cumsum(short) + short, short)
        rows, spread = self.rows[at], np.repeat(values, short)
        likeness: Scores = np.bincount(rows, spread * self.weights[at], size).astype(np.float64)
        covered: Scores = np.bincount(rows, spread * spread, size).astype(np.float64)
        for number in np.flatnonzero(lengths >= _LONG_SPAN).tolist():
            # A row stands once a term, so that adding by index is safe.
            span, value = slice(begin[number], end[number]), float(values[number])
            likeness[self.rows[span]] += value * self.weights[span]
            covered[self.rows[span]] += value * value
        return likeness, covered

    def having(self, terms: Ids, row: int) -> list[bool]:
        """Which of the terms a row has."""
        found = []
        for start, end in zip(*(each.tolist() for each in self._spans(terms)), strict=True):
            at = start + int(np.searchsorted(self.rows[start:end], row))
            found.append(at < end and int(self.rows[at]) == row)
        return found

    def _spans(self, terms: Ids) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the rows of each term begin and end; the same where there is none."""
        if not len(self.terms):
            nowhere = np.zeros(len(terms), dtype=np.int64)
            return nowhere, nowhere
        at = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        known = self.terms[at] == terms
        begin, end = self.starts[at].astype(np.int64), self.starts[at + 1].astype(np.int64)
        return np.where(known, begin, 0), np.where(known, end, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """The units of one shelf: ids, kinds (numbers into ``kind_names``), subjects (numbers into the index's; one past the
    last for none), and their vectors."""

    units: Sequence[str]
    kind_names: Sequence[str]
    kinds: NDArray[np.uint8]
    subjects: Ids
    postings: Postings


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What people say, by subject: a centre each, which is what its phrasings have in common."""

    subjects: Sequence[str]
    centres: Postings


@dataclass(frozen=True, slots=True, eq=False)
class PreparedIndex:
    """What a snapshot keeps: each term's weight (its number is its place), the shelves, what people say, and the common
    words by their sound (``analysis.repair``)."""

    weights: Mapping[str, float]
    shelves: Mapping[str, Shelf]
    said: Said
    by_sound: Mapping[str, str]


def prepare(
    units: Iterable[Unit],
    phrasings: Iterable[tuple[str, str]],
    analyser: Analyser,
    added: Iterable[Unit] = (),
) -> PreparedIndex:
    """Analyse all texts. ``phrasings`` are (subject, text).

    Term weights (IDF) are taken over the texts of ``units`` and of their phrasings. Units ``added`` to them, as an office
    imports documents, only bring new terms: what is answered without them is answered with them in the same way.
    """
    units, added = list(units), list(added)
    shelves: defaultdict[str, list[Unit]] = defaultdict(list)
    for unit in (*units, *added):
        shelves[unit.shelf].append(unit)
    spoken = sorted({(subject, text) for subject, text in phrasings if text})
    new = {unit.subject for unit in added} - {unit.subject for unit in units}
    analyse = lru_cache(maxsize=_ANALYSES_KEPT)(analyser.terms)
    preparing = Preparing(
        analyse,
        [*_texts(units), *(text for subject, text in spoken if subject not in new)],
        [*_texts(added), *(text for subject, text in spoken if subject in new)],
    )
    said = preparing.said(spoken)
    return PreparedIndex(
        preparing.weights,
        {name: preparing.shelf(found, said) for name, found in sorted(shelves.items())},
        said,
        preparing.by_sound,
    )


class Preparing:
    """Turns units and phrasings into vectors, with term weights taken over given texts."""

    def __init__(
        self,
        analyse: Callable[[str], Mapping[str, float]],
        texts: Sequence[str],
        added: Sequence[str] = (),
    ) -> None:
        self._analyse = analyse
        frequency, more = (
            Counter(term for text in each for term in analyse(text)) for each in (texts, added)
        )
        new = {term: n for term, n in more.items() if term not in frequency}
        everything = len(texts) + len(added)
        self.weights = {
            **{term: math.log((len(texts) + 1) / (n + 0.5)) for term, n in frequency.items()},
            **{term: math.log((everything + 1) / (n + 0.5)) for term, n in new.items()},
        }
        self.by_sound = words_by_sound(
            {term: n for term, n in (frequency | new).items() if _is_pair(term)}
        )
        self._numbers = {term: number for number, term in enumerate(self.weights)}

    def shelf(self, units: Sequence[Unit], said: Said) -> Shelf:
        """The units of one shelf."""
        subjects = {subject: number for number, subject in enumerate(said.subjects)}
        kinds = sorted({unit.kind for unit in units})
        vectors = (self._sum((self._vector(t), w) for t, w in unit.texts if t) for unit in units)
        return Shelf(
            [unit.id for unit in units],
            kinds,
            np.array([kinds.index(unit.kind) for unit in units], dtype=np.uint8),
            np.array(
                [subjects.get(unit.subject, len(subjects)) for unit in units], dtype=np.uint32
            ),
            Postings.of(vectors, _LONGEST_POSTING),
        )

    def said(self, phrasings: Iterable[tuple[str, str]]) -> Said:
        """Phrasings, as (subject, text), by their subject."""
        rows: defaultdict[str, list[dict[int, float]]] = defaultdict(list)
        for subject, text in phrasings:
            rows[subject].append(self._vector(text))
        subjects = sorted(rows)
        centres = (self._sum(((row, 1.0) for row in rows[s]), _TERMS_SAID) for s in subjects)
        return Said(subjects, Postings.of(centres))

    def _vector(self, text: str) -> dict[int, float]:
        found = self._analyse(text)
        weighed = {
            self._numbers[term]: _damped(count) * self.weights[term]
            for term, count in found.items()
            if term in self._numbers
        }
        return _unit_length(weighed)

    @staticmethod
    def _sum(
        vectors: Iterable[tuple[Mapping[int, float], float]], kept: int = _TERMS_KEPT
    ) -> dict[int, float]:
        total: Counter[int] = Counter()
        for vector, factor in vectors:
            for term, weight in vector.items():
                total[term] += factor * weight  # type: ignore[assignment]
        return _unit_length(dict(total.most_common(kept)))


class Index:
    """Answers "which units of these shelves are nearest to this question"."""

    def __init__(
        self,
        weights: Mapping[str, float],
        said: Said,
        by_sound: Mapping[str, str],
        shelf: Callable[[str], Shelf | None],
    ) -> None:
        """``shelf`` reads a shelf when it is first asked for; ``None`` where there is none of that name."""
        self._numbers = {term: number for number, term in enumerate(weights)}
        self._weights = list(weights.values())
        self._unseen = max(self._weights, default=0.0) * _UNSEEN_SHARE
        self._said = said
        self._shelf = lru_cache(maxsize=_SHELVES_KEPT)(shelf)
        self.repair = Repairer(self._numbers, by_sound).repair
        """Reads homophones typed or heard wrongly as words of these texts (``Repairer.repair``)."""

    @classmethod
    def of(cls, prepared: PreparedIndex) -> "Index":
        """An index in memory."""
        return cls(prepared.weights, prepared.said, prepared.by_sound, prepared.shelves.get)

    def search(self, query: Query, shelves: Iterable[str], limit: int = 10) -> list[Hit]:
        """The nearest units, best first, at most ``limit`` of each kind; none when nothing is shared."""
        terms, values = self._vector(query)
        none = len(self._said.subjects)
        centres, known = (
            np.append(each, 0.0) for each in self._said.centres.scores(terms, values, none)
        )
        hits: list[Hit] = []
        for name in dict.fromkeys(shelves):
            if (shelf := self._shelf(name)) is None:
                continue
            text, covered = shelf.postings.scores(terms, values, len(shelf.units))
            said = np.where(shelf.subjects == none, text, centres[shelf.subjects])
            likeness, covered = text + said, np.maximum(covered, known[shelf.subjects])
            for number, kind in enumerate(shelf.kind_names):
                rows = _highest(likeness, (shelf.kinds == number) & (likeness > 0), limit)
                told = (rows, text[rows], said[rows], covered[rows])
                hits.extend(
                    Hit(shelf.units[row], kind, *each)
                    for row, *each in zip(*(part.tolist() for part in told), strict=True)
                )
        hits.sort(key=lambda hit: (-hit.score, hit.id))
        taken: Counter[str] = Counter()
        best = []
        for hit in hits:
            taken[hit.kind] += 1
            if taken[hit.kind] <= limit:
                best.append(hit)
        return best

    def shared(self, query: Query, shelf: str, unit: str) -> list[str]:
        """The question's words that a unit's own text has, in the question's order."""
        found = self._shelf(shelf)
        if found is None or unit not in found.units:
            return []
        known = [t for t in query.terms if t.startswith("=") and t in self._numbers]
        numbers = np.array([self._numbers[term] for term in known], dtype=np.uint32)
        having = found.postings.having(numbers, found.units.index(unit))
        return [term[1:] for term, has in zip(known, having, strict=True) if has]

    def overlap(self, query: Query, terms: Mapping[str, float]) -> float:
        """How much of the question a text has: the weights of the question's terms that are in it."""
        return sum(count * self._weight(t) for t, count in query.terms.items() if t in terms)

    def _vector(self, query: Query) -> tuple[Ids, Weights]:
        """A question's known terms and their weights, which the unknown ones make smaller."""
        weighed = {term: _damped(n) * self._weight(term) for term, n in query.terms.items()}
        whole = _unit_length(weighed)
        known = [(self._numbers[term], w) for term, w in whole.items() if term in self._numbers]
        return (
            np.array([number for number, _ in known], dtype=np.uint32),
            np.array([weight for _, weight in known], dtype=np.float32),
        )

    def _weight(self, term: str) -> float:
        number = self._numbers.get(term)
        return self._unseen if number is None else self._weights[number]


def _texts(units: Iterable[Unit]) -> list[str]:
    return [text for unit in units for text, _ in unit.texts if text]


def _highest(values: Scores, among: NDArray[np.bool_], limit: int) -> NDArray[np.int64]:
    """The places of the highest values, of equal ones the first."""
    rows = np.flatnonzero(among)
    if len(rows) <= limit:
        return rows
    least = np.partition(values[rows], len(rows) - limit)[len(rows) - limit]
    above, level = rows[values[rows] > least], rows[values[rows] == least]
    return np.concatenate([above, level[: limit - len(above)]])


def _is_pair(term: str) -> bool:
    return len(term) == 2 and not term.isascii() and term[0] != "="


def _damped(count: float) -> float:
    return 1 + math.log(count) if count > 1 else count


def _unit_length(vector: dict[K, float]) -> dict[K, float]:
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {key: value / length for key, value in vector.items()} if length else {}
