"""Learning: what was said is learned, what tells right from wrong gets the weight."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.scoring import probabilities
from bot.tuning.learning import Case, learn_classifier, learn_weights
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.classifier import features
from catalogue_index.analysis.synonyms import Synonyms
from catalogue_index.analysis.tokenise import Tokeniser

EXAMPLES = [
    *((text, "水果") for text in ("苹果甜吗", "苹果红吗", "苹果甜不甜", "香蕉甜吗", "香蕉红吗")),
    *((text, "天气") for text in ("今天下雨吗", "明天下雨吗", "今天刮风吗", "明天刮风吗")),
    *((text, "车") for text in ("火车几点开", "汽车几点开", "火车开了吗", "汽车开了吗")),
]


@pytest.fixture(scope="module")
def analyser(tmp_path_factory):
    dictionary = tmp_path_factory.mktemp("dictionary") / "small.txt"
    dictionary.write_text("苹果 50\n", encoding="utf-8")
    return Analyser(Tokeniser(dictionary=dictionary), Synonyms(()))


@pytest.fixture(scope="module")
def classify(analyser):
    classifier = learn_classifier(EXAMPLES, analyser, 1.0)
    return lambda text: classifier.scores(features(analyser.query(text)))


@pytest.mark.parametrize(("text", "kind"), EXAMPLES)
def test_what_was_said_is_given_back(classify, text, kind):
    scores = classify(text)
    assert max(scores, key=scores.get) == kind
    assert scores[kind] > 0
    assert all(score < 0 for other, score in scores.items() if other != kind)


@pytest.mark.parametrize(
    ("text", "kind"), [("苹果", "水果"), ("后天下雨吧", "天气"), ("那趟火车几点", "车")]
)
def test_what_is_like_it_is_recognised(classify, text, kind):
    scores = classify(text)
    assert max(scores, key=scores.get) == kind


def test_the_order_and_the_repetition_of_examples_do_not_matter(analyser):
    shuffled = [*EXAMPLES, *EXAMPLES]
    Random(1).shuffle(shuffled)
    once, twice = (learn_classifier(e, analyser, 1.0).table() for e in (EXAMPLES, shuffled))
    assert once == twice


def test_a_stricter_classifier_is_surer_of_its_examples(analyser):
    text, kind = EXAMPLES[0]
    said = features(analyser.query(text))
    loose, strict = (
        learn_classifier(EXAMPLES, analyser, strictness).scores(said)[kind]
        for strictness in (0.01, 1.0)
    )
    assert strict > loose


def cases(number, nothing_every=5):
    """Each with three candidates, of which ``telling`` is high for the right one; ``noise`` says nothing."""
    chance = Random(2)
    made = []
    for n in range(number):
        right = chance.randrange(3)
        nothing = n % nothing_every == 0
        options = [
            {
                "item": 1.0,
                "item.telling": chance.uniform(0.6, 1) * (place == right and not nothing),
                "item.noise": chance.random(),
            }
            for place in range(3)
        ]
        made.append(Case([*options, {"nothing": 1.0}], [3 if nothing else right]))
    return made


def ranking(case, weights):
    *options, nothing = case.options
    likely, none = probabilities(options, nothing, weights)
    return [*likely, none]


def test_the_feature_that_tells_right_from_wrong_gets_the_weight():
    made = cases(80)
    weights = learn_weights(made, [1.0] * len(made), {})
    assert weights["item.telling"] > 5 * abs(weights["item.noise"])
    for case in made:
        likely = ranking(case, weights)
        assert likely.index(max(likely)) == case.right[0]


def test_a_feature_that_speaks_for_the_wrong_is_held_against():
    made = [Case([{"bad": 1.0}, {"good": 1.0}, {"nothing": 1.0}], [1]) for _ in range(5)]
    weights = learn_weights(made, [1.0] * 5, {})
    assert weights["bad"] < 0 < weights["good"]


def test_any_of_several_right_ones_will_do():
    made = [Case([{"a": 1.0}, {"a": 1.0}, {"b": 1.0}, {"nothing": 1.0}], [0, 1])] * 4
    weights = learn_weights(made, [1.0] * 4, {})
    first, second, *others = ranking(made[0], weights)
    assert first == second > 0.4
    assert max(others) < 0.05


@settings(max_examples=20, deadline=None)
@given(heavier=st.floats(2, 20), swapped=st.booleans())
def test_what_counts_more_prevails(heavier, swapped):
    options = [{"a": 1.0}, {"nothing": 1.0}]
    made, counts = [Case(options, [0]), Case(options, [1])], [heavier, 1.0]
    if swapped:
        counts.reverse()
    likely, none = ranking(made[0], learn_weights(made, counts, {}))
    assert likely / none == pytest.approx(counts[0] / counts[1], rel=0.05)


@settings(max_examples=10, deadline=None)
@given(fixed=st.floats(-5, 5).map(lambda x: round(x, 2)))
def test_fixed_weights_stay_and_the_others_go_round_them(fixed):
    made = cases(20)
    weights = learn_weights(made, [1.0] * len(made), {"item.noise": fixed, "unheard": 1.5})
    assert weights["item.noise"] == fixed
    assert weights["unheard"] == 1.5
    assert weights["item.telling"] > 0
    assert set(weights) == {"item", "item.telling", "item.noise", "nothing", "unheard"}
