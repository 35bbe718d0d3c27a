"""Random histories of workers, providers and clerks: no letter goes out twice, and all is accounted for."""

import random
import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.channels.port import Fate, Outcome, Receipt
from bot.deliveries.states import MOVES, NOT_OUT, OPEN, State, recorded
from bot.deliveries.stepping import LEASE
from bot.notices.model import PushState
from bot.storage.database import open_sqlite
from bot.storage.migration import migrate
from bot.storage.schema import claims, deliveries, delivery_events
from tests.bot.deliveries.office import ACCOUNT, FakeChannel, Office

TAKEN = frozenset({Fate.ACCEPTED, Fate.DELIVERED, Fate.UNDELIVERED})
ON_RECORD = MOVES | {State.QUEUED: MOVES[State.QUEUED] | MOVES[State.CLAIMED]}
"""State → the states that may follow it in the ledger, where nothing is claimed."""
UNSENT = NOT_OUT | {State.SKIPPED, State.CANCELLED, State.SUPERSEDED, State.FAILED}
CHANNELS = ("wechat_notice", "sms")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "zwgk.db"
    database = open_sqlite(path)
    migrate(database)
    database.close()
    return path


class History:
    """Workers claim, mark, call and settle as slowly as they like, or die; the provider remembers what it really took."""

    def __init__(self, database, chance):
        self.database, self.chance = database, chance
        self.office = Office(database)
        self.gone = set()
        self.ledger = self.office.ledger(
            *map(FakeChannel, CHANNELS),
            refusals=lambda _c, _r, rows: {r.id: "已退订" for r in rows if r.person in self.gone},
        )
        both, shared = chance.random() < 0.3, chance.random() < 0.5
        self.office.push(channels=CHANNELS, all_channels=both, quiet=(0, 0))
        leader = None
        self.people = [f"人{n}" for n in range(chance.randint(1, 6))]
        for person in self.people:
            self.office.delivery(person=person, channel=CHANNELS[0])
            state = State.QUEUED if both else State.WAITING
            shares = leader if shared else None
            row = self.office.delivery(person=person, state=state, turn=1, shares=shares)
            leader = leader or row
        self.claimed, self.marked, self.answered, self.receipts = [], [], [], []
        self.took = Counter()
        self.really = {}

    def take(self, things):
        return things.pop(self.chance.randrange(len(things)))

    # Workers

    def claim(self):
        if rows := self.ledger.claim("w", self.chance.randint(1, 4)):
            self.claimed.append(rows)

    def mark(self):
        if self.claimed:
            self.marked += self.ledger.hand(self.take(self.claimed))

    def give_back(self):
        if self.claimed:
            self.ledger.give_back(self.take(self.claimed))

    def call(self):
        if not self.marked:
            return
        row = self.take(self.marked)
        if self.office.clock().timestamp() >= row.lease_until:
            self.answered.append((row, Outcome(Fate.LATER)))
            return
        fate = self.chance.choice(list(Fate))
        if fate in TAKEN or (fate is Fate.UNKNOWN and self.chance.random() < 0.5):
            self.took[row.provider_key] += 1
            self.really[row.provider_key] = fate if fate in TAKEN else Fate.ACCEPTED
        ref = f"ref-{row.provider_key}" if fate in TAKEN else ""
        until = self.office.clock() + timedelta(minutes=1) if fate is Fate.CLOSED else None
        self.answered.append((row, Outcome(fate, ref=ref, until=until)))

    def settle(self):
        if self.answered:
            result = self.take(self.answered)
            self.ledger.settle([result])
            if self.chance.random() < 0.2:
                self.answered.append(result)

    def die(self):
        """The results are lost with the workers."""
        self.claimed, self.marked, self.answered = [], [], []

    def sleep(self):
        """Workers sleep until others have taken over."""
        self.office.clock.pass_(seconds=LEASE + 1)
        self.ledger.sweep()

    # Providers

    def receipt(self):
        if not self.really:
            return
        key = self.chance.choice(sorted(self.really))
        fate = self.chance.choice([Fate.DELIVERED, Fate.UNDELIVERED, Fate.ACCEPTED])
        by_key = self.chance.random() < 0.5
        named = {"key": key} if by_key else {"ref": f"ref-{key}"}
        self.receipts.append(Receipt(key.rpartition("-")[2], ACCOUNT, "e", fate, **named))

    def receive(self):
        if self.receipts:
            receipt = self.take(self.receipts)
            self.ledger.apply(receipt)
            if self.chance.random() < 0.3:
                self.receipts.append(receipt)

    def receive_for_a_stranger(self):
        assert not self.ledger.apply(Receipt("sms", ACCOUNT, "e", Fate.DELIVERED, "stranger"))

    def ask(self):
        """Unknown letters are looked up at the provider, which knows what it took."""
        for row in self.ledger.due(State.UNKNOWN, 99):
            if row.shares is None:
                fate = self.really.get(row.provider_key, Fate.LATER)
                self.ledger.settle([(row, Outcome(fate))], who="poll")

    # Time and people

    def wait(self):
        self.office.clock.pass_(seconds=self.chance.choice([1, 20, 60, 300, 3600]))

    def come_round(self):
        self.ledger.sweep()
        self.ledger.release()
        self.ledger.clear()

    def unsubscribe(self):
        self.gone.add(self.chance.choice(self.people))

    def switch(self):
        states = [PushState.RUNNING] * 4 + [PushState.PAUSED] * 2 + [PushState.STOPPED]
        if self.office.push_state() != PushState.STOPPED:
            self.office.set_push("p1", state=self.chance.choice(states))

    def abandon(self):
        unknown = [row for row in self.rows() if row.state == State.UNKNOWN]
        if unknown:
            assert self.ledger.abandon(self.chance.choice(unknown).id, "李四", "查不到")

    # What holds

    def check(self):
        self.nothing_goes_out_twice()
        self.all_is_accounted_for()
        self.what_is_called_unsent_is_not_out()
        self.every_step_is_written_down_and_allowed()
        self.only_what_is_queued_is_in_hands()

    def rows(self):
        with self.database.read() as connection:
            ids = connection.execute(select(deliveries.c.id)).scalars().all()
        return self.ledger.rows(*ids)

    def nothing_goes_out_twice(self):
        assert not [key for key, times in self.took.items() if times > 1]

    def all_is_accounted_for(self):
        assert sum(self.ledger.counts("p1").values()) == 2 * len(self.people)

    def what_is_called_unsent_is_not_out(self):
        for row in self.rows():
            if row.shares is None and State(row.state) in UNSENT:
                assert not self.took[row.provider_key], row

    def every_step_is_written_down_and_allowed(self):
        with self.database.read() as connection:
            query = select(delivery_events).order_by(delivery_events.c.id)
            events = connection.execute(query).all()
        last = {}
        for event in events:
            came_from, went_to = State(event.came_from), State(event.went_to)
            assert came_from is went_to or went_to in ON_RECORD[came_from]
            assert last.get(event.delivery, came_from) is came_from
            last[event.delivery] = went_to
        for row in self.rows():
            assert last.get(row.id, recorded(row.state)) is recorded(row.state)

    def only_what_is_queued_is_in_hands(self):
        held = select(deliveries.c.state).join(claims, claims.c.delivery == deliveries.c.id)
        with self.database.read() as connection:
            many = connection.execute(select(func.count()).select_from(claims)).scalar_one()
            assert connection.execute(held).scalars().all() == [State.QUEUED] * many

    def settle_everything(self):
        """In the end the clock, the sweep and the provider's memory bring every row home."""
        self.die()
        for _ in range(4):
            self.office.clock.pass_(hours=20)
            self.ledger.sweep()
            self.ask()
            self.ledger.release()
            self.ledger.clear()
            for row in self.ledger.due(State.UNKNOWN, 99):
                self.ledger.close_silent([row])
        for row in self.rows():
            state = State(row.state)
            assert state not in OPEN, row
            if row.shares is None and state is not State.ABANDONED:
                assert bool(self.took[row.provider_key]) is (state not in UNSENT), row


WEIGHTS = {
    History.claim: 4,
    History.mark: 5,
    History.call: 10,
    History.settle: 7,
    History.give_back: 1,
    History.die: 1,
    History.sleep: 1,
    History.receipt: 2,
    History.receive: 2,
    History.receive_for_a_stranger: 0.2,
    History.ask: 2,
    History.wait: 3,
    History.come_round: 3,
    History.unsubscribe: 0.2,
    History.switch: 0.3,
    History.abandon: 0.1,
}


@given(st.randoms(use_true_random=False))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens_no_letter_goes_out_twice_and_all_is_accounted_for(template, chance):
    with TemporaryDirectory() as folder:
        database = open_sqlite(Path(shutil.copy(template, folder)))
        history = History(database, random.Random(chance.getrandbits(32)))
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        for step in history.chance.choices(names, weights, k=70):
            step(history)
            history.check()
        history.settle_everything()
        history.check()
        database.close()
