"""The worker: each letter handed over once, only after its mark is on disk, and settled whatever happens."""

import threading
import time

import pytest

from bot.channels.port import Fate, Letter, Limits, Outcome
from bot.deliveries.states import State
from bot.deliveries.stepping import LEASE
from bot.deliveries.worker import Worker
from bot.notices.model import PushState
from catalogue_index.errors import Refused
from tests.bot.deliveries.office import ACCOUNT, FakeChannel, Office


def letter(row):
    return Letter(row.id, row.provider_key, f"address of {row.person}", "题", "文", "")


def letters_of(rows):
    return {row.id: letter(row) for row in rows}


def worker(office: Office, *channels, letters=letters_of, **options):
    ledger = office.ledger(*channels)
    by_account = {(c.name, c.account): c for c in channels}
    return Worker(ledger, by_account, letters, office.clock, **{"idle": 0.01} | options), ledger


def test_every_letter_is_handed_over_once(office):
    office.push()
    office.deliveries(200)
    channel = FakeChannel()
    sending, ledger = worker(office, channel, senders=8)

    assert sending.run_once() == 200

    assert len({got.key for got in channel.got}) == len(channel.got) == 200
    assert ledger.counts("p1") == {State.ACCEPTED: 200}


def test_two_workers_share_the_work(office):
    office.push()
    office.deliveries(100)
    channel = FakeChannel()
    workers = [worker(office, channel, senders=4)[0] for _ in range(2)]
    threads = [threading.Thread(target=one.run_once) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({got.key for got in channel.got}) == len(channel.got) == 100


def test_the_mark_is_on_disk_before_the_provider_is_called(office):
    office.push()
    office.deliveries(20)
    seen = []

    class Looking(FakeChannel):
        def hand(self, letters):
            seen.extend(ledger.rows(*(letter.delivery for letter in letters)))
            return super().hand(letters)

    sending, ledger = worker(office, Looking(), senders=4)
    sending.run_once()

    assert len(seen) == 20
    assert {row.state for row in seen} == {State.HANDING}


@pytest.mark.parametrize("answers", [0, 1, 3], ids=["none", "too few", "too many"])
def test_a_channel_that_breaks_its_promise_leaves_letters_unknown(office, answers):
    office.push()
    office.deliveries(2)

    class Broken(FakeChannel):
        def hand(self, letters):
            if not answers:
                raise RuntimeError("13800138000")
            return [Outcome(Fate.ACCEPTED)] * answers

    sending, ledger = worker(office, Broken(limits=Limits(batch=2)), senders=1)
    sending.run_once()
    assert ledger.counts("p1") == {State.UNKNOWN: 2}


def test_what_a_channel_says_in_a_defect_is_not_logged(office, caplog):
    office.push()
    office.delivery()

    class Broken(FakeChannel):
        def hand(self, letters):
            raise RuntimeError("13800138000")

    worker(office, Broken())[0].run_once()
    assert "RuntimeError" in caplog.text
    assert "13800138000" not in caplog.text


def test_letters_go_in_one_call_where_the_channel_takes_many(office):
    office.push("p1")
    office.push("p2")
    office.deliveries(25, "p1")
    office.deliveries(3, "p2")
    calls = []

    class Batches(FakeChannel):
        def hand(self, letters):
            calls.append(len(letters))
            return super().hand(letters)

    sending, _ = worker(office, Batches(limits=Limits(batch=10)), senders=2)
    assert sending.run_once() == 28
    assert sorted(calls) == [3, 5, 10, 10]


def test_a_quota_counts_calls_where_a_call_takes_many(office):
    office.push()
    office.deliveries(25)
    channel = FakeChannel(limits=Limits(batch=10, per_day=2))
    assert worker(office, channel)[0].run_once() == 20


def test_a_row_without_a_letter_is_dropped_and_the_others_go(office):
    office.push()
    office.deliveries(100)

    def some(rows):
        return {
            row.id: Refused("没有地址") if row.person < "人090" else letter(row) for row in rows
        }

    sending, ledger = worker(office, FakeChannel(), letters=some, senders=8)
    assert sending.run_once() == 10
    assert ledger.counts("p1") == {State.ACCEPTED: 10, State.FAILED: 90}


def test_what_the_channel_would_never_take_is_not_handed_over(office):
    office.push()
    office.delivery()

    class Choosy(FakeChannel):
        def forecast(self, letter):
            return Outcome(Fate.REFUSED, why="标题太长")

    channel = Choosy()
    sending, ledger = worker(office, channel)
    assert sending.run_once() == 0
    assert channel.got == []
    assert ledger.counts("p1") == {State.FAILED: 1}


def test_costs_are_reserved_before_and_corrected_after(office):
    office.push(cost_cap=2500)
    office.deliveries(5)
    sending, ledger = worker(office, FakeChannel(cost=500), senders=1)
    sending.run_once()
    assert ledger.counts("p1") == {State.ACCEPTED: 5}


def test_a_computer_that_slept_after_the_mark_does_not_call(office):
    office.push()
    office.delivery()
    channel = FakeChannel()

    class Sleeping(Worker):
        def _call(self, *call):
            office.clock.pass_(seconds=LEASE)
            super()._call(*call)

    ledger = office.ledger(channel)
    Sleeping(ledger, {("sms", ACCOUNT): channel}, letters_of, office.clock, senders=1).run_once()

    assert channel.got == []
    assert ledger.counts("p1") == {State.QUEUED: 1}


def test_a_stop_settles_what_is_under_way_and_leaves_the_rest(office):
    office.push()
    office.deliveries(50)
    entered, let_go = threading.Semaphore(0), threading.Event()

    class Slow(FakeChannel):
        def hand(self, letters):
            entered.release()
            assert let_go.wait(30)
            return super().hand(letters)

    sending, ledger = worker(office, Slow(), senders=4)
    running = threading.Thread(target=sending.run)
    running.start()
    for _ in range(4):
        assert entered.acquire(timeout=30)
    while ledger.counts("p1").get(State.HANDING, 0) < 5 and running.is_alive():
        time.sleep(0.01)  # one more is marked than there are senders
    sending.stop()
    let_go.set()
    running.join(30)

    assert not running.is_alive()
    assert ledger.counts("p1") == {State.ACCEPTED: 5, State.QUEUED: 45}


def test_results_are_kept_until_the_database_takes_them(office):
    office.push()
    office.deliveries(3)
    ledger = office.ledger()
    refusing = iter([True, True])

    class Flaky(type(ledger)):
        def settle(self, *results, **named):
            if next(refusing, False):
                raise Refused("数据库忙")
            return super().settle(*results, **named)

    channel = FakeChannel()
    flaky = Flaky(office.database, office.clock, limits={("sms", ACCOUNT): Limits()})
    sending = Worker(flaky, {("sms", ACCOUNT): channel}, letters_of, office.clock, idle=0.01)
    running = threading.Thread(target=sending.run)
    running.start()
    for _ in range(3000):
        if ledger.counts("p1") == {State.ACCEPTED: 3}:
            break
        threading.Event().wait(0.01)
    sending.stop()
    running.join(30)

    assert ledger.counts("p1") == {State.ACCEPTED: 3}
    assert len(channel.got) == 3


def test_a_push_that_is_stopped_meanwhile_is_left(office):
    office.push()
    office.deliveries(10)

    class Stopping(FakeChannel):
        def hand(self, letters):
            office.set_push("p1", state=PushState.STOPPED)
            return super().hand(letters)

    sending, ledger = worker(office, Stopping(), senders=1)
    sending.run_once()
    ledger.clear()
    assert ledger.counts("p1") == {State.ACCEPTED: 1, State.CANCELLED: 9}
