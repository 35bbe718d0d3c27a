"""Notices and their pushes: composed, submitted, followed and held back by another system. Approving stays with people in
the console: a key is nobody's signature."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy import Connection

from bot.channels.cost import cost
from bot.deliveries.reports import counting
from bot.notices.approval import Approvals
from bot.notices.model import Notice, Plan, Push, Text
from bot.notices.naming import one_of, rule_of
from bot.notices.service import Notices
from bot.notices.suggesting import Suggester
from bot.storage.database import Database
from catalogue_index.areas import Areas
from catalogue_index.errors import Refused

from . import shapes
from .gate import Caller, Gate, missing

_NEWEST = 100


@dataclass(frozen=True, slots=True)
class Express:
    """What notices and pushes are worked on with; ``channels`` are those set up."""

    notices: Notices
    approvals: Callable[[], Approvals]
    suggester: Callable[[], Suggester]
    database: Database
    areas: Areas
    channels: tuple[str, ...]


def add_to(routes: APIRouter, gate: Gate, express: Express) -> None:
    """``/notices``, ``/pushes`` and ``/suggestions``."""
    notices = express.notices
    sees, writes = gate.may("notice.see"), gate.may("notice.write")
    pushes, commands = gate.may("push.write"), gate.may("push.command")

    def notice_of(caller: Caller, id: str) -> Notice:
        try:
            found = notices.find(id)
        except Refused:
            raise missing() from None
        caller.scoped(found.area)
        return found

    def push_of(caller: Caller, id: str) -> Push:
        try:
            found = express.approvals().find(id)
        except Refused:
            raise missing() from None
        notice_of(caller, found.notice)
        return found

    def told(push: Push) -> shapes.Push:
        standing, counts = (
            express.approvals().standing(push.id),
            express.approvals().counts(push.id),
        )
        return shapes.Push(
            id=push.id,
            notice=push.notice,
            version=push.version,
            purpose=push.purpose,
            state=standing.push.state,
            next_step=standing.next_step,
            approvals=[
                shapes.Step(step=one.step, officer=one.officer, decision=one.decision, at=one.at)
                for one in standing.approvals
            ],
            letters=counts,
        )

    def shown(notice: Notice) -> shapes.Notice:
        return _shown(notice, express.approvals().link(notice.id))

    @routes.get("/notices", tags=["notices"], summary="列出通知")
    def list_notices(caller: Caller = sees, area: str = "") -> shapes.Notices:
        """最新的 100 份，最新的在前；area 是地区代码，包括它下面的。"""
        found = [one for one in notices.all() if caller.officer.covers(one.area)]
        within = [one for one in found if one.area.startswith(area)]
        return shapes.Notices(notices=[shown(one) for one in within[:_NEWEST]])

    @routes.post("/notices", tags=["notices"], summary="拟一份通知", status_code=201)
    def compose(body: shapes.NewNotice, caller: Caller = writes) -> shapes.Notice:
        """只是草稿：推送要另外提交，并由人在管理台里审批。"""
        with gate.recording(caller, "notice.write") as noted:
            area = express.areas.get(body.area).code
            caller.scoped(area)
            made = notices.compose(_text(body), area, caller.officer.name)
            noted.about, noted.detail = f"notice:{made.id}", made.text.title
        return shown(made)

    @routes.get("/notices/{id}", tags=["notices"], summary="一份通知")
    def notice(id: str, caller: Caller = sees) -> shapes.Notice:
        """内容是最新拟的，不一定已经公开。"""
        return shown(notice_of(caller, id))

    @routes.put("/notices/{id}", tags=["notices"], summary="修改通知")
    def edit(id: str, body: shapes.NoticeIn, caller: Caller = writes) -> shapes.Notice:
        """等待审批和已批准的推送退回草稿，审批全部作废；公开的页面等新内容批准后才变。"""
        with gate.recording(caller, "notice.write") as noted:
            found = notice_of(caller, id)
            noted.about = f"notice:{found.id}"
            edited = notices.edit(found.id, _text(body), "接口修改", express.approvals().reopen)
        return shown(edited)

    @routes.post("/suggestions", tags=["notices"], summary="建议领域和人群")
    def suggest(body: shapes.SuggestIn, _: Caller = sees) -> shapes.Suggestions:
        """从标题和摘要看可能与谁有关，附理由；由人决定。"""
        found = express.suggester().suggest(body.title, body.summary)
        return shapes.Suggestions(
            sectors=[
                shapes.Suggestion(name=o.name, reasons=list(o.reasons)) for o in found.sectors
            ],
            groups=[shapes.Suggestion(name=o.name, reasons=list(o.reasons)) for o in found.groups],
        )

    @routes.post("/notices/{id}/pushes", tags=["pushes"], summary="拟一次推送", status_code=201)
    def draft(id: str, body: shapes.PushIn, caller: Caller = pushes) -> shapes.Push:
        """定下发给谁、走哪些渠道、最多花多少钱。"""
        with gate.recording(caller, "push.write") as noted:
            found = notice_of(caller, id)
            plan = _plan(body, express, caller)
            made = express.approvals().draft(
                found.id, plan, caller.officer.name, body.purpose, body.reason, body.not_before
            )
            noted.about = f"push:{made.id}"
        return told(made)

    @routes.put("/pushes/{id}", tags=["pushes"], summary="修改推送")
    def change(id: str, body: shapes.PushIn, caller: Caller = pushes) -> shapes.Push:
        """已有的审批全部作废。目的（purpose）不能改。"""
        with gate.recording(caller, "push.write") as noted:
            found = push_of(caller, id)
            noted.about = f"push:{found.id}"
            plan = _plan(body, express, caller)
            changed = express.approvals().change(
                found.id, plan, caller.officer.name, body.reason, body.not_before
            )
        return told(changed)

    @routes.get("/pushes/{id}", tags=["pushes"], summary="一次推送走到哪一步")
    def push(id: str, caller: Caller = sees) -> shapes.Push:
        """状态、审批和投递的条数。"""
        return told(push_of(caller, id))

    @routes.get("/pushes/{id}/findings", tags=["pushes"], summary="检查一次推送")
    def findings(id: str, caller: Caller = sees) -> list[shapes.Finding]:
        """提交之前要解决或核对的问题。"""
        found = express.approvals().findings(push_of(caller, id).id)
        return [
            shapes.Finding(
                check=one.check,
                blocks=one.blocks,
                sentence=one.sentence,
                source=one.source,
                channel=one.channel,
            )
            for one in found
        ]

    @routes.post("/pushes/{id}/submit", tags=["pushes"], summary="提交审批")
    def submit(id: str, body: shapes.SubmitIn, caller: Caller = pushes) -> shapes.Push:
        """定下受众；之后由不同的人在管理台里逐步审批。"""
        with gate.recording(caller, "push.write") as noted:
            found = push_of(caller, id)
            noted.about, noted.detail = f"push:{found.id}", "提交审批"
            sent = express.approvals().submit(found.id, caller.officer.name, ticked=body.ticked)
        return told(sent)

    def command(id: str, caller: Caller, name: str) -> shapes.Push:
        with gate.recording(caller, "push.command") as noted:
            found = push_of(caller, id)
            noted.about, noted.detail = f"push:{found.id}", _COMMANDS[name]
            done: Push = getattr(express.approvals(), name)(found.id, caller.officer.name)
        return told(done)

    @routes.post("/pushes/{id}/pause", tags=["pushes"], summary="暂停推送")
    def pause(id: str, caller: Caller = commands) -> shapes.Push:
        """正在交出去的会发完，其余的留着。"""
        return command(id, caller, "pause")

    @routes.post("/pushes/{id}/resume", tags=["pushes"], summary="继续推送")
    def resume(id: str, caller: Caller = commands) -> shapes.Push:
        """继续一次暂停的推送。"""
        return command(id, caller, "resume")

    @routes.post("/pushes/{id}/stop", tags=["pushes"], summary="停止推送")
    def stop(id: str, caller: Caller = commands) -> shapes.Push:
        """没交出去的全部取消，不能再继续。"""
        return command(id, caller, "stop")

    @routes.get("/pushes/{id}/report", tags=["pushes"], summary="一次推送的结果")
    def report(id: str, caller: Caller = sees) -> shapes.ReportOut:
        """每个人站在一行；没有送到的人的名单只在管理台里看。"""
        found = push_of(caller, id)
        with express.database.read() as connection:
            return _report(connection, found.id)


_COMMANDS = {"pause": "暂停", "resume": "继续", "stop": "停止"}


def _report(connection: Connection, push: str) -> shapes.ReportOut:
    found = counting.report(connection, push)
    return shapes.ReportOut(
        push=push,
        matched=found.matched,
        reached=found.reached,
        lines=dict(found.lines()),
        cost=found.cost,
    )


def _plan(body: shapes.PushIn, express: Express, caller: Caller) -> Plan:
    rule = rule_of(
        express.areas,
        sectors=body.rule.sectors,
        items=body.rule.items,
        groups=body.rule.groups,
        in_areas=body.rule.areas,
        everyone=body.rule.everyone,
    )
    for area in rule.areas:
        caller.scoped(area)
    return Plan(
        rule,
        tuple(one_of(one, express.channels, "渠道") for one in body.channels),
        all_channels=body.all_channels,
        urgent=body.urgent,
        hours=body.hours,
        cost_cap=cost(body.cost_cap),
        follows=body.follows,
        workdays=body.workdays,
    )


def _text(body: shapes.NoticeIn) -> Text:
    return Text(**{name: getattr(body, name) for name in shapes.NoticeIn.model_fields})


def _shown(notice: Notice, page: str) -> shapes.Notice:
    text = notice.proposed
    return shapes.Notice(
        **{name: getattr(text, name) for name in shapes.NoticeIn.model_fields},
        id=notice.id,
        area=notice.area,
        state=notice.state,
        version=notice.proposed_version,
        page=page,
        created_by=notice.created_by,
        created_at=notice.created_at,
    )
