"""Figures add up, and say of every group what is true of it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answering.model import Kind
from bot.evaluation.judging import Outcome
from bot.evaluation.scores import (
    ALL,
    characters,
    confusions,
    groupings,
    milliseconds,
    parts,
    reliability,
    scores,
)

from .conftest import answer, source

GOOD = source(number=6)
words = st.text(max_size=5)


def some_outcomes():
    """Any outcomes that judging may give."""
    return st.lists(
        st.builds(
            Outcome,
            set=words,
            id=st.sampled_from("abc"),
            question=words,
            context=words,
            area=st.sampled_from(["", "高县"]),
            style=st.sampled_from(["短", "<长>"]),
            asks=st.sampled_from(["", "when"]),
            gold=st.sampled_from(["faq", "plan", "catalogue", "outside"]),
            expected=words,
            kind=st.sampled_from([str(kind) for kind in Kind]),
            route=words,
            taken=words,
            confidence=st.floats(0, 1).map(lambda c: round(c, 3)),
            text=words,
            choices=st.lists(words, max_size=2).map(tuple),
            reasons=st.lists(words, max_size=2).map(tuple),
            first=st.booleans(),
            offered=st.booleans(),
            ms=st.floats(0, 100),
            plain=st.one_of(st.none(), st.booleans()),
        ),
        max_size=12,
    )


def test_scores_come_by_style_and_add_up(outcomes):
    lines = [("a", 6), ("b", 6), ("a", 5)]
    table = scores(outcomes(*(({"style": s, "gold_faq": n}, answer(GOOD)) for s, n in lines)))
    assert [(s.name, s.cases, s.first, s.wrong) for s in table] == [
        ("a", 2, 1, 1),
        ("b", 1, 1, 0),
        (ALL, 3, 2, 1),
    ]


def test_groups_are_shown_where_the_questions_differ(outcomes):
    found = outcomes(
        ({"gold_faq": 6, "asks": "when"}, answer(GOOD)),
        ({"gold_faq": 5, "asks": "who"}, answer(GOOD)),
    )
    assert list(groupings(found)) == ["asks"]
    assert [(s.name, s.first) for s in groupings(found)["asks"]] == [
        ("when", 1),
        ("who", 0),
        (ALL, 1),
    ]


def test_questions_to_answer_and_to_turn_away_are_counted_apart(outcomes):
    found = outcomes(
        ({"kind": "chitchat"}, answer(kind=Kind.DECLINED, route="abuse")),
        ({"gold_faq": 6}, answer(GOOD)),
    )
    inside, outside = parts(found)
    assert (inside.outside, inside.total.cases) == (False, 1)
    assert (outside.outside, outside.total.first, outside.total.offered) == (True, 1, 0)
    assert [part.outside for part in parts(found[:1])] == [True]


def test_what_was_taken_for_what_is_counted_most_often_first(outcomes):
    five, astray = source(number=5), answer(kind=Kind.DECLINED, route="abuse")
    found = confusions(
        outcomes(
            ({"id": "a", "gold_faq": 6}, answer(GOOD)),
            ({"id": "b", "kind": "chitchat"}, astray),
            ({"id": "c", "gold_faq": 6}, answer(five)),
            ({"id": "d", "gold_faq": 6}, answer(five)),
            ({"id": "e", "gold_faq": 6}, answer(kind=Kind.DECLINED)),
        )
    )
    assert [(c.expected, c.taken, c.ids) for c in found] == [
        ("第6问", "第5问 题", ("c", "d")),
        ("闲聊", "辱骂或攻击", ("b",)),
    ]


def test_reliability_counts_answers_at_least_so_confident(outcomes):
    found = outcomes(
        ({"gold_faq": 6}, answer(GOOD, sure=0.97)),
        ({"gold_faq": 5}, answer(GOOD, sure=0.6)),
        ({"kind": "chitchat"}, answer(GOOD, sure=0.9)),
        ({"gold_faq": 6}, answer(kind=Kind.DECLINED, sure=0.99)),
    )
    assert [(r.at_least, r.answers, r.right) for r in reliability(found)] == [
        (0.5, 3, 1),
        (0.6, 3, 1),
        (0.7, 2, 1),
        (0.8, 2, 1),
        (0.9, 2, 1),
        (0.95, 1, 1),
    ]


def test_only_answers_have_a_length(outcomes):
    found = outcomes(
        ({"gold_faq": 6}, answer(GOOD, text="四个字呢")),
        ({"gold_faq": 6}, answer(GOOD, text="二字")),
        ({"gold_faq": 6}, answer(kind=Kind.DECLINED, text="很长很长的婉拒")),
    )
    assert (characters(found).mean, characters(found).most) == (3, 4)
    assert characters([]).most == 0


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(some_outcomes())
def test_every_grouping_adds_up_to_all(found):
    for table in (scores(found), *groupings(found).values()):
        *rows, total = table
        assert total.name == ALL
        assert total.cases == len(found)
        for figure in ("cases", "first", "offered", "wrong"):
            assert sum(getattr(row, figure) for row in rows) == getattr(total, figure)
    assert sum(part.total.cases for part in parts(found)) == len(found)
    counts = [row.answers for row in reliability(found)]
    assert counts == sorted(counts, reverse=True)
    spread = milliseconds(found)
    assert spread.p50 <= spread.p99 <= spread.most
    assert spread.mean == pytest.approx(sum(o.ms for o in found) / max(len(found), 1))
