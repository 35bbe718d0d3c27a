"""Plans of pushes: whom they go to, how, when and for how much; looked over, with all that follows from them, before they
are submitted."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation

from starlette.responses import Response

from bot.channels.cost import cost
from bot.clock import CHINA
from bot.notices.checks import Finding
from bot.notices.model import BY_LEDGER, Notice, Plan, Purpose, Push, Rule
from bot.notices.naming import rule_of
from bot.subscriptions.groups import national_groups
from catalogue_index.errors import Refused
from catalogue_index.sectors import national_sectors

from .console import Console, Done, Posted, Visit, whole
from .express import SUGGESTED_FROM, ExpressPages

_MOST_YUAN = 10_000_000
_NEW = Plan(Rule(), ())


def pages(console: Console, express: ExpressPages) -> None:
    """``/notices/{id}/push``, ``/pushes/{id}/plan`` and ``/pushes/{id}/submit``."""
    approvals = express.approvals

    def plan_page(
        visit: Visit, notice: Notice, plan: Plan, purpose: Purpose, push: Push | None = None
    ) -> Response:
        text = notice.proposed
        groups, sectors = national_groups(), national_sectors()
        return visit.page(
            "push_plan.html",
            notice=notice,
            push=push,
            plan=plan,
            purpose=purpose,
            by_ledger=purpose in BY_LEDGER,
            reason=push.reason if push else "",
            not_before=_typed_moment(push.not_before if push else 0),
            channels=approvals.channels(),
            sectors=[(name, name) for name in sectors.names],
            groups=[(one.name, one.name) for one in groups.all],
            areas_typed="\n".join(map(express.area_name, plan.rule.areas or (notice.area,))),
            suggestion=express.suggest(text.title, text.body[:SUGGESTED_FROM], notice.area),
            hours=[(hour, f"{hour}:00") for hour in range(24)],
            **express.words(),
        )

    def purpose_of(visit: Visit) -> Purpose:
        words = visit.query("purpose", next(iter(visit.entered.get("purpose", ("first",)))))
        try:
            return Purpose(words)
        except ValueError:
            return Purpose.FIRST

    @console.get("/notices/{id}/push", right="push.write")
    def new_plan(visit: Visit) -> Response:
        return plan_page(visit, express.notice(visit), _NEW, purpose_of(visit))

    @console.post("/notices/{id}/push", right="push.write", does="push.draft", shows=new_plan)
    def draft(posted: Posted) -> Done:
        notice, purpose = express.notice(posted.visit), purpose_of(posted.visit)
        plan = _plan(posted, express, purpose, posted.visit.query("follows"))
        made = approvals.draft(
            notice.id,
            plan,
            posted.officer.name,
            purpose,
            posted.text("reason"),
            _moment(posted.text("not_before")),
        )
        said = "推送草稿已保存。请核对人数、费用和检查，再提交审批。"
        return Done(f"/pushes/{made.id}/submit", said, f"push:{made.id}", notice.id)

    @console.get("/pushes/{id}/plan", right="push.write")
    def plan(visit: Visit) -> Response:
        push, notice = express.push(visit)
        return plan_page(visit, notice, push.plan, push.purpose, push)

    @console.post("/pushes/{id}/plan", right="push.write", does="push.change", shows=plan)
    def change(posted: Posted) -> Done:
        push, _ = express.push(posted.visit)
        changed = approvals.change(
            push.id,
            _plan(posted, express, push.purpose, push.plan.follows),
            posted.officer.name,
            posted.text("reason"),
            _moment(posted.text("not_before")),
        )
        said = "方案已保存。请核对后提交审批。"
        return Done(f"/pushes/{changed.id}/submit", said, f"push:{changed.id}")

    @console.get("/pushes/{id}/submit", right="push.write")
    def before_submitting(visit: Visit) -> Response:
        push, notice = express.push(visit)
        findings, dossier, why_not = approvals.findings(push.id), None, ""
        try:
            dossier = approvals.forecast(push.id)
        except Refused as refused:
            why_not = str(refused)
        return visit.page(
            "push_submit.html",
            push=push,
            notice=notice,
            findings=findings,
            to_tick=_by_check(finding for finding in findings if not finding.blocks),
            blocked=any(finding.blocks for finding in findings),
            dossier=dossier,
            why_not=why_not,
            plan_lines=express.plan_lines(push),
            **express.words(),
        )

    @console.post(
        "/pushes/{id}/submit", right="push.write", does="push.submit", shows=before_submitting
    )
    def submit(posted: Posted) -> Done:
        push, _ = express.push(posted.visit)
        approvals.submit(push.id, posted.officer.name, ticked=posted.texts("check"))
        figures = approvals.dossier(push.id).figures
        next_step = approvals.standing(push.id).next_step
        said = f"已提交，下一步是{next_step}。"
        detail = f"符合 {figures.matched} 人，发 {figures.included} 人"
        return Done(f"/pushes/{push.id}", said, f"push:{push.id}", detail)


def _plan(posted: Posted, express: ExpressPages, purpose: Purpose, follows: str) -> Plan:
    """The plan of a form; raises ``Refused``."""
    rule = _NEW.rule
    if purpose not in BY_LEDGER:
        rule = rule_of(
            express.areas,
            sectors=posted.texts("sector"),
            items=[*posted.texts("item"), *posted.text("items").split()],
            groups=posted.texts("group"),
            in_areas=[line for line in posted.text("areas").splitlines() if line.strip()],
            everyone=posted.ticked("everyone"),
        )
        if not all(posted.officer.covers(code) for code in rule.areas):
            raise Refused("推送的地区超出了您负责的范围。请改成自己的地区。")
    channels = tuple(dict.fromkeys(posted.texts("channel")))
    if strange := [one for one in channels if one not in express.approvals.channels()]:
        raise Refused(f"没有设置渠道“{strange[0]}”。请重新选择。")
    return Plan(
        rule,
        channels,
        all_channels=posted.ticked("all_channels"),
        quiet=(
            _whole(posted, "quiet_from", "夜间开始", 0, 23),
            _whole(posted, "quiet_to", "夜间结束", 0, 23),
        ),
        urgent=posted.text("urgent"),
        hours=_whole(posted, "hours", "发送期限", 1, 720),
        cost_cap=_cost(posted.text("cost_cap") or "0"),
        patience=_whole(posted, "patience", "等回执的小时数", 1, 72),
        follows=follows,
        workdays=posted.ticked("workdays"),
    )


def _whole(posted: Posted, name: str, what: str, least: int, most: int) -> int:
    words = posted.text(name)
    number = whole(words, -1)
    if not least <= number <= most:
        raise Refused(f"{what}应为 {least} 到 {most} 的整数。请核对。")
    return number


def _cost(words: str) -> int:
    """Yuan as they are typed, in ten-thousandths."""
    try:
        yuan = Decimal(words)
    except InvalidOperation:
        yuan = Decimal(-1)
    if not (yuan.is_finite() and 0 <= yuan <= _MOST_YUAN):
        raise Refused("费用上限应写成多少元，例如 200 或 35.50。请核对。")
    return cost(yuan)


def _moment(words: str) -> int:
    """A moment as a browser writes it; 0 for none."""
    if not words:
        return 0
    try:
        return int(datetime.fromisoformat(words).replace(tzinfo=CHINA).timestamp())
    except (ValueError, OverflowError):
        raise Refused("开始时间写得不对，应形如 2026-12-01T09:00。") from None


def _typed_moment(second: int) -> str:
    return f"{datetime.fromtimestamp(second, CHINA):%Y-%m-%dT%H:%M}" if second else ""


def _by_check(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings that are ticked together, by their check."""
    found: dict[str, list[Finding]] = {}
    for one in findings:
        found.setdefault(one.check, []).append(one)
    return found
