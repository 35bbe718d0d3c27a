"""Question → answer, as a visible list of steps. Pure: the same knowledge and question give the same answer.

understand → triage → scope → find → decide → compose → privacy gate
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from bot.knowledge.library import Knowledge
from catalogue_index import privacy
from catalogue_index.analysis import normalise
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.areas import Areas
from catalogue_index.sectors import Sectors
from catalogue_index.snapshot import passage_id

from . import composing
from .asking import Asked, understand
from .deciding import Policy, decide, published
from .explaining import Considered, Explanation, behind
from .finding import Candidate, Finder, Found
from .likeness import content_words, likeness
from .model import Answer, Choice, Kind, Question
from .recognising import Recogniser
from .scope import Gazetteer, Scope, scope_of
from .triage import CAREFUL, Route, Triage
from .wording import Wording

LONGEST_QUESTION = 500
"""Characters searched for an answer; a longer message is asked to be shortened."""


_LETTERS = re.compile(r"[^\W\d_]")
_MESSAGES_KEPT = 20_000
_STANDS_ALONE = 2
"""Content words from which a message is taken for a whole question, whatever was said before it."""
_HAS_MATTER = frozenset({"near_miss", "other_government"})
"""Routes of messages about a matter, of which something may be published."""
_FITS_TOO = 0.5
"""Share of the best one's likeness from which another county's plan may be meant as well."""


class Answerer:
    """Answers questions from one version of the knowledge."""

    def __init__(
        self,
        knowledge: Knowledge,
        analyser: Analyser,
        gazetteer: Gazetteer,
        areas: Areas,
        sectors: Sectors,
        triage: Triage,
        wording: Wording,
        policy: Policy,
        recogniser: Recogniser,
        weights: Mapping[str, float],
    ) -> None:
        self._knowledge = knowledge
        self.analyser = analyser
        self._gazetteer = gazetteer
        self._areas = areas
        self._triage = triage
        self._wording = wording
        self._policy = policy
        self._item_message = lru_cache(maxsize=_MESSAGES_KEPT)(self._said_when_tapped)
        self._finder = Finder(knowledge, analyser, sectors, recogniser, weights)
        self._reviewed = self._ways_of_asking()
        self._tapped = {
            composing.plan_message(passage, document.area_name): passage_id(passage)
            for document in knowledge.documents.values()
            for passage in reversed(knowledge.passages_of(document.id))
        }

    def answer(self, question: Question) -> Answer:
        """The whole way of one question."""
        asked = understand(question.text)
        if not _LETTERS.search(asked.text):
            return self._declined("nonsense", self._wording.empty, "没有文字")
        if len(asked.text) > LONGEST_QUESTION:
            text = self._wording.too_long.format(limit=LONGEST_QUESTION)
            return self._declined("nonsense", text, "超过字数")
        if tapped := self._tapped.get(question.text):
            return self._gated(self._chosen(tapped, asked, question))
        if route := self._triage.before(asked.text):
            return self._routed(route)
        return self._gated(self._searched(asked, question))

    def explain(self, question: Question, most: int = 8) -> Explanation:
        """The answer with what was considered for it, at most ``most``."""
        answer = self.answer(question)
        asked = understand(question.text)
        if not self._is_searched(asked, question):
            return Explanation(answer)
        scope = scope_of(asked.text, question.area, self._gazetteer, self._knowledge)
        found = self._finder.find(asked, scope, question.context)
        first = found.candidates[0].features if found.candidates else {}
        considered = tuple(
            Considered(
                composing.source_of(candidate, self._knowledge, scope),
                candidate.score,
                self._finder.reasons(candidate, found),
                behind(first, candidate.features, self._finder.weights),
            )
            for candidate in found.candidates[:most]
        )
        door = found.recognised.route(careful=CAREFUL)
        return Explanation(answer, considered, found.nothing_score, door)

    def search_items(self, words: str, area: str | None, limit: int) -> list[tuple[str, float]]:
        """Catalogue items near to ``words`` in the scope of ``area``, best first, as (id, score)."""
        asked = understand(words)
        scope = scope_of(asked.text, area, self._gazetteer, self._knowledge)
        found = self._finder.find(asked, scope, None, depth=10 * limit)
        return [(c.key, c.score) for c in found.candidates if c.type == "item"][:limit]

    def _is_searched(self, asked: Asked, question: Question) -> bool:
        """Whether a question comes to the search at all."""
        readable = _LETTERS.search(asked.text) and len(asked.text) <= LONGEST_QUESTION
        stopped = question.text in self._tapped or self._triage.before(asked.text)
        return bool(readable) and not stopped

    def _chosen(self, key: str, asked: Asked, question: Question) -> Answer:
        scope = scope_of(asked.text, question.area, self._gazetteer, self._knowledge)
        found = Candidate("plan", key, 1.0)
        return self._compose([found], (), 1.0, asked, scope, ("点选的方案内容",))

    def _searched(self, asked: Asked, question: Question) -> Answer:
        scope = scope_of(asked.text, question.area, self._gazetteer, self._knowledge)
        if exact := self._finder.exact(asked, scope):
            return self._compose([exact], (), 1.0, asked, scope, ("与官方问题一字不差",))
        if own := self._own(asked, question, scope):
            return self._compose([own], (), 1.0, asked, scope, ("是本单位审核过的问法",))
        if self._finder.leads_elsewhere(asked, scope):
            return self._declined("near_miss", self._wording.near_miss, "那里的方案没有收录")
        found = self._finder.find(asked, scope, question.context)
        if tapped := self._tapped_item(found, asked, scope):
            return tapped
        if several := self._several_sectors(found.candidates, asked, scope):
            reasons = self._finder.reasons(several[0], found)
            return self._compose(several, (), several[0].score, asked, scope, reasons)
        if asked.parts and (both := self._in_parts(asked, scope)):
            return both
        decision = decide(found.candidates, found.nothing_score, self._policy)
        if decision.answers or decision.choices:
            if back := self._which_area(found, asked, scope):
                return back
            if decision.answers:
                best, reasons = decision.answers, self._finder.reasons(decision.answers[0], found)
                return self._compose(
                    best, decision.choices, decision.confidence, asked, scope, reasons
                )
            reasons = self._finder.reasons(decision.choices[0], found)
            return self._choices(decision.choices, decision.confidence, scope, reasons)
        name = found.recognised.route(careful=CAREFUL)
        near = published(found.candidates, self._policy) if name in _HAS_MATTER else ()
        route = self._triage.route(name, asked.text)
        return self._routed(route, decision.confidence, self._offered(near, scope))

    def _ways_of_asking(self) -> dict[str, list[str]]:
        """Likeness of the office's own ways of asking → the units of the index that they lead to."""
        found: dict[str, list[str]] = {}
        for phrasing in self._knowledge.reviewed:
            if key := likeness(phrasing.text, self.analyser):
                found.setdefault(key, []).append(phrasing.unit)
        return found

    def _own(self, asked: Asked, question: Question, scope: Scope) -> Candidate | None:
        """What the office's own, reviewed ways of asking lead to, for who asks in the same words, in whatever order."""
        if not self._reviewed:
            return None
        units = self._reviewed.get(likeness(asked.text, self.analyser), ())
        if units and question.context:
            words = content_words(asked.text, self.analyser)
            if len(words) < _STANDS_ALONE:
                return None
        for unit in units:
            if found := self._finder.unit(unit, asked, scope):
                return found
        return None

    def _tapped_item(self, found: Found, asked: Asked, scope: Scope) -> Answer | None:
        """The row whose name was sent word for word, as a tapped choice does."""
        for candidate in found.candidates:
            if candidate.type == "item" and self._item_message(candidate.key) == asked.text:
                return self._compose([candidate], (), 1.0, asked, scope, ("点选的事项",))
        return None

    def _said_when_tapped(self, key: str) -> str:
        found = self._knowledge.item(key)
        assert found
        return normalise(composing.item_message(found[1]))

    def _in_parts(self, asked: Asked, whole: Scope) -> Answer | None:
        """Two questions in one message: both answered in order, when each has a clear answer of its own."""
        made: dict[str, Answer] = {}
        for text in asked.parts:
            part = understand(text)
            scope = (
                whole
                if whole.named
                else scope_of(text, whole.home, self._gazetteer, self._knowledge)
            )
            found = self._finder.find(part, scope, None)
            decision = decide(found.candidates, found.nothing_score, self._policy)
            if not decision.answers or decision.answers[0].key in made:
                return None
            best, reasons = decision.answers[0], self._finder.reasons(decision.answers[0], found)
            made[best.key] = self._compose([best], (), decision.confidence, part, scope, reasons)
        first, *_ = answers = tuple(made.values())
        return replace(
            first,
            text="\n\n".join(f"{n}. {one.text}" for n, one in enumerate(answers, 1)),
            confidence=min(one.confidence for one in answers),
            sources=tuple(source for one in answers for source in one.sources),
            related=(),
            reasons=(
                "一条消息里有几个问题，按顺序回答",
                *(r for one in answers for r in one.reasons),
            ),
        )

    def _several_sectors(
        self, candidates: Sequence[Candidate], asked: Asked, scope: Scope
    ) -> list[Candidate]:
        """The lines of two or three sectors named side by side: 城市综合执法和公共文化服务各由谁编."""
        named = self._finder.sectors.mentioned(asked.text)
        if scope.area is None or not 2 <= len({name for name, _, _ in named}) <= 3:
            return []
        lines: dict[str, Candidate] = {}
        for sector in dict.fromkeys(name for name, _, _ in sorted(named, key=lambda m: m[2])):
            for candidate in candidates:
                passage = (
                    self._knowledge.passage(candidate.key) if candidate.type == "plan" else None
                )
                if (
                    passage
                    and passage.kind == "responsibility"
                    and "plan.leads" in candidate.features
                    and sector in {self._finder.sectors.canonical(s) for s in passage.sectors}
                ):
                    lines.setdefault(candidate.key, candidate)
                    break
            else:
                return []
        return list(lines.values()) if len(lines) > 1 else []

    def _which_area(self, found: Found, asked: Asked, scope: Scope) -> Answer | None:
        """Plans of several areas fit and we do not know where the asker is: ask back instead of guessing."""
        best = found.candidates[0]
        if scope.area is not None or best.type != "plan":
            return None
        # Of the text alone: what people say of a passage grows with how often it was asked about.
        least = _FITS_TOO * best.features["plan.text"]
        plans = (c for c in found.candidates if c.type == "plan")
        near = [c for c in plans if c.features["plan.text"] >= least]
        areas: dict[str, str] = {}
        for candidate in near:
            passage = self._knowledge.passage(candidate.key)
            assert passage
            document = self._knowledge.documents[passage.document]
            areas.setdefault(document.area, document.area_name)
        choices = tuple(Choice(name, f"{name}{asked.text}") for name in areas.values())
        return Answer(
            kind=Kind.CHOICES,
            route="plan",
            text=self._wording.area_question,
            confidence=best.score,
            choices=choices[:3],
            reasons=("各地方案不同，要先知道您在哪里",),
            needs_area=True,
        )

    def _compose(
        self,
        chosen: Sequence[Candidate],
        others: Sequence[Candidate],
        confidence: float,
        asked: Asked,
        scope: Scope,
        reasons: tuple[str, ...],
    ) -> Answer:
        sources = tuple(composing.source_of(c, self._knowledge, scope) for c in chosen)
        pieces = []
        for candidate, source in zip(chosen, sources, strict=True):
            label = self._wording.label_reference.format(area=source.area_name)
            lines = [self._official(candidate, asked), composing.source_line(source)]
            pieces.append("\n".join(lines if source.binding else [label, *lines]))
        related = self._offered([c for c in others if c.type != "plan"], scope)
        route = {"item": "catalogue"}.get(chosen[0].type, chosen[0].type)
        return Answer(
            kind=Kind.ANSWER,
            route=route,
            text="\n\n".join(pieces),
            confidence=confidence,
            sources=sources,
            related=related,
            reasons=reasons,
        )

    def _official(self, candidate: Candidate, asked: Asked) -> str:
        if candidate.type == "faq":
            entry = self._knowledge.entry(candidate.key)
            assert entry
            return composing.faq_text(entry)
        if candidate.type == "item":
            found = self._knowledge.item(candidate.key)
            assert found
            return composing.item_text(found[1], asked)
        passage = self._knowledge.passage(candidate.key)
        assert passage
        query = self.analyser.query(asked.text)
        return composing.plan_text(
            passage,
            lambda text: self._knowledge.index.overlap(query, self.analyser.terms(text)),
        )

    def _choices(
        self,
        candidates: Sequence[Candidate],
        confidence: float,
        scope: Scope,
        reasons: tuple[str, ...],
    ) -> Answer:
        choices = self._offered(candidates, scope)
        return Answer(
            kind=Kind.CHOICES,
            route={"item": "catalogue"}.get(candidates[0].type, candidates[0].type),
            text=self._wording.choices_lead if choices[1:] else self._wording.choice_lead,
            confidence=confidence,
            choices=choices,
            reasons=reasons,
        )

    def _offered(self, candidates: Iterable[Candidate], scope: Scope) -> tuple[Choice, ...]:
        return tuple(composing.choice_of(c, self._knowledge, scope) for c in candidates)

    def _routed(
        self, route: Route, confidence: float = 0.0, related: tuple[Choice, ...] = ()
    ) -> Answer:
        return Answer(
            kind=route.kind,
            route=route.name,
            text=self._wording.text(route.reply_key),
            confidence=confidence,
            related=related,
            reasons=(route.reason,),
            flagged=route.flagged,
        )

    @staticmethod
    def _declined(route: str, text: str, reason: str) -> Answer:
        return Answer(Kind.DECLINED, route, text, reasons=(reason,))

    @staticmethod
    def _gated(answer: Answer) -> Answer:
        """Nothing personal leaves, even where a document printed it: the last step of every answer."""
        if not privacy.find(answer.text):
            return answer
        return replace(
            answer, text=privacy.mask(answer.text), reasons=(*answer.reasons, "已隐去个人信息")
        )
