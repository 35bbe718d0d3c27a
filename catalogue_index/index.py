"""A searchable index over official texts: one vector a unit, on shelves by area so that a search reads its scope only.

A unit is anything that can be an answer: an FAQ entry, a plan passage, a catalogue item. Its vector is the weighted sum of
its texts' TF-IDF vectors. What people say for it (known phrasings) belongs to its subject, which units of many places
share, and is kept once, as their centre. A question is compared with both by cosine. Numbers lie in arrays, so that some
hundred thousand units are searched in milliseconds.
"""

import math
import os
import weakref
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import chain, islice, repeat
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .analysis.analyser import Analyser, Query
from .analysis.repair import Repairer, words_by_sound

Ids = NDArray[np.uint32]
Weights = NDArray[np.float32]
Scores = NDArray[np.float64]

_TERMS_KEPT = 400
"""Terms kept a unit, heaviest first: the tail of a long answer only adds noise and weight."""
_TERMS_SAID = 4000
"""Terms kept of all the phrasings of a subject."""
_UNSEEN_SHARE = 0.5
"""A question's word that no unit has still counts, at this share of the heaviest weight: it lowers every score."""
_UNKNOWN = -1
"""The number of a term that no unit has: its weight is the last."""
_LONGEST_POSTING = 5_000
"""Units kept a term on one shelf, those where it weighs most: a word of nearly every row tells none apart."""
_TEXTS_KEPT = 16_384
"""Texts whose counts are kept while preparing: those of an item's name, category and sector stand in every area's rows."""
_PARTS_KEPT = 65_536
"""Parts of texts whose terms are kept while preparing: most clauses stand in several rows."""
_CHUNK = 8_192
"""Units whose vectors are made at once."""
_BYTES_KEPT = 64_000_000
"""Bytes of what units say kept in memory; more go to the disk."""
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


class Hit(NamedTuple):
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
    def of(cls, terms: Ids, rows: Ids, weights: Weights, longest: int | None = None) -> "Postings":
        """Entries of a matrix, those of one term by ascending row. A term in more than ``longest`` rows keeps those where
        it weighs most."""
        order = np.argsort(terms, kind="stable")
        rows, weights = rows[order], weights[order]
        distinct, counts = np.unique(terms, return_counts=True)
        starts = np.concatenate([[0], np.cumsum(counts)])
        kept = np.ones(len(rows), dtype=bool)
        for number in np.flatnonzero(counts > longest) if longest is not None else ():
            span = slice(starts[number], starts[number + 1])
            light = np.argsort(-weights[span], kind="stable")[longest:]
            kept[starts[number] + light] = False
        counts = np.add.reduceat(kept, starts[:-1], dtype=np.int64) if len(counts) else counts
        return cls(
            distinct,
            np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32),
            rows[kept],
            weights[kept],
        )

    def scores(self, terms: Ids, values: Weights, size: int) -> tuple[Scores, Scores]:
        """Of every row of ``size`` rows, the dot product with a question, and the share of the question that it has."""
        asked, sizes, at = self._entries(terms)
        rows, spread = self.rows[at].astype(np.intp), values[asked].repeat(sizes)
        likeness = np.bincount(rows, spread * self.weights[at], size)
        covered = np.bincount(rows, spread * spread, size)
        return likeness.astype(np.float64, copy=False), covered.astype(np.float64, copy=False)

    def having(self, terms: Ids, row: int) -> list[int]:
        """Which of the terms a row has, as places in ``terms``."""
        asked, sizes, at = self._entries(terms)
        return asked.repeat(sizes)[self.rows[at] == row].tolist()  # type: ignore[no-any-return]

    def _entries(self, terms: Ids) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
        """Which of the terms some row has (places in ``terms``), how many rows have each, and where these entries are."""
        at = self.terms.searchsorted(terms)
        known = (
            (self.terms.take(at, mode="clip") == terms).nonzero()[0] if len(self.terms) else at[:0]
        )
        at = at[known]
        begin = self.starts[at].astype(np.int64)
        sizes = self.starts[at + 1] - begin
        places = (begin - sizes.cumsum() + sizes).repeat(sizes)
        places += np.arange(len(places))
        return known, sizes, places


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
    words by their sound (``analysis.repair``). A shelf is made when it is looked up, so that one is in memory at a time.
    """

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
    """Analyse all texts, of each unit as it comes. ``phrasings`` are (subject, text); those of no unit are left out.

    Term weights (IDF) are taken over the texts of ``units`` and of their phrasings. Units ``added`` to them, as an office
    imports documents, only bring new terms: what is answered without them is answered with them in the same way.
    """
    counting, store = _Counting(analyser), _Store()
    seen, more = (store.add(each, counting) for each in (units, added))
    spoken: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for subject, text in sorted({(subject, text) for subject, text in phrasings if text}):
        if subject in seen.subjects or subject in more.subjects:
            spoken[subject].append((text, 1.0))
    late = more.subjects - seen.subjects
    for frequency, whose in ((seen, spoken.keys() - late), (more, spoken.keys() & late)):
        frequency.count(counting.bags(spoken[subject] for subject in sorted(whose)))
    texts, weights = _term_weights(seen, more, len(counting.numbers))
    subjects = sorted(spoken)
    centres = _vectors(counting.bags(spoken[subject] for subject in subjects), weights, _TERMS_SAID)
    pairs = zip(counting.numbers, texts.tolist(), strict=True)
    return PreparedIndex(
        dict(zip(counting.numbers, weights.tolist(), strict=True)),
        _Shelves(store, subjects, weights),
        Said(subjects, Postings.of(*centres)),
        words_by_sound({term: n for term, n in pairs if _is_pair(term)}),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Bags:
    """Weighted texts as bags of words. Each text has its row, its factor, and ``sizes`` many entries in ``terms`` and
    ``counts``, in the order in which it has them."""

    rows: Ids
    factors: Scores
    sizes: Ids
    terms: Ids
    counts: Ids


class _Counting:
    """Counts the terms of texts, and numbers them as they are met."""

    def __init__(self, analyser: Analyser) -> None:
        self.numbers: dict[str, int] = {}
        self._analyser = analyser
        self._part = lru_cache(maxsize=_PARTS_KEPT)(self._numbered)
        self._text = lru_cache(maxsize=_TEXTS_KEPT)(self._counted)

    def bags(self, rows: Iterable[Iterable[tuple[str, float]]]) -> _Bags:
        """The texts of each row, with their factors; empty texts are left out."""
        places, sizes, terms, counts = (array("I") for _ in range(4))
        factors = array("d")
        for place, texts in enumerate(rows):
            for text, factor in texts:
                if text:
                    its_terms, its_counts = self._text(text)
                    terms.extend(its_terms)
                    counts.extend(its_counts)
                    sizes.append(len(its_terms))
                    places.append(place)
                    factors.append(factor)
        return _Bags(*map(np.array, (places, factors, sizes, terms, counts)))

    def _counted(self, text: str) -> tuple["array[int]", "array[int]"]:
        parts = [self._part(part) for part in self._analyser.parts(text)]
        counts = Counter(chain.from_iterable(letters for letters, _ in parts))
        counts.update(chain.from_iterable(words for _, words in parts))
        return array("I", counts), array("I", counts.values())

    def _numbered(self, part: str) -> Sequence[Sequence[int]]:
        numbers = self.numbers
        return tuple(
            tuple(numbers.setdefault(term, len(numbers)) for term in terms)
            for terms in self._analyser.part(part)
        )


class _Frequency:
    """In how many texts each term is, and the subjects of whose they are."""

    def __init__(self) -> None:
        self.texts = 0
        self.subjects: set[str] = set()
        self._terms: NDArray[np.int64] = np.zeros(0, dtype=np.int64)

    def count(self, bags: _Bags) -> None:
        """Add texts."""
        self.texts += len(bags.sizes)
        found = np.bincount(bags.terms, minlength=len(self._terms))
        found[: len(self._terms)] += self._terms
        self._terms = found

    def of(self, size: int) -> NDArray[np.int64]:
        """The texts of each of ``size`` terms."""
        return np.pad(self._terms, (0, size - len(self._terms)))


def _term_weights(
    seen: _Frequency, more: _Frequency, size: int
) -> tuple[NDArray[np.int64], Scores]:
    """The texts of each term, and its weight (IDF); where the term is in ``seen``, neither depends on ``more``."""
    known = seen.of(size)
    texts = np.where(known, known, more.of(size))
    everything = np.where(known, seen.texts, seen.texts + more.texts)
    return texts, np.log((everything + 1) / (texts + 0.5))


def _vectors(bags: _Bags, term_weights: Scores, kept: int) -> tuple[Ids, Ids, Weights]:
    """The vector of each row as (terms, rows, weights), by term and row: of unit length, without all but the ``kept``
    heaviest terms, of equal ones those that the row's texts have first."""
    weights = (1 + np.log(bags.counts)) * term_weights[bags.terms]
    texts = np.repeat(np.arange(len(bags.sizes)), bags.sizes)
    weights = _of_unit_length(weights, texts) * bags.factors[texts]
    keys = bags.terms.astype(np.int64) << 32 | bags.rows[texts]
    order = np.argsort(keys, kind="stable")
    first = np.flatnonzero(np.diff(keys[order], prepend=-1))
    weights = np.add.reduceat(weights[order], first) if len(first) else weights
    met = order[first]
    terms, rows = bags.terms[met], bags.rows[texts[met]]
    heavy = np.ones(len(rows), dtype=bool)
    for row in np.flatnonzero(np.bincount(rows) > kept):
        its = np.flatnonzero(rows == row)
        heavy[its[np.lexsort((met[its], -weights[its]))[kept:]]] = False
    terms, rows, weights = terms[heavy], rows[heavy], weights[heavy]
    return terms, rows, _of_unit_length(weights, rows).astype(np.float32)


def _of_unit_length(weights: Scores, rows: NDArray[Any]) -> Scores:
    """The weights of vectors, each vector made of unit length; ``rows`` says whose each of them is."""
    scaled: Scores = weights / np.sqrt(np.bincount(rows, weights * weights))[rows]
    return scaled


@dataclass(frozen=True, slots=True, eq=False)
class _Chunk:
    """Units of one shelf; the bags of their texts, with a row a unit, begin at ``place`` in the file."""

    ids: list[str]
    kinds: list[str]
    subjects: list[str]
    place: int


class _Store:
    """Units as they are met, each on its shelf. What they say waits in a temporary file until all texts are known: there
    it takes less than the texts, and none is analysed twice."""

    def __init__(self) -> None:
        self.shelves: defaultdict[str, list[_Chunk]] = defaultdict(list)
        self._file = SpooledTemporaryFile(_BYTES_KEPT)  # noqa: SIM115 - it lasts as long as the store
        weakref.finalize(self, self._file.close)

    def add(self, units: Iterable[Unit], counting: _Counting) -> _Frequency:
        """Keep units, and tell how many of their texts have each term."""
        frequency, rest = _Frequency(), iter(units)
        while some := list(islice(rest, _CHUNK)):
            shelves: defaultdict[str, list[Unit]] = defaultdict(list)
            for unit in some:
                shelves[unit.shelf].append(unit)
            for shelf, found in shelves.items():
                bags = counting.bags(unit.texts for unit in found)
                frequency.count(bags)
                frequency.subjects.update(unit.subject for unit in found)
                self.shelves[shelf].append(self._keep(found, bags))
        return frequency

    def bags(self, chunk: _Chunk) -> _Bags:
        """The texts of units kept."""
        self._file.seek(chunk.place)
        return _Bags(*(np.load(self._file) for _ in fields(_Bags)))

    def _keep(self, units: Sequence[Unit], bags: _Bags) -> _Chunk:
        place = self._file.seek(0, os.SEEK_END)
        for field in fields(_Bags):
            np.save(self._file, getattr(bags, field.name))
        return _Chunk(
            [unit.id for unit in units],
            [unit.kind for unit in units],
            [unit.subject for unit in units],
            place,
        )


class _Shelves(Mapping[str, Shelf]):
    """The shelves of a store, by ascending name, each made when it is looked up."""

    def __init__(self, store: _Store, subjects: Sequence[str], term_weights: Scores) -> None:
        self._store = store
        self._subjects = {subject: number for number, subject in enumerate(subjects)}
        self._term_weights = term_weights

    def __len__(self) -> int:
        return len(self._store.shelves)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._store.shelves))

    def __getitem__(self, name: str) -> Shelf:
        if name not in self._store.shelves:
            raise KeyError(name)
        chunks = self._store.shelves[name]
        names = sorted({kind for chunk in chunks for kind in chunk.kinds})
        kinds = (names.index(kind) for chunk in chunks for kind in chunk.kinds)
        nobody = len(self._subjects)
        subjects = (self._subjects.get(s, nobody) for chunk in chunks for s in chunk.subjects)
        return Shelf(
            [unit for chunk in chunks for unit in chunk.ids],
            names,
            np.fromiter(kinds, dtype=np.uint8),
            np.fromiter(subjects, dtype=np.uint32),
            self._postings(chunks),
        )

    def _postings(self, chunks: Sequence[_Chunk]) -> Postings:
        entries: list[tuple[Ids, Ids, Weights]] = []
        before = 0
        for chunk in chunks:
            bags = self._store.bags(chunk)
            terms, rows, weights = _vectors(bags, self._term_weights, _TERMS_KEPT)
            entries.append((terms, rows + np.uint32(before), weights))
            before += len(chunk.ids)
        terms, rows, weights = (np.concatenate(each) for each in zip(*entries, strict=True))
        return Postings.of(terms, rows, weights, _LONGEST_POSTING)


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
        unseen = max(weights.values(), default=0.0) * _UNSEEN_SHARE
        self._weights = np.array([*weights.values(), unseen])
        self._said = said
        self._shelf = lru_cache(maxsize=_SHELVES_KEPT)(shelf)
        self.repair = Repairer(weights, by_sound).repair
        """Reads homophones typed or heard wrongly as words of these texts (``Repairer.repair``)."""

    @classmethod
    def of(cls, prepared: PreparedIndex) -> "Index":
        """An index in memory."""
        return cls(prepared.weights, prepared.said, prepared.by_sound, prepared.shelves.get)

    def search(self, query: Query, shelves: Iterable[str], limit: int = 10) -> list[Hit]:
        """The nearest units, best first, at most ``limit`` of each kind; none when nothing is shared."""
        terms, values = self._vector(query)
        nobody = len(self._said.subjects)
        centres, known = self._said.centres.scores(terms, values, nobody + 1)
        hits: list[Hit] = []
        for name in dict.fromkeys(shelves):
            if (shelf := self._shelf(name)) is None:
                continue
            text, covered = shelf.postings.scores(terms, values, len(shelf.units))
            said = np.where(shelf.subjects == nobody, text, centres[shelf.subjects])
            likeness = text + said
            for number, kind in enumerate(shelf.kind_names):
                rows = _highest(np.where(shelf.kinds == number, likeness, 0.0), limit)
                most = np.maximum(covered[rows], known[shelf.subjects[rows]])
                ids = [shelf.units[row] for row in rows.tolist()]
                told = (each.tolist() for each in (text[rows], said[rows], most))
                hits += map(Hit, ids, repeat(kind), *told)
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
        if (found := self._shelf(shelf)) is None:
            return []
        try:
            row = found.units.index(unit)
        except ValueError:
            return []
        known = [t for t in query.terms if t.startswith("=") and t in self._numbers]
        numbers = np.array([self._numbers[term] for term in known], dtype=np.uint32)
        having = found.postings.having(numbers, row)
        return [known[place][1:] for place in having]

    def overlap(self, query: Query, terms: Mapping[str, float]) -> float:
        """How much of the question a text has: the weights of the question's terms that are in it."""
        return sum(count * self._weight(t) for t, count in query.terms.items() if t in terms)

    def _vector(self, query: Query) -> tuple[Ids, Weights]:
        """A question's known terms and their weights, which the unknown ones make smaller."""
        numbers = np.array([self._numbers.get(t, _UNKNOWN) for t in query.terms], dtype=np.int64)
        counts = np.fromiter(query.terms.values(), dtype=np.float64)
        # What a synonym or a sector brings counts less than once.
        several = counts > 1
        counts[several] = 1 + np.log(counts[several])
        weights = counts * self._weights[numbers]
        known = numbers != _UNKNOWN
        length = math.sqrt(weights @ weights) or 1.0
        return numbers[known].astype(np.uint32), (weights[known] / length).astype(np.float32)

    def _weight(self, term: str) -> float:
        return float(self._weights[self._numbers.get(term, _UNKNOWN)])


def _highest(values: Scores, limit: int) -> NDArray[np.intp]:
    """The places of the highest values above 0, of equal ones the first."""
    rows: NDArray[np.intp] = values.nonzero()[0]
    if len(rows) <= limit:
        return rows
    # Partitioning is slow where most values are the same: the zeros must be out before.
    found = values[rows]
    least = np.partition(found, -limit)[-limit]
    rows, found = rows[found >= least], found[found >= least]
    if len(rows) <= limit:
        return rows
    above, level = rows[found > least], rows[found == least]
    return np.concatenate([above, level[: limit - len(above)]])


def _is_pair(term: str) -> bool:
    return len(term) == 2 and not term.isascii() and term[0] != "="
