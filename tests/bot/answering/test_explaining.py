import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.explaining import behind
from bot.answering.model import Kind, Question


@pytest.fixture(scope="session")
def explain(services):
    def explain(text, area="441204", context=None):
        return services.answers.explain(Question(text, area, context))

    return explain


def test_the_answer_is_the_one_that_people_get(explain, ask):
    for text in (
        "养老服务目录谁牵头",
        "低保怎么公示",
        "你好吗",
        "今天股票怎么样",
        "救命我不想活了",
    ):
        assert explain(text).answer == ask(text, "441204")


def test_the_first_considered_is_what_is_answered_and_says_why(explain):
    found = explain("养老服务目录谁牵头")

    first, second, *_ = found.considered
    assert found.answer.kind is Kind.ANSWER
    assert first.source.page == found.answer.sources[0].page
    assert first.score == found.answer.confidence > second.score
    assert first.reasons
    assert first.behind == ()
    assert second.behind


def test_probabilities_add_up(explain):
    found = explain("低保怎么公示")

    assert sum(one.score for one in found.considered) + found.nothing <= 1.0001
    assert [one.score for one in found.considered] == sorted(
        (one.score for one in found.considered), reverse=True
    )


def test_what_nothing_answers_names_its_door(explain):
    found = explain("公积金怎么提取")

    assert found.answer.kind is Kind.DECLINED
    assert found.nothing > 0.5
    assert found.door == found.answer.route


@pytest.mark.parametrize("text", ["", "？？？", "救命我不想活了", "问" * 501])
def test_what_is_never_searched_considers_nothing(explain, text):
    assert explain(text).considered == ()


def test_the_previous_message_is_taken_along(explain):
    found = explain("多久公开一次", context="低保怎么公示")

    assert any("上一个问题" in reason for one in found.considered for reason in one.reasons)


def test_what_is_ahead_is_told_most_important_first():
    weights = {"faq.text": 1.0, "faq.covered": 3.0, "plan.text": 1.0, "plan.covered": 3.0}
    first = {"faq.text": 1.0, "faq.covered": 1.0}

    told = behind(first, {"plan.text": 0.2, "plan.covered": 0.1}, weights)
    assert told == ("问题里的词它都有", "原文的用词和问题相近")
    assert behind(first, first, weights) == ()


@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=60))
def test_anything_can_be_explained(explain, text):
    assert explain(text).answer.text
