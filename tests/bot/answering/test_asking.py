"""What a question asks for, and whether it is one question or two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.asking import ASPECTS, understand


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("低保审批由哪个部门公开", "who"),
        ("低保审批邊個部門公開", "who"),
        ("多久公开一次", "when"),
        ("在哪里能看到", "where"),
        ("依据是哪个文件", "basis"),
        ("向谁公开", "whom"),
        ("是主动公开还是依申请", "how"),
        ("都公开哪些内容", "what"),
    ],
)
def test_the_aspect_asked_for_is_recognised(text, aspect):
    assert aspect in understand(text).aspects


def test_a_plain_subject_asks_for_nothing_in_particular():
    assert understand("最低生活保障").aspects == ()


def test_two_questions_in_one_message_are_told_apart():
    parts = understand("低保标准在哪公开？另外，养老服务目录谁牵头？").parts
    assert parts == ("低保标准在哪公开", "养老服务目录谁牵头")


@pytest.mark.parametrize(
    "text", ["低保标准在哪公开？", "在吗？低保标准在哪公开？", "一？二？三？四？"]
)
def test_one_question_has_no_parts(text):
    assert understand(text).parts == ()


def test_many_questions_are_not_taken_apart():
    assert understand("？".join(["低保标准在哪公开"] * 5)).parts == ()


@pytest.mark.parametrize(
    ("text", "may"), [("那时限呢", True), ("具体由哪个部门负责把这件事情公开出来", True)]
)
def test_a_short_or_leaning_question_may_follow_up(text, may):
    assert understand(text).may_follow_up is may


def test_a_long_question_of_its_own_does_not_follow_up():
    assert not understand("农村危房改造对象名单由哪个部门负责对社会公开").may_follow_up


@given(st.text(max_size=500))
def test_anything_is_understood(text):
    asked = understand(text)
    assert set(asked.aspects) <= set(ASPECTS)
    assert len(asked.parts) in (0, 2, 3)
    assert all(part in asked.text for part in asked.parts)
