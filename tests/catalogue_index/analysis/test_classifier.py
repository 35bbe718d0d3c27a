"""A classifier is its table: what it says can be reckoned by hand, and is the same when read again."""

import csv
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.classifier import Classifier, features
from catalogue_index.analysis.synonyms import EVERY_SECTOR, Synonym, Synonyms
from catalogue_index.analysis.tokenise import Tokeniser

SMALL = Classifier.of(
    ["对", "错"],
    [0.1, -0.2],
    {"低": (3.0, [1.0, -1.0]), "低保": (4.0, [0.5, 0.0]), "@社会救助": (1.0, [0.0, 2.0])},
)
NUMBERS = st.integers(-5000, 5000).map(lambda n: n / 1000)
NAMES = st.lists(st.text("低保=@^$,\" a1'", min_size=1, max_size=4), max_size=6, unique=True)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    dictionary = tmp_path_factory.mktemp("dictionary") / "small.txt"
    dictionary.write_text("低保 50\n", encoding="utf-8")
    known = [Synonym("低保", "最低生活保障", "社会救助"), Synonym("单子", "名单")]
    analyser = Analyser(Tokeniser(dictionary=dictionary), Synonyms(known))
    return lambda text: features(analyser.query(text))


def reread(classifier):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(classifier.table())
    return Classifier.read(text.getvalue().splitlines())


def test_the_runs_of_a_text_with_its_edges(found):
    assert found("公开") == {"^", "公", "开", "$", "^公", "公开", "开$", "^公开", "公开$"}


def test_no_run_reaches_over_punctuation(found):
    assert found("公，开") == found("公") | found("开")


def test_everyday_words_are_taken_for_what_they_mean(found):
    assert {"=最低生活保障", "@社会救助", "@"} <= found("低保")
    assert "=名单" in found("单子")
    assert "@" not in found("单子")
    assert EVERY_SECTOR not in "".join(found("单子"))


@pytest.mark.parametrize("text", ["", "？！", "👍", "\ud800"])
def test_a_text_without_letters_has_no_features(found, text):
    assert found(text) == set()


@given(text=st.text(max_size=40))
def test_any_text_has_features_of_at_most_three_characters(found, text):
    assert all(len(f) <= 3 or f[0] in "=@" for f in found(text))


def test_scores_do_not_depend_on_the_order_of_the_features():
    """That of a set is another one in every process, and sums of numbers tell."""
    chance = random.Random(3)
    rows = {f"f{n}": (chance.random(), [chance.random() - 0.5]) for n in range(200)}
    many = Classifier.of(["类"], [0.0], rows)
    names = list(rows)
    scores = {many.scores(chance.sample(names, len(names)))["类"] for _ in range(20)}
    assert len(scores) == 1


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ([], (0.1, -0.2)),
        (["保", "$"], (0.1, -0.2)),
        (["低"], (1.1, -1.2)),
        (["低", "低保"], (0.1 + 0.6 + 0.4, -0.2 - 0.6)),
        (["低", "低保", "新"], (0.1 + 0.6 + 0.4, -0.2 - 0.6)),
    ],
    ids=["empty", "unknown", "one", "two", "two-and-an-unknown"],
)
def test_scores_reckoned_by_hand(present, expected):
    assert tuple(SMALL.scores(present)) == SMALL.classes == ("对", "错")
    assert tuple(SMALL.scores(present).values()) == pytest.approx(expected, abs=1e-6)


@given(present=st.permutations(["低", "低保", "@社会救助", "新"]))
def test_the_order_of_features_does_not_matter(present):
    assert list(SMALL.scores(present).values()) == pytest.approx(
        list(SMALL.scores(sorted(present)).values())
    )


@given(data=st.data(), classes=st.lists(st.text("甲乙a-1", min_size=1), max_size=4, unique=True))
def test_what_is_read_is_what_was_written(data, classes):
    says = st.lists(NUMBERS, min_size=len(classes), max_size=len(classes))
    idf = st.integers(1, 9000).map(lambda n: n / 1000)
    names = data.draw(NAMES)
    rows = {name: (data.draw(idf), data.draw(says)) for name in names}
    written = Classifier.of(classes, data.draw(says), rows)
    read = reread(written)
    assert read.classes == written.classes
    assert read.table() == written.table()
    present = data.draw(st.lists(st.sampled_from([*names, "新"]), unique=True))
    assert read.scores(present) == written.scores(present)


def test_a_classifier_that_knows_no_feature_gives_its_base():
    read = Classifier.read(["feature,idf,甲,乙", ",0,0.5,-0.5"])
    assert read.scores(["低", "保"]) == {"甲": 0.5, "乙": -0.5}


def test_what_speaks_for_a_class_comes_first_and_nothing_else_does():
    assert SMALL.speaking({"低", "低保", "@社会救助", "没学过"}, "对") == ["低", "低保"]
    assert SMALL.speaking({"低", "低保", "@社会救助"}, "错") == ["@社会救助"]
