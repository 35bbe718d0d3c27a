"""What the judged questions show of some weights: how many would be answered, how many rightly, and how sure that is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.answering.asking import understand
from bot.answering.deciding import Policy, decide
from bot.answering.scoring import probabilities
from bot.answering.triage import CAREFUL, official_triage
from bot.evaluation.scores import THRESHOLDS

from .tuning import Judged, weight_of_outside


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a question.

    ``first``: what is right is likelier than all else; of a message for another door, that nothing of ours answers is.
    ``right``: it was answered rightly, or shown to the right door. ``answered``: something was said as the answer, with
    this ``confidence``.
    """

    kind: str
    outside: bool
    first: bool
    right: bool
    answered: bool
    confidence: float

    @property
    def wrong(self) -> bool:
        """Answered, and not right."""
        return self.answered and not self.right


@dataclass(frozen=True, slots=True)
class Score:
    """Figures of a group of questions."""

    name: str
    outside: bool
    cases: int
    first: int
    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Sure:
    """Of the answers at least so confident: how many there are, how many are right, and which ``share`` would be right if
    messages for other doors were as many as the weights take them to be."""

    at_least: float
    answers: int
    right: int
    share: float | None


def judge(weights: Mapping[str, float], policy: Policy) -> Callable[[Judged], Verdict]:
    """Judges as the service answers: what rules stop is never searched, the rest is decided by the probabilities."""
    triage = official_triage()

    def verdict(one: Judged) -> Verdict:
        example, found = one.example, one.found
        if stopped := triage.before(understand(example.said).text):
            turned_away = bool(example.route)
            right = stopped.name == example.route
            return Verdict(example.kind, turned_away, turned_away, right, False, 0.0)
        likely, none = probabilities([c.features for c in found.candidates], found.nothing, weights)
        order = sorted(range(len(likely)), key=lambda place: -likely[place])
        ranked = [found.candidates[place]._replace(score=likely[place]) for place in order]
        decision = decide(ranked, none, policy)
        ours = bool(ranked) and ranked[0].score > none
        answered = bool(decision.answers)
        if example.route:
            away = not answered and not decision.choices
            first, right = not ours, away and found.recognised.route(CAREFUL) == example.route
        else:
            fits = bool(order) and order[0] in one.right
            first, right = ours and fits, answered and fits
        sure = decision.confidence
        return Verdict(example.kind, bool(example.route), first, right, answered, sure)

    return verdict


def score(name: str, verdicts: Sequence[Verdict]) -> Score:
    """Figures of some verdicts, all from outside or none."""
    return Score(
        name,
        any(verdict.outside for verdict in verdicts),
        len(verdicts),
        sum(verdict.first for verdict in verdicts),
        sum(verdict.right for verdict in verdicts),
        sum(verdict.wrong for verdict in verdicts),
    )


def scores(verdicts: Sequence[Verdict]) -> list[Score]:
    """Figures by kind: those that something of ours answers, then those for other doors."""
    groups: dict[tuple[bool, str], list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault((verdict.outside, verdict.kind), []).append(verdict)
    return [score(kind, groups[outside, kind]) for outside, kind in sorted(groups)]


def reliability(verdicts: Sequence[Verdict]) -> list[Sure]:
    """What each threshold is worth."""
    outside = sum(verdict.outside for verdict in verdicts)
    weight = weight_of_outside(len(verdicts) - outside, outside)
    found = []
    for least in THRESHOLDS:
        sure = [v for v in verdicts if v.answered and v.confidence >= least]
        right = sum(not v.wrong for v in sure)
        weighed = sum(weight if v.outside else 1.0 for v in sure)
        found.append(Sure(least, len(sure), right, round(right / weighed, 4) if sure else None))
    return found
