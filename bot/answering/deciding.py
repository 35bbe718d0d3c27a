"""From probabilities to a decision: answer, offer choices, or refuse."""

from collections.abc import Sequence
from dataclasses import dataclass

from .finding import Candidate

_ITS_SECTOR = -0.05
"""How much speaks for a row's sector, of what is likeliest or near to it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Probabilities from which we ``answer`` (with an FAQ ``entry`` from a little more: what sounds like the office's own
    business and is not is mostly taken for one), and from which something of ours is likely enough to offer choices.

    Of siblings, the items of one category, the likeliest is answered from ``sibling`` when all together reach ``family``:
    they share most words, and who asks for one is helped by the others, which are shown beside it. ``worth`` is the least
    that a choice needs, beside the best one's; ``beside`` the least of what is shown beside an answer.

    Of what is not ours to answer, rows may tell what is published: those of its sector that have so much of its words
    (``covered``) and are such a ``share`` of all of ours that could be meant.
    """

    answer: float = 0.4
    entry: float = 0.5
    sibling: float = 0.25
    family: float = 0.65
    choices: float = 0.35
    worth: float = 0.15
    beside: float = 0.05
    covered: float = 0.5
    share: float = 0.25


@dataclass(frozen=True, slots=True)
class Decision:
    """``answers`` to give, else ``choices`` to offer, else neither: refuse. ``confidence``: the first one's probability."""

    answers: tuple[Candidate, ...]
    choices: tuple[Candidate, ...]
    confidence: float


def decide(candidates: Sequence[Candidate], nothing: float, policy: Policy) -> Decision:
    """Decide on candidates, best first, one a subject; ``nothing`` is the probability that none of them answers."""
    if not candidates:
        return Decision((), (), 0.0)
    best = candidates[0]
    family = sum(c.score for c in candidates if c.family == best.family)
    near = tuple(c for c in candidates if c.score >= policy.worth * best.score)[:3]
    clear = best.score >= (policy.entry if best.type == "faq" else policy.answer)
    if best.score > nothing and (
        clear or (best.score >= policy.sibling and family >= policy.family)
    ):
        others = tuple(c for c in candidates[1:3] if c.score >= policy.beside)
        return Decision((best,), others, best.score)
    if 1 - nothing >= policy.choices:
        return Decision((), near, best.score)
    return Decision((), (), best.score)


def published(candidates: Sequence[Candidate], policy: Policy) -> tuple[Candidate, ...]:
    """The rows, at most two, that tell what is published of a matter that nothing of ours answers."""
    least = policy.share * sum(c.score for c in candidates)
    return tuple(
        c
        for c in candidates
        if c.type == "item"
        and c.score >= least
        and c.features["item.covered"] >= policy.covered
        and c.features["item.sector"] >= _ITS_SECTOR
    )[:2]
