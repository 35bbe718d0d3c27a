"""The frame of the console: what is begun is written down, however it ends."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.admin.console import Console, Done
from bot.app import ADMIN
from bot.officers.model import Role
from bot.records.model import INTERRUPTED

WAYS = "/ways"


class Killed(BaseException):
    """The process ends."""


@pytest.fixture
def ends(desk):
    """A console with one action, which ends as is wanted."""
    console = Console(desk.officers, desk.records, desk.vault, desk.clock, "助手")
    desk.as_(Role.DRAFTER)  # signed in by the whole console

    @console.post(WAYS, right="notice.write", does="notice.write")
    def act(posted):
        if posted.text("end") == "killed":
            raise Killed
        return Done("/", about="notice:1")

    app = Starlette(routes=[Mount(ADMIN, routes=console.routes())])
    desk.as_(Role.DRAFTER).app = app
    desk.as_(Role.DRAFTER)._transport.app = app
    return desk


def outcomes(desk):
    return [one.deed.outcome for one in desk.records.search(action="notice.write")]


def test_what_a_killed_process_began_is_written_down_as_interrupted(ends):
    with pytest.raises(Killed):
        ends.send(Role.DRAFTER, WAYS, end="killed")
    assert outcomes(ends) == []
    later = int(ends.clock().timestamp()) + 1
    assert ends.records.note_interrupted(later) == 1
    (record,) = ends.records.search(action="notice.write")
    assert record.deed.outcome == INTERRUPTED
    assert record.deed.object == WAYS
    assert ends.records.note_interrupted(later) == 0


def test_what_is_done_is_written_down_once(ends):
    ends.send(Role.DRAFTER, WAYS, end="done")
    assert ends.records.note_interrupted(int(ends.clock().timestamp()) + 1) == 0
    assert outcomes(ends) == ["done"]
