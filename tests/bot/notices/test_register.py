from itertools import islice

import pytest
from sqlalchemy import update

from bot.notices.model import PushState
from bot.notices.register import STAGES, Register
from bot.storage.schema import notices
from tests.bot.notices.office import ELDERS


@pytest.fixture
def register(express):
    return Register(express.database)


def numbers(entries):
    return [entry.notice.text.number for entry in entries]


def test_notices_come_newest_first_and_go_on_after_any_of_them(express, register):
    for number in range(7):
        express.notice(number=str(number))
        express.clock.pass_(minutes=number % 2)
    everything = list(register.entries())
    assert len({entry.key for entry in everything}) == 7
    assert [e.notice.created_at for e in everything] == sorted(
        (e.notice.created_at for e in everything), reverse=True
    )
    read, after = [], ""
    while page := list(islice(register.entries(after=after), 3)):
        read += page
        after = page[-1].key
    assert numbers(read) == numbers(everything)


def test_more_than_a_batch_is_read_to_its_end(express, register):
    for number in range(205):
        express.notice(number=str(number))
    assert len(set(numbers(register.entries()))) == 205


@pytest.mark.parametrize("key", ["-", "x-y", "²-1", "9" * 30])
def test_a_key_that_is_none_begins_at_the_beginning(express, register, key):
    express.notice()
    assert len(list(register.entries(after=key))) == 1


def test_only_the_areas_asked_for_with_all_below_them(express, register):
    for area in ("4412", "441204", "441204101", "140525"):
        notice = express.notice(number=area)
        with express.database.write() as connection:
            connection.execute(update(notices).where(notices.c.id == notice.id).values(area=area))
    assert set(numbers(register.entries(("441204",)))) == {"441204", "441204101"}
    assert set(numbers(register.entries(("441204101", "14")))) == {"441204101", "140525"}
    assert len(numbers(register.entries())) == 4


def test_each_stage_shows_its_own(express, register):
    express.subscriber("张")
    express.notice(number="没有推送")
    states = {"draft": "draft", "rejected": "draft", "submitted": "submitted"}
    states |= {"approved": "approved", "running": "under_way", "paused": "under_way"}
    states |= {"finished": "over", "expired": "over", "withdrawn": "over"}
    for state in states:
        push = express.approvals.draft(express.notice(number=state).id, ELDERS, "戊")
        express.set_push(push, state=PushState(state))
    recalled = express.notice(number="撤回")
    with express.database.write() as connection:
        change = update(notices).where(notices.c.id == recalled.id).values(state="recalled")
        connection.execute(change)
    found = {stage: set(numbers(register.entries(stage=stage))) for stage in STAGES}
    assert found.pop("none") == {"没有推送", "撤回"}
    assert found.pop("recalled") == {"撤回"}
    for stage, shown in found.items():
        assert shown == {state for state, at in states.items() if at == stage}
    assert len(numbers(register.entries(stage="unknown"))) == 11


def test_what_waits_tells_how_far_it_is(express, register):
    express.subscriber("张")
    push = express.submitted()
    assert [(e.push.id, e.steps_done) for e in register.submitted()] == [(push.id, 0)]
    express.approvals.approve(push.id, "乙")
    assert [(e.push.id, e.steps_done) for e in register.submitted()] == [(push.id, 1)]
    assert [e.steps_done for e in register.entries()] == [1]
    express.approvals.reject(push.id, "丙", "金额写错")
    assert register.submitted() == []
    express.approvals.submit(push.id, "戊")
    assert [e.steps_done for e in register.submitted()] == [0]
