"""Figures of a month for the areas of who asks: questions, subscribers, notices and what became of their letters.

Every figure is a count over rows; nothing in them is of one person.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select
from sqlalchemy.sql import ColumnElement

from bot.answering.model import Kind
from bot.deliveries.states import OPEN, State
from bot.knowledge.library import Knowledge
from bot.notices.model import PushState
from bot.questions.groups import Group, Order, counts, open_groups
from bot.storage.database import Database
from bot.storage.schema import deliveries, notices, pushes, questions, subscribers
from bot.storage.scope import within
from bot.subscriptions.model import Standing
from catalogue_index.versions import sector_name

from .months import Month

MONTHS = 12
"""Months that are shown one beside the other."""

TOP = 20
"""Groups of unanswered questions that are listed."""

_REACHED = frozenset({State.ACCEPTED, State.DELIVERED, State.NO_RECEIPT})
_SENT = (
    PushState.RUNNING,
    PushState.PAUSED,
    PushState.DRAINING,
    PushState.FINISHED,
    PushState.STOPPED,
)

_CHINA, _DAY, _EPOCH = 8 * 3600, 24 * 3600, date(1970, 1, 1).toordinal()

SectorOf = Callable[[str], str]
"""The sector of a public page; empty where it has none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How the questions of a month ended."""

    month: Month
    kinds: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.kinds.values())

    @property
    def answered(self) -> int:
        """Those that got official text at once."""
        return self.kinds.get(Kind.ANSWER, 0)


@dataclass(frozen=True, slots=True)
class Joined:
    """Subscribers who came and who left in a month."""

    month: Month
    came: int
    left: int


@dataclass(frozen=True, slots=True)
class Carried:
    """Letters of one channel: reached, not reached, and those of which nothing is known yet or ever."""

    channel: str
    reached: int
    missed: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything of a month. ``asked`` and ``joined`` go back over ``MONTHS`` months, the oldest first."""

    month: Month
    asked: tuple[Asked, ...]
    routes: Mapping[tuple[str, str], int]
    areas: Mapping[str, int]
    sectors: Mapping[str, int]
    unanswered: tuple[Group, ...]
    subscribers: int
    joined: tuple[Joined, ...]
    notices: int
    pushes: int
    carried: tuple[Carried, ...]


class Statistics:
    """Counts; reads only."""

    def __init__(self, database: Database, sector_of: SectorOf) -> None:
        self._database = database
        self._sector_of = sector_of

    def figures(self, month: Month, areas: Sequence[str] = ()) -> Figures:
        """The figures of a month in some areas and all below them (none: everywhere)."""
        months = [month.earlier(back) for back in reversed(range(MONTHS))]
        with self._database.read() as connection:
            found = counts(connection, f"{months[0]}-01", f"{month}-31", areas)
            kinds: dict[str, Counter[str]] = {str(one): Counter() for one in months}
            routes: Counter[tuple[str, str]] = Counter()
            by_area: Counter[str] = Counter()
            for one in found:
                kinds[one.day[:7]][one.kind] += one.count
                if one.day[:7] == str(month):
                    routes[one.kind, one.route] += one.count
                    by_area[one.area] += one.count
            joined, now = _subscribers(connection, months, areas)
            return Figures(
                month,
                tuple(Asked(one, kinds[str(one)]) for one in months),
                dict(routes.most_common()),
                dict(by_area.most_common()),
                self._sectors(connection, month, areas),
                tuple(open_groups(connection, areas, Order.COUNT, TOP)),
                now,
                joined,
                _notices(connection, month, areas),
                *_carried(connection, month, areas),
            )

    def _sectors(
        self, connection: Connection, month: Month, areas: Sequence[str]
    ) -> Mapping[str, int]:
        query = (
            select(questions.c.source, func.count())
            .where(questions.c.at >= month.begins, questions.c.at < month.ends)
            .where(within(questions.c.area, areas), questions.c.source != "")
            .group_by(questions.c.source)
        )
        found: Counter[str] = Counter()
        for source, count in connection.execute(query):
            if sector := self._sector_of(source):
                found[sector] += count
        return dict(found.most_common())


def _subscribers(
    connection: Connection, months: Sequence[Month], areas: Sequence[str]
) -> tuple[tuple[Joined, ...], int]:
    """Who came and who left by month, and how many there are."""
    here = within(func.coalesce(subscribers.c.area, ""), areas)
    ended = subscribers.c.state == Standing.ENDED
    came = _by_month(connection, subscribers.c.created_at, months, here)
    left = _by_month(connection, subscribers.c.updated_at, months, here & ended)
    there = select(func.count()).select_from(subscribers).where(here, ~ended)
    now = connection.execute(there).scalar_one()
    return tuple(Joined(one, came[str(one)], left[str(one)]) for one in months), now


def _by_month(
    connection: Connection,
    moment: ColumnElement[int],
    months: Sequence[Month],
    where: ColumnElement[bool],
) -> Counter[str]:
    """Rows by month, counted by day: what every database can reckon."""
    day = (moment + _CHINA) // _DAY
    query = (
        select(day, func.count())
        .where(moment >= months[0].begins, moment < months[-1].ends, where)
        .group_by(day)
    )
    found: Counter[str] = Counter()
    for number, count in connection.execute(query):
        found[f"{date.fromordinal(_EPOCH + number):%Y-%m}"] += count
    return found


def _notices(connection: Connection, month: Month, areas: Sequence[str]) -> int:
    where = _between(notices.c.created_at, month) & within(notices.c.area, areas)
    return connection.execute(select(func.count()).where(where)).scalar_one()


def _carried(
    connection: Connection, month: Month, areas: Sequence[str]
) -> tuple[int, tuple[Carried, ...]]:
    """How many pushes were to be sent in a month, and what became of their letters by channel."""
    sent = (
        select(pushes.c.id)
        .join(notices, notices.c.id == pushes.c.notice)
        .where(pushes.c.state.in_(_SENT), _between(pushes.c.not_before, month))
        .where(within(notices.c.area, areas))
    )
    ids = list(connection.execute(sent).scalars())
    # By push, too: so the index is read in its order, and nothing is sorted.
    kinds = (deliveries.c.push, deliveries.c.state, deliveries.c.channel)
    query = select(*kinds, func.count()).where(deliveries.c.push.in_(ids)).group_by(*kinds)
    found: dict[str, Counter[str]] = {}
    for _, state, channel, count in connection.execute(query):
        found.setdefault(channel, Counter())[_fate(State(state))] += count
    return len(ids), tuple(
        Carried(channel, one["reached"], one["missed"], one["unknown"])
        for channel, one in sorted(found.items())
    )


def _fate(state: State) -> str:
    """Whether a letter arrived; one that another channel made needless is on none of the lines."""
    if state in _REACHED:
        return "reached"
    if state in OPEN or state is State.ABANDONED:
        return "unknown"
    return "needless" if state is State.SUPERSEDED else "missed"


def _between(column: ColumnElement[int], month: Month) -> ColumnElement[bool]:
    return (column >= month.begins) & (column < month.ends)


def sector_by_page(current: Callable[[], Knowledge]) -> SectorOf:
    """The sectors of public pages of catalogue items, by the knowledge in force."""

    def found(page: str) -> str:
        _, kind, key = (*page.split("/"), "", "")[:3]
        item = current().item(key) if kind == "items" else None
        return sector_name(item[1].sector) if item else ""

    return found
