"""The index against a plain one: every vector dense, every cosine computed."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue_index.analysis.analyser import Analyser, Query
from catalogue_index.analysis.synonyms import Synonym, Synonyms
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.index import Hit, Index, Postings, Unit, prepare

UNITS = [
    Unit("care", "item", "44", (("养老服务补贴名单", 3.0), ("老年人福利", 0.7)), "old"),
    Unit("low", "item", "44", (("最低生活保障审批信息", 3.0), ("审批结果公示七天", 0.7)), "poor"),
    Unit("land", "item", "140525", (("征地补偿安置方案公告", 3.0), ("", 1.0))),
    Unit("low2", "item", "140525", (("最低生活保障审批信息", 2.0),), "poor"),
    Unit("rule", "faq", "44", (("最低生活保障要公开什么", 3.0),)),
    Unit("empty", "item", "44", (("", 1.0), ("？", 1.0))),
]
PHRASINGS = [
    ("poor", "吃救济要看谁家能领"),
    ("poor", "救济款发给了谁"),
    ("old", "阿公的补贴发给了谁"),
    ("nobody", "甲乙丙丁"),
]
EVERYWHERE = ["44", "140525"]


@pytest.fixture(scope="module")
def analyser(tmp_path_factory):
    dictionary = tmp_path_factory.mktemp("dictionary") / "small.txt"
    dictionary.write_text("生活 50\n保障 40\n审批 8\n信息 7\n补偿 6\n", encoding="utf-8")
    return Analyser(Tokeniser(dictionary=dictionary), Synonyms([Synonym("新", "征补", "低")]))


@pytest.fixture(scope="module")
def search(analyser):
    index = Index.of(prepare(UNITS, PHRASINGS, analyser))

    def search(question, shelves=EVERYWHERE, limit=10):
        return index.search(analyser.query(question), shelves, limit)

    return search


def plain_search(units, phrasings, analyser, query, shelves):
    """Cosine over dense vectors, as the docstrings describe it: id → (text, said, covered) of all that have any."""
    subjects = {unit.subject for unit in units}
    said = sorted({pair for pair in phrasings if pair[0] in subjects and pair[1]})
    texts = [analyser.terms(text) for unit in units for text, _ in unit.texts if text]
    texts += [analyser.terms(text) for _, text in said]
    seen = {t for terms in texts for t in terms}
    idf = {t: math.log((len(texts) + 1) / (sum(t in terms for terms in texts) + 0.5)) for t in seen}
    axes = sorted(seen | set(query.terms))

    def dense(terms, unseen=0.0):
        damped = [terms.get(t, 0) for t in axes]
        damped = [1 + math.log(n) if n > 1 else n for n in damped]
        return unit_length([n * idf.get(t, unseen) for n, t in zip(damped, axes, strict=True)])

    def unit_length(vector):
        length = math.sqrt(sum(x * x for x in vector))
        return [x / length for x in vector] if length else vector

    def total(weighted):
        vectors = [[weight * x for x in dense(analyser.terms(text))] for text, weight in weighted]
        return unit_length([sum(xs) for xs in zip([0.0] * len(axes), *vectors, strict=True)])

    def dot(a, b):
        return sum(x * y for x, y in zip(a, b, strict=True))

    asked = dense(query.terms, max(idf.values(), default=0.0) / 2)
    found = {}
    for unit in units:
        if unit.shelf in shelves:
            own = total(unit.texts)
            centre = total([(text, 1.0) for subject, text in said if subject == unit.subject])
            covered = (
                sum(q * q for q, x in zip(asked, v, strict=True) if x) for v in (own, centre)
            )
            text = dot(asked, own)
            spoken = dot(asked, centre) if unit.subject in dict(said) else text
            if text + spoken:
                found[unit.id] = (text, spoken, max(covered))
    return found


TEXT = st.text("低保征地补偿 abc", max_size=8)
QUESTIONS = st.text("低保征地补偿新 abcx", max_size=12)
SUBJECTS = st.sampled_from(["", "s", "t"])
SHELVES = st.sampled_from(["44", "11", ""])
MADE = st.lists(
    st.tuples(
        st.sampled_from(["faq", "item"]),
        SHELVES,
        st.lists(st.tuples(TEXT, st.sampled_from([0.5, 1.0, 3.0])), max_size=3).map(tuple),
        SUBJECTS,
    ),
    max_size=6,
)
ALIKE = st.sampled_from([(("低保", 1.0),), (("征地", 1.0),), (("低保征地", 1.0),)])
FEW_TEXTS = st.lists(
    st.tuples(st.sampled_from(["faq", "item"]), SHELVES, ALIKE, SUBJECTS), max_size=7
)
SAID = st.lists(st.tuples(st.sampled_from(["s", "t", "u"]), TEXT), max_size=6)


def named(made):
    """Units whose ids are not in the order in which they are given."""
    return [Unit(f"u{n * 5 % 7}", *rest) for n, rest in enumerate(made)]


@settings(max_examples=80, deadline=None)
@given(
    made=MADE,
    phrasings=SAID,
    question=QUESTIONS,
    shelves=st.lists(SHELVES | st.just("99"), max_size=4),
)
def test_like_a_plain_cosine(analyser, made, phrasings, question, shelves):
    units, query = named(made), analyser.query(question)
    hits = Index.of(prepare(units, phrasings, analyser)).search(query, shelves, limit=99)
    expected = plain_search(units, phrasings, analyser, query, set(shelves))
    kinds = {unit.id: unit.kind for unit in units}
    assert {hit.id: hit.kind for hit in hits} == {unit: kinds[unit] for unit in expected}
    for hit in hits:
        assert (hit.text, hit.said, hit.covered) == pytest.approx(expected[hit.id], abs=1e-5)
    assert [(-h.score, h.id) for h in hits] == sorted((-h.score, h.id) for h in hits)


@settings(max_examples=80, deadline=None)
@given(
    made=FEW_TEXTS,
    phrasings=SAID,
    question=st.sampled_from(["低保", "征地补"]),
    limit=st.integers(1, 3),
)
def test_a_limit_keeps_the_best_of_each_kind(analyser, made, phrasings, question, limit):
    index = Index.of(prepare(named(made), phrasings, analyser))
    query, shelves = analyser.query(question), ["44", "11", ""]
    taken, best = Counter(), []
    for hit in index.search(query, shelves, limit=99):
        taken[hit.kind] += 1
        if taken[hit.kind] <= limit:
            best.append(hit)
    found = index.search(query, shelves, limit)
    assert sorted((h.kind, h.score) for h in found) == sorted((h.kind, h.score) for h in best)


@pytest.mark.parametrize(
    ("question", "shelves", "first"),
    [
        ("生活保障审批在哪里看", ["44"], "low"),
        ("最低生活保障审批", ["140525"], "low2"),
        ("征地补偿", EVERYWHERE, "land"),
        ("养老补贴", ["44"], "care"),
        ("救济发给谁", ["44"], "low"),
        ("阿公", ["44"], "care"),
    ],
)
def test_the_nearest_comes_first(search, question, shelves, first):
    assert search(question, shelves)[0].id == first


def test_only_the_shelves_asked_are_searched(search):
    question = "生活保障审批和征地"
    assert {hit.id for hit in search(question, ["44"])} == {"low", "rule"}
    assert {hit.id for hit in search(question, ["140525"])} == {"land", "low2"}
    assert search(question, []) == search(question, ["99"]) == []


def test_a_shelf_named_twice_counts_once(search):
    assert search("救济审批", ["44", "140525", "44"]) == search("救济审批", ["140525", "44"])


def test_what_is_said_of_a_subject_speaks_for_its_units_everywhere(search):
    here, there = (next(h for h in search("救济款", [shelf])) for shelf in EVERYWHERE)
    assert (here.id, there.id) == ("low", "low2")
    assert here.text == there.text == 0
    assert here.said == there.said > 0
    assert here.covered == there.covered == pytest.approx(1)


def test_what_is_said_of_a_subject_without_units_finds_none(search):
    assert search("甲乙丙丁") == []


def test_a_unit_without_subject_stands_by_its_own_text_alone(search):
    (land,) = (hit for hit in search("征地补偿的救济款") if hit.id == "land")
    assert land.text > 0
    assert land.said == land.text


def test_unknown_words_lower_the_score(search):
    alone, crowded = search("征地补偿")[0], search("征地补偿咖啡馆")[0]
    assert alone.id == crowded.id == "land"
    assert crowded.text < alone.text
    assert crowded.covered < alone.covered == pytest.approx(1)


def test_the_same_question_as_the_text_or_as_said_scores_one(analyser):
    units = [Unit("a", "item", "44", (("征地补偿", 2.0),), "s"), *UNITS]
    index = Index.of(prepare(units, [("s", "我家的房")], analyser))
    for question, one in (("征地补偿", "text"), ("我家的房", "said")):
        first = index.search(analyser.query(question), ["44"])[0]
        assert getattr(first, one) == pytest.approx(1, abs=1e-6)
        assert first.covered == pytest.approx(1, abs=1e-6)


def test_an_empty_index_finds_nothing(analyser):
    query = analyser.query("低保")
    for units, phrasings in (([], []), ([], PHRASINGS), (UNITS[-1:], [])):
        index = Index.of(prepare(units, phrasings, analyser))
        assert index.search(query, ["44"]) == []
        assert index.shared(query, "44", "empty") == []
        assert index.overlap(query, {"低": 1.0}) >= 0


@pytest.mark.parametrize("text", ["", "？！", "咖啡"])
def test_a_question_that_shares_nothing_finds_nothing(search, text):
    assert search(text) == []


def test_the_order_of_what_is_indexed_and_searched_does_not_matter(analyser, search):
    index = Index.of(prepare(UNITS[::-1], [*PHRASINGS, *PHRASINGS[::-1]], analyser))
    found = index.search(analyser.query("最低生活保障救济"), EVERYWHERE[::-1])
    expected = search("最低生活保障救济")
    assert [hit.id for hit in found] == [hit.id for hit in expected]
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected])


def test_equal_scores_are_in_order_of_id(analyser):
    twins = [Unit(name, "item", "44", (("征地补偿", 1.0),)) for name in ("b", "c", "a")]
    hits = Index.of(prepare([*twins, *UNITS], [], analyser)).search(analyser.query("征地"), ["44"])
    assert [hit.id for hit in hits[:3]] == ["a", "b", "c"]
    assert hits[0].score == hits[2].score


def test_the_words_shared_are_named_in_the_questions_order(analyser):
    index = Index.of(prepare(UNITS, PHRASINGS, analyser))
    query = analyser.query("审批救济，生活怎么保障")
    assert index.shared(query, "44", "low") == ["审批", "生活", "保障"]
    assert index.shared(query, "44", "rule") == ["生活", "保障"]
    assert index.shared(query, "44", "care") == []


@pytest.mark.parametrize(("shelf", "unit"), [("44", "land"), ("99", "low"), ("44", "nobody")])
def test_nothing_is_shared_with_what_is_not_on_the_shelf(analyser, shelf, unit):
    index = Index.of(prepare(UNITS, PHRASINGS, analyser))
    assert index.shared(analyser.query("生活保障审批补偿"), shelf, unit) == []


def test_only_the_heaviest_terms_of_a_long_text_are_kept(analyser):
    long = "".join(chr(0x4E00 + n) for n in range(1000))
    units = [Unit("long", "item", "44", (("养老服务", 9.0), (long, 1.0)))]
    index = Index.of(prepare(units, [], analyser))
    assert index.search(analyser.query("养老服务"), ["44"])[0].covered == pytest.approx(1, abs=1e-6)
    found = [bool(index.search(analyser.query(character), ["44"])) for character in long]
    assert 0 < sum(found) < 500, "of a thousand, some of them variants of one another"


def test_overlap_adds_the_weights_of_the_terms_that_a_text_has(analyser):
    index = Index.of(prepare(UNITS, PHRASINGS, analyser))
    words = {word: {word: 1.0} for word in ("征", "最", "咖")}
    query = Query("", {"征": 1, "最": 2, "咖": 1}, ())
    rare, common, unseen = (index.overlap(query, terms) for terms in words.values())
    assert index.overlap(query, {"征": 9.0, "最": 0.1, "咖": 1}) == rare + common + unseen
    assert rare > common / 2, "a term of fewer texts weighs more"
    assert unseen == pytest.approx(rare / 2)
    assert index.overlap(query, {}) == 0


VECTORS = st.lists(
    st.dictionaries(st.integers(0, 5), st.sampled_from([0.25, 0.5, 1.0]), max_size=4), max_size=5
)


@settings(max_examples=60, deadline=None)
@given(
    vectors=VECTORS,
    copies=st.sampled_from([1, 2, 700]),
    longest=st.sampled_from([None, 1, 3, 1200]),
    question=st.dictionaries(st.integers(0, 7), st.sampled_from([0.5, 1.0, 2.0])),
)
def test_postings_score_like_the_rows_that_they_keep(vectors, copies, longest, question):
    rows = [dict(vector) for vector in vectors * copies]
    entries = [(term, n, weight) for n, row in enumerate(rows) for term, weight in row.items()]
    columns = zip(*entries, strict=True) if entries else ((), (), ())
    kinds = (np.uint32, np.uint32, np.float32)
    postings = Postings.of(*map(np.array, columns, kinds), longest)
    for term in range(8):
        heaviest = sorted(
            (n for n, row in enumerate(rows) if term in row), key=lambda n: -rows[n][term]
        )
        for light in heaviest[longest:] if longest else ():
            del rows[light][term]
    terms = np.array([*question], dtype=np.uint32)
    values = np.array([*question.values()], dtype=np.float32)
    likeness, covered = postings.scores(terms, values, len(rows))
    assert likeness.tolist() == [sum(v * r.get(t, 0) for t, v in question.items()) for r in rows]
    assert covered.tolist() == [sum(v * v for t, v in question.items() if t in r) for r in rows]
    for place in {0, len(rows) // 2, len(rows) - 1} if rows else ():
        having = [n for n, term in enumerate(question) if term in rows[place]]
        assert postings.having(terms, place) == having


@given(text=st.floats(0, 1), said=st.floats(0, 1))
def test_the_score_of_a_hit_grows_with_each_likeness(text, said):
    assert Hit("a", "item", text, said, 1.0).score >= max(text, said)
