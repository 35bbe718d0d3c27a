"""Single steps of rows, and why: pure, from a row to the row after it. What follows from what a provider says is in
``results``."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.notices.model import PushState

from . import fallback, results, sharing
from .model import Delivery, Push, Step
from .quotas import Quota
from .states import State

LEASE = 120
"""Seconds that a worker may take over a letter; providers answer within ten, or never."""

LOOK_LATER = 60 * 60
"""Seconds until a waiting row is looked at again by itself; what happens on the channel before wakes it earlier."""


def worker(row: Delivery) -> str:
    """Who does what is done to a claimed row."""
    return f"worker:{row.attempt}"


def back(row: Delivery, not_before: int, second: int) -> Delivery:
    """The row in the queue again."""
    return replace(results.entered(row, State.QUEUED, second), not_before=not_before)


def handing(row: Delivery, cost: int, second: int, lease: int = LEASE) -> Delivery:
    """The row with the mark that is on disk before its provider is called."""
    return row.to(
        State.HANDING,
        attempts=row.attempts + 1,
        cost=cost,
        lease_until=second + lease,
        updated_at=second,
    )


def goes(row: Delivery) -> bool:
    """Whether a row that was looked at goes to the provider now: others go with it."""
    return row.state is State.HANDING and row.shares is None


def parted(follower: Delivery, leader: Delivery, second: int) -> Step:
    """A gathered row on its own again: at once where nothing was tried, else when its message would have been."""
    why = f"不再与第 {leader.id} 行同一条消息"
    if follower.state is State.QUEUED:
        return Step(follower, replace(follower, shares=None), "ledger", why)
    later = follower.not_before if follower.state is State.CLAIMED else leader.not_before
    after = replace(back(follower, later, second), shares=None, cost=0)
    return Step(follower, after, "ledger", why)


def over_quota(row: Delivery, quota: Quota, again: int, second: int) -> Step:
    """A row whose person had all that the channel allows: later, or never."""
    if again < row.expires_at:
        why = f"此人本期（{quota.period}）已收满 {quota.most} 条，推迟"
        return Step(row, back(row, again, second), worker(row), why)
    why = f"此人本期（{quota.period}）已收满 {quota.most} 条，有效期内不再发送"
    return Step(row, results.entered(row, State.SKIPPED, second), worker(row), why)


def turn(row: Delivery, earlier: Sequence[Delivery], patience: int, second: int) -> Step | None:
    """A waiting row whose turn it is, or never will be; ``None``: not yet."""
    if row.expires_at <= second:
        return Step(row, results.entered(row, State.SKIPPED, second), "ledger", results.TOO_LATE)
    state = fallback.next_turn(earlier, patience, second)
    if state is None:
        return None
    why = "前一个渠道没有送达" if state is State.QUEUED else "已由前一个渠道送达"
    return Step(row, results.entered(row, state, second), "ledger", why)


def next_look(row: Delivery, earlier: Sequence[Delivery], patience: int, second: int) -> int:
    """When to look again at a row whose turn it is not yet."""
    silent = [r.updated_at + patience for r in earlier if r.state is State.ACCEPTED]
    return min([*silent, second + LOOK_LATER, row.expires_at])


def ended(row: Delivery, push: Push, second: int) -> Step:
    """A row that will not be sent: its push was stopped, or its time is over."""
    late = min(push.expires_at, row.expires_at) <= second
    if push.state is PushState.STOPPED or not late:
        return Step(row, results.entered(row, State.CANCELLED, second), "ledger", "推送已停止")
    return Step(row, results.entered(row, State.SKIPPED, second), "ledger", results.TOO_LATE)


def silent(row: Delivery, second: int) -> Step:
    """A row of which nothing will be heard any more."""
    if row.state is State.ACCEPTED:
        after = results.entered(row, State.NO_RECEIPT, second)
        return Step(row, after, "reconciler", "72 小时没有回执")
    after = results.entered(row, State.ABANDONED, second)
    return Step(row, after, "reconciler", "72 小时无法核实是否送出，不再追查")


def catch_up(follower: Delivery, leader: Delivery, second: int) -> Iterator[Step]:
    """Steps of a follower to where its leader is, through the same states, at no cost of its own."""
    row = follower
    for state in sharing.way(follower, leader):
        after = replace(
            results.entered(row, state, second),
            attempt=leader.attempt,
            provider_ref=leader.provider_ref,
            code=leader.code,
            cost=0 if state is State.FAILED else row.cost,
        )
        # Nobody had it in hand.
        why = "" if state is State.CLAIMED else f"与第 {leader.id} 行同一地址"
        yield Step(row, after, "ledger", why)
        row = after
