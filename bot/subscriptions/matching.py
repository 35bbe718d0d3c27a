"""Whom a rule concerns, in one query: subscribers of its topics in its areas, with why, and why not."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true

from bot.notices.model import Rule
from bot.storage import bulk
from bot.storage.schema import subscribers, subscriptions
from catalogue_index.areas import NATION

from .model import KIND_NAMES, Digest, Kind, Standing

EVERYONE = "地区内全部订阅者"
PAUSED = "本人已暂停接收"
ENDED = "本人已退订或取消关注"


class Match(NamedTuple):
    """A subscriber whom a rule concerns: by which subscriptions, and the reason why nothing is sent, if any.

    ``weekly``: the person wants notices together, once a week.
    """

    person: str
    why: tuple[str, ...]
    excluded: str = ""
    weekly: bool = False


def matching(
    connection: Connection, rule: Rule, now: int, among: Collection[str] | None = None
) -> Iterator[Match]:
    """Everyone whom ``rule`` concerns, in the order of their hashes; of ``among`` alone (a few) where it is given.

    An area holds all areas whose codes begin with its own; people who named no area are in the nation only. A rule
    names its areas: whoever asks puts the notice's own where it is empty.
    """
    if not rule.areas:
        raise ValueError("a rule without areas would concern nobody or everybody")
    query = (
        select(
            subscribers.c.person,
            subscribers.c.state,
            subscribers.c.paused_until,
            subscribers.c.digest,
            subscriptions.c.kind,
            subscriptions.c.value,
        )
        .where(subscribers.c.person == subscriptions.c.person)
        .where(_in_areas(rule), true() if rule.everyone else _on_topics(rule))
        .order_by(subscribers.c.person, subscriptions.c.kind, subscriptions.c.value)
    )
    if among is not None:
        query = query.where(bulk.among(connection, subscribers.c.person, among))
    for hashed, group in groupby(connection.execute(query).all(), key=itemgetter(0)):
        rows = list(group)
        _, state, paused_until, digest, _, _ = rows[0]
        topics = (f"{KIND_NAMES[kind]}：{value}" for *_, kind, value in rows)
        yield Match(
            hashed,
            (EVERYONE,) if rule.everyone else tuple(topics),
            _excluded(state, paused_until, now),
            digest == Digest.WEEKLY,
        )


def may_receive(connection: Connection, person: str, rule: Rule, now: int) -> bool:
    """Whether a rule still concerns a person and they still want to be sent it: asked again before handing over."""
    return person not in refusing(connection, rule, [person], now)


def refusing(
    connection: Connection, rule: Rule, persons: Collection[str], now: int
) -> Mapping[str, str]:
    """Those of a few ``persons`` who do not want any more what a rule sends, with the reason.

    A rule without areas is about the topics alone: where it was sent was settled when the audience was.
    """
    about = rule if rule.areas else replace(rule, areas=(NATION,))
    matches = {match.person: match.excluded for match in matching(connection, about, now, persons)}
    reasons = {person: matches.get(person, ENDED) for person in persons}
    return {person: reason for person, reason in reasons.items() if reason}


def _in_areas(rule: Rule) -> ColumnElement[bool]:
    if NATION in rule.areas:
        return true()
    return or_(*(subscribers.c.area.startswith(code) for code in rule.areas))


def _on_topics(rule: Rule) -> ColumnElement[bool]:
    wanted = ((Kind.SECTOR, rule.sectors), (Kind.ITEM, rule.items), (Kind.GROUP, rule.groups))
    return or_(
        *(
            and_(subscriptions.c.kind == kind.value, subscriptions.c.value.in_(values))
            for kind, values in wanted
        )
    )


def _excluded(state: str, paused_until: int | None, now: int) -> str:
    if state == Standing.ENDED:
        return ENDED
    if state == Standing.PAUSED and (paused_until is None or paused_until > now):
        return PAUSED
    return ""
