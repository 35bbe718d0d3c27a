"""Learning which groups a notice concerns, and where a suggestion begins; judged on folds that were not learned from.

The sectors are learned elsewhere (``tuning``): here only their threshold is.
"""

import csv
import io
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from bot.answering.recognising import learned_recogniser
from bot.notices.suggesting import (
    CUE_WEIGHT,
    Cues,
    Example,
    Suggester,
    Thresholds,
    chosen,
    clues,
)
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.classifier import Classifier
from catalogue_index.sectors import Sectors

from .tuning import Step

SHIPPED = Path(str(files("bot.notices"))) / "data" / "learned"
"""Where ``bot.notices`` reads it."""

_STRICTNESS = 1.0
_KEPT = 4000
"""Features of the classifier, those that say most."""
_MOST_SECTORS, _MOST_GROUPS = 2, 4
_STEPS_OF_SHARE = [n / 40 for n in range(2, 25)]
_STEPS_OF_SCORE = [n / 20 for n in range(-20, 21)]


@dataclass(frozen=True, slots=True)
class Score:
    """Micro figures: labels that are right, suggested, and wanted."""

    right: int
    suggested: int
    wanted: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / max(1, self.suggested + self.wanted)


@dataclass(frozen=True, slots=True)
class LearnedGroups:
    """What was learned, and how well its kind does on notices that it never saw."""

    classifier: Classifier
    thresholds: Thresholds
    sectors: Score
    groups: Score


def learn(
    examples: Sequence[Example],
    analyser: Analyser,
    cues: Cues,
    sectors: Sectors,
    folds: int,
    step: Step,
) -> LearnedGroups:
    """Learn from all examples, in ``folds`` + 1 steps. The thresholds are those that do best on the folds."""
    heard = [sorted(clues(analyser, cues, e.title, e.summary)) for e in examples]
    groups: list[Mapping[str, float]] = [{}] * len(examples)
    for fold in range(folds):
        step(f"第 {fold + 1} 轮，共 {folds} 轮")
        held = [zlib.crc32(e.title.encode()) % folds == fold for e in examples]
        pairs = list(zip(heard, examples, held, strict=True))
        classifier = _classifier([(h, e.groups) for h, e, out in pairs if not out])
        for n, (said, _, out) in enumerate(pairs):
            if out:
                groups[n] = classifier.scores(said)
    step("学习分类")
    bare = Suggester(
        analyser,
        learned_recogniser(),
        Classifier.of([], [], {}),
        cues,
        sectors,
        Thresholds(0.0, 0, 0.0, 0),
    )
    shares = [bare.sector_shares(e.title, e.summary) for e in examples]
    least_share, of_sectors = _best(
        shares, [e.sectors for e in examples], _STEPS_OF_SHARE, _MOST_SECTORS
    )
    least_score, of_groups = _best(
        groups, [e.groups for e in examples], _STEPS_OF_SCORE, _MOST_GROUPS
    )
    return LearnedGroups(
        _classifier(list(zip(heard, (e.groups for e in examples), strict=True))),
        Thresholds(least_share, _MOST_SECTORS, least_score, _MOST_GROUPS),
        of_sectors,
        of_groups,
    )


def write(learned: LearnedGroups, folder: Path) -> None:
    """Put what was learned into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(learned.classifier.table())
    (folder / "groups.csv").write_text(text.getvalue(), encoding="utf-8")
    least = learned.thresholds
    (folder / "thresholds.toml").write_text(
        "# Learned by `zwgk tune --notices`; see bot/notices/suggesting.py.\n"
        f"sectors = {least.sectors}\nmost_sectors = {least.most_sectors}\n"
        f"groups = {least.groups}\nmost_groups = {least.most_groups}\n",
        encoding="utf-8",
    )


def score(suggested: Iterable[Sequence[str]], wanted: Iterable[Sequence[str]]) -> Score:
    """Micro figures of suggestions against what was wanted."""
    pairs = [(set(a), set(b)) for a, b in zip(suggested, wanted, strict=True)]
    return Score(
        sum(len(a & b) for a, b in pairs),
        sum(len(a) for a, _ in pairs),
        sum(len(b) for _, b in pairs),
    )


def _best(
    scores: Sequence[Mapping[str, float]],
    wanted: Sequence[Sequence[str]],
    steps: Sequence[float],
    most: int,
) -> tuple[float, Score]:
    tried: Callable[[float], Score] = lambda least: score(  # noqa: E731
        [chosen(one, least, most) for one in scores], wanted
    )
    best = max(steps, key=lambda least: tried(least).f1)
    return best, tried(best)


def _classifier(examples: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Classifier:
    """One linear support vector machine a group, over the same weighed features."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.preprocessing import MultiLabelBinarizer, normalize
    from sklearn.svm import LinearSVC

    heard, groups = zip(*examples, strict=True)
    labels = MultiLabelBinarizer()
    wanted = labels.fit_transform(groups)

    def learned(**vectors: object) -> tuple[TfidfVectorizer, np.ndarray, OneVsRestClassifier]:
        words = TfidfVectorizer(analyzer=list, lowercase=False, binary=True, norm=None, **vectors)
        found = words.fit_transform(heard)
        weights = np.array([_weight(name) for name in words.get_feature_names_out()])
        machine = LinearSVC(C=_STRICTNESS, class_weight="balanced", random_state=0)
        many = OneVsRestClassifier(machine)
        many.fit(normalize(found.multiply(weights).tocsr()), wanted)
        return words, words.idf_ * weights, many

    words, _, many = learned(min_df=2)
    says = np.vstack([machine.coef_[0] for machine in many.estimators_])
    most = np.argsort(-np.abs(says).max(axis=0), kind="stable")[:_KEPT]
    kept = sorted(words.get_feature_names_out()[most])
    _, idf, many = learned(vocabulary=kept)
    says = np.vstack([machine.coef_[0] for machine in many.estimators_])
    base = [round(float(machine.intercept_[0]), 3) for machine in many.estimators_]
    rows = {
        name: (round(float(idf[n]), 3), [round(float(one), 3) for one in says[:, n]])
        for n, name in enumerate(kept)
    }
    return Classifier.of(list(labels.classes_), base, rows)


def _weight(feature: str) -> int:
    return CUE_WEIGHT if feature[:2] in ("T#", "B#", "2#", "M#") else 1
