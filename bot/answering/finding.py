"""Candidates: what in the asker's scope could answer, best first, each with a score and its reasons."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.knowledge.library import Knowledge
from catalogue_index.analysis import normalise
from catalogue_index.analysis.analyser import Analyser, Query
from catalogue_index.analysis.synonyms import Synonym
from catalogue_index.index import Hit
from catalogue_index.sectors import Sectors
from catalogue_index.snapshot import passage_id

from .asking import Asked
from .scope import Scope

_COMPILING = re.compile(
    r"编|目录|领域|指引|表头|栏目?|填|样式|框架|清单|二级事项|一级事项|条款|公开依据|公开主体"
)
"""Words of those who compile catalogues rather than read them."""
_DIVIDING = re.compile(r"牵头|责任|负责|归|编|配合|会同|指导|哪.{0,3}(?:编|管)")
"""Words of those who divide the work among offices."""
_TRANSACTING = re.compile(
    r"怎么办(?!理过程)|咋办|手续|多少钱|几多钱|发多少|给多少|交多少|是多少一个月|怎么算|额度|要钱吗|罚款|报销"
    r"|(?:怎么|咋|如何|能|好|可以|在哪|去哪|哪里|哪儿)(?:申请|申领|报名|预约|办|补|续|退|领|弄|转|订)|补缴|断缴|想办|我要办|办个"
    r"|(?:带|要|需要)(?:什么|啥|哪些|几样)(?:证|材料|资料)|考.{0,3}证|资格证|上牌|评残|评职称|几天能(?:拿|办|领)|领几个月"
    r"|(?:要|得)(?:不要)?.{0,8}盖章|排队|坏了|异地办"
)
"""Words of those who want a matter done, which is another office's door."""
_DISCLOSING = re.compile(
    r"公开|公示|公布|公告|发布|公佈|张贴|贴(?:出|在)|挂(?:出|在|网)|晒|指南|目录|依据|清单|名单|政策|文件|在哪.{0,3}(?:看|查)|哪里.{0,3}(?:看|查)|哪儿.{0,3}(?:看|查)|边度.{0,2}(?:睇|查)|能查|查得到|看得到|时限|更新|写(?:没写|着|了|清)|网上"
)
"""Words of those who want to see what is disclosed, which is ours."""
_NOT_HELD = re.compile(
    r"全文.{0,4}发|发.{0,6}全文|电话(?:号码)?(?:是)?(?:多少|几号)|哪(?:个|款)软件|哪家公司"
    r"|(?:有|是)(?:哪些|多少个?|几个)(?:一级|二级)事项|(?:考核|考评|测评|评估).{0,8}(?:多少|几)分"
)
"""Words of those who want a document sent, or a figure told, that no stored text holds."""
_LEADING = re.compile(
    r"牵头|分工|责任单位|谁(?:来)?(?:负责|编|管)|哪.{0,3}(?:部门|单位|局|家).{0,4}(?:负责|编|管)"
)
"""Words of those who ask which office leads, which only a plan of their own area says."""
_WHO_DISCLOSES = re.compile(
    r"(?:谁|哪.{0,3}(?:部门|单位|局|家)).{0,4}(?:公开|公布|公示|发布|公告)|公开主体"
)
"""Words of those who ask who discloses a matter, which its catalogue row says."""
_FOLLOW_UP_WEIGHT = 0.6
"""Of the words of a follow-up (那多久公开呢), beside those of the message that it follows."""
_OWN_PLAN = 1.5
_PLAN_OF_SOMEWHERE = 0.75
_BESIDE_NAMED_PLAN = 0.6
_READER_ROW = 0.7
_NOT_LEADING = 0.5
_NOT_DISCLOSING = 0.5
_NAMELESS_ROW = 0.8
_NAMED_ROW = 1.1
_SECTOR_LINE = 0.25
_OWN_CATALOGUE = 1.2
_ASPECT_KNOWN = 0.01
_DEPTH = 12
_SUPPORTED = 0.35
"""Share of a question's weight that a unit must have to keep its whole score."""


_normal = lru_cache(maxsize=16384)(normalise)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit with its score (0 to 1), the id of its public page, and why it was found."""

    type: str
    key: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds candidates in one version of the knowledge."""

    knowledge: Knowledge
    analyser: Analyser
    sectors: Sectors

    def find(
        self, asked: Asked, scope: Scope, context: str | None, depth: int = _DEPTH
    ) -> list[Candidate]:
        """Candidates for a question; a short one that finds little is read after the previous message."""
        subject = asked.text.replace(scope.words, "", 1) if scope.words else asked.text
        query = self.analyser.query(subject)
        hits = self.knowledge.index.search(query, scope.shelves, depth)
        reasons: tuple[str, ...] = ()
        mentioned = self._mentioned(subject, query)
        leans = asked.may_follow_up and not mentioned and not self._stands_alone(asked, hits)
        if context and leans:
            query = self._after(self.analyser.query(context), query)
            hits = self.knowledge.index.search(query, scope.shelves, depth)
            reasons = ("接着上一个问题理解",)
            mentioned = self._mentioned(context, query)
        found = [self._candidate(hit, query, asked, scope, mentioned, reasons) for hit in hits]
        for line in self._sector_lines(asked, scope, mentioned):
            if not any(candidate.key == line.key for candidate in found):
                found.append(line)
        return sorted(found, key=lambda candidate: -candidate.score)

    def _mentioned(self, text: str, query: Query) -> set[str]:
        """Sectors that are named, or meant by an everyday word."""
        named = {name for name, _, _ in self.sectors.mentioned(text)}
        return named | {s.sector for s in query.synonyms if s.sector}

    def exact(self, asked: Asked) -> Candidate | None:
        """The FAQ entry whose question was sent word for word, as a tapped choice does."""
        key = self.knowledge.questions.get(asked.text)
        return Candidate("faq", key, 1.0, ("与官方问题一字不差",)) if key else None

    @staticmethod
    def wants_service(asked: Asked) -> bool:
        """Whether a matter is to be done rather than something disclosed to be found: 居住证怎么续."""
        text = asked.text
        ours = _DISCLOSING.search(text) or _COMPILING.search(text)
        return bool(_TRANSACTING.search(text)) and not ours

    def not_held(self, asked: Asked, scope: Scope) -> bool:
        """Whether the subject is ours but no stored text can answer: a document to send, another county's lead."""
        elsewhere = scope.named is not None and scope.named.code not in self.knowledge.plan_areas
        leading = _LEADING.search(asked.text) if elsewhere else None
        return bool(leading or _NOT_HELD.search(asked.text))

    @staticmethod
    def _stands_alone(asked: Asked, hits: Sequence[Hit]) -> bool:
        return bool(hits) and hits[0].score >= 0.3 and len(asked.text) > 8

    @staticmethod
    def _after(context: Query, query: Query) -> Query:
        terms = dict(context.terms)
        for term, count in query.terms.items():
            terms[term] = max(_FOLLOW_UP_WEIGHT * count, terms.get(term, 0.0))
        return Query(query.text, terms, (*query.synonyms, *context.synonyms))

    def _candidate(
        self,
        hit: Hit,
        query: Query,
        asked: Asked,
        scope: Scope,
        mentioned: set[str],
        reasons: tuple[str, ...],
    ) -> Candidate:
        kind, _, key = hit.id.partition(":")
        score = hit.score * _support(hit)
        candidate = Candidate(kind, key, score, (*reasons, *_words(hit, query.synonyms)))
        if kind == "plan":
            return self._weigh_plan(candidate, asked, scope, mentioned)
        if scope.named and scope.named.code in self.knowledge.plan_areas:
            candidate = replace(candidate, score=candidate.score * _BESIDE_NAMED_PLAN)
        if kind == "item" and self.knowledge.responsibilities.get(scope.area or ""):
            # Who leads is in the area's own plan; a row only says who discloses.
            leads = _LEADING.search(asked.text) is not None
            candidate = replace(candidate, score=candidate.score * (_NOT_LEADING if leads else 1.0))
        return self._weigh_item(candidate, asked) if kind == "item" else candidate

    def _weigh_plan(
        self, candidate: Candidate, asked: Asked, scope: Scope, mentioned: set[str]
    ) -> Candidate:
        passage = self.knowledge.passage(candidate.key)
        assert passage
        somewhere = scope.area is None and not _asks_lead(asked, scope)
        weight = _OWN_PLAN if scope.named else _PLAN_OF_SOMEWHERE if somewhere else 1.0
        if passage.kind == "responsibility" and _WHO_DISCLOSES.search(asked.text):
            weight *= _NOT_DISCLOSING
        score, reasons = candidate.score * weight, candidate.reasons
        sectors = {self.sectors.canonical(name) or name for name in passage.sectors}
        if sectors & mentioned and passage.kind == "responsibility" and _asks_lead(asked, scope):
            score += _SECTOR_LINE
            reasons = (*reasons, f"问的是{'、'.join(sorted(sectors & mentioned))}领域由谁负责")
        return replace(candidate, score=min(score, 1.0), reasons=reasons)

    def _weigh_item(self, candidate: Candidate, asked: Asked) -> Candidate:
        found = self.knowledge.item(candidate.key)
        assert found
        document, item = found
        score = candidate.score * (1.0 if document.reference else _OWN_CATALOGUE)
        score *= 1.0 if item.item else _NAMELESS_ROW
        score *= _NAMED_ROW if item.item and _normal(item.item) in asked.text else 1.0
        score *= _READER_ROW if _COMPILING.search(asked.text) else 1.0
        known = sum(bool(getattr(item, name)) for a in asked.aspects for name in FIELDS.get(a, ()))
        return replace(candidate, score=min(score + known * _ASPECT_KNOWN, 1.0))

    def _sector_lines(self, asked: Asked, scope: Scope, mentioned: set[str]) -> list[Candidate]:
        """Responsibility lines of the sectors asked about, even where few words are shared."""
        if not mentioned or not _asks_lead(asked, scope):
            return []
        areas = self.knowledge.plan_areas if scope.area is None else (scope.area,)
        return [
            Candidate("plan", passage_id(p), _SECTOR_LINE, (f"{name}领域的责任分工",))
            for area in sorted(areas)
            for p in self.knowledge.responsibilities.get(area, ())
            for name in sorted({self.sectors.canonical(s) or s for s in p.sectors} & mentioned)
        ]


FIELDS = {
    "who": ("discloser",),
    "when": ("time_limit",),
    "where": ("channels",),
    "basis": ("basis",),
    "whom": ("audience",),
    "how": ("method",),
    "what": ("content",),
}
"""Aspect of a question → the item's cells that answer it."""


def _support(hit: Hit) -> float:
    """Less than 1 for a unit that has little of what was said: 权责清单炒鸡蛋 shares one word with the annex."""
    return math.sqrt(min(1.0, hit.share / _SUPPORTED))


def _asks_lead(asked: Asked, scope: Scope) -> bool:
    dividing = bool(_DIVIDING.search(asked.text))
    return dividing and ("who" in asked.aspects or scope.named is not None)


def _words(hit: Hit, synonyms: Sequence[Synonym]) -> tuple[str, ...]:
    words = [term[1:] for term in hit.terms if term.startswith("=")][:5]
    pairs = [f"命中同义词 {s.word}={s.standard}" for s in synonyms if s.word != s.standard][:3]
    return (*((f"命中词语 {'、'.join(words)}",) if words else ()), *pairs)
