"""What comes round: unknown letters, silence, receipts that came too early, and ends of pushes."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.channels.port import Fate, Limits, Outcome, Receipt
from bot.deliveries.ledger import LEASE_AGAIN, Ledger
from bot.deliveries.receipts import Receipts, keep_totals
from bot.deliveries.reconciler import Reconciler
from bot.deliveries.states import State
from bot.deliveries.stepping import LEASE
from bot.deliveries.timers import Timers
from bot.notices.model import PushState
from bot.storage.schema import channel_jobs, push_events, quotas, receipts, timers
from bot.storage.vault import Vault
from tests.bot.deliveries.office import ACCOUNT, FakeChannel, send
from tests.bot.deliveries.test_worker import letters_of

VAULT = Vault("a secret of the tests, long enough")


def parts(office, *channels):
    channels = channels or (FakeChannel(),)
    ledger = office.ledger(*channels)
    kept = Receipts(office.database, VAULT, office.clock, ledger)
    by_account = {(c.name, c.account): c for c in channels}
    return (
        ledger,
        kept,
        Reconciler(office.database, ledger, kept, by_account, letters_of, office.clock),
    )


def told(fate, *, event="e1", key="", ref=""):
    return Receipt("sms", ACCOUNT, event, fate, key=key, ref=ref)


# Unknown


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Fate.ACCEPTED, State.ACCEPTED),
        (Fate.DELIVERED, State.DELIVERED),
        (Fate.UNDELIVERED, State.UNDELIVERED),
        (Fate.REFUSED, State.FAILED),
        (Fate.LATER, State.QUEUED),
        (Fate.UNKNOWN, State.UNKNOWN),
    ],
)
def test_an_unknown_letter_is_what_the_provider_says_when_asked(office, answer, state):
    office.push()
    office.delivery()
    channel = FakeChannel()
    ledger, _, reconciler = parts(office, channel)
    send(ledger, Fate.UNKNOWN)
    channel.tells = Outcome(answer)

    reconciler.ask_unknown()
    assert channel.asked == []
    office.clock.pass_(minutes=5)
    reconciler.ask_unknown()

    assert len(channel.asked) == 1
    assert channel.got == []
    assert ledger.counts("p1") == {state: 1}


def test_an_unknown_letter_is_asked_about_every_five_minutes_until_three_days_are_over(office):
    office.push()
    office.delivery()
    channel = FakeChannel()
    ledger, _, reconciler = parts(office, channel)
    send(ledger, Fate.UNKNOWN)
    office.clock.pass_(minutes=5)
    assert [reconciler.ask_unknown(), reconciler.ask_unknown()] == [1, 0]
    office.clock.pass_(minutes=5)
    assert reconciler.ask_unknown() == 1
    office.clock.pass_(hours=72)
    reconciler.ask_unknown()
    assert ledger.counts("p1") == {State.ABANDONED: 1}


def test_what_the_provider_would_know_again_is_handed_over_once_more_with_the_same_key(office):
    office.push()
    office.delivery()
    channel = FakeChannel(limits=Limits(again_within=timedelta(minutes=10)))
    ledger, _, reconciler = parts(office, channel)
    (first,) = send(ledger, Fate.UNKNOWN)
    office.clock.pass_(minutes=5)

    reconciler.ask_unknown()

    assert [got.key for got in channel.got] == [first.provider_key]
    assert channel.asked == []
    assert ledger.counts("p1") == {State.ACCEPTED: 1}


def test_many_letters_are_handed_over_once_more_at_once_and_counted(office):
    office.push()
    office.deliveries(3)
    limits = Limits(again_within=timedelta(minutes=10), per_second=100, per_day=100)
    together = threading.Barrier(3, timeout=30)

    class Waiting(FakeChannel):
        def hand(self, letters):
            together.wait()
            return super().hand(letters)

    channel = Waiting(limits=limits)
    ledger, _, reconciler = parts(office, channel)
    send(ledger, *[Fate.UNKNOWN] * 3)
    office.clock.pass_(minutes=5)

    reconciler.ask_unknown()

    assert ledger.counts("p1") == {State.ACCEPTED: 3}
    today = quotas.c.period == f"{office.clock():%Y-%m-%d}"
    assert office.column(quotas.c.used, today) == 6


def test_who_slept_past_the_lease_repeats_nothing(office):
    office.push()
    office.delivery()

    class Asleep(Ledger):
        def hand_again(self, unknown, within):
            handed = super().hand_again(unknown, within)
            office.clock.pass_(seconds=LEASE_AGAIN)
            return handed

    channel = FakeChannel(limits=Limits(again_within=timedelta(minutes=10)))
    limits = {(channel.name, channel.account): channel.limits}
    ledger = Asleep(office.database, office.clock, limits=limits)
    kept = Receipts(office.database, VAULT, office.clock, ledger)
    channels = {(channel.name, channel.account): channel}
    reconciler = Reconciler(office.database, ledger, kept, channels, letters_of, office.clock)
    send(ledger, Fate.UNKNOWN)
    office.clock.pass_(minutes=5)
    reconciler.ask_unknown()
    assert channel.got == []
    assert ledger.counts("p1") == {State.UNKNOWN: 1}


def test_a_letter_whose_worker_died_is_handed_over_once_more_before_the_provider_forgets_it(office):
    office.push()
    office.delivery()
    channel = FakeChannel(limits=Limits(again_within=timedelta(minutes=10)))
    ledger, _, reconciler = parts(office, channel)
    ledger.hand(ledger.claim("dies", 1))
    office.clock.pass_(seconds=LEASE + 1)
    ledger.sweep()

    reconciler.ask_unknown()

    assert len(channel.got) == 1
    assert ledger.counts("p1") == {State.ACCEPTED: 1}


def test_who_repeats_letters_may_die_too_and_they_still_come_home(office):
    office.push()
    office.delivery()
    channel = FakeChannel(limits=Limits(again_within=timedelta(minutes=10)))
    ledger, _, _ = parts(office, channel)
    ledger.hand(ledger.claim("dies", 1))
    office.clock.pass_(seconds=LEASE + 1)
    for _ in range(5):
        ledger.sweep()
        assert len(ledger.hand_again(ledger.due(State.UNKNOWN, 1), 600)) == 1
        office.clock.pass_(seconds=LEASE_AGAIN + 1 + 60)
    ledger.sweep()
    assert ledger.hand_again(ledger.due(State.UNKNOWN, 1), 600) == []
    assert channel.got == []
    assert ledger.counts("p1") == {State.UNKNOWN: 1}


def test_work_of_a_process_that_died_at_it_is_free_again_while_providers_still_remember(office):
    office.push()
    office.delivery()
    channel, leases = FakeChannel(), []
    ledger, _, reconciler = parts(office, channel)

    def settle(letters, refs):
        with office.database.read() as connection:
            of_task = select(timers.c.lease_until).where(timers.c.name == "ask unknown")
            leases.append(connection.execute(of_task).scalar_one() - office.second)
        return [Outcome(Fate.UNKNOWN) for _ in letters]

    channel.settle = settle
    send(ledger, Fate.UNKNOWN)
    office.clock.pass_(minutes=5)
    reconciler.run_once()
    assert leases == [LEASE_AGAIN]


def test_what_the_provider_has_forgotten_is_only_asked_about(office):
    office.push()
    office.delivery()
    channel = FakeChannel(limits=Limits(again_within=timedelta(minutes=10)))
    ledger, _, reconciler = parts(office, channel)
    send(ledger, Fate.UNKNOWN)
    office.clock.pass_(minutes=10)
    reconciler.ask_unknown()
    assert (channel.got, len(channel.asked)) == ([], 1)
    assert ledger.counts("p1") == {State.UNKNOWN: 1}


def test_a_channel_that_fails_when_asked_changes_nothing(office):
    office.push()
    office.delivery()

    class Broken(FakeChannel):
        def settle(self, letters, refs):
            raise RuntimeError

    ledger, _, reconciler = parts(office, Broken())
    send(ledger, Fate.UNKNOWN)
    office.clock.pass_(minutes=5)
    reconciler.ask_unknown()
    assert ledger.counts("p1") == {State.UNKNOWN: 1}


# Accepted


def test_a_letter_without_receipt_is_asked_about_hourly(office):
    office.push()
    row = office.delivery()
    channel = FakeChannel()
    ledger, _, reconciler = parts(office, channel)
    send(ledger, Fate.ACCEPTED)
    for _ in range(3):
        office.clock.pass_(hours=1)
        reconciler.ask_accepted()
        reconciler.ask_accepted()
    assert [ref for _, ref in channel.asked] == ["ref-p1-甲-sms"] * 3
    assert len(office.events(row)) == 2

    channel.tells = Outcome(Fate.DELIVERED)
    office.clock.pass_(hours=1)
    reconciler.ask_accepted()
    assert ledger.counts("p1") == {State.DELIVERED: 1}


def test_after_three_days_of_silence_no_receipt_will_come(office):
    office.push()
    office.delivery()
    ledger, _, reconciler = parts(office)
    send(ledger, Fate.ACCEPTED)
    for _ in range(71):
        office.clock.pass_(hours=1)
        reconciler.ask_accepted()
    assert ledger.counts("p1") == {State.ACCEPTED: 1}
    office.clock.pass_(hours=1)
    reconciler.ask_accepted()
    assert ledger.counts("p1") == {State.NO_RECEIPT: 1}


# Receipts


def test_a_receipt_is_one_however_often_it_comes(office):
    office.push()
    row = office.delivery()
    ledger, kept, _ = parts(office)
    send(ledger, Fate.ACCEPTED)
    receipt = told(Fate.DELIVERED, ref="ref-p1-甲-sms")
    assert [kept.keep([receipt, receipt]), kept.keep([receipt])] == [1, 0]
    assert len(office.events(row)) == 3


def test_a_receipt_that_came_before_its_reference_is_brought_in_later(office):
    office.push()
    office.delivery()
    ledger, kept, _ = parts(office)
    (handed,) = ledger.hand(ledger.claim("t", 1))

    kept.keep([told(Fate.DELIVERED, ref="r")])
    ledger.settle([(handed, Outcome(Fate.ACCEPTED, ref="r"))])
    assert ledger.counts("p1") == {State.ACCEPTED: 1}

    assert [kept.apply(), kept.apply()] == [1, 0]
    assert ledger.counts("p1") == {State.DELIVERED: 1}


def test_a_receipt_for_a_letter_that_went_back_into_the_queue_waits_for_it(office):
    office.push()
    office.delivery()
    ledger, kept, _ = parts(office)
    (handed,) = send(ledger, Fate.LATER)
    kept.keep([told(Fate.DELIVERED, key=handed.provider_key)])
    assert ledger.counts("p1") == {State.QUEUED: 1}
    office.clock.pass_(minutes=1)
    send(ledger, Fate.ACCEPTED)
    kept.apply()
    assert ledger.counts("p1") == {State.DELIVERED: 1}


def test_a_strangers_receipt_is_kept_sealed(office):
    office.push()
    ledger, kept, _ = parts(office)
    kept.keep([told(Fate.DELIVERED, ref="13800138000")])
    assert kept.apply() == 0
    assert kept.strangers() == 1
    with office.database.read() as connection:
        (raw,) = connection.execute(select(receipts.c.raw)).scalars()
    assert "13800138000" not in raw
    assert ledger.counts("p1") == {}


def test_totals_of_a_mass_sending_are_kept_by_themselves(office):
    office.push(channels=("wechat_mass",))
    office.delivery(channel="wechat_mass")
    ledger, _, _ = parts(office, FakeChannel("wechat_mass"))
    send(ledger, Fate.ACCEPTED)
    ref = "ref-p1-甲-wechat_mass"
    found = Receipt("wechat_mass", ACCOUNT, "e", Fate.ACCEPTED, ref=ref)
    for sent in (1, 2):
        assert keep_totals(office.database, ledger, found, {"sent": sent}, office.second)
    assert office.column(channel_jobs.c.totals, channel_jobs.c.push == "p1") == '{"sent": 2}'
    assert ledger.counts("p1") == {State.ACCEPTED: 1}

    nothing = Receipt("wechat_mass", ACCOUNT, "e", Fate.UNDELIVERED, ref=ref)
    assert keep_totals(office.database, ledger, nothing, {"sent": 0}, office.second)
    assert ledger.counts("p1") == {State.UNDELIVERED: 1}
    stranger = Receipt("wechat_mass", ACCOUNT, "e", Fate.ACCEPTED, ref="other")
    assert not keep_totals(office.database, ledger, stranger, {}, office.second)


# Pushes


def run(reconciler, *names):
    tasks = {task.name: task.work for task in reconciler.tasks}
    for name in names:
        tasks[name]()


def test_an_approved_push_begins_when_it_is_time(office):
    office.push(state=PushState.APPROVED)
    _, _, reconciler = parts(office)
    office.set_push("p1", not_before=office.second + 60)
    run(reconciler, "begin pushes")
    assert office.push_state() == PushState.APPROVED
    office.clock.pass_(minutes=1)
    run(reconciler, "begin pushes")
    assert office.push_state() == PushState.RUNNING


def test_an_overdue_push_is_not_sent_late(office):
    office.push(state=PushState.APPROVED, hours=1)
    office.delivery()
    _, _, reconciler = parts(office)
    office.clock.pass_(hours=1)
    run(reconciler, "begin pushes")
    assert office.push_state() == PushState.EXPIRED


def test_a_push_without_a_valid_approval_does_not_begin(office):
    office.push(state=PushState.APPROVED, approved=False)
    _, _, reconciler = parts(office)
    run(reconciler, "begin pushes")
    assert office.push_state() == PushState.APPROVED


def test_a_push_is_finished_when_nothing_is_open(office):
    office.push()
    office.deliveries(2)
    ledger, _, reconciler = parts(office)
    send(ledger, Fate.ACCEPTED, most=1)
    run(reconciler, "end pushes")
    assert office.push_state() == PushState.RUNNING
    send(ledger, Fate.REFUSED)
    run(reconciler, "end pushes")
    assert office.push_state() == PushState.FINISHED
    said = office.column(func.count(), push_events.c.push == "p1")
    assert said == 1


def test_an_unknown_letter_keeps_a_push_from_being_finished(office):
    office.push()
    office.deliveries(2)
    channel = FakeChannel()
    ledger, _, reconciler = parts(office, channel)
    send(ledger, Fate.UNKNOWN, most=1)
    office.set_push("p1", state=PushState.STOPPED)
    run(reconciler, "clear rows", "end pushes")
    assert office.push_state() == PushState.DRAINING
    assert ledger.counts("p1") == {State.UNKNOWN: 1, State.CANCELLED: 1}

    channel.tells = Outcome(Fate.LATER)  # it never had it, and now it does not get it
    office.clock.pass_(minutes=5)
    run(reconciler, "ask unknown", "clear rows", "end pushes")
    assert ledger.counts("p1") == {State.CANCELLED: 2}
    assert office.push_state() == PushState.FINISHED


def test_a_paused_push_expires(office):
    office.push(state=PushState.PAUSED, hours=1)
    office.delivery(hours=1)
    ledger, _, reconciler = parts(office)
    office.clock.pass_(hours=1)
    run(reconciler, "end pushes", "clear rows", "end pushes")
    assert ledger.counts("p1") == {State.SKIPPED: 1}
    assert office.push_state() == PushState.FINISHED


# Timers


def test_work_that_is_due_is_done_by_one_process_at_a_time(office):
    timers = Timers(office.database, office.clock)
    done = []

    def work():
        assert not timers.run("work", 60, lambda: done.append("twice"))
        done.append("once")

    assert timers.run("work", 60, work)
    assert not timers.run("work", 60, work)
    office.clock.pass_(seconds=60)
    assert timers.run("work", 60, work)
    assert done == ["once", "once"]


def test_work_whose_process_died_is_done_by_another(office):
    timers = Timers(office.database, office.clock)
    assert timers._take("work", 600)
    office.clock.pass_(seconds=599)
    assert not timers._take("work", 600)
    office.clock.pass_(seconds=1)
    assert timers._take("work", 600)


def test_a_task_that_fails_does_not_keep_the_others_from_being_done(office):
    office.push(state=PushState.APPROVED)
    office.set_push("p1", plan="no plan")
    _, _, reconciler = parts(office)
    done = reconciler.run_once()
    assert "begin pushes" not in done
    assert "sweep leases" in done


def test_all_that_comes_round_brings_a_dead_workers_letter_home(office):
    office.push()
    office.delivery()
    channel = FakeChannel()
    ledger, _, reconciler = parts(office, channel)
    ledger.hand(ledger.claim("dead", 1))
    channel.tells = Outcome(Fate.DELIVERED)
    office.clock.pass_(seconds=LEASE + 1)
    reconciler.run_once()
    office.clock.pass_(minutes=6)
    reconciler.run_once()
    assert ledger.counts("p1") == {State.DELIVERED: 1}
    assert office.push_state() == PushState.FINISHED
