"""The log: search it, prove it whole."""

from datetime import date, datetime, time, timedelta

from starlette.responses import Response

from bot.clock import CHINA
from bot.officers.rights import rights
from bot.records.model import OUTCOMES

from .console import Console, Done, Posted, Visit

_A_PAGE = 50

NAMES = {
    "sign_in": "登录",
    "sign_out": "退出",
    "accounts": "账号",
    "own": "自己的账号",
    "home": "首页",
    "knowledge": "知识库",
    "draft": "目录草稿",
    "desk": "未答问题",
    "tester": "试问",
    "notice": "通知",
    "push": "推送",
    "subscribers": "订阅者",
    "poster": "海报",
    "channels": "公众号与渠道",
    "statistics": "统计",
    "records": "操作记录",
}
"""Kinds of actions, by the beginning of their names."""


def pages(console: Console) -> None:
    """``/records`` and ``/records/verify``."""

    @console.get("/records", right="records.see")
    def search(visit: Visit) -> Response:
        asked = {name: visit.query(name) for name in ("who", "action", "object", "outcome")}
        found = console.records.search(
            **asked,
            since=_midnight(visit.query("from")),
            until=_midnight(visit.query("to"), 1),
            before=visit.number("before"),
            limit=_A_PAGE + 1,
        )
        return visit.page(
            "records.html",
            records=found[:_A_PAGE],
            more=len(found) > _A_PAGE,
            asked={**asked, "from": visit.query("from"), "to": visit.query("to")},
            kinds=NAMES,
            named=action_name,
            outcomes=OUTCOMES,
        )

    @console.post("/records/verify", right="records.see", does="records.verify", shows=search)
    def verify(posted: Posted) -> Done:
        verdict = console.records.verify()
        about = f"records:{verdict.newest.number}" if verdict.newest else ""
        detail = verdict.why or f"{verdict.checked} 条都没有被改过"
        page = posted.visit.page("verified.html", verdict=verdict)
        return Done("/records", about=about, detail=detail, response=page)


def action_name(action: str) -> str:
    """An action for people: the name of the right, or of its kind."""
    known = rights().get(action)
    return known.name if known else NAMES.get(action.partition(".")[0], action)


def _midnight(day: str, later: int = 0) -> int:
    """The beginning of a day written 2026-11-21, or of one some days later; 0 for anything else."""
    try:
        begun = datetime.combine(date.fromisoformat(day), time(), CHINA)
        return int((begun + timedelta(days=later)).timestamp())
    except (ValueError, OverflowError):
        return 0
