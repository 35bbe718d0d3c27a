"""三审: a push goes out only after several people, none of them its author, approved exactly what will be sent.

What is approved is a hash over the text, the letters of every channel, the audience and its figures, channels, window and
cost. Whatever changes afterwards voids every approval. All that happens is written down, refusals too.
"""

import json
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.clock import Clock
from bot.deliveries.states import OPEN, State
from bot.storage.database import Database
from catalogue_index.errors import Refused

from . import audience, repository
from .audience import EVERYBODY, Audience, Figures
from .checks import Facts, Finding, check
from .model import (
    OUT,
    PUSH_MOVES,
    Approval,
    Decision,
    Event,
    Notice,
    NoticeState,
    Plan,
    Purpose,
    Push,
    PushState,
)
from .rendering import letter_parts, segments

DRAFTING = "起草"
"""The role of those who write notices and submit them."""

NAMES: Mapping[PushState, str] = {
    PushState.DRAFT: "草稿",
    PushState.SUBMITTED: "待审批",
    PushState.APPROVED: "已批准",
    PushState.RUNNING: "发送中",
    PushState.PAUSED: "已暂停",
    PushState.DRAINING: "等待结果",
    PushState.FINISHED: "已完成",
    PushState.REJECTED: "已退回",
    PushState.WITHDRAWN: "已撤销",
    PushState.STOPPED: "已停止",
    PushState.EXPIRED: "已过期",
}

_BY_LEDGER = frozenset({Purpose.CORRECTION, Purpose.WITHDRAWAL})
"""Purposes that go to exactly those whom the push before reached."""
_DRAINED = frozenset({PushState.DRAINING, PushState.FINISHED})


class ApprovalRefused(Refused):
    """Something about a push is not allowed; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Officer:
    """A person of the office, and the steps (or 起草) they may do."""

    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps in order, at least two; who may do them; how long an approval is good for."""

    steps: tuple[str, ...] = ("初审", "复审", "终审")
    officers: tuple[Officer, ...] = ()
    valid: timedelta = timedelta(hours=24)

    def __post_init__(self) -> None:
        if len(set(self.steps)) < 2 or len(set(self.steps)) < len(self.steps):
            raise ApprovalRefused("审批至少要有两步，且名称不能重复。请修改设置 [approval] steps。")

    def officer(self, name: str) -> Officer:
        """The officer of a name; raises ``ApprovalRefused``."""
        found = next((one for one in self.officers if one.name == name), None)
        if found is None:
            raise ApprovalRefused(
                f"工作人员名单里没有“{name}”。请核对 --by，或在设置里加一段 [[officer]]。"
            )
        return found

    def drafts(self, name: str) -> None:
        """Raise ``ApprovalRefused`` for who may not write notices."""
        if DRAFTING not in self.officer(name).roles:
            raise ApprovalRefused(f"“{name}”没有“{DRAFTING}”的职责，不能拟写或提交推送。")

    def decides(self, name: str) -> None:
        """Raise ``ApprovalRefused`` for who does no step of the chain."""
        if not set(self.officer(name).roles) & set(self.steps):
            raise ApprovalRefused(f"“{name}”没有审批职责，不能做这一步。请由审批人员操作。")


@dataclass(frozen=True, slots=True)
class Dossier:
    """What an approver sees of a submitted push: figures, what it costs at most (ten-thousandths of a yuan), the letters of
    each channel, and what was ticked."""

    figures: Figures
    cost: int
    letters: Mapping[str, Mapping[str, Any]]
    ticked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a push is: the decisions in force, and the step that comes next; empty: none."""

    push: Push
    approvals: tuple[Approval, ...]
    next_step: str


class Approvals:
    """Pushes on their way from the draft to the ledger, and their end."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        chain: Chain,
        audiences: Audience,
        *,
        link: Callable[[str], str],
        signature: str = "",
    ) -> None:
        self._database = database
        self._clock = clock
        self._chain = chain
        self._audiences = audiences
        self._link = link
        self._signature = signature

    def link(self, notice_id: str) -> str:
        """The address of a notice's page, as letters carry it."""
        return self._link(notice_id)

    def may_draft(self, by: str) -> None:
        """Raise ``ApprovalRefused`` for who may not write notices."""
        self._chain.drafts(by)

    def counts(self, push_id: str) -> dict[str, int]:
        """How many letters of a push are in each state of the ledger."""
        with self._database.read() as connection:
            return repository.delivery_states(connection, push_id)

    # --- drafting ---

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
                notice = _notice(connection, notice_id)
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
                self._write_down(connection, push.id, by, "drafted", purpose)
        except IntegrityError:
            raise ApprovalRefused(
                f"通知 {notice_id} 刚刚被另一人拟了同样的推送。请用 zwgk notice status 查看。"
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
            with self._database.write() as connection:
                push = _locked(connection, push_id, PushState.DRAFT)
                notice = _notice(connection, push.notice)
                push = replace(
                    push,
                    plan=_settled(plan, notice, push.purpose),
                    reason=push.reason if reason is None else reason.strip(),
                    not_before=push.not_before if not_before is None else not_before,
                )
                _refuse_without_reason(push.purpose, push.reason)
                repository.write_push(connection, push, self._second())
                self._write_down(connection, push_id, by, "changed", "")
        return push

    def findings(self, push_id: str, alive: bool | None = None) -> list[Finding]:
        """What the checks say of a push's text on its channels."""
        with self._database.read() as connection:
            push = _push(connection, push_id)
            notice = _notice(connection, push.notice)
        return check(notice.proposed, self._facts(push, alive))

    # --- submitting: the audience is frozen ---

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
        with self._recorded(push_id, by, "submit"):
            self._chain.drafts(by)
            push, notice, reached = self._to_submit(push_id)
            self._refuse_findings(push, notice, ticked, alive)
            seats = self._audiences.seats(push.plan, reached)
            found = audience.figures(seats)
            dossier = self._dossier(push, notice, found, tuple(sorted(ticked)))
            self._refuse_figures(push, dossier)
            now = self._second()
            with self._database.write() as connection:
                push = _locked(connection, push_id, PushState.DRAFT, PushState.REJECTED)
                if push.state is PushState.REJECTED:
                    push = self._move(connection, push, PushState.DRAFT, by, "重新提交")
                notice = _notice(connection, push.notice)
                audience.freeze(connection, push_id, seats)
                push = replace(
                    push,
                    state=PushState.SUBMITTED,
                    hash=self._hash(push, notice, dossier),
                    submitted_by=by,
                    submitted_at=now,
                )
                repository.write_push(connection, push, now)
                told = repository.canonical(asdict(dossier))
                self._write_down(connection, push_id, by, "submitted", told)
        return push

    def dossier(self, push_id: str) -> Dossier:
        """What was submitted."""
        with self._database.read() as connection:
            return _dossier(connection, push_id)

    # --- deciding ---

    def approve(self, push_id: str, by: str, note: str = "") -> Push:
        """Do the next step. The last one puts the letters into the ledger and publishes the notice's page, all of it or
        nothing. Raises ``ApprovalRefused``."""
        with self._recorded(push_id, by, "approve"):
            push = self._still_good(push_id)
            seats = self._seats_if_last(push)
            now = self._second()
            with self._database.write() as connection:
                push = _locked(connection, push_id, PushState.SUBMITTED)
                notice = _notice(connection, push.notice)
                if not self._unchanged(connection, push, notice):
                    raise ApprovalRefused("推送刚刚有改动，这次审批没有生效。请重新查看后再审批。")
                done = _in_force(connection, push)
                step = self._may_decide(by, push, notice, done)
                approval = Approval(step, by, Decision.APPROVED, push.hash, note, now)
                repository.add_approval(connection, push_id, approval)
                self._write_down(connection, push_id, by, "approved", _said(step, note))
                if step != self._chain.steps[-1]:
                    return push
                if seats is None:  # another step was done since we looked
                    raise ApprovalRefused("审批刚刚有新的进展。请重新查看后再审批。")
                return self._release(connection, push, notice, seats, now)

    def reject(self, push_id: str, by: str, note: str) -> Push:
        """Give a push back to its author, who may change it and submit it again."""
        with self._recorded(push_id, by, "reject"):
            if not note.strip():
                raise ApprovalRefused("退回要写明理由。请用 --note 填写。")
            now = self._second()
            with self._database.write() as connection:
                push = _locked(connection, push_id, PushState.SUBMITTED)
                notice = _notice(connection, push.notice)
                step = self._may_decide(by, push, notice, _in_force(connection, push))
                repository.void_approvals(connection, push_id, now)
                rejection = Approval(step, by, Decision.REJECTED, push.hash, note, now)
                repository.add_approval(connection, push_id, rejection)
                return self._move(connection, push, PushState.REJECTED, by, _said(step, note))

    def standing(self, push_id: str) -> Standing:
        """Where a push is."""
        with self._database.read() as connection:
            push = _push(connection, push_id)
            done = _in_force(connection, push)
        waiting = push.state is PushState.SUBMITTED and len(done) < len(self._chain.steps)
        return Standing(push, tuple(done), self._chain.steps[len(done)] if waiting else "")

    def find(self, push_id: str) -> Push:
        """The push of an id; raises ``ApprovalRefused``."""
        with self._database.read() as connection:
            return _push(connection, push_id)

    def reopen(self, push: Push, by: str, why: str) -> None:
        """Bring a push that waits, or is approved, back to the draft: all its approvals are void."""
        now = self._second()
        with self._database.write() as connection:
            push = _locked(
                connection,
                push.id,
                PushState.SUBMITTED,
                PushState.APPROVED,
                PushState.REJECTED,
            )
            if push.state is PushState.APPROVED:
                self._take_back(connection, push, now)
            repository.void_approvals(connection, push.id, now)
            self._move(connection, replace(push, hash=""), PushState.DRAFT, by, why)

    # --- under way ---

    def send(self, push_id: str, by: str) -> Push:
        """Start an approved push now; the worker starts it by itself, too, when its time has come. Its approvals are good
        until some hours after that time."""
        with self._recorded(push_id, by, "send"):
            self._chain.officer(by)
            now = self._second()
            push = self.find(push_id)
            too_late = now >= push.not_before + self._chain.valid.total_seconds()
            if push.state is PushState.APPROVED and too_late:
                self.reopen(push, "系统", "审批已超过有效时间")
                raise ApprovalRefused(
                    f"审批已超过 {self._hours()} 小时，全部作废。请重新提交并审批。"
                )
            with self._database.write() as connection:
                push = _locked(connection, push_id, PushState.APPROVED)
                if push.not_before > now:
                    raise ApprovalRefused("还没到计划的发送时间。到时会自动开始。")
                if push.expires_at <= now:
                    raise ApprovalRefused("推送的有效时间已过。请重新拟推送。")
                if not self._complete(connection, push):
                    raise ApprovalRefused("审批还没有全部完成，不能发送。")
                return self._move(connection, push, PushState.RUNNING, by, "")

    def pause(self, push_id: str, by: str) -> Push:
        """Hold a push back; what is being handed over goes out."""
        return self._command(push_id, by, "pause", PushState.PAUSED, PushState.RUNNING)

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
                return self._give_up(connection, _locked(connection, push_id, *states), by, "")

    def recall(self, notice_id: str, by: str, why: str) -> Notice:
        """Say on a notice's page at once that it is recalled, and stop everything of it. One approver is enough: it can
        wait for nobody."""
        self._chain.decides(by)
        if not why.strip():
            raise ApprovalRefused("撤回要写明原因，群众会在通知页面上看到。请用 --note 填写。")
        now = self._second()
        with self._database.write() as connection:
            notice = _notice(connection, notice_id, lock=True)
            if notice.state in (NoticeState.DRAFT, NoticeState.RECALLED):
                raise ApprovalRefused(f"通知 {notice_id} 没有公开，或已经撤回，不用再撤回。")
            notice = replace(
                notice, state=NoticeState.RECALLED, draft=None, note=why.strip(), updated_at=now
            )
            repository.write_notice(connection, notice)
            for push in repository.pushes_of(connection, notice_id):
                if push.state in (PushState.RUNNING, PushState.PAUSED):
                    self._move(connection, push, PushState.STOPPED, by, f"通知撤回：{why}")
                elif PushState.WITHDRAWN in PUSH_MOVES[push.state]:
                    self._give_up(connection, push, by, f"通知撤回：{why}")
        return notice

    # --- what is refused ---

    def _to_submit(self, push_id: str) -> tuple[Push, Notice, set[str] | None]:
        with self._database.read() as connection:
            push = _push(connection, push_id)
            if push.state not in (PushState.DRAFT, PushState.REJECTED):
                raise ApprovalRefused(f"推送 {push_id} {NAMES[push.state]}，不能再提交。")
            notice = _notice(connection, push.notice)
            if push.version != notice.proposed_version:
                raise ApprovalRefused(
                    f"通知已有第 {notice.proposed_version} 版，这个推送是第 {push.version} 版的。请重新拟推送。"
                )
            if notice.state is NoticeState.RECALLED and push.purpose is not Purpose.WITHDRAWAL:
                raise ApprovalRefused("通知已撤回，只能推送撤回说明。")
            if push.purpose not in _BY_LEDGER:
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
            told = "\n".join(f"- {f.sentence}（--confirm {f.check}）" for f in left)
            raise ApprovalRefused(f"下面各项请核对，核对后用 --confirm 确认再提交：\n{told}")

    def _refuse_figures(self, push: Push, dossier: Dossier) -> None:
        if not dossier.figures.included:
            out = "；".join(f"{why} {n} 人" for why, n in dossier.figures.reasons.items())
            told = f"符合条件 {dossier.figures.matched} 人" + (f"，{out}" if out else "")
            raise ApprovalRefused(f"没有可以送达的人（{told}）。请修改推送范围或渠道。")
        if dossier.cost > push.plan.cost_cap:
            raise ApprovalRefused(
                f"最多要花 {dossier.cost / 10000:.2f} 元，超过上限 {push.plan.cost_cap / 10000:.2f} 元。"
                "请提高上限（--cost-cap），或少用收费渠道。"
            )

    def _may_decide(self, by: str, push: Push, notice: Notice, done: list[Approval]) -> str:
        """The step that an officer does next; raises ``ApprovalRefused``."""
        step = self._chain.steps[len(done)]
        if by in (push.created_by, push.submitted_by, notice.created_by):
            raise ApprovalRefused(f"“{by}”拟写或提交了这份推送，不能审批自己的推送。")
        if any(one.officer == by for one in done):
            raise ApprovalRefused(f"“{by}”已经审批过这份推送。每一步要由不同的人做。")
        if step not in self._chain.officer(by).roles:
            raise ApprovalRefused(f"下一步是“{step}”，“{by}”没有这项职责。")
        return step

    def _still_good(self, push_id: str) -> Push:
        """A submitted push; one that changed, or whose approvals are too old, is brought back to the draft."""
        with self._database.read() as connection:
            push = _push(connection, push_id)
            if push.state is not PushState.SUBMITTED:
                raise ApprovalRefused(f"推送 {push_id} {NAMES[push.state]}，现在不能审批。")
            unchanged = self._unchanged(connection, push, _notice(connection, push.notice))
        if not unchanged:
            self.reopen(push, "系统", "提交后内容有改动")
            raise ApprovalRefused("提交之后内容有改动，审批全部作废。请重新提交。")
        if not self._fresh(push):
            self.reopen(push, "系统", "审批已超过有效时间")
            raise ApprovalRefused(f"审批已超过 {self._hours()} 小时，全部作废。请重新提交。")
        return push

    def _fresh(self, push: Push) -> bool:
        oldest = int((self._clock() - self._chain.valid).timestamp())
        with self._database.read() as connection:
            return all(one.at > oldest for one in _in_force(connection, push))

    def _complete(self, connection: Connection, push: Push) -> bool:
        return [one.step for one in _in_force(connection, push)] == list(self._chain.steps)

    def _unchanged(self, connection: Connection, push: Push, notice: Notice) -> bool:
        dossier = _dossier(connection, push.id)
        rows = audience.frozen(connection, push.id).items()
        told = audience.digest_of((person, *row) for person, row in rows)
        figures = replace(dossier.figures, digest=told)
        return push.hash == self._hash(push, notice, replace(dossier, figures=figures))

    # --- what is approved ---

    def _dossier(
        self, push: Push, notice: Notice, found: Figures, ticked: tuple[str, ...]
    ) -> Dossier:
        letters = self._letters(push, notice)
        prices = {way.channel: way.price for way in self._audiences.ways(push.plan.channels)}
        each = {
            channel: price * segments(letters[channel]["text"], self._signature)
            for channel, price in prices.items()
        }
        cost = sum(count * each[channel] for channel, count in found.channels.items())
        return Dossier(found, cost, letters, ticked)

    def _letters(self, push: Push, notice: Notice) -> dict[str, dict[str, Any]]:
        """What each channel will say; for whom is left open."""
        return {
            channel: asdict(
                letter_parts(
                    channel,
                    notice.proposed if push.version == notice.proposed_version else notice.text,
                    self._link(notice.id),
                    self._longest_reason(push.plan),
                    push.purpose,
                    push.reason,
                    self._signature,
                )
            )
            for channel in push.plan.channels
        }

    def _longest_reason(self, plan: Plan) -> tuple[str, ...]:
        rule = plan.rule
        return tuple(f"订阅：{name}" for name in (*rule.sectors, *rule.items, *rule.groups))

    def _hash(self, push: Push, notice: Notice, dossier: Dossier) -> str:
        return repository.digest(
            {
                "notice": notice.id,
                "area": notice.area,
                "version": push.version,
                "text": asdict(notice.proposed),
                "purpose": push.purpose,
                "reason": push.reason,
                "not_before": push.not_before,
                "plan": asdict(push.plan),
                "letters": self._letters(push, notice),
                "figures": asdict(dossier.figures),
                "cost": dossier.cost,
            }
        )

    # --- moving ---

    def _seats_if_last(self, push: Push) -> list[audience.Seat] | None:
        """The people of a push that is about to be released, read before anything is locked."""
        with self._database.read() as connection:
            if len(_in_force(connection, push)) < len(self._chain.steps) - 1:
                return None
            rows = audience.frozen(connection, push.id)
        by_ledger = push.purpose in _BY_LEDGER
        return audience.narrowed(
            rows, self._audiences.seats(push.plan, set(rows) if by_ledger else None)
        )

    def _release(
        self,
        connection: Connection,
        push: Push,
        notice: Notice,
        seats: list[audience.Seat],
        now: int,
    ) -> Push:
        begin = max(now, push.not_before)
        push = replace(push, not_before=begin, expires_at=begin + push.plan.hours * 3600)
        audience.plan_deliveries(
            connection,
            push.id,
            seats,
            all_channels=push.plan.all_channels,
            now=now,
            not_before=begin,
            expires_at=push.expires_at,
        )
        repository.write_notice(connection, _published(notice, push, now))
        return self._move(connection, push, PushState.APPROVED, "系统", "审批完成")

    def _take_back(self, connection: Connection, push: Push, now: int) -> None:
        """Undo the release of a push that was never started."""
        audience.unplan(connection, push.id)
        notice = _notice(connection, push.notice, lock=True)
        if push.version == 1 and not repository.was_out(connection, notice.id):
            draft = replace(notice, state=NoticeState.DRAFT, updated_at=now)
            repository.write_notice(connection, draft)

    def _give_up(self, connection: Connection, push: Push, by: str, why: str) -> Push:
        now = self._second()
        if push.state is PushState.APPROVED:
            audience.unplan(connection, push.id)
        repository.void_approvals(connection, push.id, now)
        return self._move(connection, push, PushState.WITHDRAWN, by, why)

    def _command(
        self, push_id: str, by: str, what: str, to: PushState, *now_in: PushState, why: str = ""
    ) -> Push:
        with self._recorded(push_id, by, what):
            self._chain.decides(by)
            with self._database.write() as connection:
                return self._move(connection, _locked(connection, push_id, *now_in), to, by, why)

    def _move(self, connection: Connection, push: Push, to: PushState, by: str, why: str) -> Push:
        assert to in PUSH_MOVES[push.state], f"{push.state} -> {to}"
        moved = replace(push, state=to)
        repository.write_push(connection, moved, self._second())
        self._write_down(connection, push.id, by, to, why)
        return moved

    # --- writing down ---

    @contextmanager
    def _recorded(self, push_id: str, by: str, what: str) -> Iterator[None]:
        """Write down what is refused inside, after its transaction came to nothing."""
        try:
            yield
        except ApprovalRefused as refused:
            with self._database.write() as connection:
                self._write_down(connection, push_id[:32], by, f"refused:{what}", str(refused))
            raise

    def _write_down(
        self, connection: Connection, push: str, by: str, what: str, detail: str
    ) -> None:
        event = Event(self._second(), by[:64], str(what), str(detail))
        repository.add_event(connection, push, event)

    def _facts(self, push: Push, alive: bool | None) -> Facts:
        link = self._link(push.notice)
        today = self._clock().date()
        return Facts(today, alive, push.plan.channels, link, self._signature)

    def _hours(self) -> int:
        return int(self._chain.valid.total_seconds() // 3600)

    def _second(self) -> int:
        return int(self._clock().timestamp())


def _settled(plan: Plan, notice: Notice, purpose: Purpose) -> Plan:
    """A plan with its audience said in full: by the notice's area, or by the ledger."""
    if purpose in _BY_LEDGER:
        return replace(plan, rule=EVERYBODY)
    if not plan.channels:
        raise ApprovalRefused("没有选渠道。请用 --channel 选至少一个。")
    rule = replace(plan.rule, areas=plan.rule.areas or (notice.area,))
    if not (rule.everyone or rule.sectors or rule.items or rule.groups):
        raise ApprovalRefused(
            "没有写推送给谁。请用 --sector、--group、--item 选择，或用 --everyone 推送给全部订阅者。"
        )
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
                f"这一版已有首次推送 {kept[0].id}（{NAMES[kept[0].state]}），同一条信息只发一次。"
                "再次提醒或更正请用 --purpose 写明，并说明理由。"
            )
        return len(same)
    _refuse_without_reason(purpose, reason)
    followed = repository.find_push(connection, plan.follows)
    if followed is None or followed.notice != notice.id or followed.state not in OUT:
        raise ApprovalRefused("要写明接着哪一次推送（--follows），且那一次已经发出过。")
    return len(same)


def _refuse_without_reason(purpose: Purpose, reason: str) -> None:
    if purpose is not Purpose.FIRST and not reason.strip():
        raise ApprovalRefused("提醒、更正和撤回说明都要写理由。请用 --reason 填写。")


def _refuse_undrained(connection: Connection, follows: str) -> None:
    followed = _push(connection, follows)
    waiting = OPEN - {State.UNKNOWN}
    counts = repository.delivery_states(connection, follows)
    if followed.state not in _DRAINED or any(counts.get(state) for state in waiting):
        raise ApprovalRefused(
            f"原推送 {follows} {NAMES[followed.state]}，还没有发完。请先停止它（zwgk notice stop），等它结束后再提交。"
        )


def _published(notice: Notice, push: Push, now: int) -> Notice:
    """A notice once a push of it is approved."""
    if push.purpose is Purpose.WITHDRAWAL:
        return replace(notice, state=NoticeState.RECALLED, note=push.reason, updated_at=now)
    if notice.draft and push.version == notice.proposed_version:
        return replace(
            notice,
            text=notice.draft,
            draft=None,
            version=push.version,
            state=NoticeState.UPDATED,
            note=push.reason or notice.note,
            updated_at=now,
        )
    if notice.state is NoticeState.DRAFT:
        return replace(notice, state=NoticeState.PUBLISHED, updated_at=now)
    return notice


def _notice(connection: Connection, id: str, *, lock: bool = False) -> Notice:
    found = repository.find_notice(connection, id, lock=lock)
    if found is None:
        raise ApprovalRefused(f"没有编号为“{id}”的通知。用 zwgk notice list 查看全部编号。")
    return found


def _push(connection: Connection, id: str) -> Push:
    found = repository.find_push(connection, id)
    if found is None:
        raise ApprovalRefused(f"没有编号为“{id}”的推送。用 zwgk notice show 查看通知的推送编号。")
    return found


def _locked(connection: Connection, id: str, *states: PushState) -> Push:
    """A push in one of ``states`` that nobody else moves until the transaction ends."""
    found = repository.find_push(connection, id, lock=True)
    if found is None:
        return _push(connection, id)
    if found.state not in states:
        raise ApprovalRefused(f"推送 {id} {NAMES[found.state]}，现在不能做这一步。")
    return found


def _in_force(connection: Connection, push: Push) -> list[Approval]:
    """The approvals that count."""
    return [
        one
        for one in repository.approvals_of(connection, push.id)
        if one.decision is Decision.APPROVED and one.void_at is None and one.hash == push.hash
    ]


def _dossier(connection: Connection, push_id: str) -> Dossier:
    submitted = [e for e in repository.events_of(connection, push_id) if e.what == "submitted"]
    if not submitted:
        raise ApprovalRefused(f"推送 {push_id} 还没有提交。")
    values = json.loads(submitted[-1].detail)
    figures = Figures(**values.pop("figures"))
    return Dossier(figures=figures, **values | {"ticked": tuple(values["ticked"])})


def _said(step: str, note: str) -> str:
    return f"{step}：{note}" if note else step
