"""What providers allow, counted in the database and reserved before a letter goes: after a crash too much is counted,
never too little.

Quotas follow the channel's ``Limits``; days and months are China's, as the platform counts them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, select, update

from bot.channels.port import Limits
from bot.storage.schema import quotas
from bot.storage.upserting import insert

ERRORS = "errors"
"""The subject under which a channel's errors are counted, second by second."""

MOST_ERRORS, ERROR_SECONDS = 50, 60
"""So many errors in so many seconds close a channel (GOV.UK Notify's threshold)."""

CLOSED_AFTER_ERRORS = timedelta(minutes=10)

SPENT = "cost"
"""The period under which the cost of a push is counted; its subject is the push."""


@dataclass(frozen=True, slots=True)
class Quota:
    """``most`` uses in ``period``; ``again`` is when the next period begins."""

    period: str
    most: int
    again: datetime


def of_account(limits: Limits, now: datetime) -> Iterator[Quota]:
    """The quotas of a whole account."""
    if limits.per_second is not None:
        yield Quota(_second(now), limits.per_second, now + timedelta(seconds=1))
    if limits.per_day is not None:
        yield Quota(_day(now), limits.per_day, next_day(now))


def of_person(limits: Limits, now: datetime) -> Iterator[Quota]:
    """The quotas of each person."""
    if limits.per_person_day is not None:
        yield Quota(_day(now), limits.per_person_day, next_day(now))
    if limits.per_person_month is not None:
        yield Quota(f"{now:%Y-%m}", limits.per_person_month, next_month(now))


def next_day(now: datetime) -> datetime:
    """The midnight that comes."""
    return datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)


def next_month(now: datetime) -> datetime:
    """The midnight with which the next month begins."""
    first = now.date().replace(day=1)
    return datetime.combine((first + timedelta(days=32)).replace(day=1), time(), now.tzinfo)


class Quotas:
    """The quotas of one account of a channel, within a transaction that is under way."""

    def __init__(self, connection: Connection, channel: str, account: str) -> None:
        self._connection = connection
        self._key = {"channel": channel, "account": account}

    @property
    def _of(self) -> ColumnElement[bool]:
        return and_(*(quotas.c[name] == value for name, value in self._key.items()))

    def reserve(self, subject: str, quota: Quota, wanted: int) -> int:
        """Count as many of ``wanted`` uses as there are left; returns how many."""
        self._ensure([(subject, quota.period)])
        where = self._of & (quotas.c.subject == subject) & (quotas.c.period == quota.period)
        used: int = self._connection.execute(
            select(quotas.c.used).where(where).with_for_update()
        ).scalar_one()
        granted = max(0, min(wanted, quota.most - used))
        if granted:
            self.add(subject, quota.period, granted)
        return granted

    def add(self, subject: str, period: str, uses: int) -> None:
        """Count uses whatever the limit; a negative number gives them back."""
        self._ensure([(subject, period)])
        where = self._of & (quotas.c.subject == subject) & (quotas.c.period == period)
        self._connection.execute(update(quotas).where(where).values(used=quotas.c.used + uses))

    def used(self, period: str, subjects: Iterable[str]) -> Mapping[str, int]:
        """Uses by subject in a period; no other transaction counts them until this one ends."""
        wanted = sorted(subjects)
        self._ensure([(subject, period) for subject in wanted])
        found = self._connection.execute(
            select(quotas.c.subject, quotas.c.used)
            .where(self._of & (quotas.c.period == period) & quotas.c.subject.in_(wanted))
            .order_by(quotas.c.subject)
            .with_for_update()
        )
        return {row.subject: row.used for row in found}

    def add_each(self, period: str, subjects: Sequence[str], uses: int = 1) -> None:
        """Count the same uses for each subject."""
        ordered = sorted(subjects)
        if not ordered:
            return
        self._ensure([(subject, period) for subject in ordered])
        self._connection.execute(
            update(quotas)
            .where(self._of & (quotas.c.period == period))
            .where(quotas.c.subject == bindparam("of_subject"))
            .values(used=quotas.c.used + uses),
            [{"of_subject": subject} for subject in ordered],
        )

    def errors(self, now: datetime, more: int) -> int:
        """Count ``more`` errors now; returns those of the last minute."""
        self.add(ERRORS, _second(now), more)
        since = _second(now - timedelta(seconds=ERROR_SECONDS - 1))
        where = self._of & (quotas.c.subject == ERRORS) & (quotas.c.period >= since)
        found = self._connection.execute(select(func.sum(quotas.c.used)).where(where))
        return int(found.scalar() or 0)

    def _ensure(self, keys: Sequence[tuple[str, str]]) -> None:
        """Have a row for each subject and period."""
        if not keys:
            return
        rows = [self._key | {"subject": s, "period": p, "used": 0} for s, p in keys]
        self._connection.execute(insert(self._connection, quotas).on_conflict_do_nothing(), rows)


def purge_seconds(connection: Connection, now: datetime) -> None:
    """Forget paces and errors of more than an hour ago."""
    before = _second(now - timedelta(hours=1))
    connection.execute(
        delete(quotas).where(quotas.c.period.like("second:%"), quotas.c.period < before)
    )


def _second(now: datetime) -> str:
    return f"second:{int(now.timestamp())}"


def _day(now: datetime) -> str:
    return f"{now:%Y-%m-%d}"
