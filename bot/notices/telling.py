"""A notice's text and a push's plan in words, line by line: for who approves, for the 审核表, and to tell what changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import ndiff

from bot.channels.cost import in_yuan
from bot.channels.names import CHANNEL_NAMES

from .audience import EVERYBODY
from .dossier import Dossier
from .model import Plan, Text

AreaName = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Change:
    """A line that is not what it was: its name, and the words that are gone (``-``) and new (``+``)."""

    name: str
    lines: tuple[tuple[str, str], ...]


def text_lines(text: Text) -> dict[str, str]:
    """What a text says, without what it leaves empty."""
    lines = {
        "标题": text.title,
        "文号": text.number,
        "发文机关": text.issuer,
        "公开属性": str(text.attribute),
        "原文网址": text.url,
        "政策文件": "是" if text.policy else "",
        "解读网址": text.interpretation,
        "不解读的理由": text.uninterpreted,
        "有效期至": str(text.valid_until or ""),
        "正文": text.body,
    }
    return {name: words for name, words in lines.items() if words}


def plan_lines(plan: Plan, area_name: AreaName) -> dict[str, str]:
    """How a push goes out."""
    lines = {"发给谁": audience_words(plan), "地区": _areas(plan, area_name)}
    names = [CHANNEL_NAMES.get(one, one) for one in plan.channels]
    if plan.all_channels and len(names) > 1:
        lines["渠道"] = "、".join(names) + "（每个都发）"
    else:
        lines["渠道"] = " → ".join(names) + ("（前一个没送到才用下一个）" if names[1:] else "")
    begin, end = plan.quiet
    quiet = f"{begin}:00 至次日 {end}:00 不发" if begin > end else f"{begin}:00 至 {end}:00 不发"
    lines["夜间"] = f"紧急，随时发：{plan.urgent}" if plan.urgent else quiet
    if plan.workdays and not plan.urgent:
        lines["周末和节假日"] = "不发"
    lines["发送期限"] = f"开始后 {plan.hours} 小时内"
    lines["费用上限"] = in_yuan(plan.cost_cap)
    if names[1:]:
        lines["等回执"] = f"{plan.patience} 小时没有回执就用下一个渠道"
    return {name: words for name, words in lines.items() if words}


def audience_words(plan: Plan) -> str:
    """Whom a plan concerns."""
    rule = plan.rule
    if plan.follows and rule == EVERYBODY:
        return f"推送 {plan.follows} 送到或可能送到的人"
    if rule.everyone:
        return "全部订阅者"
    kinds = {"领域": rule.sectors, "人群": rule.groups, "事项": rule.items}
    return "；".join(f"{kind}：{'、'.join(names)}" for kind, names in kinds.items() if names)


def changes(before: Dossier, after: Dossier, area_name: AreaName) -> list[Change]:
    """What is different in what was submitted, in order."""
    old, new = _all_lines(before, area_name), _all_lines(after, area_name)
    return [
        Change(name, _compared(old.get(name, ""), new.get(name, "")))
        for name in dict.fromkeys((*new, *old))
        if old.get(name) != new.get(name)
    ]


def _all_lines(dossier: Dossier, area_name: AreaName) -> Mapping[str, str]:
    lines = text_lines(dossier.text) if dossier.text else {}
    lines |= plan_lines(dossier.plan, area_name) if dossier.plan else {}
    figures = dossier.figures
    people = f"符合 {figures.matched} 人，发 {figures.included} 人，不发 {figures.excluded} 人"
    return lines | {"人数": people, "最多花费": in_yuan(dossier.cost)}


def _compared(old: str, new: str) -> tuple[tuple[str, str], ...]:
    told = ndiff(old.splitlines(), new.splitlines())
    return tuple((line[0], line[2:]) for line in told if line[0] in "-+")


def _areas(plan: Plan, area_name: AreaName) -> str:
    return (
        ""
        if plan.follows and plan.rule == EVERYBODY
        else "、".join(map(area_name, plan.rule.areas))
    )
