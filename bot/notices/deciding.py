"""The steps of approval, each by somebody else: the last one releases the push."""

from collections.abc import Collection, Mapping

from bot.storage.bulk import many_objects

from . import audience, gates, moving, repository
from .audience import Frozen
from .chain import ApprovalRefused, Officer
from .desk import Desk
from .model import BY_LEDGER, PUSH_NAMES, Approval, Decision, Notice, Push, PushState


class Deciding(Desk):
    """What approvers do."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of the approval, in order."""
        return self._chain.steps

    def hindrance(self, push_id: str, by: str) -> str:
        """Why an officer may not do the next step of a submitted push; empty where they may."""
        try:
            officer = self._chain.officer(by)
            with self._database.read() as connection:
                push = moving.push_of(connection, push_id)
                notice = moving.notice_of(connection, push.notice)
                self._may_decide(officer, push, notice, moving.in_force(connection, push))
        except ApprovalRefused as refused:
            return str(refused)
        return ""

    def decisions(self, push_id: str) -> list[Approval]:
        """All decisions about a push in order, void ones too."""
        with self._database.read() as connection:
            return repository.approvals_of(connection, push_id)

    def approve(
        self, push_id: str, by: str, note: str = "", *, passed: Collection[str] | None = None
    ) -> Push:
        """Do the next step. The last one puts the letters into the ledger and publishes the notice's page, all of it or
        nothing. ``passed``: the gates (ids) that the officer vouches for, where they were asked: all of them or nothing.
        Raises ``ApprovalRefused``."""
        with self._recorded(push_id, by, "approve"), many_objects():
            if passed is not None:
                note = "；".join(filter(None, (gates.said(passed), note.strip())))
            push, rows = self._still_good(push_id)
            officer, seats = self._chain.officer(by), self._seats_if_last(push, rows)
            now = self._second()
            with self._database.write() as connection:
                push = moving.locked(connection, push_id, PushState.SUBMITTED)
                notice = moving.notice_of(connection, push.notice)
                rows = audience.frozen(connection, push_id)
                if not self._dossiers.unchanged(connection, push, notice, rows):
                    raise ApprovalRefused("推送刚刚有改动，这次审批没有生效。请重新查看后再审批。")
                done = moving.in_force(connection, push)
                step = self._may_decide(officer, push, notice, done)
                approval = Approval(step, by, Decision.APPROVED, push.hash, note, now)
                repository.add_approval(connection, push_id, approval)
                moving.write_down(connection, push_id, by, "approved", _said(step, note), now)
                if step != self._chain.steps[-1]:
                    return push
                if seats is None:  # another step was done since we looked
                    raise ApprovalRefused("审批刚刚有新的进展。请重新查看后再审批。")
                return moving.release(connection, push, notice, seats, now, self._weekly)

    def reject(self, push_id: str, by: str, note: str) -> Push:
        """Give a push back to its author, who may change it and submit it again."""
        with self._recorded(push_id, by, "reject"):
            if not note.strip():
                raise ApprovalRefused("退回要写明理由。")
            officer = self._chain.officer(by)
            now = self._second()
            with self._database.write() as connection:
                push = moving.locked(connection, push_id, PushState.SUBMITTED)
                notice = moving.notice_of(connection, push.notice)
                step = self._may_decide(officer, push, notice, moving.in_force(connection, push))
                repository.void_approvals(connection, push_id, now)
                rejection = Approval(step, by, Decision.REJECTED, push.hash, note, now)
                repository.add_approval(connection, push_id, rejection)
                return moving.move(connection, push, PushState.REJECTED, by, _said(step, note), now)

    def _may_decide(
        self, officer: Officer, push: Push, notice: Notice, done: list[Approval]
    ) -> str:
        """The step that an officer does next; raises ``ApprovalRefused``."""
        by = officer.name
        step = self._chain.steps[len(done)]
        if by in (push.created_by, push.submitted_by, notice.created_by):
            raise ApprovalRefused(f"“{by}”拟写或提交了这份推送，不能审批自己的推送。")
        if any(one.officer == by for one in done):
            raise ApprovalRefused(f"“{by}”已经审批过这份推送。每一步要由不同的人做。")
        if step not in officer.roles:
            raise ApprovalRefused(f"下一步是“{step}”，“{by}”没有这项职责。")
        return step

    def _still_good(self, push_id: str) -> tuple[Push, Mapping[str, Frozen]]:
        """A submitted push with its frozen audience; one that changed, or whose approvals are too old, is brought back to
        the draft."""
        with self._database.read() as connection:
            push = moving.push_of(connection, push_id)
            if push.state is not PushState.SUBMITTED:
                raise ApprovalRefused(f"推送 {push_id} {PUSH_NAMES[push.state]}，现在不能审批。")
            notice = moving.notice_of(connection, push.notice)
            rows = audience.frozen(connection, push_id)
            unchanged = self._dossiers.unchanged(connection, push, notice, rows)
        if not unchanged:
            self.reopen(push, moving.SYSTEM, "提交后内容有改动")
            raise ApprovalRefused("提交之后内容有改动，审批全部作废。请重新提交。")
        if not self._fresh(push):
            self._refuse_as_too_old(push, "请重新提交。")
        return push, rows

    def _fresh(self, push: Push) -> bool:
        oldest = int((self._clock() - self._chain.valid).timestamp())
        with self._database.read() as connection:
            return all(one.at > oldest for one in moving.in_force(connection, push))

    def _seats_if_last(self, push: Push, rows: Mapping[str, Frozen]) -> list[audience.Seat] | None:
        """The people of a push that is about to be released, read before anything is locked."""
        with self._database.read() as connection:
            if len(moving.in_force(connection, push)) < len(self._chain.steps) - 1:
                return None
        by_ledger = push.purpose in BY_LEDGER
        return audience.narrowed(
            rows, self._audiences.seats(push.plan, set(rows) if by_ledger else None)
        )


def _said(step: str, note: str) -> str:
    return f"{step}：{note}" if note else step
