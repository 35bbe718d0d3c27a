"""The plain method is a fair opponent: it finds what is plainly there."""

from bot.answering.model import Question
from bot.evaluation.cases import Case
from bot.evaluation.plain import plain_first


def case(text, *numbers):
    return Case("1", Question(text), "原文", {"gold_faq": list(numbers)})


def test_every_official_question_finds_itself(knowledge):
    entries = knowledge.entries_of("guangdong-2020-notice")
    cases = [case(entry.question, entry.number) for entry in entries]
    assert plain_first(cases, knowledge) == [True] * len(entries)


def test_a_wrong_number_is_not_counted_and_several_may_be_right(knowledge):
    question = knowledge.entry("guangdong-2020-notice-7").question
    assert plain_first([case(question, 1), case(question, 1, 7)], knowledge) == [False, True]


def test_what_is_no_annex_question_is_not_asked(knowledge):
    other = Case("1", Question("你好"), "短", {"kind": "chitchat"})
    assert plain_first([other], knowledge) == [None]
    assert plain_first([other, case("公开依据", 7)], knowledge)[0] is None
