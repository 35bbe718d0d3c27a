"""Whatever officers try in whatever order, nothing goes out that three of them did not approve as it is."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.notices import repository
from bot.notices.chain import ApprovalRefused
from bot.notices.model import OUT, PUSH_MOVES, Decision, PushState
from bot.storage.database import open_sqlite
from bot.storage.migration import migrate
from tests.bot.deliveries.office import Moment
from tests.bot.notices.office import TEXT, Express

officers = st.sampled_from("甲乙丙丁戊己")


class Chain(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = TemporaryDirectory()
        database = open_sqlite(Path(self.folder.name) / "zwgk.db")
        migrate(database)
        self.express = Express(database, Moment())
        self.edits = 0

    @initialize()
    def begin(self):
        self.express.subscriber("张")
        self.push = self.express.draft()
        self.before = PushState.DRAFT

    def attempt(self, call, *arguments):
        with suppress(ApprovalRefused):
            call(*arguments)

    @rule(by=officers)
    def submit(self, by):
        self.attempt(self.express.approvals.submit, self.push.id, by)

    @rule(by=officers)
    def approve(self, by):
        self.attempt(self.express.approvals.approve, self.push.id, by)

    @rule()
    def approve_as_intended(self):
        for by in "乙丙丁":
            self.attempt(self.express.approvals.approve, self.push.id, by)

    @rule(by=officers)
    def reject(self, by):
        self.attempt(self.express.approvals.reject, self.push.id, by, "再核对")

    @rule(by=officers)
    def send(self, by):
        self.attempt(self.express.approvals.send, self.push.id, by)

    @rule(by=officers)
    def pause_and_resume(self, by):
        self.attempt(self.express.approvals.pause, self.push.id, by)
        self.attempt(self.express.approvals.resume, self.push.id, by)

    @rule()
    def edit(self):
        self.edits += 1
        text = replace(TEXT, body=f"每月{self.edits}元。")
        self.express.notices.edit(self.push.notice, text, "", self.express.approvals.reopen)

    @rule(hours=st.integers(1, 30))
    def wait(self, hours):
        self.express.clock.pass_(hours=hours)

    @invariant()
    def only_allowed_moves(self):
        reached, now = {self.before}, self.express.approvals.find(self.push.id).state
        for _ in PushState:
            reached |= {state for one in reached for state in PUSH_MOVES[one]}
        assert now in reached
        self.before = now

    @invariant()
    def nothing_is_planned_that_is_not_approved(self):
        with self.express.database.read() as connection:
            push = repository.find_push(connection, self.push.id)
            decided = repository.approvals_of(connection, self.push.id)
        in_force = [
            one
            for one in decided
            if one.void_at is None and one.decision is Decision.APPROVED and one.hash == push.hash
        ]
        out = push.state is PushState.APPROVED or push.state in OUT
        assert bool(self.express.letters(push)) == out
        if out:
            assert [one.officer for one in in_force] == ["乙", "丙", "丁"]
        public = self.express.notices.public(push.notice)
        assert (public is not None) == out

    @invariant()
    def what_happened_is_never_forgotten(self):
        events = self.express.events(self.push)
        assert events[: len(getattr(self, "told", []))] == getattr(self, "told", [])
        self.told = events

    def teardown(self):
        self.express.database.close()
        self.folder.cleanup()


TestChain = Chain.TestCase
TestChain.settings = settings(
    max_examples=12,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
