"""Some of the messages of ``python -m tests.benchmarks hostile``, other ones than it begins with."""

from dataclasses import replace

import pytest

from bot.answering.model import Kind
from tests.benchmarks import hostile


def test_whatever_is_sent_every_promise_holds(services, knowledge):
    found = hostile.run(services.answers.answer, knowledge, 500, seed=1)
    assert found.failures == []
    assert sum(found.answered.values()) > 50


@pytest.mark.parametrize(
    ("question", "area"),
    [
        ("公开依据要写到条款吗", "441204"),
        ("养老服务目录谁牵头", "441204"),
        ("征地补偿标准谁来公布？", "441204"),
    ],
)
def test_an_answer_changed_by_one_character_is_seen(ask, knowledge, question, area):
    answer = ask(question, area)
    assert answer.kind is Kind.ANSWER
    assert hostile.broken(answer, knowledge) == ""
    for at in range(len(answer.text)):
        if answer.text[at] != "\n":
            changed = f"{answer.text[:at]}\x7f{answer.text[at + 1 :]}"
            assert hostile.broken(replace(answer, text=changed), knowledge), changed
    quote = replace(answer.sources[0], quote="另一段话")
    assert hostile.broken(replace(answer, sources=(quote,)), knowledge)
    assert hostile.broken(replace(answer, text=answer.text + "\n我想是的。"), knowledge)
    assert hostile.broken(replace(answer, sources=()), knowledge)
    assert hostile.broken(replace(answer, text=f"{answer.text}\ud800"), knowledge)
