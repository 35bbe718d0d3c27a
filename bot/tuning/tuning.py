"""Learn anew, each question judged by what was learned without it.

The questions are dealt into folds. For each fold, knowledge is built and the classifiers are learned without its questions,
so that a question never finds itself; what speaks for its candidates then teaches the weights. Learned in the end are the
classifiers from everything, and the weights from all folds together.
"""

import csv
import io
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.answering.asking import understand
from bot.answering.finding import Candidate, Finder, Found
from bot.answering.recognising import Recogniser
from bot.answering.scope import Gazetteer, scope_of
from bot.knowledge.building import build
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Content
from bot.knowledge.subjects import named
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.classifier import Classifier
from catalogue_index.analysis.synonyms import Synonym, Synonyms
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import Areas
from catalogue_index.sectors import Sectors
from catalogue_index.snapshot import SnapshotReader
from faq.snapshot import Phrasing

from .learning import Case, learn_classifier, learn_weights
from .questions import OURS, Example

FIXED: Mapping[str, float] = {"item.own": 4.5}
"""Not learned, for no built-in catalogue is anybody's own: the row that binds the asker goes before other places' rows."""

_STRICTNESS = {"routes": 1.0, "entries": 0.5}
"""Of each classifier: the more, the closer it follows its examples."""
_OUTSIDE = 0.35
"""Share of messages that nothing of ours answers, as the weights take it. There are more examples of them than that."""


@dataclass(frozen=True, slots=True)
class Learned:
    """The classifiers by name, and the weights."""

    classifiers: Mapping[str, Classifier]
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Judged:
    """A question and what was found without it."""

    example: Example
    found: Found
    right: tuple[int, ...]

    @property
    def case(self) -> Case:
        """What the weights are learned from."""
        options = [*(c.features for c in self.found.candidates), self.found.nothing]
        return Case(options, self.right or (len(options) - 1,))


class Tuning:
    """Learns from the given documents, phrasings and messages."""

    def __init__(
        self,
        contents: Sequence[Content],
        phrasings: Sequence[Phrasing],
        messages: Sequence[Example],
        synonyms: Sequence[Synonym],
        tokeniser: Tokeniser,
        areas: Areas,
        sectors: Sectors,
    ) -> None:
        self._contents = contents
        self._phrasings = phrasings
        self._messages = [message for message in messages if message.route != OURS]
        self._synonyms = synonyms
        self._areas = areas
        self._sectors = sectors
        self._tokeniser = tokeniser
        self._analyser = Analyser(tokeniser, Synonyms(synonyms))
        # Every fold reads the same texts.
        self._analyser.terms = lru_cache(maxsize=None)(self._analyser.terms)  # type: ignore[method-assign]

    def learn(
        self, asked: Sequence[Example], folds: int, step: Callable[[str], None]
    ) -> tuple[Learned, list[Judged]]:
        """Learn everything; ``asked`` are the questions that teach the weights. Gives the judged ones too, under weights
        learned from them: the figures of a fold are its own, but for the few weights that all share."""
        judged = self.judged(asked, folds, step)
        step("学习权重")
        inside = sum(bool(one.right) for one in judged)
        outside = max(1, len(judged) - inside)
        weight = _OUTSIDE / (1 - _OUTSIDE) * inside / outside
        counts = [1.0 if one.right else weight for one in judged]
        weights = learn_weights([one.case for one in judged], counts, FIXED)
        step("学习分类")
        return Learned(self._classifiers(frozenset()), weights), judged

    def judged(
        self, asked: Sequence[Example], folds: int, step: Callable[[str], None]
    ) -> list[Judged]:
        """Every question with what is found for it by knowledge and classifiers that never saw it."""
        dealt = sorted(asked, key=lambda example: example.text)
        random.Random(0).shuffle(dealt)
        judged = []
        for fold in range(folds):
            held = dealt[fold::folds]
            step(f"第 {fold + 1} 轮，共 {folds} 轮")
            without = frozenset(example.text for example in held)
            recogniser = Recogniser(**self._classifiers(without))
            with self._knowledge(without) as knowledge:
                gazetteer = Gazetteer(self._areas, self._tokeniser, knowledge.areas)
                finder = Finder(knowledge, self._analyser, self._sectors, recogniser, {})
                right = self._right()
                for example in held:
                    text = understand(example.text)
                    scope = scope_of(text.text, example.area, gazetteer, knowledge)
                    found = finder.find(text, scope, None)
                    hits = [n for n, c in enumerate(found.candidates) if right(example, c)]
                    if hits or not example.subjects:
                        judged.append(Judged(example, found, tuple(hits)))
        return judged

    def _right(self) -> Callable[[Example, Candidate], bool]:
        names = {
            f"item:{content.document.id}-{number}": named(item)
            for content in self._contents
            for number, item in content.items_in_force()
        }

        def right(example: Example, candidate: Candidate) -> bool:
            unit = f"{candidate.type}:{candidate.key}"
            return unit in example.subjects or names.get(unit) in example.subjects

        return right

    def _classifiers(self, without: frozenset[str]) -> dict[str, Classifier]:
        said = [p for p in self._phrasings if p.text not in without]
        kinds = [(p.text, p.unit.partition(":")[0]) for p in said]
        doors = [(m.text, m.route) for m in self._messages if m.text not in without]
        entries = [(p.text, p.unit[4:]) for p in said if p.unit.startswith("faq:")]
        learned = {"routes": [*kinds, *doors], "entries": entries}
        return {
            name: learn_classifier(examples, self._analyser, _STRICTNESS[name])
            for name, examples in learned.items()
        }

    @contextmanager
    def _knowledge(self, without: frozenset[str]) -> Iterator[Knowledge]:
        phrasings = [p for p in self._phrasings if p.text not in without]
        with TemporaryDirectory() as folder:
            path = Path(folder) / "fold.sqlite"
            build(path, self._contents, phrasings, self._synonyms, self._analyser)
            yield Knowledge("fold", SnapshotReader(path))


def write(learned: Learned, folder: Path) -> None:
    """Put what was learned where ``bot.answering`` reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, classifier in learned.classifiers.items():
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows(classifier.table())
        (folder / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")
    lines = [f'"{name}" = {value}' for name, value in learned.weights.items()]
    head = "# Learned by `zwgk tune`; what each feature is, bot/answering/finding.py says.\n[weights]\n"
    (folder / "weights.toml").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
