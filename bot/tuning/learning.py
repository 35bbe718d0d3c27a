"""The learning itself, by scikit-learn and SciPy. Only ``zwgk tune`` needs them, so they are imported where it learns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.answering.scoring import Features
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.classifier import Classifier, features

_FEATURES_KEPT = 8000
"""Features of a classifier, those that say most: all 60,000 do no better."""
_SMOOTHING = 5e-5
"""Keeps the weights small where the examples do not ask for more (L2)."""


@dataclass(frozen=True, slots=True)
class Case:
    """What speaks for each candidate of a question, ``nothing`` last, and which of them are right."""

    options: Sequence[Features]
    right: Sequence[int]


def learn_classifier(
    examples: Iterable[tuple[str, str]], analyser: Analyser, strictness: float
) -> Classifier:
    """A linear support vector machine over (text, class), cut down to the features that say most.

    With fewer than two classes there is nothing to tell apart: nothing says anything then.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    known = sorted(set(examples))
    names = sorted({name for _, name in known})
    if len(names) < 2:
        return Classifier.of(names, [0.0] * len(names), {})
    texts, classes = zip(*known, strict=True)
    found = [sorted(features(analyser.query(text))) for text in texts]
    everything = TfidfVectorizer(analyzer=list, lowercase=False, binary=True, min_df=2)
    machine = LinearSVC(C=strictness, random_state=0)
    machine.fit(everything.fit_transform(found), classes)
    most = np.argsort(-np.abs(machine.coef_).max(axis=0), kind="stable")[:_FEATURES_KEPT]
    kept = sorted(everything.get_feature_names_out()[most])
    weighed = TfidfVectorizer(analyzer=list, lowercase=False, binary=True, vocabulary=kept)
    machine.fit(weighed.fit_transform(found), classes)
    says, base = machine.coef_, machine.intercept_
    if len(names) == 2:
        # Of two classes the machine only tells what speaks for the second.
        says, base = np.vstack([-says, says]), np.concatenate([-base, base])
    rows = zip(kept, weighed.idf_, says.T.tolist(), strict=True)
    return Classifier.of(
        names,
        [round(value, 3) for value in base.tolist()],
        {f: (round(float(idf), 3), [round(one, 3) for one in say]) for f, idf, say in rows},
    )


def learn_weights(
    cases: Sequence[Case], counts: Sequence[float], fixed: Mapping[str, float]
) -> dict[str, float]:
    """The weights under which what is right is likeliest, as a softmax over each case's options.

    ``counts`` says how many times each case counts; ``fixed`` weights stay as they are.
    """
    from scipy.optimize import minimize

    names = sorted({name for case in cases for option in case.options for name in option})
    learned = [name for name in names if name not in fixed]
    options = [option for case in cases for option in case.options]
    table = np.array([[option.get(name, 0.0) for name in learned] for option in options])
    given = np.array(
        [sum(option.get(name, 0.0) * value for name, value in fixed.items()) for option in options]
    )
    sizes = np.array([len(case.options) for case in cases])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    right = np.concatenate([np.isin(np.arange(len(c.options)), c.right) for c in cases]).astype(
        float
    )
    shares = np.array(counts) / sum(counts)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = table @ weights + given
        scores -= np.repeat(np.maximum.reduceat(scores, starts), sizes)
        likely = np.exp(scores)
        everything = np.add.reduceat(likely, starts)
        those = np.maximum(np.add.reduceat(likely * right, starts), 1e-300)
        slope = likely / np.repeat(everything, sizes) - likely * right / np.repeat(those, sizes)
        slope *= np.repeat(shares, sizes)
        value = -shares @ np.log(those / everything) + _SMOOTHING * weights @ weights
        return float(value), table.T @ slope + 2 * _SMOOTHING * weights

    fitted = minimize(
        loss, np.zeros(len(learned)), jac=True, method="L-BFGS-B", options={"maxiter": 1000}
    )
    weights = dict(zip(learned, fitted.x.tolist(), strict=True)) | dict(fixed)
    return {name: round(weights[name], 3) for name in sorted(weights)}
