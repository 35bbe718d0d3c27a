"""Whom a push reaches: frozen when it is submitted, with a reason for everybody in and out, and planned as deliveries
when it is approved. In between people only drop out."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.channels.names import CHANNEL_NAMES
from bot.clock import Clock
from bot.deliveries import gathering
from bot.deliveries.gathering import Wait
from bot.deliveries.states import REACHED, State
from bot.storage.bulk import add_rows, insert_rows
from bot.storage.database import Database
from bot.storage.schema import audience, deliveries, quotas
from bot.subscriptions.matching import Match
from bot.subscriptions.reaching import Address
from bot.subscriptions.service import Subscriptions

from .model import WEEKLY, Plan, Rule

EVERYBODY = Rule(areas=("",), everyone=True)
"""The rule of a push that is addressed by the ledger: whoever still subscribes to anything may be sent it."""

GOT_IT = "您收到过原通知"
GONE = "已不再订阅"
Frozen = tuple[bool, str]
"""What is kept of a person of an audience: included, and the channels, parted by commas."""


@dataclass(frozen=True, slots=True)
class Way:
    """A channel of an account that pushes may use: the medium of its addresses, how many letters a person may get in a
    month (``None``: any number), and what one segment costs, in ten-thousandths of a yuan."""

    channel: str
    account: str
    medium: str
    per_month: int | None = None
    price: int = 0


class Reach(NamedTuple):
    """One way to one person: the address by id and by hash."""

    channel: str
    account: str
    address: int
    address_hash: str


class Seat(NamedTuple):
    """A person whom a push concerns: with ways to reach them, or left out; ``why`` either. ``weekly``: it is to be gathered
    with the other notices of the week."""

    person: str
    why: tuple[str, ...]
    reaches: tuple[Reach, ...] = ()
    weekly: bool = False

    @property
    def included(self) -> bool:
        """Whether anything is sent to the person."""
        return bool(self.reaches)


@dataclass(frozen=True, slots=True)
class Figures:
    """What an audience comes to: matched = included + excluded; letters by channel; people out by reason; what is shared
    goes out once. ``digest`` is over every row."""

    digest: str
    matched: int
    included: int
    excluded: int
    channels: Mapping[str, int]
    reasons: Mapping[str, int]
    shared: int


class Audience:
    """Finds audiences; reads only."""

    def __init__(
        self, database: Database, subscribers: Subscriptions, ways: Sequence[Way], clock: Clock
    ) -> None:
        self._database = database
        self._subscribers = subscribers
        self._ways = tuple(ways)
        self._clock = clock

    def ways(self, channels: Iterable[str]) -> list[Way]:
        """The ways of some channels, in the order of these."""
        return [way for name in channels for way in self._ways if way.channel == name]

    def seats(self, plan: Plan, reached: Collection[str] | None = None) -> list[Seat]:
        """Everybody whom a plan concerns, ordered by their hashes; of a push that follows another exactly those whom that
        ``reached``: they are told at once that it was wrong, as everybody is of what is urgent."""
        if reached is None:
            found = self._subscribers.matching(plan.rule)
            matches = [m._replace(weekly=False) if m.weekly and plan.urgent else m for m in found]
        else:
            standing = {m.person: m.excluded for m in self._subscribers.matching(EVERYBODY)}
            matches = [Match(p, (GOT_IT,), standing.get(p, GONE)) for p in sorted(reached)]
        wanted = [match.person for match in matches if not match.excluded]
        ways = self.ways(plan.channels)
        return _seats(matches, plan.channels, ways, self._known(wanted, ways))

    def _known(self, persons: Sequence[str], ways: Sequence[Way]) -> "_Known":
        now = self._clock()
        return _Known(
            {m: self._subscribers.addresses(persons, m) for m in {way.medium for way in ways}},
            {
                c: self._subscribers.consented_among(persons, c)
                for c in {way.channel for way in ways}
            },
            {
                way: self._used_up(way, way.per_month, now)
                for way in ways
                if way.per_month is not None
            },
        )

    def _used_up(self, way: Way, per_month: int, now: datetime) -> set[str]:
        query = select(quotas.c.subject).where(
            quotas.c.channel == way.channel,
            quotas.c.account == way.account,
            quotas.c.period == f"{now:%Y-%m}",
            quotas.c.used >= per_month,
        )
        with self._database.read() as connection:
            return set(connection.execute(query).scalars().all())


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of people: addresses by medium, consents by channel, whose month is used up by way."""

    addresses: Mapping[str, Mapping[str, Sequence[Address]]]
    consents: Mapping[str, Collection[str]]
    used_up: Mapping[Way, Collection[str]]


def _seats(
    matches: Iterable[Match], channels: Sequence[str], ways: Sequence[Way], known: _Known
) -> list[Seat]:
    by_channel = [(name, [w for w in ways if w.channel == name]) for name in channels]
    seats = []
    for match in matches:
        if match.excluded:
            seats.append(Seat(match.person, (match.excluded,)))
            continue
        tried = [_reach(match.person, name, some, known) for name, some in by_channel]
        reaches = tuple(one for one in tried if isinstance(one, Reach))
        reasons = tuple(one for one in tried if isinstance(one, str))
        if not reaches:
            seats.append(Seat(match.person, reasons))
        elif match.weekly:
            seats.append(Seat(match.person, (*match.why, WEEKLY), reaches, weekly=True))
        else:
            seats.append(Seat(match.person, match.why, reaches))
    return seats


def _reach(person: str, channel: str, ways: Sequence[Way], known: _Known) -> Reach | str:
    """The way to a person by a channel, or why there is none."""
    name = CHANNEL_NAMES.get(channel, channel)
    if not ways:
        return f"{name}：没有开通"
    if person not in known.consents[channel]:
        return f"{name}：没有同意"
    found = known.addresses[ways[0].medium].get(person, ())
    pairs = [(w, a) for w in ways for a in found if a.account in ("", w.account) or not w.account]
    if not pairs:
        return f"{name}：没有地址"
    in_use = [(way, address) for way, address in pairs if not address.suppressed]
    if not in_use:
        return f"{name}：地址已停用"
    free = [(w, a) for w, a in in_use if person not in known.used_up.get(w, ())]
    if not free:
        return f"{name}：本月次数已用完"
    way, address = free[0]
    return Reach(channel, way.account, address.id, address.hash)


# --- frozen --------------------------------------------------------------------------------------


def figures(seats: Sequence[Seat]) -> Figures:
    """What an audience comes to."""
    rows = [(s.person, s.included, ",".join(r.channel for r in s.reaches)) for s in seats]
    letters = [(r.channel, r.address_hash) for s in seats for r in s.reaches]
    included = sum(seat.included for seat in seats)
    return Figures(
        digest_of(rows),
        len(seats),
        included,
        len(seats) - included,
        dict(Counter(channel for channel, _ in letters)),
        dict(Counter("；".join(s.why) for s in seats if not s.included)),
        len(letters) - len(set(letters)),
    )


def digest_of(rows: Iterable[tuple[str, bool, str]]) -> str:
    """SHA-256 over (person, included, channels), whatever their order."""
    told = "".join(
        f"{person} {int(inside)} {channels}\n" for person, inside, channels in sorted(rows)
    )
    return hashlib.sha256(told.encode()).hexdigest()


def freeze(connection: Connection, push: str, seats: Iterable[Seat]) -> None:
    """Keep an audience in place of the one that the push had."""
    connection.execute(delete(audience).where(audience.c.push == push))
    rows = (
        (
            seat.person,
            int(seat.included),
            _as_json(seat.why),
            ",".join(reach.channel for reach in seat.reaches),
        )
        for seat in seats
    )
    names = ("person", "included", "why", "channels")
    add_rows(connection, audience, names, rows, {"push": push})


def frozen(connection: Connection, push: str) -> dict[str, Frozen]:
    """The audience of a push: person → included, channels."""
    query = select(audience.c.person, audience.c.included, audience.c.channels)
    rows = connection.execute(query.where(audience.c.push == push)).all()
    return {person: (bool(included), channels) for person, included, channels in rows}


def reached(connection: Connection, push: str) -> set[str]:
    """Who has it, or may have it, by the ledger."""
    query = select(deliveries.c.person).distinct()
    rows = query.where(deliveries.c.push == push, deliveries.c.state.in_(REACHED))
    return set(connection.execute(rows).scalars().all())


# --- planned -------------------------------------------------------------------------------------


def narrowed(rows: Mapping[str, Frozen], now: Iterable[Seat]) -> list[Seat]:
    """The included people of a frozen audience, by the ways that were approved and are there still; nobody comes in, and
    no way."""
    today = {seat.person: seat for seat in now}
    return [
        _narrowed(person, channels.split(","), today.get(person))
        for person, (included, channels) in sorted(rows.items())
        if included
    ]


def _narrowed(person: str, channels: Sequence[str], seat: Seat | None) -> Seat:
    if seat is None:
        return Seat(person, (GONE,))
    reaches = tuple(reach for reach in seat.reaches if reach.channel in channels)
    why = seat.why if reaches or not seat.reaches else (GONE,)
    return Seat(person, why, reaches, seat.weekly)


def plan_deliveries(
    connection: Connection,
    push: str,
    seats: Sequence[Seat],
    *,
    all_channels: bool,
    now: int,
    not_before: int,
    expires_at: int,
    weekly: Wait,
) -> int:
    """Put the letters of a narrowed audience into the ledger, which has none of the push yet; returns how many.

    Those of people who want notices together wait for ``weekly``. The audience is told what changed since it was frozen:
    who dropped out, and why people get it today.
    """
    _tell_changes(connection, push, seats)
    common = _blank(push, now)
    at_once, later = astuple(Wait("", not_before, expires_at)), astuple(weekly)
    led: set[tuple[str, str]] = set()
    leading: list[tuple[Any, ...]] = []
    following: list[tuple[Any, ...]] = []
    for seat, turn, reach in _letters(seats):
        state = State.QUEUED if all_channels or not turn else State.WAITING
        key = provider_key(push, seat.person, reach.channel)
        wait = later if seat.weekly and reach.channel not in gathering.ALIKE else at_once
        (following if (reach.channel, reach.address_hash) in led else leading).append(
            (seat.person, turn, state.value, key, *wait, *reach)
        )
        led.add((reach.channel, reach.address_hash))
    add_rows(connection, deliveries, _OWN, leading, common)
    sharing = _sharing(connection, push, following)
    insert_rows(connection, deliveries, (*_OWN[:-1], "shares"), sharing, common)
    return len(leading) + len(following)


def unplan(connection: Connection, push: str) -> None:
    """Take the letters of a push that was never started out of the ledger again."""
    connection.execute(delete(deliveries).where(deliveries.c.push == push))


_OWN = (
    "person",
    "turn",
    "state",
    "provider_key",
    "job",
    "not_before",
    "expires_at",
    "channel",
    "account",
    "address",
    "address_hash",
)
"""What differs among the letters of a push."""
_CHANNEL = _OWN.index("channel")


def provider_key(push: str, person: str, channel: str) -> str:
    """What a provider may know a letter by: the same for the same letter, telling nothing of the person.

    Those of a push begin alike, so that they stand together in an index.
    """
    return _digest(push)[:8] + _digest(f"{push}/{person}/{channel}")[:24]


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def _letters(seats: Iterable[Seat]) -> Iterator[tuple[Seat, int, Reach]]:
    """Those that go at once first: where two people have one address, neither waits for the other's week."""
    in_order = sorted(seats, key=lambda seat: seat.weekly)
    return ((seat, turn, reach) for seat in in_order for turn, reach in enumerate(seat.reaches))


def _tell_changes(connection: Connection, push: str, seats: Sequence[Seat]) -> None:
    told = dict(
        connection.execute(
            select(audience.c.person, audience.c.why).where(audience.c.push == push)
        ).all()
    )
    values = [
        {"of": seat.person, "still": int(seat.included), "new_why": why}
        for seat in seats
        if (why := _why(seat)) != told.get(seat.person)
    ]
    if values:
        connection.execute(
            update(audience)
            .where(audience.c.push == push, audience.c.person == bindparam("of"))
            .values(included=bindparam("still"), why=bindparam("new_why")),
            values,
        )


def _why(seat: Seat) -> str:
    return _as_json(seat.why if seat.included else ("提交后退出", *seat.why))


@lru_cache(maxsize=4096)
def _as_json(why: tuple[str, ...]) -> str:
    """Few reasons, or a few of them together, are those of very many people."""
    return json.dumps(why, ensure_ascii=False)


def _blank(push: str, now: int) -> dict[str, Any]:
    return {
        "push": push,
        "attempt": "",
        "attempts": 0,
        "lease_until": 0,
        "provider_ref": "",
        "code": "",
        "cost": 0,
        "segments": 0,
        "updated_at": now,
    }


def _sharing(
    connection: Connection, push: str, rows: Sequence[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """Letters to an address that another letter of the push goes to already, with the id of that one for the address."""
    if not rows:
        return []
    query = select(deliveries.c.id, deliveries.c.channel, deliveries.c.address_hash)
    leading = query.where(deliveries.c.push == push, deliveries.c.address_hash.is_not(None))
    leaders = {(channel, to): id for id, channel, to in connection.execute(leading).all()}
    return [(*row[:-1], leaders[row[_CHANNEL], row[-1]]) for row in rows]
