"""Random histories of workers, providers and clerks: no letter goes out twice, and all is accounted for."""

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from bot.channels.port import Fate, Outcome, Receipt
from bot.deliveries.ledger import LEASE
from bot.deliveries.states import MOVES, NOT_OUT, OPEN, State
from bot.notices.model import PushState
from bot.storage.database import open_sqlite
from bot.storage.migration import migrate
from bot.storage.schema import deliveries, delivery_events
from tests.bot.deliveries.office import ACCOUNT, FakeChannel, Office

TAKEN = frozenset({Fate.ACCEPTED, Fate.DELIVERED, Fate.UNDELIVERED})
UNSENT = NOT_OUT | {State.SKIPPED, State.CANCELLED, State.SUPERSEDED, State.FAILED}
CHANNELS = ("wechat_notice", "sms")


@pytest.fixture(scope="module", autouse=True)
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "zwgk.db"
    database = open_sqlite(path)
    migrate(database)
    database.close()
    Histories.template = path


class Histories(RuleBasedStateMachine):
    """Workers claim, mark, call and settle as slowly as they like, or die; the provider remembers what it really took."""

    template: Path

    @initialize(people=st.integers(1, 5), shared=st.booleans(), both=st.booleans())
    def begin(self, people, shared, both):
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "zwgk.db"
        shutil.copy(self.template, path)
        self.database = open_sqlite(path)
        self.office = Office(self.database)
        self.gone = set()
        self.ledger = self.office.ledger(
            *map(FakeChannel, CHANNELS),
            refusals=lambda _c, _r, rows: {r.id: "已退订" for r in rows if r.person in self.gone},
        )
        self.office.push(channels=CHANNELS, all_channels=both, quiet=(0, 0))
        leader = None
        self.people = [f"人{n}" for n in range(people)]
        for person in self.people:
            self.office.delivery(person=person, channel=CHANNELS[0])
            state = State.QUEUED if both else State.WAITING
            shares = leader if shared else None
            row = self.office.delivery(person=person, state=state, turn=1, shares=shares)
            leader = leader or row
        self.claimed, self.marked, self.answered = [], [], []
        self.took = Counter()
        self.really = {}
        self.receipts = []

    def teardown(self):
        if hasattr(self, "database"):
            self.settle_everything()
            self.database.close()
            self.folder.cleanup()

    # Workers

    @rule(most=st.integers(1, 4))
    def claim(self, most):
        if rows := self.ledger.claim("w", most):
            self.claimed.append(rows)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def mark(self, data):
        rows = self.claimed.pop(data.draw(st.integers(0, len(self.claimed) - 1)))
        self.marked += self.ledger.hand(rows)

    @precondition(lambda self: self.claimed)
    @rule()
    def give_back(self):
        self.ledger.give_back(self.claimed.pop())

    @precondition(lambda self: self.marked)
    @rule(fate=st.sampled_from(Fate), took=st.booleans(), place=st.integers(0, 99))
    def call(self, fate, took, place):
        row = self.marked.pop(place % len(self.marked))
        if self.office.clock().timestamp() >= row.lease_until:
            self.answered.append((row, Outcome(Fate.LATER)))
            return
        if fate in TAKEN or (fate is Fate.UNKNOWN and took):
            self.took[row.provider_key] += 1
            self.really[row.provider_key] = fate if fate in TAKEN else Fate.ACCEPTED
        ref = f"ref-{row.provider_key}" if fate in TAKEN else ""
        until = self.office.clock() + timedelta(minutes=1) if fate is Fate.CLOSED else None
        self.answered.append((row, Outcome(fate, ref=ref, until=until)))

    @precondition(lambda self: self.answered)
    @rule(place=st.integers(0, 99), again=st.booleans())
    def settle(self, place, again):
        row, outcome = self.answered[place % len(self.answered)]
        self.ledger.settle([(row, outcome)])
        if not again:
            self.answered.remove((row, outcome))

    @rule()
    def die(self):
        self.claimed, self.marked, self.answered = [], [], []

    # Providers

    @precondition(lambda self: self.really)
    @rule(data=st.data(), fate=st.sampled_from([Fate.DELIVERED, Fate.UNDELIVERED, Fate.ACCEPTED]))
    def receipt(self, data, fate):
        key = data.draw(st.sampled_from(sorted(self.really)))
        channel = key.rpartition("-")[2]
        by_key = data.draw(st.booleans())
        ref = "" if by_key else f"ref-{key}"
        self.receipts.append(Receipt(channel, ACCOUNT, "e", fate, key if by_key else "", ref))

    @precondition(lambda self: self.receipts)
    @rule(place=st.integers(0, 99), again=st.booleans())
    def receive(self, place, again):
        receipt = self.receipts[place % len(self.receipts)]
        self.ledger.apply(receipt)
        if not again:
            self.receipts.remove(receipt)

    @rule()
    def receive_for_a_stranger(self):
        assert not self.ledger.apply(Receipt("sms", ACCOUNT, "e", Fate.DELIVERED, "stranger"))

    @rule()
    def ask(self):
        """Unknown letters are looked up at the provider, which knows what it took."""
        for row in self.ledger.due(State.UNKNOWN, 99):
            if row.shares is None:
                fate = self.really.get(row.provider_key, Fate.LATER)
                self.ledger.settle([(row, Outcome(fate))], who="poll")

    # Time and people

    @rule(seconds=st.sampled_from([1, 20, LEASE + 1, 600, 4 * 3600, 30 * 3600]))
    def wait(self, seconds):
        self.office.clock.pass_(seconds=seconds)

    @rule()
    def sweep(self):
        self.ledger.sweep()

    @rule()
    def release(self):
        self.ledger.release()

    @rule(place=st.integers(0, 4))
    def unsubscribe(self, place):
        self.gone.add(self.people[place % len(self.people)])

    @rule(state=st.sampled_from([PushState.PAUSED, PushState.STOPPED, PushState.RUNNING]))
    def switch(self, state):
        if self.office.push_state() != PushState.STOPPED:
            self.office.set_push("p1", state=state)

    @rule()
    def clear(self):
        self.ledger.clear()

    @rule(place=st.integers(0, 99))
    def abandon(self, place):
        unknown = [row for row in self.rows() if row.state == State.UNKNOWN]
        if unknown:
            assert self.ledger.abandon(unknown[place % len(unknown)].id, "李四", "查不到")

    # What holds

    def rows(self):
        with self.database.read() as connection:
            return connection.execute(select(deliveries).order_by(deliveries.c.id)).all()

    @invariant()
    def nothing_goes_out_twice(self):
        assert not [key for key, times in self.took.items() if times > 1]

    @invariant()
    def all_is_accounted_for(self):
        if hasattr(self, "people"):
            assert sum(self.ledger.counts("p1").values()) == 2 * len(self.people)

    @invariant()
    def what_is_called_unsent_is_not_out(self):
        for row in self.rows() if hasattr(self, "people") else ():
            if row.shares is None and State(row.state) in UNSENT:
                assert not self.took[row.provider_key], row

    @invariant()
    def every_step_is_written_down_and_allowed(self):
        if not hasattr(self, "people"):
            return
        with self.database.read() as connection:
            query = select(delivery_events).order_by(delivery_events.c.id)
            events = connection.execute(query).all()
        last = {}
        for event in events:
            came_from, went_to = State(event.came_from), State(event.went_to)
            assert came_from is went_to or went_to in MOVES[came_from]
            assert last.get(event.delivery, came_from) is came_from
            last[event.delivery] = went_to
        for row in self.rows():
            assert last.get(row.id, State(row.state)) is State(row.state)

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


Histories.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestHistories = Histories.TestCase
