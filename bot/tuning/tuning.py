"""Learn anew, each question judged by what was learned without it.

The questions are dealt into folds. For each fold, knowledge is built and the classifiers are learned without its questions,
so that a question never finds itself; what speaks for its candidates then teaches the weights. Learned in the end are the
classifiers from everything, and the weights from all folds together.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.answering.answerer import Answerer
from bot.answering.asking import understand
from bot.answering.deciding import Policy
from bot.answering.finding import Candidate, Finder, Found
from bot.answering.recognising import Recogniser
from bot.answering.scope import Gazetteer, scope_of
from bot.answering.triage import official_triage
from bot.answering.wording import official_wording
from bot.knowledge.building import build
from bot.knowledge.library import Knowledge
from bot.knowledge.subjects import named
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.classifier import Classifier
from catalogue_index.analysis.repair import Repairer
from catalogue_index.analysis.synonyms import Synonyms
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import Areas
from catalogue_index.sectors import Sectors
from catalogue_index.snapshot import SnapshotReader, item_id

from .keeping import Learned
from .learning import Case, learn_classifier, learn_weights
from .questions import OURS, Example, Material

Step = Callable[[str], None]
"""Told the name of each step of long work as it begins."""

FIXED: Mapping[str, float] = {"item.own": 2.5, "item.others": -2.5}
"""Not learned, for no built-in catalogue is anybody's own: the row that binds the asker goes before other places' rows."""

_STRICTNESS = {"routes": 1.0, "entries": 0.5, "sectors": 0.5}
"""Of each classifier: the more, the closer it follows its examples."""
OUTSIDE = 0.35
"""Share of messages that nothing of ours answers, as the weights take it. There are more examples of them than that."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, what was found for it without it, and which of that is ``right`` (places among the candidates)."""

    example: Example
    found: Found
    right: tuple[int, ...]

    @property
    def missed(self) -> bool:
        """Whether something of ours answers it that was not found at all."""
        return bool(self.example.subjects) and not self.right

    @property
    def case(self) -> Case:
        """What the weights are learned from; nothing is to be learned from what was ``missed``."""
        options = [*(c.features for c in self.found.candidates), self.found.nothing]
        return Case(options, self.right or (len(options) - 1,))


class Tuning:
    """Learns from some material."""

    def __init__(
        self, material: Material, tokeniser: Tokeniser, areas: Areas, sectors: Sectors
    ) -> None:
        self._material = material
        self._areas = areas
        self._sectors = sectors
        self._tokeniser = tokeniser
        self._analyser = Analyser(tokeniser, Synonyms(material.synonyms))
        # Every fold reads the same texts.
        self._sector_of = self._sectors_by_subject()
        self._analyser.terms = lru_cache(maxsize=None)(self._analyser.terms)  # type: ignore[method-assign]

    def learn(
        self, asked: Sequence[Example], folds: int, step: Step
    ) -> tuple[Learned, list[Judged]]:
        """Learn everything, in ``folds`` + 2 steps; ``asked`` are the questions that teach the weights. Gives them judged,
        too: what speaks for each comes from a fold of its own. The weights are of all folds; those of the other folds alone
        judge the same."""
        judged = self.judged(asked, folds, step)
        step("学习权重")
        weights = weights_from(judged, FIXED)
        step("学习分类")
        return Learned(self.classifiers(), weights, self._material.digest), judged

    def judged(self, asked: Sequence[Example], folds: int, step: Step) -> list[Judged]:
        """Every question with what is found for it by knowledge and classifiers that never saw it, in ``folds`` steps."""
        ordered = sorted(asked, key=lambda example: (example.text, example.route, example.named))
        right = self._right()
        judged = []
        for fold in range(folds):
            held = [example for example in ordered if _dealt(example.text) % folds == fold]
            step(f"第 {fold + 1} 轮，共 {folds} 轮")
            without = frozenset(example.text for example in held)
            recogniser = Recogniser(**self.classifiers(without))
            with self.knowledge(without) as knowledge:
                gazetteer = Gazetteer(self._areas, self._tokeniser, knowledge.areas)
                finder = Finder(knowledge, self._analyser, self._sectors, recogniser, {})
                for example in held:
                    text = understand(example.said)
                    scope = scope_of(text.text, example.area, gazetteer, knowledge)
                    found = finder.find(text, scope, None)
                    hits = [n for n, c in enumerate(found.candidates) if right(example, c)]
                    judged.append(Judged(example, found, tuple(hits)))
        return judged

    def classifiers(self, without: frozenset[str] = frozenset()) -> dict[str, Classifier]:
        """The classifiers, learned from everything but some texts."""
        said = [p for p in self._material.phrasings if p.text not in without]
        messages = (m for m in self._material.messages if m.route != OURS)
        kinds = [(p.text, p.unit.partition(":")[0]) for p in said]
        doors = [(m.text, m.route) for m in messages if m.text not in without]
        entries = [(p.text, p.unit[4:]) for p in said if p.unit.startswith("faq:")]
        sectors = [(p.text, s) for p in said if (s := self._sector_of.get(p.unit))]
        learned = {"routes": [*kinds, *doors], "entries": entries, "sectors": sectors}
        return {
            name: learn_classifier(examples, self._analyser, _STRICTNESS[name])
            for name, examples in learned.items()
        }

    @contextmanager
    def knowledge(self, without: frozenset[str] = frozenset()) -> Iterator[Knowledge]:
        """Knowledge of everything but some texts that people say."""
        material = self._material
        phrasings = [p for p in material.phrasings if p.text not in without]
        with TemporaryDirectory() as folder:
            path = Path(folder) / "fold.sqlite"
            build(path, material.contents, phrasings, material.synonyms, self._analyser)
            knowledge = Knowledge("fold", SnapshotReader(path))
            if not material.repairs:
                knowledge.index.repair = Repairer({}, {}).repair
            yield knowledge

    def answerer(self, knowledge: Knowledge, learned: Learned) -> Answerer:
        """Answers as the service would, had it learned this."""
        return Answerer(
            knowledge,
            self._analyser,
            Gazetteer(self._areas, self._tokeniser, knowledge.areas),
            self._areas,
            self._sectors,
            official_triage(),
            official_wording(),
            Policy(),
            Recogniser(**learned.classifiers),
            learned.weights,
        )

    def _sectors_by_subject(self) -> dict[str, str]:
        """The sector of every subject that phrasings of items speak for."""
        found = {
            f"item:{item_id(content.document.id, number)}": item.sector or ""
            for content in self._material.contents
            for number, item in content.items_in_force()
        }
        for phrasing in self._material.phrasings:
            kind, _, name = phrasing.unit.partition(":")
            if kind == "item" and name.count("/") >= 2:
                found[phrasing.unit] = name.partition("/")[0]
        return {unit: self._sectors.canonical(sector) or sector for unit, sector in found.items()}

    def _right(self) -> Callable[[Example, Candidate], bool]:
        names = {
            f"item:{content.document.id}-{number}": named(item)
            for content in self._material.contents
            for number, item in content.items_in_force()
        }

        def right(example: Example, candidate: Candidate) -> bool:
            unit = f"{candidate.type}:{candidate.key}"
            return unit in example.subjects or names.get(unit) in example.subjects

        return right


def _dealt(text: str) -> int:
    """Which fold a question goes to: the same whatever other questions there are, so that figures can be compared."""
    return zlib.crc32(text.encode())


def weights_from(judged: Sequence[Judged], fixed: Mapping[str, float]) -> dict[str, float]:
    """The weights under which most of what is right would come first."""
    taught = [one for one in judged if not one.missed]
    inside = sum(bool(one.right) for one in taught)
    weight = weight_of_outside(inside, len(taught) - inside)
    counts = [1.0 if one.right else weight for one in taught]
    return learn_weights([one.case for one in taught], counts, fixed)


def weight_of_outside(inside: int, outside: int) -> float:
    """How many times a message that nothing of ours answers counts, so that all of them together are as many as they are
    taken to be."""
    return OUTSIDE / (1 - OUTSIDE) * inside / max(1, outside)
