"""What the first page tells: today's questions, pushes under way, the health of the platform. Reads only; counts and facts,
nothing of one person."""

import json
import shutil
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from bot.channels.names import CHANNEL_NAMES
from bot.channels.wechat.mass import LIMITS as MASS_LIMITS
from bot.clock import CHINA, Clock, chinese_moment
from bot.deliveries.repository import counts as letters_of
from bot.deliveries.states import OPEN
from bot.deliveries.switches import closures, why
from bot.notices.model import PushState
from bot.questions.groups import counts
from bot.settings import AccountKind
from bot.storage.database import Database
from bot.storage.schema import (
    channel_jobs,
    channels,
    notices,
    platform_tokens,
    push_events,
    pushes,
    receipts,
)
from bot.storage.scope import within

from .backup import newest
from .months import month_of

SILENT_DAYS = (7, 10, 14)
"""Days without a publication from which to remind, to warn, and after which an account counts as not updated: two weeks
(国办秘函〔2019〕19号, 单项否决“内容不更新”, as provinces check it: 贵州 2025 年二季度通报; 闽侯县 asks for ten
days)."""

MASS_JOB = "wechat_mass"
BACKUP_DAYS = 7
"""Days after which a backup is called old."""
LEAST_FREE = 0.1
"""Share of the disk that shall be free."""

_UNDER_WAY = (PushState.RUNNING, PushState.PAUSED, PushState.STOPPED, PushState.DRAINING)
_MOST = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """A push under way: its notice's title, and how many of its letters have got a result."""

    push: str
    title: str
    state: PushState
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One line on the health of the platform; ``fine`` or to be looked at."""

    name: str
    fine: bool
    said: str


@dataclass(frozen=True, slots=True)
class Slots:
    """How often an official account sent 群发 this month, and the most that one person may get."""

    account: str
    used: int
    most: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Days since the last publication (``None``: there was none yet); ``level`` counts the limits of ``SILENT_DAYS``
    that are passed."""

    days: int | None

    @property
    def level(self) -> int:
        """0: nothing to do."""
        return sum((self.days or 0) >= limit for limit in SILENT_DAYS)


class Overview:
    """``accounts``: official accounts by name with their kind; ``ways``: channels that are set up, by name and account."""

    def __init__(
        self,
        database: Database,
        data_dir: Path,
        clock: Clock,
        accounts: Mapping[str, AccountKind],
        ways: Sequence[tuple[str, str]],
    ) -> None:
        self._database = database
        self._data_dir = data_dir
        self._clock = clock
        self._accounts = accounts
        self._ways = ways

    def today(self, areas: Sequence[str]) -> Mapping[str, int]:
        """Today's questions by how they ended."""
        day = f"{self._clock().date()}"
        found: Counter[str] = Counter()
        with self._database.read() as connection:
            for one in counts(connection, day, day, areas):
                found[one.kind] += one.count
        return found

    def under_way(self, areas: Sequence[str]) -> list[Progress]:
        """Pushes of an officer's areas that are being sent, the newest first."""
        query = (
            select(pushes.c.id, pushes.c.state, notices.c.text)
            .join(notices, notices.c.id == pushes.c.notice)
            .where(pushes.c.state.in_(_UNDER_WAY), within(notices.c.area, areas))
            .order_by(pushes.c.updated_at.desc(), pushes.c.id)
            .limit(_MOST)
        )
        with self._database.read() as connection:
            return [
                _progress(connection, row.id, PushState(row.state), row.text)
                for row in connection.execute(query)
            ]

    def silence(self, areas: Sequence[str]) -> Silence:
        """How long nothing was published by a push."""
        query = (
            select(func.max(push_events.c.at))
            .join(pushes, pushes.c.id == push_events.c.push)
            .join(notices, notices.c.id == pushes.c.notice)
            .where(push_events.c.what == PushState.RUNNING, within(notices.c.area, areas))
        )
        with self._database.read() as connection:
            last = connection.execute(query).scalar()
        if last is None:
            return Silence(None)
        return Silence((self._clock().date() - _moment(last).date()).days)

    def slots(self) -> list[Slots]:
        """The 群发 of each 服务号 this month: the platform lets one person get four a month."""
        month = month_of(self._clock().date())
        most = MASS_LIMITS[AccountKind.SERVICE].per_person_month or 0
        query = (
            select(channel_jobs.c.account, func.count(channel_jobs.c.push.distinct()))
            .where(channel_jobs.c.channel == MASS_JOB)
            .where(channel_jobs.c.updated_at >= month.begins)
            .group_by(channel_jobs.c.account)
        )
        with self._database.read() as connection:
            used = {row[0]: row[1] for row in connection.execute(query)}
        services = [name for name, kind in self._accounts.items() if kind is AccountKind.SERVICE]
        return [Slots(name, used.get(name, 0), most) for name in services]

    def health(self) -> list[Fact]:
        """Channels, tokens, receipts, disk and backups."""
        now = self._clock()
        with self._database.read() as connection:
            facts = [
                *_channels(connection, now, self._ways),
                *_tokens(connection, now, self._accounts),
                _receipts(connection),
            ]
        return [*facts, _disk(self._data_dir), _backup(self._data_dir, now)]


def _progress(connection: Connection, push: str, state: PushState, text: str) -> Progress:
    found = letters_of(connection, push)
    total = sum(found.values())
    left = sum(count for one, count in found.items() if one in OPEN)
    return Progress(push, str(json.loads(text).get("title", "")), state, total - left, total)


def _channels(
    connection: Connection, now: datetime, ways: Collection[tuple[str, str]]
) -> list[Fact]:
    if not ways:
        return [Fact("发送渠道", False, "还没有设置，只能回复，不能主动发送通知。")]
    closed = closures(connection, now)
    query = select(channels.c.channel, channels.c.account, channels.c.capability)
    told = {(row[0], row[1]): row[2] for row in connection.execute(query)}
    facts = []
    for way in ways:
        name = f"{CHANNEL_NAMES.get(way[0], way[0])}（{way[1]}）"
        probed = json.loads(told.get(way) or "{}")
        if reason := why(closed, way):
            facts.append(Fact(name, False, f"停用中：{reason}"))
        elif probed.get("usable") is False:
            facts.append(Fact(name, False, str(probed.get("why", "")) or "平台说不能用。"))
        else:
            facts.append(Fact(name, True, "可以用" if probed else "还没有检查过"))
    return facts


def _tokens(connection: Connection, now: datetime, accounts: Collection[str]) -> list[Fact]:
    query = select(platform_tokens.c.account, platform_tokens.c.expires_at)
    until = {row[0]: row[1] for row in connection.execute(query)}
    return [
        Fact(f"公众号 {name} 的令牌", fresh, "有效" if fresh else "已过期，下次发送时会重新取")
        for name in accounts
        if name in until
        for fresh in [until[name] > now.timestamp()]
    ]


def _receipts(connection: Connection) -> Fact:
    newest_one = select(receipts.c.received_at).order_by(receipts.c.id.desc()).limit(1)
    last = connection.execute(newest_one).scalar()
    said = f"最近一次 {chinese_moment(_moment(last))}" if last else "还没有收到过"
    return Fact("平台回执", True, said)


def _disk(data_dir: Path) -> Fact:
    usage = shutil.disk_usage(data_dir)
    fine = usage.free >= usage.total * LEAST_FREE
    said = f"还剩 {usage.free / 1e9:.1f} GB"
    return Fact("磁盘", fine, said if fine else f"{said}，不到一成。请清理，以免数据写不进去。")


def _backup(data_dir: Path, now: datetime) -> Fact:
    last = newest(data_dir)
    if last is None:
        return Fact("备份", False, "还没有备份。请运行 zwgk db backup，并把存档拷到别处。")
    days = (now - last).days
    said = f"最近一次 {chinese_moment(last.astimezone(CHINA))}"
    if days >= BACKUP_DAYS:
        return Fact("备份", False, f"{said}，已有 {days} 天。请运行 zwgk db backup。")
    return Fact("备份", True, said)


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, CHINA)
