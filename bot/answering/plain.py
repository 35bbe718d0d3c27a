"""The plain method our answers are measured against: character n-gram TF-IDF over question and answer, and nothing else."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from bot.knowledge.library import Knowledge

from .evaluation import Case

_RUN = re.compile(r"\w+")


def plain_first(cases: Sequence[Case], knowledge: Knowledge) -> dict[str, int]:
    """How many annex questions the plain method gets right first, by style and in all (合计)."""
    entries = [e for document in knowledge.documents for e in knowledge.entries_of(document)]
    counts = [_ngrams(f"{entry.question}{entry.answer}") for entry in entries]
    frequency = Counter(gram for count in counts for gram in count)
    weights = {gram: 1 + math.log((1 + len(counts)) / (1 + n)) for gram, n in frequency.items()}
    vectors = [_vector(count, weights) for count in counts]
    right: dict[str, int] = {}
    for case in cases:
        asked = _vector(_ngrams(case.question.text), weights)
        similar = [sum(v * vector.get(g, 0.0) for g, v in asked.items()) for vector in vectors]
        gold = case.gold["gold_faq"]
        best = entries[similar.index(max(similar))].number
        hit = best in (gold if isinstance(gold, list) else [gold])
        for style in (case.style, "合计"):
            right[style] = right.get(style, 0) + hit
    return right


def _ngrams(text: str) -> Counter[str]:
    runs = _RUN.findall(text)
    return Counter(r[i : i + n] for r in runs for n in (1, 2, 3) for i in range(len(r) - n + 1))


def _vector(counts: Counter[str], weights: dict[str, float]) -> dict[str, float]:
    vector = {gram: n * weights[gram] for gram, n in counts.items() if gram in weights}
    length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {gram: value / length for gram, value in vector.items()}
