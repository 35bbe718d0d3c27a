"""A push from one state to the next, with all that follows from it: each within the transaction of who asks for it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.clock import CHINA
from bot.deliveries.gathering import Weekly

from . import audience, repository
from .audience import Seat
from .chain import ApprovalRefused
from .model import (
    PUSH_MOVES,
    PUSH_NAMES,
    Approval,
    Decision,
    Event,
    Notice,
    NoticeState,
    Purpose,
    Push,
    PushState,
)

SYSTEM = "系统"
"""Who does what nobody decided."""
TOO_OLD = "审批已超过有效时间"


def notice_of(connection: Connection, id: str, *, lock: bool = False) -> Notice:
    """The notice of an id; raises ``ApprovalRefused``."""
    found = repository.find_notice(connection, id, lock=lock)
    if found is None:
        raise ApprovalRefused(f"没有编号为“{id}”的通知。用 zwgk notice list 查看全部编号。")
    return found


def push_of(connection: Connection, id: str) -> Push:
    """The push of an id; raises ``ApprovalRefused``."""
    found = repository.find_push(connection, id)
    if found is None:
        raise ApprovalRefused(f"没有编号为“{id}”的推送。用 zwgk notice show 查看通知的推送编号。")
    return found


def locked(connection: Connection, id: str, *states: PushState) -> Push:
    """A push in one of ``states`` that nobody else moves until the transaction ends."""
    found = repository.find_push(connection, id, lock=True)
    if found is None:
        return push_of(connection, id)
    if found.state not in states:
        raise ApprovalRefused(f"推送 {id} {PUSH_NAMES[found.state]}，现在不能做这一步。")
    return found


def in_force(connection: Connection, push: Push) -> list[Approval]:
    """The approvals that count."""
    return [
        one
        for one in repository.approvals_of(connection, push.id)
        if one.decision is Decision.APPROVED and one.void_at is None and one.hash == push.hash
    ]


def write_down(
    connection: Connection, push: str, by: str, what: str, detail: str, now: int
) -> None:
    """Keep what happened; nothing ever changes it."""
    repository.add_event(connection, push, Event(now, by[:64], str(what), str(detail)))


def move(connection: Connection, push: Push, to: PushState, by: str, why: str, now: int) -> Push:
    """Bring a locked push to another state, and write down why."""
    assert to in PUSH_MOVES[push.state], f"{push.state} -> {to}"
    moved = replace(push, state=to)
    repository.write_push(connection, moved, now)
    write_down(connection, push.id, by, to, why, now)
    return moved


def release(
    connection: Connection,
    push: Push,
    notice: Notice,
    seats: Sequence[Seat],
    now: int,
    weekly: Weekly,
) -> Push:
    """Put the letters of an approved push into the ledger, and publish the notice's page. It lasts until the weekly ones of
    its people may go out no more."""
    begin = max(now, push.not_before)
    expires_at = begin + push.plan.hours * 3600
    wait = weekly.wait(datetime.fromtimestamp(begin, CHINA))
    audience.plan_deliveries(
        connection,
        push.id,
        seats,
        all_channels=push.plan.all_channels,
        now=now,
        not_before=begin,
        expires_at=expires_at,
        weekly=wait,
    )
    if any(seat.included and seat.weekly for seat in seats):
        expires_at = max(expires_at, wait.expires_at)
    push = replace(push, not_before=begin, expires_at=expires_at)
    repository.write_notice(connection, _published(notice, push, now))
    return move(connection, push, PushState.APPROVED, SYSTEM, "审批完成", now)


def reopen(connection: Connection, push: Push, by: str, why: str, now: int) -> Push:
    """Bring a locked push that waits, or is approved, back to the draft: all its approvals are void."""
    if push.state is PushState.APPROVED:
        _take_back(connection, push, now)
    repository.void_approvals(connection, push.id, now)
    return move(connection, replace(push, hash=""), PushState.DRAFT, by, why, now)


def give_up(connection: Connection, push: Push, by: str, why: str, now: int) -> Push:
    """End a locked push that was never started."""
    if push.state is PushState.APPROVED:
        audience.unplan(connection, push.id)
    repository.void_approvals(connection, push.id, now)
    return move(connection, push, PushState.WITHDRAWN, by, why, now)


def _take_back(connection: Connection, push: Push, now: int) -> None:
    """Undo the release of a push that was never started."""
    audience.unplan(connection, push.id)
    notice = notice_of(connection, push.notice, lock=True)
    if push.version == 1 and not repository.was_out(connection, notice.id):
        draft = replace(notice, state=NoticeState.DRAFT, updated_at=now)
        repository.write_notice(connection, draft)


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
