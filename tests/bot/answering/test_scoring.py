"""Probabilities: they add up to one, keep the order of the scores, and come from weights by name."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.scoring import NOTHING, learned_weights, probabilities, score

NAMES = ("item.text", "item.said", NOTHING, "kind")
VALUES = st.floats(-50, 50)
FEATURES = st.dictionaries(st.sampled_from([*NAMES, "unheard"]), VALUES)
WEIGHTS = st.dictionaries(st.sampled_from(NAMES), VALUES)


@given(candidates=st.lists(FEATURES, max_size=8), nothing=FEATURES, weights=WEIGHTS)
def test_the_probabilities_add_up_to_one_in_the_order_of_the_scores(candidates, nothing, weights):
    likely, none = probabilities(candidates, nothing, weights)
    assert len(likely) == len(candidates)
    assert sum(likely) + none == pytest.approx(1)
    assert all(0 <= each <= 1 for each in (*likely, none))
    scores = [score(features, weights) for features in (*candidates, nothing)]
    ranked = sorted(zip(scores, (*likely, none), strict=True))
    assert [each for _, each in ranked] == sorted((*likely, none))


@given(features=FEATURES, nothing=FEATURES, weights=WEIGHTS, added=st.floats(0, 50))
def test_more_that_speaks_for_a_candidate_never_makes_it_less_likely(
    features, nothing, weights, added
):
    weights = {**weights, "own": 1.0}
    (before,), _ = probabilities([features], nothing, weights)
    (after,), _ = probabilities([{**features, "own": added}], nothing, weights)
    assert after >= before - 1e-9


def test_a_score_is_the_sum_of_what_is_weighed_by_its_name():
    weights = {"item.text": 2.0, "item.said": -1.0, "faq.text": 100.0}
    assert score({"item.text": 0.5, "item.said": 0.25, "unheard": 9.0}, weights) == 0.75
    assert score({}, weights) == 0.0


def test_how_much_likelier_is_told_by_the_difference_of_scores():
    (first, second), none = probabilities([{"a": 1.0}, {"a": 3.0}], {NOTHING: 1.0}, {"a": 1.0})
    assert second / first == pytest.approx(math.exp(2))
    assert first / none == pytest.approx(math.e)


def test_without_candidates_nothing_is_certain():
    assert probabilities([], {NOTHING: 1.0}, {NOTHING: -3.0}) == ([], 1.0)


def test_equal_candidates_share_alike():
    likely, none = probabilities([{"a": 1.0}] * 4, {"a": 1.0}, {"a": 7.0})
    assert [*likely, none] == pytest.approx([0.2] * 5)


def test_the_learned_weights_know_every_kind_and_nothing():
    weights = learned_weights()
    assert {NOTHING, "kind", "faq", "plan", "item"} <= weights.keys()
    assert all(math.isfinite(weight) for weight in weights.values())
