"""Some of the messages of ``python -m tests.benchmarks hostile``, other ones than it begins with."""

from tests.benchmarks import hostile


def test_whatever_is_sent_every_promise_holds(services, knowledge):
    found = hostile.run(services.answers.answer, knowledge, 500, seed=1)
    assert found.failures == []
    assert sum(found.answered.values()) > 50
