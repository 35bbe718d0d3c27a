"""A report counted. The database counts: no report loads people or letters one by one."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, func, select

from bot.storage.schema import approvals, audience, channel_jobs, deliveries, subscribers

from .model import AGGREGATE, EXCLUDED, MISSING, TOTALS, Count, Pace, Report
from .outcomes import BEST_LETTER, COST, RANKS, ROW, apart, first_reached


def report(connection: Connection, push: str) -> Report:
    """The report of a push, as the ledger is now."""
    counts = tuple(
        Count(*_ended(included, led, best), area, tuple(json.loads(why)), many, int(cost))
        for included, led, best, area, why, many, cost in connection.execute(_counted(push))
    )
    found = {k: n for k, n in letters(connection, push).items() if k[0] not in AGGREGATE}
    return Report(push, counts, found, _totals(connection, push))


def letters(connection: Connection, push: str) -> Mapping[tuple[str, str], int]:
    """Rows of the ledger by channel and state, 群发 too."""
    kinds = (deliveries.c.channel, deliveries.c.state)
    query = select(*kinds, func.count()).where(deliveries.c.push == push).group_by(*kinds)
    return {(channel, state): many for channel, state, many in connection.execute(query)}


def pace(connection: Connection, found: Report) -> Pace:
    """When the people of a report were reached."""
    first = first_reached(found.push)
    counted = select(first.c.at, func.count()).group_by(first.c.at)
    moments = {row[0]: row[1] for row in connection.execute(counted)}
    return Pace(moments, found.included, _approved(connection, found.push))


def _counted(push: str) -> Select[Any]:
    """How many people are alike: included, led (has letters), best letter, area, why, people, cost. It counts what
    ``_listed`` lists, from the letters and not from the people: twice as fast for all, and slower for a page."""
    best = (
        select(ROW.person, BEST_LETTER.label("best"), COST.label("cost"))
        .where(ROW.push == push)
        .group_by(ROW.person)
        .subquery()
    )
    led, area = best.c.person.is_not(None), func.coalesce(subscribers.c.area, "")
    alike = (audience.c.included, led, best.c.best, area, audience.c.why)
    return (
        select(*alike, func.count(), func.coalesce(func.sum(best.c.cost), 0))
        .select_from(audience)
        .join(best, best.c.person == audience.c.person, isouter=True)
        .join(subscribers, subscribers.c.person == audience.c.person, isouter=True)
        .where(audience.c.push == push)
        .group_by(*alike)
    )


def _ended(included: int, led: bool, best: str | None) -> tuple[str, str]:
    """Outcome and channel of somebody, by what ``_counted`` tells."""
    if not included:
        return EXCLUDED, ""
    return apart(best or RANKS[TOTALS if led else MISSING])


def _totals(connection: Connection, push: str) -> tuple[Mapping[str, object], ...]:
    found = connection.execute(
        select(channel_jobs.c.id, channel_jobs.c.totals)
        .where(channel_jobs.c.push == push)
        .order_by(channel_jobs.c.id)
    )
    return tuple({"job": row.id, **json.loads(row.totals or "{}")} for row in found)


def _approved(connection: Connection, push: str) -> int | None:
    given = select(func.max(approvals.c.at)).where(
        approvals.c.push == push, approvals.c.decision == "approved", approvals.c.void_at.is_(None)
    )
    return connection.execute(given).scalar()
