"""Learning which sectors and groups a notice concerns, and where a suggestion begins; judged on folds that were not learned
from."""

import csv
import io
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from bot.notices.suggesting import CUE_WEIGHT, Example, Listener, chosen, together
from catalogue_index.analysis.classifier import Classifier

from .tuning import Step

SHIPPED = Path(str(files("bot.notices"))) / "data" / "learned"
"""Where ``bot.notices`` reads it."""

_STRICTNESS = 0.3
_SEEN = 3
"""In how many notices at least a feature stands that is kept. To keep those that say most overfits: they were chosen by the
same notices."""
_STEPS = [n / 40 for n in range(-20, 41)]

Scores = Sequence[Mapping[str, float]]


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
class Limits:
    """How many labels at most, and how far below the best F1 (0 to 1) a threshold may do that suggests fewer."""

    most: int
    slack: float


_SECTORS = Limits(most=2, slack=0.0)
_GROUPS = Limits(most=3, slack=0.01)
"""Those who settle audiences agree on the sectors, but name from one to two groups a notice on average. The F1 of groups
is about the same all the way between; so only those are suggested that a notice is surely for."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What was learned of one kind of label, and how well its kind does on notices that it never saw."""

    classifier: Classifier
    least: float
    most: int
    score: Score


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of notices."""

    sectors: Labels
    groups: Labels


def learn(examples: Sequence[Example], listener: Listener, folds: int, step: Step) -> Learned:
    """Learn from all examples, in ``folds`` + 1 steps. The thresholds are those that do best on the folds."""
    heard = [sorted(listener.clues(e.title, e.summary)) for e in examples]
    talks = [listener.talk(e.title, e.summary) for e in examples]
    sectors, groups = [e.sectors for e in examples], [e.groups for e in examples]
    in_fold = [zlib.crc32(e.title.encode()) % folds for e in examples]
    of_sectors: list[Mapping[str, float]] = [{}] * len(examples)
    of_groups: list[Mapping[str, float]] = [{}] * len(examples)
    for fold in range(folds):
        step(f"第 {fold + 1} 轮，共 {folds} 轮")
        kept = [n for n, one in enumerate(in_fold) if one != fold]
        by_sector, by_group = (
            _classifier([heard[n] for n in kept], [wanted[n] for n in kept])
            for wanted in (sectors, groups)
        )
        for n, one in enumerate(in_fold):
            if one == fold:
                of_sectors[n] = together(by_sector.scores(heard[n]), talks[n])
                of_groups[n] = by_group.scores(heard[n])
    step("学习分类")
    return Learned(
        _labels(heard, sectors, of_sectors, _SECTORS),
        _labels(heard, groups, of_groups, _GROUPS),
    )


def write(learned: Learned, folder: Path) -> None:
    """Put what was learned into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = {"sectors": learned.sectors, "groups": learned.groups}
    thresholds = ["# Learned by `zwgk tune --notices`; see bot/notices/suggesting.py."]
    for name, labels in kinds.items():
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(labels.classifier.table())
        (folder / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")
        thresholds += [f"{name} = {labels.least}", f"most_{name} = {labels.most}"]
    (folder / "thresholds.toml").write_text("\n".join(thresholds) + "\n", encoding="utf-8")


def score(suggested: Iterable[Sequence[str]], wanted: Iterable[Sequence[str]]) -> Score:
    """Micro figures of suggestions against what was wanted."""
    pairs = [(set(a), set(b)) for a, b in zip(suggested, wanted, strict=True)]
    return Score(
        sum(len(a & b) for a, b in pairs),
        sum(len(a) for a, _ in pairs),
        sum(len(b) for _, b in pairs),
    )


def beginning(
    scores: Scores, wanted: Sequence[Sequence[str]], limits: Limits
) -> tuple[float, Score]:
    """From which score on labels are best suggested, and how well that does."""
    tried = {t: score([chosen(one, t, limits.most) for one in scores], wanted) for t in _STEPS}
    enough = max(one.f1 for one in tried.values()) - limits.slack
    least = max(t for t, one in tried.items() if one.f1 >= enough)
    return least, tried[least]


def _labels(
    heard: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]], unseen: Scores, limits: Limits
) -> Labels:
    least, of_unseen = beginning(unseen, wanted, limits)
    return Labels(_classifier(heard, wanted), least, limits.most, of_unseen)


def _classifier(heard: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]]) -> Classifier:
    """Ridge regression of every label at once, over the same weighed features: a score is about the share of such notices
    that have the label, so that one threshold suits rare labels and common ones."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.kernel_ridge import KernelRidge
    from sklearn.preprocessing import MultiLabelBinarizer, normalize

    labels = MultiLabelBinarizer()
    told = labels.fit_transform(wanted)
    common = told.mean(axis=0)

    words = TfidfVectorizer(analyzer=list, lowercase=False, binary=True, norm=None, min_df=_SEEN)
    found = words.fit_transform(heard)
    names = words.get_feature_names_out()
    weights = np.array([_weight(name) for name in names])
    rows = normalize(found.multiply(weights).tocsr())
    machine = KernelRidge(alpha=_STRICTNESS).fit(rows, told - common)
    idf, says = words.idf_ * weights, rows.T @ machine.dual_coef_
    table = {
        name: (round(float(idf[n]), 3), [round(float(one), 2) + 0.0 for one in says[n]])
        for n, name in enumerate(names)
    }
    return Classifier.of(list(labels.classes_), [round(float(one), 3) for one in common], table)


def _weight(feature: str) -> int:
    return CUE_WEIGHT if feature[:2] in ("T#", "B#", "2#", "M#") else 1
