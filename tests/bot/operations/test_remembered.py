"""What is remembered is given at once, made anew beside that, and never older than is said."""

import threading

import pytest

from bot.operations.remembered import KEPT, Remembered
from catalogue_index.errors import Refused
from tests.bot.deliveries.office import Moment


class Counted:
    """Makes numbers, and the work that is to be done beside."""

    def __init__(self):
        self.clock = Moment()
        self.made = []
        self.beside = []
        self.failing = False
        self.remembered = Remembered(
            self._make, self.clock, fresh=60, longest=600, beside=self.beside.append
        )

    def _make(self, key):
        if self.failing:
            raise Refused("数据库忙")
        self.made.append(key)
        return len(self.made)

    def get(self, key="a"):
        return self.remembered.get(key)[0]


@pytest.fixture
def counted():
    return Counted()


def test_a_fresh_value_is_made_once(counted):
    assert [counted.get(), counted.get()] == [1, 1]
    counted.clock.pass_(seconds=59)
    assert (counted.get(), counted.beside) == (1, [])


def test_an_old_value_is_given_and_made_anew_once(counted):
    first = counted.remembered.get("a")
    counted.clock.pass_(seconds=60)
    assert counted.remembered.get("a") == first
    assert counted.remembered.get("a") == first
    (work,) = counted.beside
    work()
    assert counted.remembered.get("a") == (2, first[1] + 60)
    counted.clock.pass_(seconds=60)
    counted.get()
    assert len(counted.beside) == 2


def test_too_old_a_value_is_not_given(counted):
    counted.get()
    counted.clock.pass_(seconds=600)
    assert counted.get() == 2
    counted.clock.pass_(seconds=-7200)  # a clock set back
    assert counted.get() == 3


def test_what_cannot_be_made_anew_stays_until_it_is_too_old(counted):
    counted.get()
    counted.failing = True
    counted.clock.pass_(seconds=100)
    counted.get()
    counted.beside.pop()()
    assert counted.get() == 1
    assert len(counted.beside) == 1
    counted.clock.pass_(seconds=600)
    with pytest.raises(Refused):
        counted.get()


def test_as_many_are_kept_as_is_said(counted):
    for key in range(KEPT + 1):
        counted.get(key)
    counted.get(KEPT)
    assert len(counted.made) == KEPT + 1
    counted.get(0)
    assert len(counted.made) == KEPT + 2


def test_work_beside_is_done_by_itself():
    clock, done = Moment(), threading.Event()
    made = []

    def make(key):
        made.append(key)
        if len(made) == 2:
            done.set()
        return key

    remembered = Remembered(make, clock, fresh=1, longest=100)
    remembered.get("a")
    clock.pass_(seconds=2)
    remembered.get("a")
    assert done.wait(10)
