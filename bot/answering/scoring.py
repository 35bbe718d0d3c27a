"""From what speaks for each candidate to a probability: one softmax over all that could answer, and over "nothing of ours".

Every feature is named, every weight stands by its name in ``data/learned/weights.toml`` (``zwgk tune`` fits them), and a
candidate's score is their sum: what it is made of can always be said.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

Features = Mapping[str, float]

NOTHING = "nothing"
"""The feature that the possibility has that nothing of ours answers."""


def probabilities(
    candidates: Sequence[Features], nothing: Features, weights: Mapping[str, float]
) -> tuple[list[float], float]:
    """The probability of each candidate, and that of nothing; they add up to 1."""
    scores = [score(features, weights) for features in candidates]
    return softmax(scores, score(nothing, weights))


def softmax(scores: Sequence[float], nothing: float) -> tuple[list[float], float]:
    """The probabilities of candidates with these scores, and of nothing with its own."""
    highest = max((nothing, *scores))
    likelihoods = [math.exp(each - highest) for each in (*scores, nothing)]
    total = sum(likelihoods)
    *those, none = (each / total for each in likelihoods)
    return those, none


def score(features: Features, weights: Mapping[str, float]) -> float:
    """The weighted sum of the features; one without a weight says nothing."""
    return sum([value * weights.get(name, 0.0) for name, value in features.items()])


@lru_cache(maxsize=1)
def learned_weights() -> Mapping[str, float]:
    """The weights this package ships."""
    text = files("bot.answering").joinpath("data/learned/weights.toml").read_text("utf-8")
    return weights_in(tomllib.loads(text))


def weights_in(table: Mapping[str, Any]) -> dict[str, float]:
    """The weights in a ``weights.toml``, by name."""
    return {name: float(value) for name, value in table["weights"].items()}
