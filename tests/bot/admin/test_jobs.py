"""Long work behind pages: how far it is, how it ended, and that nobody is told more than a sentence."""

import threading

import pytest

from bot.admin.jobs import FAILED, KEPT, Jobs
from catalogue_index.errors import Refused


@pytest.fixture
def jobs():
    return Jobs()


def test_a_job_tells_its_step_and_then_its_result(jobs):
    go, told = threading.Event(), threading.Event()

    def work(step):
        step("读取")
        told.set()
        go.wait(60)
        return 7

    job = jobs.start("甲", work)
    assert told.wait(60)
    assert (job.running, job.step, jobs.of("甲")) == (True, "读取", job)
    assert not job.waited(0)
    go.set()
    assert job.waited(60)
    assert (job.running, job.result, job.refused) == (False, 7, None)


def test_a_refusal_is_kept_and_any_other_error_is_a_plain_sentence(jobs):
    def refuse(_):
        raise Refused("不行")

    def fail(_):
        raise ValueError("13812345678")

    first, second = jobs.start("甲", refuse), jobs.start("乙", fail)
    assert first.waited(60)
    assert second.waited(60)
    assert (str(first.refused), str(second.refused)) == ("不行", FAILED)


def test_only_one_of_a_name_goes_on_and_then_another_may(jobs):
    go = threading.Event()
    first = jobs.start("甲", lambda _: go.wait(60))
    assert jobs.start("甲", lambda _: 1) is first
    go.set()
    assert first.waited(60)
    assert jobs.start("甲", lambda _: 1) is not first


def test_who_leaves_is_told_at_the_end_and_who_stays_is_not(jobs):
    go, told = threading.Event(), threading.Event()
    left = jobs.start("甲", lambda _: go.wait(60))
    assert left.leave(lambda job: told.set())
    assert not told.is_set()
    go.set()
    assert told.wait(60)
    stayed = jobs.start("乙", lambda _: 1)
    assert stayed.waited(60)
    assert not stayed.leave(lambda job: pytest.fail("nobody left"))


def test_old_jobs_are_forgotten_and_running_ones_never(jobs):
    go = threading.Event()
    running = jobs.start("甲", lambda _: go.wait(60))
    for number in range(KEPT + 5):
        assert jobs.start(str(number), lambda _: 1).waited(60)
    assert jobs.of("0") is None
    assert jobs.of("甲") is running
    assert jobs.of(str(KEPT + 4)) is not None
    go.set()
    assert running.waited(60)
