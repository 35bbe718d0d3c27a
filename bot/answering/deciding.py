"""From candidates to a decision: answer, offer choices, or refuse."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .finding import Candidate


@dataclass(frozen=True, slots=True)
class Policy:
    """Scores from which we answer or offer choices, and how clearly the first must lead.

    ``slope`` and ``lead`` turn a score and its lead over the next subject into a confidence.
    """

    answer: float = 0.16
    choices: float = 0.1
    margin: float = 0.05
    slope: float = 22.0
    lead: float = 2.0


@dataclass(frozen=True, slots=True)
class Decision:
    """``answers`` to give, else ``choices`` to offer, else neither: refuse."""

    answers: tuple[Candidate, ...]
    choices: tuple[Candidate, ...]
    confidence: float


def decide(ranked: Sequence[tuple[object, Candidate]], policy: Policy) -> Decision:
    """Decide on candidates, best first, each with its subject: the same item of two places is one subject."""
    if not ranked:
        return Decision((), (), 0.0)
    first_of: dict[object, Candidate] = {}
    for subject, candidate in ranked:
        first_of.setdefault(subject, candidate)
    distinct = list(first_of.values())
    best = distinct[0]
    runner_up = distinct[1].score if len(distinct) > 1 else 0.0
    lead = (best.score - runner_up) / best.score if best.score else 0.0
    confidence = 1 / (
        1
        + math.exp(
            -(
                policy.slope * (best.score - policy.choices)
                + policy.lead * (lead - policy.margin)
                - 0.5
            )
        )
    )
    if best.score < policy.choices:
        return Decision((), (), min(confidence, 0.5))
    clear = lead >= policy.margin or best.score >= 2 * policy.answer
    if best.score >= policy.answer and clear:
        return Decision((best,), tuple(distinct[1:3]), confidence)
    if lead >= 3 * policy.margin:
        return Decision((best,), tuple(distinct[1:3]), confidence)
    near = [c for c in distinct if c.score >= 0.7 * best.score][:3]
    return Decision((), tuple(near), confidence)
