"""A week's notices in one message: each has its own row, none goes out twice, none is forgotten."""

import random
import shutil
import threading
from collections import Counter
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.port import Fate, Outcome, Receipt
from bot.clock import CHINA
from bot.deliveries import repository
from bot.deliveries.gathering import CLOSING, Weekly, shares_of
from bot.deliveries.states import State
from bot.deliveries.stepping import LEASE
from bot.notices.model import Plan, PushState, Rule
from bot.notices.repository import canonical
from bot.storage.database import open_sqlite
from tests.bot.deliveries.office import ACCOUNT, FakeChannel, Office, send
from tests.bot.deliveries.test_histories import (  # noqa: F401
    CHANNELS,
    UNSENT,
    WEIGHTS,
    History,
    template,
)
from tests.bot.deliveries.test_worker import worker

JOB = "weekly:2026-11-27"
PUSHES = ("p1", "p2", "p3")


@pytest.fixture
def weekly(office):
    """Three pushes, and a row of each for one person."""
    for push in PUSHES:
        office.push(push)
    return [office.delivery(push, "甲", job=JOB, address=1) for push in PUSHES]


def states(office):
    return [office.states(push)["甲"] for push in PUSHES]


def shares(office, *ids):
    return [row.shares for row in office.ledger().rows(*ids)]


# When


@pytest.mark.parametrize(
    ("begin", "moment"),
    [
        (datetime(2026, 11, 23, 12), datetime(2026, 11, 27, 10)),
        (datetime(2026, 11, 27, 9), datetime(2026, 11, 27, 10)),
        (datetime(2026, 11, 27, 9, 0, 1), datetime(2026, 12, 4, 10)),
        (datetime(2026, 11, 27, 10), datetime(2026, 12, 4, 10)),
        (datetime(2026, 11, 28), datetime(2026, 12, 4, 10)),
        (datetime(2026, 12, 31, 23, 59), datetime(2027, 1, 1, 10)),
    ],
)
def test_a_notice_waits_for_the_weekly_moment_that_it_can_still_reach(begin, moment):
    wait = Weekly().wait(begin.replace(tzinfo=CHINA))

    assert datetime.fromtimestamp(wait.not_before, CHINA) == moment.replace(tzinfo=CHINA)
    assert wait.job == f"weekly:{moment:%Y-%m-%d}"
    assert wait.expires_at == wait.not_before + 6 * 24 * 3600


@given(
    st.integers(0, 6),
    st.integers(0, 23),
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(CHINA)),
)
def test_the_weekly_moment_is_the_first_one_after_the_closing(weekday, hour, begin):
    moment = datetime.fromtimestamp(Weekly(weekday, hour).wait(begin).not_before, CHINA)

    assert (moment.weekday(), moment.hour, moment.minute) == (weekday, hour, 0)
    # A timestamp has whole seconds only.
    assert timedelta(0) <= moment - begin - CLOSING < timedelta(days=7)


@given(st.integers(0, 10**6), st.integers(1, 50))
def test_what_notices_bear_of_a_message_sums_up_to_it(cost, many):
    each = shares_of(cost, many)

    assert (len(each), sum(each)) == (many, cost)
    assert max(each) - min(each) <= 1


# One message


def test_one_message_carries_all_notices_and_settles_every_row(office, weekly):
    ledger = office.ledger()

    handed = send(ledger, Fate.ACCEPTED)

    assert [row.id for row in handed] == weekly[:1]
    assert states(office) == [State.ACCEPTED] * 3
    assert shares(office, *weekly) == [None, weekly[0], weekly[0]]
    assert send(ledger) == []

    ledger.apply(Receipt("sms", ACCOUNT, "e", Fate.DELIVERED, key=handed[0].provider_key))

    assert states(office) == [State.DELIVERED] * 3


def test_it_waits_for_its_moment(office):
    office.push()
    row = office.delivery(job=JOB, address=1)
    later = office.second + 3600
    with office.database.write() as connection:
        repository.look_again(connection, {row: later})

    assert send(office.ledger()) == []
    office.clock.pass_(hours=1)
    assert len(send(office.ledger(), Fate.ACCEPTED)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"person": "乙"},
        {"channel": "wechat_notice"},
        {"job": "weekly:2026-12-04"},
        {"job": ""},
        {"address": 2},
    ],
)
def test_what_is_not_for_the_same_message_goes_by_itself(office, other):
    office.push("p1")
    office.push("p2")
    same = {"person": "甲", "job": JOB, "address": 1}
    first = office.delivery("p1", **same)
    second = office.delivery("p2", **same | other)
    channels = map(FakeChannel, CHANNELS)

    handed = send(office.ledger(*channels), Fate.ACCEPTED, Fate.ACCEPTED)

    assert {row.id for row in handed} == {first, second}
    assert shares(office, first, second) == [None, None]


def test_a_paused_push_holds_nobody_else_back(office, weekly):
    office.set_push("p1", state=PushState.PAUSED)

    assert [row.id for row in send(office.ledger(), Fate.ACCEPTED)] == [weekly[1]]

    assert states(office) == [State.QUEUED, State.ACCEPTED, State.ACCEPTED]
    office.set_push("p1", state=PushState.RUNNING)
    assert [row.id for row in send(office.ledger(), Fate.ACCEPTED)] == [weekly[0]]


@pytest.mark.parametrize("stopped", [0, 1])
def test_what_was_stopped_after_the_letter_was_written_does_not_go_out(office, weekly, stopped):
    ledger = office.ledger()
    claimed = ledger.claim("t", 10)
    office.set_push(PUSHES[stopped], state=PushState.STOPPED)

    assert ledger.hand(claimed) == []  # another letter must be written

    handed = send(ledger, Fate.ACCEPTED)
    assert len(handed) == 1
    expected = [State.ACCEPTED] * 3
    expected[stopped] = State.CANCELLED
    assert states(office) == expected


def test_who_left_is_sent_nothing(office, weekly):
    ledger = office.ledger(refusals=lambda _c, _r, rows: {row.id: "已退订" for row in rows})

    assert send(ledger) == []

    assert states(office) == [State.SKIPPED] * 3


def test_two_workers_write_nobody_two_letters(office):
    for push in PUSHES:
        office.push(push)
        for number in range(30):
            office.delivery(push, f"人{number}", job=JOB, address=number)
    channel = FakeChannel()
    workers = [worker(office, channel, senders=4, name=name)[0] for name in ("a", "b", "c")]

    threads = [threading.Thread(target=one.run_once) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(channel.got) == 30
    for push in PUSHES:
        assert set(office.states(push).values()) == {State.ACCEPTED}


# What goes wrong


def test_a_worker_that_dies_before_the_call_loses_nothing(office, weekly):
    ledger = office.ledger()
    ledger.claim("t", 10)
    office.clock.pass_(seconds=LEASE + 1)

    assert ledger.sweep().queued == 3

    assert shares(office, *weekly) == [None] * 3
    assert len(send(ledger, Fate.ACCEPTED)) == 1
    assert states(office) == [State.ACCEPTED] * 3


def test_a_message_that_certainly_stayed_goes_back_into_the_queue_as_a_whole(office, weekly):
    ledger = office.ledger(stayed=lambda rows: {row.id for row in rows})
    ledger.hand(ledger.claim("t", 10))
    office.clock.pass_(seconds=LEASE + 1)

    assert ledger.sweep().unknown == 0

    assert states(office) == [State.QUEUED] * 3
    office.clock.pass_(minutes=1)
    assert len(send(ledger, Fate.ACCEPTED)) == 1
    assert states(office) == [State.ACCEPTED] * 3


def test_a_worker_that_dies_at_the_call_leaves_all_of_it_unknown(office, weekly):
    ledger = office.ledger()
    ledger.hand(ledger.claim("t", 10))
    office.clock.pass_(seconds=LEASE + 1)

    assert ledger.sweep().unknown == 3

    assert send(ledger) == []
    (leader,) = [row for row in ledger.due(State.UNKNOWN, 9) if row.shares is None]
    ledger.settle([(leader, Outcome(Fate.ACCEPTED))], who="poll")
    assert states(office) == [State.ACCEPTED] * 3


def test_what_the_provider_never_had_is_gathered_anew(office, weekly):
    ledger = office.ledger()
    (leader,) = send(ledger, Fate.UNKNOWN)
    assert states(office) == [State.UNKNOWN] * 3

    ledger.settle([(leader, Outcome(Fate.LATER))], who="poll")

    assert states(office) == [State.QUEUED] * 3
    assert shares(office, *weekly) == [None] * 3
    office.clock.pass_(hours=1)
    assert len(send(ledger, Fate.ACCEPTED)) == 1
    assert states(office) == [State.ACCEPTED] * 3


@pytest.mark.parametrize("fate", [Fate.LATER, Fate.CLOSED])
def test_a_message_that_is_not_taken_now_is_tried_again(office, weekly, fate):
    ledger = office.ledger()
    send(ledger, fate)
    assert states(office) == [State.QUEUED] * 3
    assert send(ledger) == []
    moments = {row.not_before for row in ledger.rows(*weekly)}
    assert len(moments) == 1
    assert moments.pop() > office.second

    office.clock.pass_(hours=24)

    assert len(send(ledger, Fate.ACCEPTED)) == 1
    assert states(office) == [State.ACCEPTED] * 3


def test_a_letter_that_cannot_be_written_takes_no_other_notice_with_it(office, weekly):
    ledger = office.ledger()
    (leader,) = ledger.claim("t", 10)

    ledger.drop(leader, "没有地址")

    assert states(office) == [State.FAILED, State.QUEUED, State.QUEUED]
    assert [row.id for row in send(ledger, Fate.ACCEPTED)] == [weekly[1]]


def test_what_is_given_back_is_gathered_again(office, weekly):
    ledger = office.ledger()

    ledger.give_back(ledger.claim("t", 10))

    assert states(office) == [State.QUEUED] * 3
    assert len(send(ledger, Fate.ACCEPTED)) == 1
    assert states(office) == [State.ACCEPTED] * 3


def test_a_repetition_carries_the_same_or_does_not_go(office, weekly):
    ledger = office.ledger()
    (leader,) = send(ledger, Fate.UNKNOWN)
    unknown = ledger.rows(leader.id)
    office.set_push("p2", state=PushState.STOPPED)
    assert ledger.hand_again(unknown, 600) == []

    office.set_push("p2", state=PushState.RUNNING)
    (again,) = ledger.hand_again(unknown, 600)
    ledger.settle([(again, Outcome(Fate.ACCEPTED))])

    assert states(office) == [State.ACCEPTED] * 3


def test_people_with_one_telephone_get_it_once(office, weekly):
    """One of them leads nowhere, the other row of hers follows a row that follows."""
    shared = office.delivery("p2", "乙", job=JOB, shares=weekly[1], address=2)
    ledger = office.ledger()

    assert len(send(ledger, Fate.ACCEPTED)) == 1

    assert ledger.rows(shared)[0].state is State.ACCEPTED
    assert states(office) == [State.ACCEPTED] * 3


# What it costs


def test_each_push_bears_its_part_of_the_cost(office, weekly):
    ledger = office.ledger()
    claimed = ledger.claim("t", 10)
    handed = ledger.hand(claimed, {claimed[0].id: 1000})
    ledger.settle([(handed[0], Outcome(Fate.ACCEPTED, cost=1100))])

    assert [row.cost for row in ledger.rows(*weekly)] == [434, 333, 333]


def test_a_message_that_is_refused_costs_nothing(office, weekly):
    ledger = office.ledger()
    claimed = ledger.claim("t", 10)
    handed = ledger.hand(claimed, {claimed[0].id: 1000})
    ledger.settle([(handed[0], Outcome(Fate.REFUSED))])

    assert [row.cost for row in ledger.rows(*weekly)] == [0, 0, 0]
    for push in PUSHES:  # all of it may be spent again
        office.delivery(push, "乙", job=JOB, address=2)
        office.set_push(push, plan=plan_with_cap(333))
    claimed = ledger.claim("t", 10)
    assert len(ledger.hand(claimed, {claimed[0].id: 999})) == 1


def test_a_push_that_cannot_pay_is_paused_and_the_others_go(office, weekly):
    office.set_push("p2", plan=plan_with_cap(100))
    ledger = office.ledger()
    claimed = ledger.claim("t", 10)

    assert ledger.hand(claimed, {claimed[0].id: 999}) == []

    assert office.push_state("p2") == PushState.PAUSED
    assert len(send(ledger, Fate.ACCEPTED)) == 1
    assert states(office) == [State.ACCEPTED, State.QUEUED, State.ACCEPTED]


def plan_with_cap(cap):
    return canonical(asdict(Plan(Rule(everyone=True), ("sms",), cost_cap=cap)))


# Whatever happens


class WeeklyHistory(History):
    """As the others, but letters carry notices of several pushes. What they carry is what was so when they were written."""

    def __init__(self, database, chance):
        self.database, self.chance = database, chance
        self.office = Office(database)
        self.gone = set()
        self.ledger = self.office.ledger(
            *map(FakeChannel, CHANNELS),
            refusals=lambda _c, _r, rows: {r.id: "已退订" for r in rows if r.person in self.gone},
        )
        self.people = [f"人{n}" for n in range(chance.randint(1, 3))]
        both = chance.random() < 0.3
        self.planned = 0
        for push in PUSHES:
            self.office.push(push, channels=CHANNELS, all_channels=both, quiet=(0, 0))
            self.plan(push, State.QUEUED if both else State.WAITING)
        self.claimed, self.marked, self.answered, self.receipts = [], [], [], []
        self.took, self.really, self.written = Counter(), {}, {}

    def plan(self, push, second):
        """Some want it now, some have a telephone in common."""
        leader = None
        for number, person in enumerate(self.people):
            if self.chance.random() < 0.2:
                continue
            same = {"job": JOB if self.chance.random() < 0.9 else "", "address": number}
            self.office.delivery(push, person, CHANNELS[0], **same)
            shares = leader if self.chance.random() < 0.3 else None
            row = self.office.delivery(push, person, state=second, turn=1, shares=shares, **same)
            leader = leader or row
            self.planned += 2

    def carried(self, row):
        with self.database.read() as connection:
            return {row.id, *(o.id for o in repository.gathered(connection, [row]).get(row.id, ()))}

    def claim(self):
        super().claim()
        for row in self.claimed[-1] if self.claimed else ():
            self.written[row.id] = self.carried(row)

    def mark(self):
        before = len(self.marked)
        super().mark()
        for row in self.marked[before:]:
            assert self.carried(row) == self.written[row.id]

    def call(self):
        before = self.took.copy()
        row_by_key = {row.provider_key: row for row in self.marked}
        super().call()
        for key in self.took.keys() - before.keys():
            self.take_others(row_by_key[key])

    def take_others(self, row):
        for id in self.written[row.id] - {row.id}:
            self.took[self.key(id)] += 1

    def repeat(self):
        """The provider knows a repetition by our key."""
        unknown = [row for row in self.ledger.due(State.UNKNOWN, 99) if row.shares is None]
        for row in self.ledger.hand_again(unknown, 3600):
            if row.provider_key not in self.really and self.chance.random() < 0.5:
                self.answered.append((row, Outcome(Fate.LATER)))
                continue
            if row.provider_key not in self.really:
                self.really[row.provider_key] = Fate.ACCEPTED
                self.took[row.provider_key] += 1
                self.take_others(row)
            self.answered.append((row, Outcome(Fate.ACCEPTED)))

    def switch(self):
        push = self.chance.choice(PUSHES)
        states = [PushState.RUNNING] * 4 + [PushState.PAUSED] * 2 + [PushState.STOPPED]
        if self.office.push_state(push) != PushState.STOPPED:
            self.office.set_push(push, state=self.chance.choice(states))

    def key(self, id):
        return next(row.provider_key for row in self.rows() if row.id == id)

    def all_is_accounted_for(self):
        counted = [sum(self.ledger.counts(push).values()) for push in PUSHES]
        assert sum(counted) == self.planned

    def what_is_called_unsent_is_not_out(self):
        pushes = {row.id: row.push for row in self.rows()}
        for row in self.rows():
            own = row.shares is None or pushes[row.shares] != row.push
            if own and State(row.state) in UNSENT:
                assert not self.took[row.provider_key], row

    def nothing_is_left_alone(self):
        """What leads nobody any more has no followers that wait for it."""
        by_id = {row.id: row for row in self.rows()}
        for row in by_id.values():
            if row.shares is not None and by_id[row.shares].push != row.push:
                assert row.state != State.QUEUED
                if row.state == State.CLAIMED:
                    assert by_id[row.shares].state == State.CLAIMED

    def check(self):
        super().check()
        self.nothing_is_left_alone()


@given(st.randoms(use_true_random=False))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens_no_notice_goes_out_twice_and_none_is_forgotten(
    template,  # noqa: F811
    chance,
):
    weights = {getattr(WeeklyHistory, step.__name__): n for step, n in WEIGHTS.items()}
    weights[WeeklyHistory.repeat] = 2
    with TemporaryDirectory() as folder:
        database = open_sqlite(Path(shutil.copy(template, folder)))
        history = WeeklyHistory(database, random.Random(chance.getrandbits(32)))
        for step in history.chance.choices(list(weights), list(weights.values()), k=80):
            step(history)
            history.check()
        history.settle_everything()
        history.check()
        database.close()
