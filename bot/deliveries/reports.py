"""What became of a push: every number is a count over rows of the ledger, and opens into just the rows that it counts.

Two ledgers are balanced. People: matched = excluded + included, and each included person stands on one line, that of the
best that happened to them on any channel. Letters: each row of the ledger stands in one state. Sendings that the platform
accounts for in totals only (群发) are a block of their own and never added to these.

The database counts: no report loads people or letters one by one.
"""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    func,
    or_,
    select,
    tuple_,
)

from bot.clock import CHINA
from bot.storage.bulk import among
from bot.storage.schema import (
    addresses,
    approvals,
    audience,
    channel_jobs,
    deliveries,
    delivery_events,
    subscribers,
)

from .states import State

AGGREGATE = frozenset({"wechat_mass"})
"""Channels of which the platform tells totals only (the event MASSSENDJOBFINISH of 群发)."""

EXCLUDED, MISSING, TOTALS = "excluded", "missing", "totals"

NAMES: Mapping[str, str] = {
    EXCLUDED: "不发（有原因）",
    MISSING: "没有投递记录",
    TOTALS: "只有群发（没有个人结果）",
    State.DELIVERED: "已送达",
    State.ACCEPTED: "已交付，等回执",
    State.NO_RECEIPT: "已交付，没有回执",
    State.UNKNOWN: "结果不明",
    State.HANDING: "正在交付",
    State.CLAIMED: "准备交付",
    State.QUEUED: "排队",
    State.WAITING: "等前一个渠道",
    State.ABANDONED: "结果不明，已放弃核实",
    State.UNDELIVERED: "没有送达",
    State.FAILED: "发送失败",
    State.SKIPPED: "不再发送",
    State.CANCELLED: "已停止",
    State.SUPERSEDED: "已由别的渠道送达",
}
"""Lines of a report, the best that can happen to a person first; unknown and abandoned ones have their own."""

REACHED = frozenset({State.DELIVERED, State.ACCEPTED, State.NO_RECEIPT})
"""People who have it, as far as is known."""

NOT_REACHED = frozenset({State.UNDELIVERED, State.FAILED, State.SKIPPED, State.ABANDONED, MISSING})
"""People to be told by telephone: all has ended, and they do not have it, or nobody knows."""

_NO_CHANNEL = frozenset({EXCLUDED, MISSING, TOTALS})
"""Lines of people of whom no letter counts."""

_RANKS: Mapping[str, str] = {str(state): f"{rank:02}" for rank, state in enumerate(NAMES)}
"""Two digits a state: what sorts first is best."""
_STATES = {rank: state for state, rank in _RANKS.items()}
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Count:
    """So many people of whom the same is true: how it ended, on which channel (empty: none), where they are (empty:
    nobody knows), why they are in or out, and what it cost (in ten-thousandths of a yuan, over all channels)."""

    outcome: str
    channel: str
    area: str
    why: tuple[str, ...]
    people: int
    cost: int


@dataclass(frozen=True, slots=True)
class Report:
    """All of a push: its people, its letters by channel and state, and the totals of 群发 by themselves."""

    push: str
    counts: tuple[Count, ...]
    letters: Mapping[tuple[str, str], int]
    totals: tuple[Mapping[str, object], ...]

    @property
    def matched(self) -> int:
        """Everybody whom the push concerned."""
        return sum(one.people for one in self.counts)

    @property
    def included(self) -> int:
        """Those to whom something was to be sent."""
        return self.matched - self.lines()[EXCLUDED]

    def lines(self) -> Mapping[str, int]:
        """People by outcome, every line, in order; they sum up to ``matched``."""
        return {outcome: self._people({outcome}) for outcome in NAMES}

    def by(self, key: Callable[[Count], Iterable[str]]) -> Mapping[str, Mapping[str, int]]:
        """People by a key of theirs, by outcome. Who has several keys (groups) counts for each."""
        found: dict[str, Counter[str]] = {}
        for one in self.counts:
            for name in key(one):
                found.setdefault(name, Counter())[one.outcome] += one.people
        return {name: found[name] for name in sorted(found)}

    @property
    def reached(self) -> int:
        """People who have it by any channel, as far as is known."""
        return self._people(REACHED)

    @property
    def not_reached(self) -> int:
        """People to be told by telephone."""
        return self._people(NOT_REACHED)

    @property
    def cost(self) -> int:
        """What all letters cost."""
        return sum(one.cost for one in self.counts)

    @property
    def cost_each(self) -> float | None:
        """What each reached person cost; ``None`` where nobody was."""
        return self.cost / self.reached if self.reached else None

    def _people(self, outcomes: Iterable[str]) -> int:
        chosen = set(outcomes)
        return sum(one.people for one in self.counts if one.outcome in chosen)


@dataclass(frozen=True, slots=True)
class Pace:
    """When people were reached first: second → how many; of ``included``, from the approval on."""

    moments: Mapping[int, int]
    included: int
    approved_at: int | None

    def hours(self) -> Mapping[int, int]:
        """The first second of each hour → people reached in it."""
        found: Counter[int] = Counter()
        for moment, people in self.moments.items():
            found[moment - moment % _HOUR] += people
        return dict(sorted(found.items()))

    def seconds_to(self, percent: int) -> int | None:
        """Seconds from the approval until so many of the included were reached; ``None``: not yet."""
        needed = max(1, -(-self.included * percent // 100))
        for moment, people in sorted(self.moments.items()):
            needed -= people
            if needed <= 0 and self.approved_at is not None:
                return moment - self.approved_at
        return None


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the audience, by hash: how it ended, on which channel, and at what cost."""

    person: str
    outcome: str
    channel: str
    area: str
    why: tuple[str, ...]
    cost: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which people of a push are meant: all to whom everything that is given applies. An ``hour`` is its first second;
    empty channel or area: those without one."""

    person: str = ""
    outcomes: frozenset[str] = frozenset()
    channel: str | None = None
    area: str | None = None
    why: str = ""
    hour: int | None = None

    def lines(self) -> frozenset[str]:
        """The outcomes with which somebody can be meant."""
        lines = self.outcomes or frozenset(NAMES)
        if self.channel is None:
            return lines
        return lines - _NO_CHANNEL if self.channel else lines & _NO_CHANNEL

    def ended_so(self, person: Person) -> bool:
        """Whether it ended with somebody as it is to have ended."""
        return person.outcome in self.lines() and self.channel in (None, person.channel)


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of the ledger: one person on one channel."""

    id: int
    person: str
    channel: str
    account: str
    state: str
    attempts: int
    code: str
    cost: int
    updated_at: int


_LETTER = tuple(deliveries.c[field.name] for field in fields(Letter))


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a letter: when, from which state to which, by whom, and what shows it."""

    at: int
    came_from: str
    went_to: str
    who: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to be called up: the id of their telephone's address (``None``: there is none), and why."""

    person: str
    area: str
    outcome: str
    address: int | None


# --- counted -------------------------------------------------------------------------------------


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
    first = _first_reached(found.push)
    counted = select(first.c.at, func.count()).group_by(first.c.at)
    moments = {row[0]: row[1] for row in connection.execute(counted)}
    return Pace(moments, found.included, _approved(connection, found.push))


def rows(found: Report, speed: Pace) -> Iterator[tuple[str, str, str, object]]:
    """Block, item, line, number: the whole report as a table. Lines of one item sum up to it; what cannot be told yet is
    empty."""
    yield ("合计", "", "匹配人数", found.matched)
    for outcome, number in found.lines().items():
        yield ("合计", "", NAMES[outcome], number)
    for block, key in BLOCKS.items():
        for item, lines in found.by(key).items():
            yield from ((block, item, NAMES[o], lines[o]) for o in NAMES if lines.get(o))
    for hour, number in speed.hours().items():
        yield ("按小时（人，首次交付）", hour_name(hour), "已交付", number)
    for (channel, state), number in sorted(found.letters.items()):
        yield ("按渠道（条）", channel, NAMES[state], number)
    for one in found.totals:
        told = {k: v for k, v in one.items() if k in TOTAL_NAMES}
        yield from (
            ("群发（只有总数，不与上面相加）", str(one["job"]), TOTAL_NAMES[k], v)
            for k, v in told.items()
        )
    yield ("费用", "", "万分之一元", found.cost)
    yield ("费用", "", "每个收到的人（万分之一元）", _told(found.cost_each))
    yield ("收到", "", "至少一个渠道已交付或送达（人）", found.reached)
    for percent in (50, 95):
        seconds = _told(speed.seconds_to(percent))
        yield ("速度", "", f"批准后多少秒，{percent}% 的人收到", seconds)


TOTAL_NAMES: Mapping[str, str] = {
    "total": "应发",
    "filtered": "过滤后准备发",
    "sent": "成功",
    "failed": "失败",
    "status": "平台的说法",
    "why": "说明",
}
"""What the platform tells of a 群发 in the event MASSSENDJOBFINISH (https://developers.weixin.qq.com/doc/service/guide/
product/message/Batch_Sends.html), as ``Hearing`` keeps it."""


def _told(number: float | None) -> float | str:
    return "" if number is None else number


BLOCKS: Mapping[str, Callable[[Count], Iterable[str]]] = {
    "按渠道（人，按最好的结果）": lambda one: (one.channel or "无",),
    "按地区（人）": lambda one: (one.area or "未填",),
    "按人群（人，可属多个）": lambda one: one.why,
}
"""How the people of a report are told apart."""


def hour_name(second: int) -> str:
    """The hour of a moment: 2026-11-21 09:00."""
    return f"{datetime.fromtimestamp(second, CHINA):%Y-%m-%d %H:00}"


# --- opened --------------------------------------------------------------------------------------


def people(
    connection: Connection, push: str, chosen: Chosen, after: str = "", most: int | None = None
) -> list[Person]:
    """Those of a push's people who are meant, in order of their hashes, ``after`` one of them."""
    if chosen.channel is None and not chosen.outcomes:
        those = and_(audience.c.person > after, *_about(push, chosen))
        return _listed(connection, push, those, most)
    # How it ended is not known without a look at all letters of somebody; who may be meant, by single ones in order.
    found: list[Person] = []
    at_once = most
    while True:
        some = _may_be_meant(connection, push, chosen, after, at_once)
        listed = _listed(connection, push, among(connection, audience.c.person, some))
        found += filter(chosen.ended_so, listed)
        if most is None or at_once is None or len(found) >= most or len(some) < at_once:
            return found[:most]
        after, at_once = some[-1], _MORE * at_once


def letters_of(
    connection: Connection,
    push: str,
    channel: str = "",
    state: str = "",
    after: tuple[str, str] = ("", ""),
    most: int | None = None,
) -> list[Letter]:
    """Letters of a push, on a channel and in a state where these are given, in order of person and channel, ``after``
    those of one of them."""
    row = deliveries.c
    place = tuple_(row.person, row.channel)
    query = select(*_LETTER).where(row.push == push, place > after)
    for column, wanted in ((row.channel, channel), (row.state, state)):
        if wanted:
            query = query.where(column == wanted)
    in_order = query.order_by(row.push, row.person, row.channel).limit(most)
    return [Letter(*found) for found in connection.execute(in_order)]


def letters_to(connection: Connection, push: str, person: str) -> list[Letter]:
    """A person's letters of a push, in the order in which the channels have their turn."""
    row = deliveries.c
    query = select(*_LETTER).where(row.push == push, row.person == person)
    return [Letter(*found) for found in connection.execute(query.order_by(row.turn, row.id))]


def steps_of(connection: Connection, letter: int) -> list[Step]:
    """All that happened to a letter, in order."""
    row = delivery_events.c
    query = select(row.at, row.came_from, row.went_to, row.who, row.evidence)
    found = connection.execute(query.where(row.delivery == letter).order_by(row.id))
    return [Step(*one) for one in found]


def to_call(
    connection: Connection, push: str, after: str = "", most: int | None = None
) -> list[Call]:
    """People not reached, for calling up one by one."""
    found = people(connection, push, Chosen(outcomes=NOT_REACHED), after, most)
    telephones = dict(
        connection.execute(
            select(addresses.c.person, func.min(addresses.c.id))
            .where(addresses.c.person.in_([one.person for one in found]))
            .where(addresses.c.medium == "sms")
            .group_by(addresses.c.person)
        ).all()
    )
    return [Call(o.person, o.area, o.outcome, telephones.get(o.person)) for o in found]


def telephone(call: Call, known: Mapping[int, str], *, whole: bool = False) -> str:
    """Where to call somebody, the middle masked unless ``whole``, by the addresses of these ids; empty where there is no
    telephone (any more)."""
    found = known.get(call.address or 0, "")
    return found if whole else masked(found)


def masked(phone: str) -> str:
    """138****8000: enough for who knows the number, too little for who does not."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else "****" * bool(phone)


_MORE = 4
"""How many times as many people are looked at, where those before were not enough."""

_ROW = deliveries.c
_SINGLE = _ROW.channel.not_in(AGGREGATE)
_BEST_LETTER = func.min(case((_SINGLE, case(_RANKS, value=_ROW.state) + _ROW.channel)))
_COST = func.coalesce(func.sum(case((_SINGLE, _ROW.cost), else_=0)), 0)
_THEIRS = (_ROW.push == audience.c.push, _ROW.person == audience.c.person)
_OF_THEIRS = func.coalesce(
    _BEST_LETTER, case((func.count(_ROW.id) > 0, _RANKS[TOTALS]), else_=_RANKS[MISSING])
)
_BEST = case(
    (audience.c.included == 0, _RANKS[EXCLUDED]),
    else_=select(_OF_THEIRS).where(*_THEIRS).scalar_subquery(),
)
"""The best that happened to a person: two digits of ``_RANKS``, then the channel."""
_AREA = func.coalesce(
    select(subscribers.c.area).where(subscribers.c.person == audience.c.person).scalar_subquery(),
    "",
)


def _counted(push: str) -> Select[Any]:
    """How many people are alike: included, led (has letters), best letter, area, why, people, cost. It counts what
    ``_listed`` lists, from the letters and not from the people: twice as fast for all, and slower for a page."""
    best = (
        select(_ROW.person, _BEST_LETTER.label("best"), _COST.label("cost"))
        .where(_ROW.push == push)
        .group_by(_ROW.person)
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
    return _apart(best or _RANKS[TOTALS if led else MISSING])


def _listed(
    connection: Connection, push: str, those: ColumnElement[bool], most: int | None = None
) -> list[Person]:
    """Some of a push's people, in order. The letters of each are asked for by themselves: for a join, PostgreSQL may read
    those of all pushes."""
    cost = select(_COST).where(*_THEIRS).scalar_subquery()
    query = (
        select(audience.c.person, _BEST.label("best"), _AREA, audience.c.why, cost)
        .where(audience.c.push == push, those)
        .order_by(audience.c.push, audience.c.person)
        .limit(most)
    )
    return [
        Person(person, *_apart(best), area, tuple(json.loads(why)), int(cost))
        for person, best, area, why, cost in connection.execute(query)
    ]


def _about(push: str, chosen: Chosen) -> Iterator[ColumnElement[bool]]:
    """What people are asked for but how it ended, said of rows of the audience."""
    if chosen.person:
        yield audience.c.person == chosen.person
    if chosen.area:
        yield audience.c.person.in_(_living_in(chosen.area))
    elif chosen.area is not None:
        yield _AREA == ""
    if chosen.why:
        # A list of words as JSON: the quotes around each keep it from being found in a longer one.
        word = json.dumps(chosen.why, ensure_ascii=False)
        yield audience.c.why.contains(word, autoescape=True)
    if chosen.hour is not None:
        first = _first_reached(push)
        within = first.c.at.between(chosen.hour, chosen.hour + _HOUR - 1)
        yield audience.c.person.in_(select(first.c.person).where(within))


def _living_in(area: str) -> Select[tuple[str]]:
    return select(subscribers.c.person).where(subscribers.c.area == area)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """People after one of them, in order, and not beyond another; ``None``: to the end."""

    after: str
    upto: str | None

    def holds(self, person: ColumnElement[str]) -> ColumnElement[bool]:
        """Whether somebody is one of them."""
        return and_(person > self.after, *[person <= self.upto] if self.upto else [])


def _may_be_meant(
    connection: Connection, push: str, chosen: Chosen, after: str, most: int | None
) -> list[str]:
    """The next in order of those with whom it may have ended so; with some it ended better, or they were left out."""
    found: list[str] = []
    for outcomes, way in _WAYS:
        if outcomes & chosen.lines():
            # Where there are enough already, nobody beyond them is asked for.
            stretch = _Stretch(after, found[-1] if found and len(found) == most else None)
            query = way(push, chosen, stretch).order_by("person").limit(most)
            found = sorted({*found, *connection.execute(query).scalars()})[:most]
    return found


def _lettered(push: str, chosen: Chosen, stretch: _Stretch) -> Select[Any]:
    """Those with a letter that can be their best."""
    ended_so = and_(_SINGLE, _ROW.state.in_(chosen.lines()))
    if TOTALS in chosen.lines():
        ended_so = or_(ended_so, ~_SINGLE)
    query = select(_ROW.person).distinct().where(_ROW.push == push, stretch.holds(_ROW.person))
    query = query.where(ended_so)
    if chosen.channel:
        query = query.where(_ROW.channel == chosen.channel)
    if chosen.area:
        # Said of the letters themselves: SQLite begins with those who live there, who may be few.
        query = query.where(_ROW.person.in_(_living_in(chosen.area)))
    if about := list(_about(push, chosen)):
        query = query.where(select(audience.c.person).where(*_THEIRS, *about).exists())
    return query


def _left_out(push: str, chosen: Chosen, stretch: _Stretch) -> Select[Any]:
    return _in_audience(push, chosen, stretch).where(audience.c.included == 0)


def _without_letters(push: str, chosen: Chosen, stretch: _Stretch) -> CompoundSelect[Any]:
    """By two lists in order, which takes a third of the time of looking for each one's letters."""
    led = select(_ROW.person).where(_ROW.push == push, stretch.holds(_ROW.person))
    return _in_audience(push, chosen, stretch).where(audience.c.included == 1).except_(led)


def _in_audience(push: str, chosen: Chosen, stretch: _Stretch) -> Select[Any]:
    here = (audience.c.push == push, stretch.holds(audience.c.person))
    return select(audience.c.person).where(*here, *_about(push, chosen))


_WAYS = (
    (frozenset(NAMES) - {EXCLUDED, MISSING}, _lettered),
    (frozenset({EXCLUDED}), _left_out),
    (frozenset({MISSING}), _without_letters),
)
"""Outcomes, and how to find those with whom it may have ended so: the quickest first."""


def _apart(best: str) -> tuple[str, str]:
    """Outcome and channel of ``_BEST``."""
    return _STATES[best[:2]], best[2:]


def _first_reached(push: str) -> Subquery:
    """When each person of a push first had it: person, at."""

    def ends(which: Callable[..., Any]) -> Any:
        # With a bare id PostgreSQL would look for the push's end among the rows of all pushes.
        found = select(which(deliveries.c.id + 0)).where(deliveries.c.push == push)
        return found.scalar_subquery()

    return (
        select(deliveries.c.person, func.min(delivery_events.c.at).label("at"))
        .join(delivery_events, delivery_events.c.delivery == deliveries.c.id)
        .where(deliveries.c.push == push, deliveries.c.state.in_(REACHED))
        .where(deliveries.c.channel.not_in(AGGREGATE))
        .where(delivery_events.c.went_to.in_((State.ACCEPTED, State.DELIVERED)))
        # A push's rows are made at once: between the first and the last of them there is little else to look through.
        .where(delivery_events.c.delivery.between(ends(func.min), ends(func.max)))
        .group_by(deliveries.c.person)
        .subquery()
    )


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


# --- written -------------------------------------------------------------------------------------


def as_csv(table: Sequence[Sequence[object]]) -> bytes:
    """The table as CSV that Excel opens, its SHA-256 in the last line: over all bytes before that line."""
    text = io.StringIO()
    csv.writer(text).writerows([[_plain(cell) for cell in row] for row in table])
    body = ("\ufeff" + text.getvalue()).encode()
    return body + f"SHA-256,{hashlib.sha256(body).hexdigest()}\r\n".encode()


def as_xlsx(table: Sequence[Sequence[object]]) -> bytes:
    """The table as a workbook; the hash of the same table's CSV is on its second sheet."""
    # It takes a tenth of a second and some megabytes to load: only who wants a workbook waits for it.
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "报表"
    for row in table:
        sheet.append([_plain(cell) for cell in row])
    proof = book.create_sheet("校验")
    proof.append(["SHA-256（同一报表的 CSV）", as_csv(table).decode().rsplit(",", 1)[1].strip()])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _plain(cell: object) -> object:
    """Words that a spreadsheet would run as a formula are made words."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
