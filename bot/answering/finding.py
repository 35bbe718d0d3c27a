"""Candidates: what in the asker's scope could answer, best first, each with its probability and its reasons."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

from bot.knowledge.building import REFERENCE_SHELF
from bot.knowledge.library import Knowledge, as_question
from bot.knowledge.subjects import named
from catalogue_index.analysis.analyser import Analyser, Query
from catalogue_index.analysis.dialects import plain_speech
from catalogue_index.analysis.repair import Reading
from catalogue_index.index import Hit
from catalogue_index.sectors import Sectors

from .asking import FIELDS, Asked
from .recognising import Recognised, Recogniser
from .scope import Scope
from .scoring import NOTHING, Features, score, softmax

_LEADING = re.compile(
    r"牵头|分工|责任单位|谁(?:来)?(?:负责|编|管)|哪.{0,3}(?:部门|单位|局|家).{0,4}(?:负责|编|管)|归.{0,6}(?:管|编)"
)
"""Words of those who ask which office leads, which only a plan of their own area says."""
_DISCLOSING = re.compile(
    r"公开|公示|公布|公告|发布|公佈|张贴|贴(?:出|在|到|哪)|上墙|挂(?:出|在|网|到)|晒|登(?:报|出|在)|指南|目录|依据|清单|名单|政策|文件|网上|网站|公众号|时限|更新"
    r"|(?:在|到|去|上|搁|喺)?(?:哪|边度)(?:里|儿|个|块|嘎达)?.{0,4}(?:看|查|睇|瞧|找|了解)|能(?:查|看)|查得?到|看得?到|写(?:没写|着|了|清|些)"
)
"""Words of those who want to see what is disclosed, which is ours."""
_TRANSACTING = re.compile(
    r"(?:怎么|咋|如何|点样?|能|好|可以|在哪|去哪|哪里|哪儿|帮我|我想|我要|想)(?:申请|申领|申报|报名|预约|办|补|续|退|领|弄|转|订|报)|手续|多少钱|几多钱|(?:发|给|补|交|罚|奖)(?:多少|几多|几钱)"
    r"|(?:带|要|需要|准备|交)(?:什么|啥|哪些|几样|几份|么事|咩)|报销|要钱吗|收费吗|额度|补缴|名额|排队|进度|几天能(?:拿|办|领)|(?:先|该)?跑哪"
)
"""Words of those who want a matter done, which is another office's door."""
_LISTING = re.compile(
    r"(?:目录|清单).{0,8}(?:哪|几|多少|全部|所有|什么|啥).{0,4}(?:一级|二级|事项|条目|项|条|类)"
)
"""Words of those who want all the rows of a catalogue, which no text of ours lists."""
_DEPTH = 16
"""Candidates of each kind."""
_SAID_NEAR = 0.3
_STANDS_ALONE = 0.85
"""Probability from which what is found for a short message alone holds, whatever was said before it."""
_NAMES_A_MATTER = (-0.25, 0.3)
"""How much must speak for a sector in a short message, for it to be more than words that fit any matter (在哪能查到):
for a row found to hold, and from where on the message has a matter of its own whatever is found."""
_ASKED_AFTER = 0.5
"""What a word of a short message counts beside those of the message before it, which names the matter."""


class Candidate(NamedTuple):
    """A possible source: its type (faq, plan, item), the id of its public page, its probability (0 to 1), and the
    ``features`` that the probability comes from. Candidates of one ``subject`` say the same for different places; those of
    one ``family`` are siblings, as the items of a category; a row of the asker's ``own`` catalogue binds them."""

    type: str
    key: str
    score: float
    subject: object = None
    family: object = None
    own: bool = False
    features: Features = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: the candidates, best first, one a subject; what speaks for ``nothing`` of ours and how likely
    that is; how the question was read, and whether after the message before it."""

    candidates: tuple[Candidate, ...]
    nothing: Features
    nothing_score: float
    query: Query
    recognised: Recognised
    follows: bool = False
    readings: tuple[Reading, ...] = ()

    @property
    def best(self) -> float:
        """The probability of the first candidate."""
        return self.candidates[0].score if self.candidates else 0.0


class Finder:
    """Finds candidates in one version of the knowledge."""

    def __init__(
        self,
        knowledge: Knowledge,
        analyser: Analyser,
        sectors: Sectors,
        recogniser: Recogniser,
        weights: Mapping[str, float],
    ) -> None:
        self.knowledge = knowledge
        self.analyser = analyser
        self.sectors = sectors
        self.recogniser = recogniser
        self.weights = weights

    def find(self, asked: Asked, scope: Scope, context: str | None, depth: int = _DEPTH) -> Found:
        """Candidates for a question; a short one that is clear only after the previous message is read after it."""
        subject = asked.text.replace(scope.words, "", 1) if scope.words else asked.text
        plain = plain_speech(subject)
        read, readings = self.knowledge.index.repair(plain, self.analyser.spans(plain))
        query = self.analyser.read(read)
        alone = replace(self._ranked(query, asked.aspects, scope, depth), readings=readings)
        if not context or not asked.may_follow_up or self._stands_alone(alone):
            return alone
        after = _after(
            self.analyser.query(f"{context} {read}"), self.analyser.query(context), query
        )
        found = self._ranked(after, asked.aspects, scope, depth)
        return replace(found, follows=True, readings=readings)

    def _stands_alone(self, found: Found) -> bool:
        """Whether a short message says by itself what it is about."""
        matter = found.recognised.matter
        some, own = _NAMES_A_MATTER
        if self._mentioned(found.query) or matter > own:
            return True
        of_a_row = bool(found.candidates) and found.candidates[0].type == "item"
        return found.best >= _STANDS_ALONE and (matter > some or not of_a_row)

    def _ranked(self, query: Query, aspects: Sequence[str], scope: Scope, depth: int) -> Found:
        hits = self.knowledge.index.search(query, scope.shelves, depth)
        recognised = self.recogniser.recognise(query)
        mentioned = self._mentioned(query)
        leads = "who" in aspects or _LEADING.search(query.text) is not None
        wish = {
            "item.discloses": float(_DISCLOSING.search(query.text) is not None),
            "item.transacts": float(_TRANSACTING.search(query.text) is not None),
        }
        told = [name for aspect in aspects for name in FIELDS[aspect]]
        possible = [self._candidate(hit, recognised, leads, wish, told, scope) for hit in hits]
        if any(candidate.own for candidate in possible):
            others = {"item.others": 1.0}
            possible = [
                c if c.own or c.type != "item" else c._replace(features={**c.features, **others})
                for c in possible
            ]
        scored = [(score(c.features, self.weights), c) for c in possible]
        first: dict[object, tuple[float, Candidate]] = {}
        for pair in sorted(scored, key=lambda pair: -pair[0]):
            # What other places say of the same subject is no rival of it.
            first.setdefault(pair[1].subject, pair)
        distinct = list(first.values())
        nothing = {NOTHING: 1.0, "nothing.elsewhere": recognised.elsewhere}
        if mentioned and _LISTING.search(query.text):
            nothing["nothing.lists"] = 1.0
        likely, none = softmax([each for each, _ in distinct], score(nothing, self.weights))
        candidates = tuple(
            Candidate(c.type, c.key, p, c.subject, c.family, c.own, c.features)
            for (_, c), p in zip(distinct, likely, strict=True)
        )
        return Found(candidates, nothing, none, query, recognised)

    def reasons(self, candidate: Candidate, found: Found) -> tuple[str, ...]:
        """What spoke for a candidate, in words."""
        kind, query = candidate.type, found.query
        told = ["接着上一个问题理解"] if found.follows else []
        told += [f"把“{r.typed}”读作“{r.read}”" for r in found.readings]
        shelf = self.knowledge.shelf(kind, candidate.key)
        shared = self.knowledge.index.shared(query, shelf, f"{kind}:{candidate.key}")
        if shared:
            told.append(f"命中词语 {'、'.join(shared[:5])}")
        pairs = [s for s in query.synonyms if s.word != s.standard][:3]
        told += [f"命中同义词 {s.word}={s.standard}" for s in pairs]
        if candidate.features[f"{kind}.said"] >= _SAID_NEAR:
            told.append("和大家常用的问法相近")
        if "plan.leads" in candidate.features:
            told.append("问的是这个领域由谁负责")
        if "plan.named" in candidate.features:
            told.append("点名问的是这个地方")
        if candidate.own:
            told.append("是您所在地区的目录")
        return tuple(told)

    def exact(self, asked: Asked, scope: Scope) -> Candidate | None:
        """The FAQ entry whose question was sent word for word, as a tapped choice does; one that binds the asker first."""
        keys = self.knowledge.questions.get(as_question(asked.text), ())
        near = [key for key in keys if self.knowledge.shelf("faq", key) in scope.shelves]
        near.sort(key=lambda key: scope.binds(self.knowledge.area_of(key)))
        return Candidate("faq", near[-1], 1.0) if near else None

    def unit(self, unit: str, asked: Asked, scope: Scope) -> Candidate | None:
        """A unit of the index, as phrasings name it, where it is in the scope; of items of one name the nearest."""
        kind, _, key = unit.partition(":")
        if kind == "item":
            found = self.find(asked, scope, None).candidates
            return next((c for c in found if c.type == kind and self._is_named(c, unit)), None)
        known = self.knowledge.entry(key) if kind == "faq" else self.knowledge.passage(key)
        shelf = self.knowledge.shelf(kind, key) if known else ""
        # Of whoever does not say where they are, we do not know that they mean this place.
        inside = shelf in scope.shelves and (scope.area or shelf == REFERENCE_SHELF)
        return Candidate(kind, key, 1.0) if known and inside else None

    def _is_named(self, candidate: Candidate, unit: str) -> bool:
        found = self.knowledge.item(candidate.key)
        return found is not None and unit in (named(found[1]), f"item:{candidate.key}")

    def leads_elsewhere(self, asked: Asked, scope: Scope) -> bool:
        """Whether it is asked who leads in an area whose plan we do not have."""
        elsewhere = scope.named is not None and scope.named.code not in self.knowledge.plan_areas
        return elsewhere and _LEADING.search(asked.text) is not None

    def _mentioned(self, query: Query) -> set[str]:
        """Sectors that are named, or meant by an everyday word."""
        named = {name for name, _, _ in self.sectors.mentioned(query.text)}
        return named | {s.sector for s in query.synonyms if s.sector}

    def _candidate(
        self,
        hit: Hit,
        recognised: Recognised,
        leads: bool,
        wish: Features,
        told: Sequence[str],
        scope: Scope,
    ) -> Candidate:
        kind, _, key = hit.id.partition(":")
        features = {
            f"{kind}": 1.0,
            f"{kind}.text": hit.text,
            f"{kind}.said": hit.said,
            f"{kind}.covered": hit.covered,
            "kind": recognised.kinds[kind],
        }
        subject: object = hit.id
        family: object = hit.id
        own = False
        if kind == "faq":
            features["faq.entry"] = recognised.entry(key, hit.said)
        elif kind == "plan":
            passage = self.knowledge.passage(key)
            assert passage
            if passage.sectors:
                names = (self.sectors.canonical(name) or name for name in passage.sectors)
                features["plan.sector"] = max(map(recognised.sector, names))
                if leads:
                    features["plan.leads"] = 1.0
            if scope.area == self.knowledge.documents[passage.document].area:
                features["plan.own"] = 1.0
                if scope.named:
                    features["plan.named"] = 1.0
        elif kind == "item":
            found = self.knowledge.item(key)
            assert found
            document, item = found
            features |= wish
            if not item.item:
                features["item.nameless"] = 1.0
            features["item.told"] = float(any(getattr(item, name) for name in told))
            if not document.reference and scope.binds(document.area):
                own, features["item.own"] = True, 1.0
            sector = self.sectors.canonical(item.sector or "") or item.sector or ""
            features["item.sector"] = recognised.sector(sector)
            family = (sector, item.category)
            subject = (*family, item.item)
        return Candidate(kind, key, 0.0, subject, family, own, features)


def _after(both: Query, before: Query, follow_up: Query) -> Query:
    """A question read after another one, whose words count more."""
    terms = dict(before.terms)
    for term, count in follow_up.terms.items():
        terms[term] = terms.get(term, 0.0) + _ASKED_AFTER * count
    return replace(both, terms=terms)
