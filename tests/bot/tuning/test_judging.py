"""Verdicts on questions found, and the figures that are made of them."""

import pytest

from bot.answering.deciding import Policy
from bot.answering.finding import Candidate, Found
from bot.answering.recognising import Recognised
from bot.evaluation.scores import THRESHOLDS
from bot.tuning.judging import Score, Verdict, judge, reliability, score, scores
from bot.tuning.questions import Example
from bot.tuning.tuning import OUTSIDE, Judged
from catalogue_index.analysis.analyser import Query

OURS = frozenset({"faq:notice-1"})


def judged(*sure, right=(0,), text="目录谁来编", route="", nothing=0.0):
    """A question whose candidates weigh so much, best or not."""
    candidates = tuple(
        Candidate("faq", f"notice-{n + 1}", 0.0, n, n, features={"sure": each})
        for n, each in enumerate(sure)
    )
    recognised = Recognised({"faq": 0.0}, {"chitchat": 0.5, "nonsense": 0.0}, {}, {})
    found = Found(candidates, {"sure": nothing}, 0.0, Query(text, {}, ()), recognised)
    example = Example(text, frozenset() if route else OURS, route)
    return Judged(example, found, () if route else right)


def verdict(one, policy=None):
    return judge({"sure": 1.0}, policy or Policy())(one)


def test_the_likeliest_is_answered_and_is_right():
    found = verdict(judged(1.0, 5.0, right=(1,)))
    assert (found.first, found.right, found.answered, found.wrong) == (True, True, True, False)
    assert found.confidence == pytest.approx(0.976, abs=0.001)
    assert (found.kind, found.outside) == ("faq", False)


def test_the_likeliest_is_answered_and_is_wrong():
    found = verdict(judged(1.0, 5.0, right=(0,)))
    assert (found.first, found.right, found.answered, found.wrong) == (False, False, True, True)


def test_what_is_right_but_not_sure_enough_is_not_answered():
    found = verdict(judged(1.0, 0.9, 0.9), Policy(answer=0.9, sibling=0.9))
    assert (found.first, found.right, found.answered, found.wrong) == (True, False, False, False)


@pytest.mark.parametrize("one", [judged(0.0, nothing=5.0), judged(right=())])
def test_what_nothing_seems_to_answer_is_neither_right_nor_wrong(one):
    found = verdict(one)
    assert (found.first, found.right, found.answered, found.wrong) == (False, False, False, False)


def test_what_was_not_found_at_all_is_missed():
    one = judged(5.0, right=())
    assert one.missed
    assert verdict(one).wrong
    assert not judged(5.0).missed
    assert not judged(5.0, route="chitchat").missed


@pytest.mark.parametrize(("route", "right"), [("chitchat", True), ("nonsense", False)])
def test_a_message_for_another_door_is_right_where_it_is_shown_the_door(route, right):
    found = verdict(judged(0.0, route=route, nothing=5.0))
    assert (found.outside, found.first, found.right, found.wrong) == (True, True, right, False)


def test_a_message_for_another_door_is_wrong_where_it_is_answered():
    found = verdict(judged(5.0, route="chitchat"))
    assert (found.first, found.right, found.wrong) == (False, False, True)


def test_choices_for_a_message_for_another_door_are_not_wrong_but_not_right_either():
    found = verdict(judged(1.0, 1.0, 1.0, 1.0, route="chitchat"))
    assert (found.right, found.answered, found.wrong) == (False, False, False)


@pytest.mark.parametrize(("route", "right"), [("crisis", True), ("chitchat", False), ("", False)])
def test_what_a_rule_stops_is_not_searched(route, right):
    found = verdict(judged(9.0, text="我不想活了", route=route))
    assert (found.first, found.right, found.answered) == (bool(route), right, False)


def test_figures_come_by_kind_ours_first():
    some = [
        Verdict("nonsense", True, True, True, False, 0.0),
        Verdict("plan", False, True, True, True, 0.9),
        Verdict("faq", False, True, False, False, 0.3),
        Verdict("plan", False, False, False, True, 0.7),
    ]
    assert scores(some) == [
        Score("faq", False, 1, 1, 0, 0),
        Score("plan", False, 2, 1, 1, 1),
        Score("nonsense", True, 1, 1, 1, 0),
    ]
    assert score("合计", some[1:]) == Score("合计", False, 3, 2, 1, 1)


def test_reliability_counts_the_answers_at_least_so_sure():
    some = [
        Verdict("faq", False, True, True, True, 0.9),
        Verdict("faq", False, True, True, True, 0.6),
        Verdict("faq", False, True, False, False, 0.99),
        Verdict("nonsense", True, False, False, True, 0.6),
    ]
    found = reliability(some)
    assert [row.at_least for row in found] == [*THRESHOLDS]
    assert [(row.answers, row.right) for row in found] == [
        (3, 2), (3, 2), (1, 1), (1, 1), (1, 1), (0, 0),
    ]  # fmt: skip
    outside = 3 * OUTSIDE / (1 - OUTSIDE)
    assert found[0].share == pytest.approx(2 / (2 + outside), abs=0.001)
    assert found[-2].share == 1.0
    assert found[-1].share is None
