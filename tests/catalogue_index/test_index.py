"""The index against a plain one: every vector dense, every cosine computed."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue_index.analysis.analyser import Analyser, Query
from catalogue_index.analysis.synonyms import Synonyms
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.index import Index, PreparedIndex, Unit, prepare

UNITS = [
    Unit("care", "44", (("养老服务补贴名单", 3.0), ("老年人福利", 0.7))),
    Unit(
        "low", "44", (("最低生活保障审批信息", 3.0), ("低保审批结果公示七天", 0.7), ("低保", 1.0))
    ),
    Unit("land", "140525", (("征地补偿安置方案公告", 3.0), ("", 1.0))),
    Unit("low2", "140525", (("最低生活保障审批信息", 2.0),)),
    Unit("empty", "44", (("", 1.0), ("？", 1.0))),
]


@pytest.fixture(scope="module")
def analyser(tmp_path_factory):
    dictionary = tmp_path_factory.mktemp("dictionary") / "small.txt"
    dictionary.write_text("生活 50\n保障 40\n审批 8\n信息 7\n补偿 6\n", encoding="utf-8")
    return Analyser(Tokeniser(dictionary=dictionary), Synonyms(()))


@pytest.fixture(scope="module")
def index(analyser):
    return Index(prepare(UNITS, analyser))


def plain_search(units, analyser, query, shelves):
    """Cosine over dense vectors, as the docstrings describe it: (id, score) of all units with a score."""
    texts = [analyser.terms(text) for unit in units for text, _ in unit.texts if text]
    seen = {t for terms in texts for t in terms}
    idf = {t: math.log((len(texts) + 1) / (sum(t in terms for terms in texts) + 0.5)) for t in seen}
    unseen = max(idf.values(), default=0.0) / 2
    axes = sorted(seen | set(query.terms))

    def dense(terms, default):
        damped = [terms.get(t, 0) for t in axes]
        damped = [1 + math.log(n) if n > 1 else n for n in damped]
        return unit_length([n * idf.get(t, default) for n, t in zip(damped, axes, strict=True)])

    def unit_length(vector):
        length = math.sqrt(sum(x * x for x in vector))
        return [x / length for x in vector] if length else vector

    asked = dense(query.terms, unseen)
    scores = {}
    for unit in units:
        total = [0.0] * len(axes)
        for text, weight in unit.texts:
            vector = dense(analyser.terms(text), 0.0)
            total = [a + weight * b for a, b in zip(total, vector, strict=True)]
        score = sum(a * b for a, b in zip(asked, unit_length(total), strict=True))
        if unit.shelf in shelves and score:
            scores[unit.id] = score
    return scores


TEXT = st.text("低保征地补偿 abc", max_size=8)
QUESTIONS = st.text("低保征地补偿新 abcx", max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    made=st.lists(
        st.tuples(
            st.sampled_from(["44", "11", ""]),
            st.lists(st.tuples(TEXT, st.sampled_from([0.5, 1.0, 3.0])), max_size=3).map(tuple),
        ),
        max_size=6,
    ),
    question=QUESTIONS,
    shelves=st.lists(st.sampled_from(["44", "11", "", "99"]), max_size=4),
)
def test_like_a_plain_cosine(analyser, made, question, shelves):
    units = [Unit(f"u{n}", shelf, texts) for n, (shelf, texts) in enumerate(made)]
    query = analyser.query(question)
    hits = Index(prepare(units, analyser)).search(query, shelves, limit=99)
    expected = plain_search(units, analyser, query, set(shelves))
    found = {hit.id: hit.score for hit in hits}
    assert found.keys() <= expected.keys()
    for unit, score in expected.items():
        # Vectors are kept to five digits, so a unit may differ by that much, or be missing with next to nothing.
        assert found.get(unit, 0.0) == pytest.approx(score, abs=2e-4)
    assert [hit.score for hit in hits] == sorted(found.values(), reverse=True)
    assert all(-1e-9 <= score <= 1 + 1e-3 for score in found.values())


@pytest.mark.parametrize(
    ("question", "shelves", "first"),
    [
        ("低保审批在哪里看", ["44"], "low"),
        ("最低生活保障审批", ["140525"], "low2"),
        ("征地补偿", ["44", "140525"], "land"),
        ("养老补贴", ["44"], "care"),
    ],
)
def test_the_nearest_comes_first(analyser, index, question, shelves, first):
    assert index.search(analyser.query(question), shelves)[0].id == first


def test_only_the_shelves_asked_are_searched(analyser, index):
    query = analyser.query("最低生活保障审批信息和征地")
    assert [hit.id for hit in index.search(query, ["44"])] == ["low"]
    assert {hit.id for hit in index.search(query, ["140525"])} == {"land", "low2"}
    assert index.search(query, []) == index.search(query, ["99"]) == []
    assert index.shelves == {"44", "140525"}


def test_a_shelf_named_twice_counts_once(analyser, index):
    query = analyser.query("低保")
    assert index.search(query, ["44", "44"]) == index.search(query, ["44"])


def test_a_limit_keeps_the_best(analyser, index):
    query = analyser.query("最低生活保障养老征地")
    everything = index.search(query, ["44", "140525"])
    assert len(everything) == 4
    assert index.search(query, ["44", "140525"], limit=2) == everything[:2]


def test_a_score_is_explained_by_the_terms_shared(analyser, index):
    (hit,) = (h for h in index.search(analyser.query("征地怎么补偿"), ["140525"]) if h.id == "land")
    assert {"征地", "补偿", "=补偿", "~zen di"} <= set(hit.terms)
    assert "怎么" not in hit.terms
    (vector,) = (v for u, _, v in prepare(UNITS, analyser).vectors if u == "land")
    assert set(hit.terms) == set(analyser.query("征地怎么补偿").terms) & set(vector)


def test_unknown_words_lower_the_score(analyser, index):
    alone = index.search(analyser.query("征地补偿"), ["140525"])[0]
    crowded = index.search(analyser.query("征地补偿咖啡馆"), ["140525"])[0]
    assert alone.id == crowded.id
    assert crowded.score < alone.score


def test_the_same_question_as_the_text_scores_one(analyser):
    index = Index(prepare([Unit("a", "44", (("征地补偿", 2.0),)), *UNITS], analyser))
    assert index.search(analyser.query("征地补偿"), ["44"])[0].score == pytest.approx(1, abs=1e-4)


def test_an_empty_index_finds_nothing(analyser):
    for prepared in (prepare([], analyser), PreparedIndex({}, []), prepare(UNITS[4:], analyser)):
        index = Index(prepared)
        assert index.search(analyser.query("低保"), ["44"]) == []
        assert index.overlap(analyser.query("低保"), {"低": 1.0}) >= 0


@pytest.mark.parametrize("text", ["", "？！", "咖啡"])
def test_a_question_that_shares_nothing_finds_nothing(analyser, index, text):
    assert index.search(analyser.query(text), ["44", "140525"]) == []


def test_preparing_and_searching_are_determined_by_their_inputs(analyser):
    one, two = prepare(UNITS, analyser), prepare(UNITS, analyser)
    assert one == two
    query = analyser.query("最低生活保障")
    assert Index(one).search(query, ["44", "140525"]) == Index(two).search(query, ["140525", "44"])


def test_equal_scores_are_in_order_of_id(analyser):
    twins = [Unit(name, "44", (("征地补偿", 1.0),)) for name in ("b", "c", "a")]
    hits = Index(prepare([*twins, *UNITS], analyser)).search(analyser.query("征地"), ["44"])
    assert [hit.id for hit in hits[:3]] == ["a", "b", "c"]
    assert hits[0].score == hits[2].score


def test_only_the_heaviest_terms_of_a_long_text_are_kept(analyser):
    long = "".join(chr(0x4E00 + n) for n in range(1000))
    (_, _, vector), _ = prepare([Unit("long", "44", ((long, 1.0),)), UNITS[0]], analyser).vectors
    assert len(vector) == 400


def test_overlap_adds_the_weights_of_shared_terms():
    index = Index(PreparedIndex({"低": 2.0, "保": 1.0}, []))
    query = Query("", {"低": 1, "保": 2, "新": 1}, ())
    assert index.overlap(query, {"低": 9.0}) == 2.0
    assert index.overlap(query, {"保": 0.1, "新": 0.1}) == 2 * 1.0 + 2.0 * 0.5
    assert index.overlap(query, {}) == 0
