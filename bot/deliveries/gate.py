"""The last look before a letter is handed over: whatever changed since the approval keeps it in."""

from dataclasses import dataclass
from datetime import datetime

from bot.notices.model import PushState

from .fallback import reached
from .model import Delivery, Push
from .results import TOO_LATE
from .states import State
from .window import RestDay, Window, no_rest

HELD_BACK = 60
"""Seconds until a row of a paused push is looked at again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a claimed row goes: ``handing``, back into the queue until ``not_before``, or to its end."""

    state: State
    why: str = ""
    not_before: int = 0


GO = Verdict(State.HANDING)


def window_of(push: Push, rest: RestDay = no_rest) -> Window:
    """When a push may be sent; an urgent one always."""
    if push.plan.urgent:
        return Window((0, 0))
    return Window(push.plan.quiet, rest if push.plan.workdays else no_rest)


def look(
    row: Delivery,
    push: Push,
    now: datetime,
    *,
    closed: str = "",
    refused: str = "",
    earlier: tuple[Delivery, ...] = (),
    rest: RestDay = no_rest,
) -> Verdict:
    """Whether a claimed row may be handed over now.

    ``closed`` says why nothing goes out on the channel; ``refused`` why the person is sent nothing any more
    (unsubscribed, address not in use); ``earlier`` are the rows of the person's earlier channels.
    """
    second = int(now.timestamp())
    if push.over:
        return Verdict(State.CANCELLED, "推送已停止")
    if min(push.expires_at, row.expires_at) <= second:
        return Verdict(State.SKIPPED, TOO_LATE)
    if push.state is not PushState.RUNNING:
        return Verdict(State.QUEUED, "推送已暂停", second + HELD_BACK)
    if not push.approved:
        return Verdict(State.QUEUED, "审批已失效", second + HELD_BACK)
    if closed:
        return Verdict(State.QUEUED, f"渠道已停用：{closed}", second + HELD_BACK)
    if refused:
        return Verdict(State.SKIPPED, refused)
    if not push.plan.all_channels and any(reached(other) for other in earlier):
        return Verdict(State.SUPERSEDED, "已由前一个渠道送达")
    opening = window_of(push, rest).opening(now)
    if opening > now:
        return Verdict(State.QUEUED, "不在可发送的时段", int(opening.timestamp()))
    return GO
