"""The ends of a push: begun when its time has come, finished when nothing of it is open any more."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection

from bot.clock import Clock
from bot.notices import moving
from bot.notices.chain import VALID, too_old
from bot.notices.model import PUSH_MOVES, PushState
from bot.notices.repository import find_push
from bot.storage.database import Database
from bot.storage.schema import pushes

from . import repository
from .model import Push
from .states import OPEN, State

_UNDER_WAY = (
    PushState.RUNNING,
    PushState.PAUSED,
    PushState.STOPPED,
    PushState.EXPIRED,
    PushState.DRAINING,
)


def beginning(push: Push, valid: timedelta, now: int) -> PushState | None:
    """What becomes of an approved push. One whose approval is too old, or whose time is over, is not sent late: a person
    is asked."""
    if too_old(push.not_before, valid, now):
        return PushState.DRAFT
    if now >= push.expires_at:
        return PushState.EXPIRED
    return PushState.RUNNING if push.approved and now >= push.not_before else None


def ending(push: Push, counts: Mapping[State, int], now: int) -> PushState | None:
    """What becomes of a push under way, by its open rows. Unknown ones keep it from being finished; while it runs they
    may still be sent, when the provider says that it never had them."""
    left = {state for state in OPEN if counts.get(state)}
    late = now >= push.expires_at
    if push.state is PushState.PAUSED:
        return PushState.EXPIRED if late else None
    if not left:
        return PushState.FINISHED
    over = late or push.state is not PushState.RUNNING
    if over and left == {State.UNKNOWN} and push.state is not PushState.DRAINING:
        return PushState.DRAINING
    return None


class PushKeeper:
    """Brings pushes on when nobody else does."""

    def __init__(self, database: Database, clock: Clock, valid: timedelta = VALID) -> None:
        """``valid``: how long approvals are good."""
        self._database = database
        self._clock = clock
        self._valid = valid

    def begin(self) -> int:
        """Start what is approved and due; returns how many pushes moved."""
        now = self._second()
        with self._database.write() as connection:
            approved = repository.load_pushes(connection, pushes.c.state == PushState.APPROVED)
            return sum(self._begin(connection, push, now) for push in approved.values())

    def end(self) -> int:
        """Finish what is all done; returns how many pushes moved."""
        now = self._second()
        with self._database.write() as connection:
            moved = 0
            where = pushes.c.state.in_(_UNDER_WAY)
            for push in repository.load_pushes(connection, where).values():
                to = ending(push, repository.counts(connection, push.id), now)
                if to is None:
                    continue
                assert to in PUSH_MOVES[push.state]
                why = _WHY[to]
                moved += repository.move_push(connection, push.id, push.state, to, why, now)
            return moved

    def _begin(self, connection: Connection, push: Push, now: int) -> bool:
        to = beginning(push, self._valid, now)
        if to is None:
            return False
        if to is PushState.DRAFT:
            return _reopen(connection, push, now)
        return repository.move_push(connection, push.id, push.state, to, _WHY[to], now)

    def _second(self) -> int:
        return int(self._clock().timestamp())


def _reopen(connection: Connection, approved: Push, now: int) -> bool:
    push = find_push(connection, approved.id, lock=True)
    if push is None or push.state is not approved.state:
        return False
    moving.reopen(connection, push, moving.SYSTEM, moving.TOO_OLD, now)
    return True


_WHY: Mapping[PushState, str] = {
    PushState.RUNNING: "到了发送时间，开始发送",
    PushState.EXPIRED: "过了有效期，没有自动发送。需要时请重新提交",
    PushState.FINISHED: "全部有了结果",
    PushState.DRAINING: "不再发送，还有结果不明的，等待核实",
}
