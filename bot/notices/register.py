"""All notices with where each stands, page by page, and the pushes that wait for somebody's decision."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from bot.storage.database import Database
from bot.storage.schema import approvals, notices, pushes
from bot.storage.scope import within

from . import repository
from .model import Decision, Notice, NoticeState, Push, PushState

STAGES: Mapping[str, tuple[str, frozenset[PushState]]] = {
    "none": ("还没拟推送", frozenset()),
    "draft": ("推送草稿、已退回", frozenset({PushState.DRAFT, PushState.REJECTED})),
    "submitted": ("待审批", frozenset({PushState.SUBMITTED})),
    "approved": ("已批准，未开始", frozenset({PushState.APPROVED})),
    "under_way": (
        "发送中",
        frozenset({PushState.RUNNING, PushState.PAUSED, PushState.DRAINING, PushState.STOPPED}),
    ),
    "over": ("已结束", frozenset({PushState.FINISHED, PushState.EXPIRED, PushState.WITHDRAWN})),
    "recalled": ("通知已撤回", frozenset()),
}
"""By which notices are looked for: the stage's name, and the states of a push of theirs."""

_BATCH = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """A notice, its newest push (``None``: there is none), and how many steps of the approval this has behind it."""

    notice: Notice
    push: Push | None = None
    steps_done: int = 0

    @property
    def key(self) -> str:
        """What the entries after this one are asked for by."""
        return f"{self.notice.created_at}-{self.notice.id}"


class Register:
    """Looks notices up; reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(
        self, areas: Collection[str] = (), stage: str = "", after: str = ""
    ) -> Iterator[Entry]:
        """Notices of some areas with all below them (none: of all), at a stage, newest first, after an entry's key."""
        where = [within(notices.c.area, areas), *_at(stage)]
        while True:
            with self._database.read() as connection:
                found = repository.all_notices(connection, *where, *_after(after), most=_BATCH)
                batch = _entries(connection, found)
            yield from batch
            if len(batch) < _BATCH:
                return
            after = batch[-1].key

    def submitted(self) -> list[Entry]:
        """Every push that waits for a decision, with its notice, the longest waiting first."""
        with self._database.read() as connection:
            waiting = repository.pushes_where(connection, pushes.c.state == PushState.SUBMITTED)
            of = notices.c.id.in_({push.notice for push in waiting})
            by_id = {one.id: one for one in repository.all_notices(connection, of)}
            done = _steps_done(connection, waiting)
        waiting.sort(key=lambda push: push.submitted_at or 0)
        return [Entry(by_id[push.notice], push, done.get(push.id, 0)) for push in waiting]


def _entries(connection: Connection, found: Sequence[Notice]) -> list[Entry]:
    of = pushes.c.notice.in_([one.id for one in found])
    newest = {push.notice: push for push in repository.pushes_where(connection, of)}
    done = _steps_done(connection, list(newest.values()))
    return [
        Entry(one, push, done.get(push.id, 0)) if (push := newest.get(one.id)) else Entry(one)
        for one in found
    ]


def _steps_done(connection: Connection, some: Sequence[Push]) -> Mapping[str, int]:
    query = (
        select(approvals.c.push, func.count())
        .join(pushes, and_(pushes.c.id == approvals.c.push, pushes.c.hash == approvals.c.hash))
        .where(approvals.c.push.in_([push.id for push in some]))
        .where(approvals.c.decision == Decision.APPROVED, approvals.c.void_at.is_(None))
        .group_by(approvals.c.push)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _at(stage: str) -> Iterator[ColumnElement[bool]]:
    states = STAGES[stage][1] if stage in STAGES else frozenset()
    own = exists().where(pushes.c.notice == notices.c.id)
    if stage == "none":
        yield ~own
    elif stage == "recalled":
        yield notices.c.state == NoticeState.RECALLED
    elif states:
        yield own.where(pushes.c.state.in_(states))


def _after(key: str) -> Iterator[ColumnElement[bool]]:
    second, _, id = key.partition("-")
    if second.isascii() and second.isdigit() and len(second) < 18:
        at = int(second)
        earlier = notices.c.created_at < at
        yield or_(earlier, and_(notices.c.created_at == at, notices.c.id > id))
