"""From the first draft of a push to its submission: the audience is frozen, and what will be approved is settled."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.channels.cost import in_yuan
from bot.channels.names import CHANNEL_NAMES
from bot.deliveries.states import OPEN, State
from bot.storage.bulk import many_objects

from . import audience, moving, repository
from .audience import EVERYBODY
from .chain import ApprovalRefused
from .checks import Facts, Finding, check
from .desk import Desk
from .dossier import Dossier, submissions, submitted
from .model import (
    BY_LEDGER,
    OUT,
    PUSH_NAMES,
    Notice,
    NoticeState,
    Plan,
    Purpose,
    Push,
    PushState,
    Rule,
    Text,
)

_SOME_ID = "x" * 10
_DRAINED = frozenset({PushState.DRAINING, PushState.FINISHED})


class Drafting(Desk):
    """What authors do."""

    def may_draft(self, by: str) -> None:
        """Raise ``ApprovalRefused`` for who may not write notices."""
        self._chain.drafts(by)

    def draft(
        self,
        notice_id: str,
        plan: Plan,
        by: str,
        purpose: Purpose = Purpose.FIRST,
        reason: str = "",
        not_before: int = 0,
    ) -> Push:
        """Begin a push of a notice. All but the first need a reason and the push that they follow."""
        self._chain.drafts(by)
        now = self._second()
        try:
            with self._database.write() as connection:
                notice = moving.notice_of(connection, notice_id)
                sequence = _next_in_line(connection, notice, plan, purpose, reason)
                push = Push(
                    id=secrets.token_hex(5),
                    notice=notice.id,
                    version=notice.proposed_version,
                    purpose=purpose,
                    sequence=sequence,
                    reason=reason.strip(),
                    state=PushState.DRAFT,
                    plan=_settled(plan, notice, purpose),
                    hash="",
                    not_before=not_before,
                    expires_at=0,
                    created_by=by,
                    submitted_by="",
                    submitted_at=None,
                )
                repository.add_push(connection, push, now)
                moving.write_down(connection, push.id, by, "drafted", purpose, now)
        except IntegrityError:
            raise ApprovalRefused(
                f"通知 {notice_id} 刚刚被另一人拟了同样的推送。请刷新后查看。"
            ) from None
        return push

    def change(
        self,
        push_id: str,
        plan: Plan,
        by: str,
        reason: str | None = None,
        not_before: int | None = None,
    ) -> Push:
        """Put another plan (reason, time) in place of a push's; approvals it had are void."""
        with self._recorded(push_id, by, "change"):
            self._chain.drafts(by)
            push = self.find(push_id)
            if push.state is not PushState.DRAFT:
                self.reopen(push, by, "推送方案有改动")
            now = self._second()
            with self._database.write() as connection:
                push = moving.locked(connection, push_id, PushState.DRAFT)
                notice = moving.notice_of(connection, push.notice)
                push = replace(
                    push,
                    plan=_settled(plan, notice, push.purpose),
                    reason=push.reason if reason is None else reason.strip(),
                    not_before=push.not_before if not_before is None else not_before,
                )
                _refuse_without_reason(push.purpose, push.reason)
                repository.write_push(connection, push, now)
                moving.write_down(connection, push_id, by, "changed", "", now)
        return push

    def channels(self) -> tuple[str, ...]:
        """The channels that are set up, in the order of ``CHANNEL_NAMES``."""
        return tuple(dict.fromkeys(way.channel for way in self._audiences.ways(CHANNEL_NAMES)))

    @property
    def signature(self) -> str:
        """What stands before each short message; empty: none is set up."""
        return self._dossiers.signature

    def preview(self, text: Text, notice_id: str = "") -> Mapping[str, Mapping[str, Any]]:
        """What each channel that is set up would say of a text; one without an id has a link of the same length."""
        plan = Plan(Rule(), self.channels())
        return self._dossiers.letters(text, notice_id or _SOME_ID, plan)

    def examine(self, text: Text, notice_id: str = "") -> list[Finding]:
        """What the checks say of a text, on every channel that is set up."""
        link = self.link(notice_id or _SOME_ID)
        today = self._clock().date()
        return check(text, Facts(today, None, self.channels(), link, self._dossiers.signature))

    def findings(self, push_id: str, alive: bool | None = None) -> list[Finding]:
        """What the checks say of a push's text on its channels."""
        with self._database.read() as connection:
            push = moving.push_of(connection, push_id)
            notice = moving.notice_of(connection, push.notice)
        return check(notice.proposed, self._facts(push, alive))

    def submit(
        self,
        push_id: str,
        by: str,
        *,
        ticked: Collection[str] = (),
        alive: bool | None = None,
    ) -> Push:
        """Freeze the audience and ask for approval. Everything that the checks warn of must be ``ticked`` (ids of checks),
        and nothing may block. Raises ``ApprovalRefused``."""
        with self._recorded(push_id, by, "submit"), many_objects():
            self._chain.drafts(by)
            push, notice, reached = self._to_submit(push_id)
            self._refuse_findings(push, notice, ticked, alive)
            seats = self._audiences.seats(push.plan, reached)
            dossier = self._dossiers.make(push, notice, seats, ticked)
            self._refuse_figures(push, dossier)
            now = self._second()
            with self._database.write() as connection:
                push = moving.locked(connection, push_id, PushState.DRAFT, PushState.REJECTED)
                if push.state is PushState.REJECTED:
                    push = moving.move(connection, push, PushState.DRAFT, by, "重新提交", now)
                notice = moving.notice_of(connection, push.notice)
                audience.freeze(connection, push_id, seats)
                push = replace(
                    push,
                    state=PushState.SUBMITTED,
                    hash=self._dossiers.hash(push, notice, dossier),
                    submitted_by=by,
                    submitted_at=now,
                )
                repository.write_push(connection, push, now)
                told = repository.canonical(asdict(dossier))
                moving.write_down(connection, push_id, by, "submitted", told, now)
        return push

    def dossier(self, push_id: str) -> Dossier:
        """What was submitted."""
        with self._database.read() as connection:
            return submitted(connection, push_id)

    def dossiers(self, push_id: str) -> list[Dossier]:
        """All that was submitted of a push, in order: a push that was changed, or rejected, is submitted anew."""
        with self._database.read() as connection:
            return submissions(connection, push_id)

    def forecast(self, push_id: str) -> Dossier:
        """What would be submitted now: whom it reaches, and what it costs. Nothing is kept. Raises ``ApprovalRefused``."""
        push, notice, reached = self._to_submit(push_id)
        return self._dossiers.make(push, notice, self._audiences.seats(push.plan, reached), ())

    def _to_submit(self, push_id: str) -> tuple[Push, Notice, set[str] | None]:
        with self._database.read() as connection:
            push = moving.push_of(connection, push_id)
            if push.state not in (PushState.DRAFT, PushState.REJECTED):
                raise ApprovalRefused(f"推送 {push_id} {PUSH_NAMES[push.state]}，不能再提交。")
            notice = moving.notice_of(connection, push.notice)
            if push.version != notice.proposed_version:
                raise ApprovalRefused(
                    f"通知已有第 {notice.proposed_version} 版，这个推送是第 {push.version} 版的。请重新拟推送。"
                )
            if notice.state is NoticeState.RECALLED and push.purpose is not Purpose.WITHDRAWAL:
                raise ApprovalRefused("通知已撤回，只能推送撤回说明。")
            if push.purpose not in BY_LEDGER:
                return push, notice, None
            _refuse_undrained(connection, push.plan.follows)
            return push, notice, audience.reached(connection, push.plan.follows)

    def _refuse_findings(
        self, push: Push, notice: Notice, ticked: Collection[str], alive: bool | None
    ) -> None:
        found = check(notice.proposed, self._facts(push, alive))
        if blocking := [f"{n}. {f.sentence}" for n, f in enumerate(found, 1) if f.blocks]:
            raise ApprovalRefused("检查没有通过，不能提交：\n" + "\n".join(blocking))
        left = [f for f in found if f.check not in ticked]
        if left:
            told = "\n".join(f"- {f.sentence}（{f.check}）" for f in left)
            raise ApprovalRefused(f"下面各项请先核对，逐项确认后再提交：\n{told}")

    def _refuse_figures(self, push: Push, dossier: Dossier) -> None:
        if not dossier.figures.included:
            out = "；".join(f"{why} {n} 人" for why, n in dossier.figures.reasons.items())
            told = f"符合条件 {dossier.figures.matched} 人" + (f"，{out}" if out else "")
            raise ApprovalRefused(f"没有可以送达的人（{told}）。请修改推送范围或渠道。")
        if dossier.cost > push.plan.cost_cap:
            raise ApprovalRefused(
                f"最多要花 {in_yuan(dossier.cost)}，超过上限 {in_yuan(push.plan.cost_cap)}。"
                "请提高上限，或少用收费渠道。"
            )

    def _facts(self, push: Push, alive: bool | None) -> Facts:
        link = self.link(push.notice)
        today = self._clock().date()
        return Facts(today, alive, push.plan.channels, link, self._dossiers.signature)


def _settled(plan: Plan, notice: Notice, purpose: Purpose) -> Plan:
    """A plan with its audience said in full: by the notice's area, or by the ledger."""
    if purpose in BY_LEDGER:
        return replace(plan, rule=EVERYBODY)
    if not plan.channels:
        raise ApprovalRefused("没有选渠道。请至少选一个。")
    rule = replace(plan.rule, areas=plan.rule.areas or (notice.area,))
    if not (rule.everyone or rule.sectors or rule.items or rule.groups):
        raise ApprovalRefused("没有写推送给谁。请选择领域、人群或事项，或者选择推送给全部订阅者。")
    return replace(plan, rule=rule)


def _next_in_line(
    connection: Connection, notice: Notice, plan: Plan, purpose: Purpose, reason: str
) -> int:
    """The number of a new push among those of its purpose; raises ``ApprovalRefused``."""
    same = [
        push
        for push in repository.pushes_of(connection, notice.id)
        if push.version == notice.proposed_version and push.purpose is purpose
    ]
    if purpose is Purpose.FIRST:
        if kept := [push for push in same if push.state is not PushState.WITHDRAWN]:
            raise ApprovalRefused(
                f"这一版已有首次推送 {kept[0].id}（{PUSH_NAMES[kept[0].state]}），同一条信息只发一次。"
                "再次提醒或更正请另拟一次推送，选好目的，并说明理由。"
            )
        return len(same)
    _refuse_without_reason(purpose, reason)
    followed = repository.find_push(connection, plan.follows)
    if followed is None or followed.notice != notice.id or followed.state not in OUT:
        raise ApprovalRefused("要写明接着哪一次推送，且那一次已经发出过。")
    return len(same)


def _refuse_without_reason(purpose: Purpose, reason: str) -> None:
    if purpose is not Purpose.FIRST and not reason.strip():
        raise ApprovalRefused("提醒、更正和撤回说明都要写理由。")


def _refuse_undrained(connection: Connection, follows: str) -> None:
    followed = moving.push_of(connection, follows)
    waiting = OPEN - {State.UNKNOWN}
    counts = repository.delivery_states(connection, follows)
    if followed.state not in _DRAINED or any(counts.get(state) for state in waiting):
        raise ApprovalRefused(
            f"原推送 {follows} {PUSH_NAMES[followed.state]}，还没有发完。请先停止它，等它结束后再提交。"
        )
