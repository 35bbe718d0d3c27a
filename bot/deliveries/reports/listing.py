"""A report opened: just the people and letters that a number counts."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    case,
    func,
    or_,
    select,
    tuple_,
)

from bot.storage.bulk import among
from bot.storage.schema import addresses, audience, deliveries, delivery_events, subscribers

from .model import (
    EXCLUDED,
    HOUR,
    MISSING,
    NAMES,
    NOT_REACHED,
    TOTALS,
    Call,
    Chosen,
    Letter,
    Person,
    Step,
)
from .outcomes import BEST_LETTER, COST, RANKS, ROW, SINGLE, apart, first_reached

_LETTER = tuple(deliveries.c[field.name] for field in fields(Letter))


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

_THEIRS = (ROW.push == audience.c.push, ROW.person == audience.c.person)

_OF_THEIRS = func.coalesce(
    BEST_LETTER, case((func.count(ROW.id) > 0, RANKS[TOTALS]), else_=RANKS[MISSING])
)

_BEST = case(
    (audience.c.included == 0, RANKS[EXCLUDED]),
    else_=select(_OF_THEIRS).where(*_THEIRS).scalar_subquery(),
)
"""The best that happened to a person: two digits of ``RANKS``, then the channel."""

_AREA = func.coalesce(
    select(subscribers.c.area).where(subscribers.c.person == audience.c.person).scalar_subquery(),
    "",
)


def _listed(
    connection: Connection, push: str, those: ColumnElement[bool], most: int | None = None
) -> list[Person]:
    """Some of a push's people, in order. The letters of each are asked for by themselves: for a join, PostgreSQL may read
    those of all pushes."""
    cost = select(COST).where(*_THEIRS).scalar_subquery()
    query = (
        select(audience.c.person, _BEST.label("best"), _AREA, audience.c.why, cost)
        .where(audience.c.push == push, those)
        .order_by(audience.c.push, audience.c.person)
        .limit(most)
    )
    return [
        Person(person, *apart(best), area, tuple(json.loads(why)), int(cost))
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
        first = first_reached(push)
        within = first.c.at.between(chosen.hour, chosen.hour + HOUR - 1)
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
    ended_so = and_(SINGLE, ROW.state.in_(chosen.lines()))
    if TOTALS in chosen.lines():
        ended_so = or_(ended_so, ~SINGLE)
    query = select(ROW.person).distinct().where(ROW.push == push, stretch.holds(ROW.person))
    query = query.where(ended_so)
    if chosen.channel:
        query = query.where(ROW.channel == chosen.channel)
    if chosen.area:
        # Said of the letters themselves: SQLite begins with those who live there, who may be few.
        query = query.where(ROW.person.in_(_living_in(chosen.area)))
    if about := list(_about(push, chosen)):
        query = query.where(select(audience.c.person).where(*_THEIRS, *about).exists())
    return query


def _left_out(push: str, chosen: Chosen, stretch: _Stretch) -> Select[Any]:
    return _in_audience(push, chosen, stretch).where(audience.c.included == 0)


def _without_letters(push: str, chosen: Chosen, stretch: _Stretch) -> CompoundSelect[Any]:
    """By two lists in order, which takes a third of the time of looking for each one's letters."""
    led = select(ROW.person).where(ROW.push == push, stretch.holds(ROW.person))
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
