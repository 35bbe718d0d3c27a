"""What each part adds, on the small set: the whole first, then without one part after another."""

import pytest

from bot.answering.model import Question
from bot.answering.scoring import learned_weights
from bot.evaluation.cases import Case
from bot.tuning.ablation import SILENT, ablation, steps
from bot.tuning.tuning import FIXED

FOLDS = 4
CASES = (
    Case("1", Question("目录谁编啊", None), "全部", {"gold_faq": [1]}),
    Case("2", Question("你好呀", None), "全部", {"kind": "chitchat"}),
)


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def lines(material, new_tuning, half, told):
    found = ablation(material, new_tuning, half, CASES, FOLDS, told.append)
    return {line.part: line for line in found}


def test_the_whole_comes_first_then_what_is_left_without_each_part(lines):
    whole, *parts = lines
    assert whole == "whole"
    assert {"synonyms", "repairs", "asked", "written", *SILENT} == {whole, *parts}


def test_every_feature_belongs_to_a_part():
    named = {name for names in SILENT.values() for name in names}
    assert {*learned_weights()} - named == {"faq", "plan", "item", "nothing", *FIXED}


def test_every_line_is_of_the_same_questions(lines, half):
    doors = sum(bool(example.route) for example in half)
    for line in lines.values():
        assert (line.inside.cases, line.outside.cases) == (len(half) - doors, doors)
        assert [outcome.id for outcome in line.outcomes] == ["1", "2"]


def test_without_what_is_known_less_is_right(lines):
    whole = lines["whole"]
    assert [outcome.first for outcome in whole.outcomes] == [True, True]
    for part in ("routes", "covered"):
        left = lines[part]
        lost = whole.inside.first - left.inside.first + whole.outside.first - left.outside.first
        assert lost >= 0, part


def test_every_step_is_told(lines, told):
    assert len(told) == steps(FOLDS)
