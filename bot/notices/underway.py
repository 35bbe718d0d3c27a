"""A push that is approved: sent, held back, stopped, given up; and a notice that is recalled."""

from dataclasses import replace

from sqlalchemy import Connection

from . import moving, repository
from .chain import ApprovalRefused, too_old
from .desk import Desk
from .model import PUSH_MOVES, Notice, NoticeState, Push, PushState


class UnderWay(Desk):
    """What is done to pushes that are approved."""

    def counts(self, push_id: str) -> dict[str, int]:
        """How many letters of a push are in each state of the ledger."""
        with self._database.read() as connection:
            return repository.delivery_states(connection, push_id)

    def send(self, push_id: str, by: str) -> Push:
        """Start an approved push now; the worker starts it by itself, too, when its time has come. Its approvals are good
        until some hours after that time."""
        with self._recorded(push_id, by, "send"):
            self._chain.officer(by)
            now = self._second()
            push = self.find(push_id)
            if push.state is PushState.APPROVED and too_old(
                push.not_before, self._chain.valid, now
            ):
                self._refuse_as_too_old(push, "请重新提交并审批。")
            with self._database.write() as connection:
                push = moving.locked(connection, push_id, PushState.APPROVED)
                if push.not_before > now:
                    raise ApprovalRefused("还没到计划的发送时间。到时会自动开始。")
                if push.expires_at <= now:
                    raise ApprovalRefused("推送的有效时间已过。请重新拟推送。")
                if not self._complete(connection, push):
                    raise ApprovalRefused("审批还没有全部完成，不能发送。")
                return moving.move(connection, push, PushState.RUNNING, by, "", now)

    def pause(self, push_id: str, by: str) -> Push:
        """Hold a push back; what is being handed over goes out. Whoever works here may: it does no harm, and can wait for
        nobody. To go on, or to stop for good, is for those who approve."""
        with self._recorded(push_id, by, "pause"):
            self._chain.officer(by)
            with self._database.write() as connection:
                push = moving.locked(connection, push_id, PushState.RUNNING)
                return moving.move(connection, push, PushState.PAUSED, by, "", self._second())

    def resume(self, push_id: str, by: str) -> Push:
        """Go on with a paused push."""
        return self._command(push_id, by, "resume", PushState.RUNNING, PushState.PAUSED)

    def stop(self, push_id: str, by: str, why: str = "") -> Push:
        """Stop a push for good; the ledger cancels what is not out yet."""
        now_in = (PushState.RUNNING, PushState.PAUSED)
        return self._command(push_id, by, "stop", PushState.STOPPED, *now_in, why=why)

    def withdraw(self, push_id: str, by: str) -> Push:
        """Give a push up before it was started."""
        with self._recorded(push_id, by, "withdraw"):
            self._chain.officer(by)
            states = (PushState.DRAFT, PushState.SUBMITTED, PushState.APPROVED)
            with self._database.write() as connection:
                push = moving.locked(connection, push_id, *states)
                return moving.give_up(connection, push, by, "", self._second())

    def recall(self, notice_id: str, by: str, why: str) -> Notice:
        """Say on a notice's page at once that it is recalled, and stop everything of it. One approver is enough: it can
        wait for nobody."""
        self._chain.decides(by)
        if not why.strip():
            raise ApprovalRefused("撤回要写明原因，群众会在通知页面上看到。")
        now, told = self._second(), f"通知撤回：{why}"
        with self._database.write() as connection:
            notice = moving.notice_of(connection, notice_id, lock=True)
            if notice.state in (NoticeState.DRAFT, NoticeState.RECALLED):
                raise ApprovalRefused(f"通知 {notice_id} 没有公开，或已经撤回，不用再撤回。")
            notice = replace(
                notice, state=NoticeState.RECALLED, draft=None, note=why.strip(), updated_at=now
            )
            repository.write_notice(connection, notice)
            for push in repository.pushes_of(connection, notice_id):
                if push.state in (PushState.RUNNING, PushState.PAUSED):
                    moving.move(connection, push, PushState.STOPPED, by, told, now)
                elif PushState.WITHDRAWN in PUSH_MOVES[push.state]:
                    moving.give_up(connection, push, by, told, now)
        return notice

    def _complete(self, connection: Connection, push: Push) -> bool:
        return [one.step for one in moving.in_force(connection, push)] == list(self._chain.steps)

    def _command(
        self, push_id: str, by: str, what: str, to: PushState, *now_in: PushState, why: str = ""
    ) -> Push:
        with self._recorded(push_id, by, what):
            self._chain.decides(by)
            with self._database.write() as connection:
                push = moving.locked(connection, push_id, *now_in)
                return moving.move(connection, push, to, by, why, self._second())
