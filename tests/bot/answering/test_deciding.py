"""From scores to a decision."""

from hypothesis import given
from hypothesis import strategies as st

from bot.answering.deciding import Policy, decide
from bot.answering.finding import Candidate

POLICY = Policy(answer=0.2, choices=0.1, margin=0.05)


def ranked(*scores):
    return [(n, Candidate("faq", str(n), score, ())) for n, score in enumerate(scores)]


def keys(candidates):
    return [candidate.key for candidate in candidates]


def test_nothing_found_decides_nothing():
    assert decide([], POLICY).confidence == 0.0


def test_a_clear_first_is_the_answer_and_the_next_are_kept():
    decision = decide(ranked(0.5, 0.3, 0.2, 0.1), POLICY)
    assert keys(decision.answers) == ["0"]
    assert keys(decision.choices) == ["1", "2"]


def test_weak_candidates_are_refused():
    decision = decide(ranked(0.09, 0.01), POLICY)
    assert not decision.answers
    assert not decision.choices
    assert decision.confidence <= 0.5


def test_near_equals_are_offered_as_choices():
    decision = decide(ranked(0.25, 0.249, 0.24, 0.1), POLICY)
    assert not decision.answers
    assert keys(decision.choices) == ["0", "1", "2"]


def test_the_same_subject_from_two_places_is_no_rival():
    first, second = (candidate for _, candidate in ranked(0.25, 0.249))
    assert keys(decide([("same", first), ("same", second)], POLICY).answers) == ["0"]


@given(st.lists(st.floats(0, 1), max_size=12))
def test_every_decision_is_one_of_three(scores):
    decision = decide(ranked(*sorted(scores, reverse=True)), POLICY)
    assert 0 <= decision.confidence <= 1
    assert len(decision.answers) <= 1
    assert len(decision.choices) <= 3
    for candidate in decision.answers:
        assert candidate.score >= POLICY.choices


@given(st.floats(0.1, 0.9), st.floats(0.01, 0.1))
def test_a_higher_score_is_never_less_sure(score, more):
    low, high = (decide(ranked(s, 0.05), POLICY).confidence for s in (score, score + more))
    assert high >= low
