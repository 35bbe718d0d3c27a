"""Pushes: approved step by step, and commanded while they are under way."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sse_starlette import EventSourceResponse
from starlette.responses import Response

from bot.notices.dossier import Dossier
from bot.notices.gates import GATES
from bot.notices.gates import SOURCE as GATES_SOURCE
from bot.notices.model import (
    OUT,
    PUSH_NAMES,
    Approval,
    Decision,
    Event,
    Notice,
    Push,
    PushState,
)
from bot.notices.telling import changes, text_lines
from bot.web.headers import PRIVATE, SECURITY
from catalogue_index.errors import Refused

from .console import Console, Done, Posted, Visit
from .express import ExpressPages
from .progress import OVER, UNDER_WAY, Progress, follow, while_attended

Act = Callable[[Push, Posted], str]
"""Does something with a push; returns what the record says of it besides."""

_HAPPENED = {state.value: name for state, name in PUSH_NAMES.items()} | {
    "drafted": "拟推送",
    "changed": "修改方案",
    "submitted": "提交审批",
    "approved": "同意",
    "rejected": "退回",
    "draft": "回到草稿",
}
"""What the events of a push are called."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the way: its name, and what is known of it; ``now``: it is somebody's turn."""

    name: str
    who: str = ""
    at: int | None = None
    note: str = ""
    now: bool = False

    @property
    def done(self) -> bool:
        """Whether it is behind us."""
        return self.at is not None


def pages(console: Console, express: ExpressPages) -> None:
    """``/pushes/{id}``, its 审核表, how it goes on, and what is done from there."""
    progress = Progress(express.database, console.clock)
    notices, approvals = express.notices, express.approvals

    # --- one push ---

    @console.get("/pushes/{id}", right="notice.see")
    def push_page(visit: Visit) -> Response:
        push, notice = express.push(visit)
        dossiers = approvals.dossiers(push.id)
        waits = push.state is PushState.SUBMITTED
        deciding = waits and visit.may("push.approve")
        events, standing = notices.history(push.id), approvals.standing(push.id)
        return visit.page(
            "push.html",
            push=push,
            notice=notice,
            steps=_steps(push, approvals.steps, standing.approvals),
            plan_lines=express.plan_lines(push),
            dossier=dossiers[-1] if dossiers else None,
            text_lines=_told(dossiers, notice),
            changed=changes(dossiers[-2], dossiers[-1], express.area_name)
            if dossiers[1:]
            else None,
            next_step=standing.next_step,
            hindrance=approvals.hindrance(push.id, visit.officer.name) if deciding else "",
            deciding=deciding,
            gates=GATES,
            gates_source=GATES_SOURCE,
            out=push.state in OUT,
            under_way=push.state in UNDER_WAY,
            **(progress.shown(progress.look(push.id)) if push.state in UNDER_WAY else {}),
            events=[(event, _happened(event)) for event in reversed(events)],
            **express.words(),
        )

    def command(
        path: str, does: str, right: str, said: str, confirm: bool = False
    ) -> Callable[[Act], Act]:
        """Register an action on one push, which leads back to its page."""

        def register(act: Act) -> Act:
            @console.post(
                f"/pushes/{{id}}/{path}", right=right, does=does, shows=push_page, confirm=confirm
            )
            def done(posted: Posted) -> Done:
                push, _ = express.push(posted.visit)
                detail = act(push, posted)
                return Done(f"/pushes/{push.id}", said, f"push:{push.id}", detail)

            return act

        return register

    @console.get("/pushes/{id}/progress", right="notice.see")
    def going_on(visit: Visit) -> Response:
        push, _ = express.push(visit)
        seen = visit.query("state")

        def look() -> tuple[str, bool]:
            glance = progress.look(push.id)
            told = progress.shown(glance) | express.words()
            if glance.state != seen:
                told["changed_to"] = glance.state
            shown = console.render(visit, "push_progress.html", told | {"push": push})
            return shown, glance.state in OVER

        attended = while_attended(
            look,
            lambda: console.officers.lasts(visit.session),
            lambda: console.render(visit, "push_left.html", {}),
        )
        stream = follow(attended, partial(asyncio.sleep, 1))
        return EventSourceResponse(stream, headers={**SECURITY, **PRIVATE}, ping=15)

    # --- approving ---

    @command("approve", "push.approve", "push.approve", "已同意。", confirm=True)
    def approve(push: Push, posted: Posted) -> str:
        step = approvals.standing(push.id).next_step
        note = posted.text("note")
        approvals.approve(push.id, posted.officer.name, note, passed=posted.texts("gate"))
        return f"{step}：{note}" if note else step

    @command("reject", "push.reject", "push.approve", "已退回给经办。", confirm=True)
    def reject(push: Push, posted: Posted) -> str:
        note = posted.text("why")
        approvals.reject(push.id, posted.officer.name, note)
        return note

    @command("withdraw", "push.withdraw", "push.write", "推送已撤销。")
    def withdraw(push: Push, posted: Posted) -> str:
        approvals.withdraw(push.id, posted.officer.name)
        return ""

    # --- under way ---

    @command("send", "push.send", "push.command", "已开始发送。", confirm=True)
    def send(push: Push, posted: Posted) -> str:
        approvals.send(push.id, posted.officer.name)
        return ""

    @command("pause", "push.pause", "push.command", "已暂停。正在交出去的会发完，其余的留着。")
    def pause(push: Push, posted: Posted) -> str:
        approvals.pause(push.id, posted.officer.name)
        return ""

    @command("resume", "push.resume", "push.command", "已继续发送。", confirm=True)
    def resume(push: Push, posted: Posted) -> str:
        approvals.resume(push.id, posted.officer.name)
        return ""

    @command("stop", "push.stop", "push.command", "已停止，没发出的不再发。", confirm=True)
    def stop(push: Push, posted: Posted) -> str:
        why = posted.text("why")
        if not why:
            raise Refused("停止要写明原因。")
        approvals.stop(push.id, posted.officer.name, why)
        return why

    @console.get("/pushes/{id}/sheet", right="notice.see")
    def sheet(visit: Visit) -> Response:
        push, notice = express.push(visit)
        dossier = approvals.dossier(push.id)
        return visit.page(
            "push_sheet.html",
            push=push,
            notice=notice,
            dossier=dossier,
            text_lines=_told([dossier], notice),
            plan_lines=express.plan_lines(push),
            decisions=approvals.decisions(push.id),
            rejected=Decision.REJECTED,
            gates_source=GATES_SOURCE,
            **express.words(),
        )


# --- what is shown -------------------------------------------------------------------------------


def _steps(push: Push, names: Sequence[str], valid: Sequence[Approval]) -> list[Step]:
    """The way of a push: who has done what, whose turn it is."""
    submitted = (
        push.submitted_at if push.state not in (PushState.DRAFT, PushState.REJECTED) else None
    )
    way = [Step("提交", push.submitted_by or push.created_by, submitted, now=submitted is None)]
    for number, name in enumerate(names):
        if number < len(valid):
            one = valid[number]
            way.append(Step(name, one.officer, one.at, one.note))
        else:
            turn = number == len(valid) and push.state is PushState.SUBMITTED
            way.append(Step(name, now=turn))
    return way


def _told(dossiers: Sequence[Dossier], notice: Notice) -> dict[str, str]:
    """The text that was submitted, or would be."""
    submitted = dossiers[-1].text if dossiers else None
    return text_lines(submitted or notice.proposed)


def _happened(event: Event) -> str:
    what, _, refused = event.what.partition(":")
    if what == "refused":
        return f"没有执行（{_HAPPENED.get(refused, _COMMANDS.get(refused, refused))}）"
    return _HAPPENED.get(what, what)


_COMMANDS = {
    "approve": "同意",
    "reject": "退回",
    "submit": "提交",
    "change": "修改方案",
    "send": "开始发送",
    "pause": "暂停",
    "resume": "继续",
    "stop": "停止",
    "withdraw": "撤销",
}
