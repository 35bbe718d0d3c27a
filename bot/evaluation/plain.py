"""The plain method our answers are measured against: character n-gram TF-IDF over question and answer, and nothing else."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from bot.knowledge.library import Knowledge

from .cases import Case

_RUN = re.compile(r"\w+")


def plain_first(cases: Sequence[Case], knowledge: Knowledge) -> list[bool | None]:
    """Whether the plain method gets each annex question right first; ``None`` for what is no annex question."""
    if not any("gold_faq" in case.gold for case in cases):
        return [None] * len(cases)
    entries = [e for document in knowledge.documents for e in knowledge.entries_of(document)]
    counts = [_ngrams(f"{entry.question}{entry.answer}") for entry in entries]
    frequency = Counter(gram for count in counts for gram in count)
    weights = {gram: 1 + math.log((1 + len(counts)) / (1 + n)) for gram, n in frequency.items()}
    vectors = [_vector(count, weights) for count in counts]

    def found(text: str) -> int:
        asked = _vector(_ngrams(text), weights)
        similar = [sum(v * vector.get(g, 0.0) for g, v in asked.items()) for vector in vectors]
        return entries[similar.index(max(similar))].number

    return [
        found(case.question.text) in case.gold["gold_faq"] if "gold_faq" in case.gold else None
        for case in cases
    ]


def _ngrams(text: str) -> Counter[str]:
    runs = _RUN.findall(text)
    return Counter(r[i : i + n] for r in runs for n in (1, 2, 3) for i in range(len(r) - n + 1))


def _vector(counts: Counter[str], weights: dict[str, float]) -> dict[str, float]:
    vector = {gram: n * weights[gram] for gram, n in counts.items() if gram in weights}
    length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {gram: value / length for gram, value in vector.items()}
