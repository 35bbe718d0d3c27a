"""What each part adds: everything learned anew without it, and the same questions asked."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.answering.deciding import Policy
from bot.evaluation.cases import Case
from bot.evaluation.judging import Outcome, evaluate

from .judging import Score, judge, score
from .keeping import Learned
from .questions import Example, Material
from .tuning import FIXED, Step, Tuning, weights_from

WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Line:
    """What is left without a part: of the judged questions those that something of ours answers and those for other doors,
    and what came of the question sets."""

    part: str
    inside: Score
    outside: Score
    outcomes: Sequence[Outcome]


def _features(name: str) -> tuple[str, ...]:
    return tuple(f"{kind}.{name}" for kind in ("faq", "plan", "item"))


SILENT: Mapping[str, Sequence[str]] = {
    WHOLE: (),
    "routes": ("kind", "nothing.elsewhere"),
    "entries": ("faq.entry",),
    "sectors": ("item.sector", "plan.sector"),
    "covered": _features("covered"),
    "said": _features("said"),
    "text": _features("text"),
    "plan": ("plan.own", "plan.named", "plan.leads"),
    "wish": ("item.discloses", "item.transacts", "nothing.lists"),
    "rows": ("item.told", "item.nameless"),
}
"""Parts that speak through features alone: without a part, these say nothing. The whole comes first."""


_LEFT_OUT: Mapping[str, Callable[[Material, frozenset[str]], Material]] = {
    "synonyms": lambda material, _: replace(material, synonyms=()),
    "repairs": lambda material, _: replace(material, repairs=False),
    "asked": lambda material, asked: replace(
        material, phrasings=[p for p in material.phrasings if p.text not in asked]
    ),
    "written": lambda material, asked: replace(
        material, phrasings=[p for p in material.phrasings if p.text in asked]
    ),
}
"""Parts of the material: without one, knowledge and classifiers are made of the rest. Told which texts people asked."""


def steps(folds: int) -> int:
    """How many steps ``ablation`` takes."""
    return (1 + len(_LEFT_OUT)) * (folds + 1) + len(SILENT) + len(_LEFT_OUT)


def ablation(
    material: Material,
    tuning: Callable[[Material], Tuning],
    asked: Sequence[Example],
    cases: Sequence[Case],
    folds: int,
    step: Step,
) -> Iterator[Line]:
    """The whole, then without each part. The same questions teach the weights and are asked in every line."""
    texts = frozenset(example.text for example in asked)
    yield from _lines(tuning(material), SILENT, asked, cases, folds, step)
    for part, leave_out in _LEFT_OUT.items():
        less = tuning(leave_out(material, texts))
        yield from _lines(less, {part: ()}, asked, cases, folds, step)


def _lines(
    tuning: Tuning,
    silent: Mapping[str, Sequence[str]],
    asked: Sequence[Example],
    cases: Sequence[Case],
    folds: int,
    step: Step,
) -> Iterator[Line]:
    judged = tuning.judged(asked, folds, step)
    step("学习分类")
    classifiers = tuning.classifiers()
    with tuning.knowledge() as knowledge:
        for part, names in silent.items():
            step("学习权重")
            weights = weights_from(judged, {**FIXED, **dict.fromkeys(names, 0.0)})
            answerer = tuning.answerer(knowledge, Learned(classifiers, weights, ""))
            verdicts = list(map(judge(weights, Policy()), judged))
            yield Line(
                part,
                score(part, [verdict for verdict in verdicts if not verdict.outside]),
                score(part, [verdict for verdict in verdicts if verdict.outside]),
                evaluate(cases, answerer.answer),
            )
