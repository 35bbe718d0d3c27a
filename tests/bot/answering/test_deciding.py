"""From probabilities to a decision."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.answering.deciding import Policy, decide, published
from bot.answering.finding import Candidate

POLICY = Policy(
    answer=0.4, entry=0.5, sibling=0.25, family=0.65, choices=0.5, worth=0.15, beside=0.05
)
ODDS = st.lists(st.floats(0, 10), min_size=1, max_size=8)


def ranked(*scores, families=range(99)):
    """Candidates with these probabilities, each of a family of its own unless told."""
    return [
        Candidate("item", str(n), score, family=family)
        for n, (score, family) in enumerate(zip(scores, families, strict=False))
    ]


def test_an_entry_of_the_faq_must_be_a_little_surer():
    row, *_ = ranked(0.45)
    entry = row._replace(type="faq")
    assert decide([row], 0.4, POLICY).answers == (row,)
    assert decide([entry], 0.4, POLICY).choices == (entry,)


def keys(candidates):
    return [candidate.key for candidate in candidates]


def shares(odds):
    """Probabilities, best first and that of nothing last, from how often each was the case."""
    assume(sum(odds) > 0.001)
    *those, nothing = (each / sum(odds) for each in odds)
    return sorted(those, reverse=True), nothing


@pytest.mark.parametrize(
    ("scores", "nothing", "answers", "choices"),
    [
        ((), 1.0, [], []),
        ((0.8, 0.06, 0.03), 0.02, ["0"], ["1"]),
        ((0.45, 0.2, 0.1, 0.09, 0.08), 0.05, ["0"], ["1", "2"]),
        ((0.45,), 0.55, [], []),
        ((0.3, 0.28, 0.2, 0.1), 0.1, [], ["0", "1", "2"]),
        ((0.3, 0.28, 0.01), 0.4, [], ["0", "1"]),
        ((0.3, 0.1), 0.6, [], []),
        ((0.01,), 0.99, [], []),
    ],
    ids=[
        "nothing-found",
        "clear",
        "three-at-most",
        "nothing-is-likelier",
        "any-of-several",
        "not-the-hopeless",
        "likelier-nothing",
        "hardly-anything",
    ],
)
def test_what_is_answered_offered_and_refused(scores, nothing, answers, choices):
    decision = decide(ranked(*scores), nothing, POLICY)
    assert (keys(decision.answers), keys(decision.choices)) == (answers, choices)
    assert decision.confidence == max(scores, default=0.0)


@pytest.mark.parametrize(
    ("scores", "families", "nothing", "answered"),
    [
        ((0.35, 0.2, 0.15), "aaa", 0.3, True),
        ((0.35, 0.2, 0.15), "aba", 0.3, False),
        ((0.35, 0.2, 0.15), "baa", 0.3, False),
        ((0.24, 0.23, 0.23), "aaa", 0.2, False),
        ((0.34, 0.32), "aa", 0.34, False),
        ((0.45, 0.2, 0.15), "abc", 0.2, True),
    ],
    ids=[
        "one-family",
        "too-few",
        "siblings-of-others",
        "not-one-of-them-likely",
        "nothing-as-likely",
        "clear-without-siblings",
    ],
)
def test_siblings_speak_for_the_likeliest_of_them(scores, families, nothing, answered):
    decision = decide(ranked(*scores, families=families), nothing, POLICY)
    assert keys(decision.answers) == (["0"] if answered else [])
    assert keys((*decision.answers, *decision.choices)) == [str(n) for n in range(len(scores))]


@given(odds=ODDS, families=st.text("abc", min_size=8, max_size=8))
def test_what_is_answered_is_likelier_than_all_else(odds, families):
    scores, nothing = shares(odds)
    decision = decide(ranked(*scores, families=families), nothing, POLICY)
    if decision.answers:
        assert decision.answers[0].score >= POLICY.sibling
        assert decision.answers[0].score == max(scores) > nothing
    elif decision.choices:
        assert nothing <= 1 - POLICY.choices
    assert len(decision.answers) <= 1
    shown = [*decision.answers, *decision.choices]
    assert len({c.key for c in shown}) == len(shown) <= 3
    assert keys(shown) == [str(n) for n in range(len(shown))]


@given(odds=ODDS, more=st.floats(0, 10))
def test_the_likelier_nothing_is_the_less_is_said(odds, more):
    said = []
    for grown in (0, more):
        scores, nothing = shares([*odds[:-1], odds[-1] + grown])
        decision = decide(ranked(*scores), nothing, POLICY)
        said.append(2 * len(decision.answers) or int(bool(decision.choices)))
    before, after = said
    assert after <= before


@given(odds=ODDS, answer=st.floats(0, 1), stricter=st.floats(0, 1))
def test_a_stricter_policy_answers_no_more(odds, answer, stricter):
    scores, nothing = shares(odds)
    lenient, strict = (
        decide(ranked(*scores), nothing, Policy(answer=threshold))
        for threshold in sorted((answer, stricter))
    )
    assert len(strict.answers) <= len(lenient.answers)


def rows(*, covered=0.6, sector=0.0, scores=(0.02, 0.01)):
    features = {"item.covered": covered, "item.sector": sector}
    return [row._replace(features=features) for row in ranked(*scores)]


def test_rows_near_to_a_matter_that_is_not_ours_are_shown():
    assert keys(published(rows(), POLICY)) == ["0", "1"]


@pytest.mark.parametrize(
    "others",
    [
        rows(covered=0.4),
        rows(sector=-0.2),
        [row._replace(type="plan") for row in rows()],
        rows(scores=(0.01,) * 5),
        [],
    ],
    ids=["few-of-its-words", "another-sector", "no-rows", "any-of-many", "nothing"],
)
def test_rows_that_are_no_nearer_than_others_are_not_shown(others):
    assert published(others, POLICY) == ()
