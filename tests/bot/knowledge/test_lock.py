"""One writer at a time; whoever waits too long is told so in Chinese."""

import threading

import pytest

from bot.knowledge.lock import WriterLock
from catalogue_index.errors import Refused


def test_whoever_holds_it_may_take_it_again(tmp_path):
    lock = WriterLock(tmp_path / "lock")
    with lock() as outermost, lock() as inner:
        assert (outermost, inner) == (True, False)
    with lock() as outermost:
        assert outermost


def test_another_writer_waits_and_is_refused_out_of_patience(tmp_path):
    with WriterLock(tmp_path / "lock")():
        impatient = WriterLock(tmp_path / "lock", patience=0.05)
        with pytest.raises(Refused, match="另一个程序正在导入或发布"), impatient():
            pass
    with impatient() as outermost:
        assert outermost


def test_a_failure_lets_go(tmp_path):
    lock = WriterLock(tmp_path / "lock")
    with pytest.raises(KeyError), lock():
        raise KeyError
    with WriterLock(tmp_path / "lock", patience=0)() as outermost:
        assert outermost


def test_threads_of_one_process_take_turns(tmp_path):
    lock, inside, most = WriterLock(tmp_path / "lock"), [], []

    def work():
        for _ in range(20):
            with lock() as outermost:
                inside.append(outermost)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 80
