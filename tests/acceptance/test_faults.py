"""Each thing that goes wrong between us and the platform ends in the right states and totals, letter by letter."""

from collections import Counter
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot import bootstrap
from bot.clock import CHINA
from bot.deliveries.states import OPEN, State
from bot.drill.model import Choices
from bot.drill.office import TEXT, open_office
from bot.drill.rehearsal import PREFIX, SEND_PATHS
from bot.drill.stage import ACCOUNT, TEMPLATES, staged
from bot.sandbox.faults import Fault, Kind
from bot.storage.schema import deliveries

PEOPLE = 12
HIT = (2, 3, 7)
"""The calls that go wrong."""
REPEATABLE = "wechat_template"
TOLD = frozenset({Kind.SLOW, Kind.BUSY, Kind.QUOTA})
"""Faults after which we know for certain whether the platform has the letter."""
NEVER_IN = frozenset({Kind.ERROR_BEFORE, Kind.RESET_BEFORE, Kind.PAGE_BEFORE})
"""Faults before the platform took the letter, of which we cannot know that."""
SENT = (State.ACCEPTED, State.DELIVERED)


class Moment:
    """A clock that is moved by hand, and never goes back."""

    def __init__(self) -> None:
        self.now = datetime.now(CHINA)

    def __call__(self) -> datetime:
        return self.now

    def next_morning(self) -> None:
        """Until errors of the fault before are forgotten, and midnight, when quotas begin anew, is hours away."""
        self.now = (self.now + timedelta(days=1)).replace(hour=9)


@pytest.fixture(scope="module", params=list(TEMPLATES))
def stage(request):
    choices = Choices(people=PEOPLE, channel=request.param, speed=1, latency=0.0)
    with staged(choices, datetime.now().timestamp()) as stage:
        openids = [f"{PREFIX}{number:08d}" for number in range(1, PEOPLE + 1)]
        agreed = [] if request.param == REPEATABLE else [TEMPLATES[request.param][0]]
        stage.sandbox.set("followers", account=ACCOUNT, count=PEOPLE, prefix=PREFIX, agreed=agreed)
        open_office(stage.settings, stage.database, stage.vault, stage.clock).subscribe(openids)
        yield stage


@pytest.fixture(scope="module")
def clock(stage):
    return Moment()


def test_fault_ends_in_the_right_states_and_totals(stage, clock, kind):
    channel = stage.settings.channel[0].kind.channel
    clock.next_morning()
    office = open_office(stage.settings, stage.database, stage.vault, clock)
    text = replace(TEXT, url=f"{TEXT.url}?{channel}-{kind}")
    push = office.submit(channel, text)
    office.approve(push)
    # A used-up quota ends the day: twice would outlast the notice.
    calls = HIT[:1] if kind is Kind.QUOTA else HIT
    fault = Fault(SEND_PATHS[channel], kind, calls=calls, seconds=0.2)
    stage.sandbox.set("faults", rules=[asdict(fault)], latency=0.0)

    send(stage, clock)
    if kind is Kind.QUOTA:
        # Letters that were on their way with the refused one may be in; no other goes out that day.
        assert counts(stage, push)[State.QUEUED] > PEOPLE // 2
        clock.now += timedelta(days=1)
    send(stage, clock)

    unknown = 0 if channel == REPEATABLE or kind in TOLD else len(HIT)
    states = counts(stage, push)
    assert states[State.UNKNOWN] == unknown
    assert sum(states[state] for state in SENT) == PEOPLE - unknown
    assert sum(states.values()) == PEOPLE
    got = received(stage, office.approvals.find(push).notice)
    lost = unknown if kind in NEVER_IN else 0
    assert set(got.values()) == {1}
    assert len(got) == PEOPLE - lost


def pytest_generate_tests(metafunc):
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", list(Kind))


def send(stage, clock):
    """Half an hour of sending and asking, in steps of two minutes."""
    for _ in range(15):
        with bootstrap.sending(
            stage.settings, stage.database, stage.vault, clock, senders=1
        ) as sending:
            sending.run_once()
        clock.now += timedelta(minutes=2)
        with stage.database.read() as connection:
            open_rows = select(func.count()).where(deliveries.c.state.in_(OPEN))
            if not connection.execute(open_rows).scalar_one():
                return


def counts(stage, push):
    query = select(deliveries.c.state, func.count()).where(deliveries.c.push == push)
    with stage.database.read() as connection:
        rows = connection.execute(query.group_by(deliveries.c.state)).all()
    return Counter({State(state): many for state, many in rows})


def received(stage, notice):
    """How often each follower got the notice, by the sandbox's own word."""
    return Counter(message["openid"] for message in stage.sandbox.ask(f"messages?push={notice}"))
