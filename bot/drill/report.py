"""What a drill came to, for people and for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot.deliveries.states import State

from .model import Choices
from .rehearsal import Rehearsed

STATES: Mapping[str, str] = {
    State.WAITING: "等前一个渠道",
    State.QUEUED: "排队",
    State.CLAIMED: "已领取",
    State.HANDING: "正在交付",
    State.ACCEPTED: "平台已接收",
    State.UNKNOWN: "结果不明",
    State.DELIVERED: "已送达",
    State.UNDELIVERED: "未送达",
    State.FAILED: "失败",
    State.NO_RECEIPT: "没有回执",
    State.ABANDONED: "不再追查",
    State.SKIPPED: "不发",
    State.CANCELLED: "已取消",
    State.SUPERSEDED: "前一个渠道已送达",
}
"""States as people call them."""


WHY_UNKNOWN: Mapping[str, str] = {
    "wechat_notice": "微信不能查询订阅通知的结果，也不识别重复；进程在交付时被强行结束，又没有回执的，谁也不能断定是否送出",
    "wechat_template": "微信只在十分钟内识别重复的模板消息；十分钟内没能再送一次、又没有回执的，谁也不能断定是否送出",
}
"""Why a letter may stay unknown for good, by channel."""


def rows(choices: Choices, done: Rehearsed) -> Sequence[tuple[str, object, str]]:
    """The table: what, how many, and what it means."""
    counted = done.count
    planner = "、".join(map(str, done.planner))
    return [
        ("符合条件", counted.matched, "人"),
        ("不发", counted.excluded, "人，本人已暂停接收"),
        ("计划发送", counted.planned, "人"),
        *((f"其中{STATES[State(name)]}", many, "人") for name, many in counted.states.items()),
        ("沙盒收到", counted.received, "条，以沙盒自己的账本为准"),
        ("恰好收到一次", counted.once, "人，以沙盒自己的账本为准"),
        ("重复", counted.duplicates, "条，应为 0"),
        ("账不符", counted.unaccounted, "人，两边账本对不上或没有结果，应为 0"),
        ("结果不明", counted.unknown, _unknown(choices, done)),
        ("强行结束", done.kills, "次，结束后马上另起一个"),
        ("冻结", done.pauses, "次，每次三个租期"),
        *([("审批入账中断", len(done.planner), f"次，各留下 {planner} 行")] if planner else []),
        *([("自行退出", len(done.fallen), "个发送进程")] if done.fallen else []),
        ("发送用时", f"{done.sending_seconds:.1f}", f"秒，每秒 {done.per_second:.0f} 条"),
        ("全部用时", f"{done.seconds:.1f}", "秒"),
    ]


def verdict(done: Rehearsed) -> str:
    """One line: passed or not, and why."""
    counted = done.count
    if done.passed:
        unknown = f"，结果不明 {counted.unknown} 人已单列" if counted.unknown else ""
        return f"演练通过：{counted.planned} 人，没有一人重复收到，账目全部对上{unknown}。"
    faults = [
        (counted.duplicates, f"重复 {counted.duplicates} 条"),
        (counted.unaccounted, f"账不符 {counted.unaccounted} 人"),
    ]
    told = [sentence for many, sentence in faults if many] or ["审批入账中断后留下了一部分"]
    return (
        f"演练没有通过：{'，'.join(told)}。请不要用这个版本发送，并把结果（--json）交给维护人员。"
    )


def as_json(choices: Choices, done: Rehearsed) -> dict[str, Any]:
    """The same for programs."""
    return {
        "choices": asdict(choices),
        **asdict(done.count),
        "unknown": done.count.unknown,
        "unknown_received": done.count.unknown_received,
        "unknown_why": WHY_UNKNOWN[choices.channel] if done.count.unknown else "",
        "planner": list(done.planner),
        "kills": done.kills,
        "pauses": done.pauses,
        "fallen": list(done.fallen),
        "seconds": round(done.seconds, 2),
        "sending_seconds": round(done.sending_seconds, 2),
        "per_second": round(done.per_second, 1),
        "passed": done.passed,
    }


def _unknown(choices: Choices, done: Rehearsed) -> str:
    if not done.count.unknown:
        return "人"
    received = f"人，其中沙盒收到 {done.count.unknown_received} 人，不会重发"
    return f"{received}。{WHY_UNKNOWN[choices.channel]}"
