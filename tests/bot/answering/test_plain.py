"""The plain method is a fair opponent: it finds what is plainly there."""

from bot.answering.evaluation import Case
from bot.answering.model import Question
from bot.answering.plain import plain_first


def case(text, number, style="原文"):
    return Case("1", Question(text), style, {"gold_faq": number})


def test_every_official_question_finds_itself(knowledge):
    entries = knowledge.entries_of("guangdong-2020-notice")
    cases = [case(entry.question, entry.number) for entry in entries]
    assert plain_first(cases, knowledge) == {"原文": len(entries), "合计": len(entries)}


def test_a_wrong_number_is_not_counted_and_several_may_be_right(knowledge):
    question = knowledge.entry("guangdong-2020-notice-7").question
    cases = [case(question, 1, "错"), case(question, [1, 7], "对")]
    assert plain_first(cases, knowledge) == {"错": 0, "对": 1, "合计": 1}
