"""What is held of subscribers, for the office: lists, figures, and all of one person. No address is ever shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, true

from bot.storage.schema import (
    addresses,
    consents,
    deliveries,
    questions,
    subscribers,
    subscriptions,
)
from bot.storage.scope import of_any_push, within
from bot.storage.vault import Vault
from catalogue_index.errors import Refused

from .address_book import mailbox, mobile
from .model import KIND_NAMES, Kind, Standing, Topic
from .repository import Reach

_SHORTEST_HASH = 8
"""Digits of a person's hash that name them; ``list`` shows more."""


class NoSuchPerson(Refused):
    """Nobody, or more than one, is meant."""


@dataclass(frozen=True, slots=True)
class Row:
    """A subscriber in a list; ``media`` are wechat, email, sms."""

    person: str
    standing: Standing
    area: str | None
    digest: str
    topics: tuple[Topic, ...]
    media: tuple[str, ...]
    since: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of people: by standing; of those who receive by topic, area, medium and digest; addresses stopped."""

    standing: Mapping[str, int]
    topics: Mapping[Topic, int]
    areas: Mapping[str, int]
    media: Mapping[str, int]
    digests: Mapping[str, int]
    suppressed: int


def rows(
    connection: Connection, *, area: str = "", topic: Topic | None = None, most: int | None = None
) -> list[Row]:
    """Subscribers of an area with all below it, and of a topic, where given; the newest first."""
    query = select(subscribers).where(subscribers.c.area.startswith(area) if area else true())
    if topic:
        wanted = select(subscriptions.c.person).where(_is(topic))
        query = query.where(subscribers.c.person.in_(wanted))
    query = query.order_by(subscribers.c.created_at.desc(), subscribers.c.person).limit(most)
    found = connection.execute(query).all()
    persons = select(query.subquery().c.person)
    held = _grouped(
        connection,
        select(subscriptions.c.person, subscriptions.c.kind, subscriptions.c.value)
        .where(subscriptions.c.person.in_(persons))
        .order_by(subscriptions.c.kind, subscriptions.c.value),
    )
    media = _grouped(
        connection,
        select(addresses.c.person, addresses.c.medium)
        .where(addresses.c.person.in_(persons), addresses.c.suppressed == "")
        .order_by(addresses.c.medium),
    )
    return [
        Row(
            row.person,
            Standing(row.state),
            row.area,
            row.digest,
            tuple(Topic(Kind(kind), value) for kind, value in held.get(row.person, ())),
            tuple(dict.fromkeys(medium for (medium,) in media.get(row.person, ()))),
            row.created_at,
        )
        for row in found
    ]


def figures(connection: Connection, areas: Sequence[str] = ()) -> Figures:
    """How many people subscribe to what, in some areas and all below them (none: everywhere)."""
    ours = _within(areas)
    here = (subscribers.c.state != Standing.ENDED.value) & ours
    of_topics = (
        select(subscriptions.c.kind, subscriptions.c.value, func.count())
        .join(subscribers, subscribers.c.person == subscriptions.c.person)
        .where(here)
        .group_by(subscriptions.c.kind, subscriptions.c.value)
        .order_by(func.count().desc(), subscriptions.c.kind, subscriptions.c.value)
    )
    of_media = (
        select(addresses.c.medium, func.count(addresses.c.person.distinct()))
        .join(subscribers, subscribers.c.person == addresses.c.person)
        .where(here, addresses.c.suppressed == "")
        .group_by(addresses.c.medium)
        .order_by(addresses.c.medium)
    )
    stopped = (
        select(func.count())
        .select_from(addresses)
        .join(subscribers, subscribers.c.person == addresses.c.person)
        .where(addresses.c.suppressed != "", ours)
    )
    return Figures(
        standing=_counts(connection, subscribers.c.state, ours),
        topics={Topic(Kind(k), v): count for k, v, count in connection.execute(of_topics)},
        areas=_counts(connection, subscribers.c.area, here),
        media={row[0]: row[1] for row in connection.execute(of_media)},
        digests=_counts(connection, subscribers.c.digest, here),
        suppressed=connection.execute(stopped).scalar_one(),
    )


def persons_called(connection: Connection, vault: Vault, name: str) -> list[str]:
    """The people whom a telephone, an e-mail address or the beginning of a hash names. Raises ``NoSuchPerson``."""
    if hashed := reach_called(vault, name):
        query = select(addresses.c.person).where(addresses.c.hash == hashed).distinct()
        found = list(connection.execute(query).scalars())
    elif len(name) >= _SHORTEST_HASH and set(name) <= set("0123456789abcdef"):
        query = select(subscribers.c.person).where(subscribers.c.person.startswith(name))
        found = list(connection.execute(query).scalars())
        if len(found) > 1:
            raise NoSuchPerson("这个标识对应不止一个人。请把标识写长一些。")
    else:
        raise NoSuchPerson("请写 11 位手机号、邮箱，或列表里的标识（至少 8 位）。")
    if not found:
        raise NoSuchPerson("没有找到这个人：没有订阅过，或者已经清除。")
    return found


def reach_called(vault: Vault, name: str) -> str:
    """The hash of the telephone or e-mail address that ``name`` is; empty for anything else."""
    for medium, address in (("sms", mobile(name)), ("email", mailbox(name))):
        if address:
            return Reach(medium, address).hash(vault)
    return ""


def record(connection: Connection, vault: Vault, person: str) -> dict[str, Any]:
    """All that is held of a person, for themselves (个人信息保护法 第四十五条); addresses as their media alone."""

    def all_of(
        table: Any, *columns: ColumnElement[Any], also: Sequence[ColumnElement[bool]] = ()
    ) -> Sequence[Any]:
        mine = select(*columns).where(table.c.person == person, *also)
        query = mine.order_by(*table.primary_key.columns)
        return [dict(row) for row in connection.execute(query).mappings()]

    given = connection.execute(
        select(consents).where(consents.c.person == person).order_by(consents.c.id)
    ).all()
    return {
        "person": person,
        "subscriber": [
            *all_of(
                subscribers,
                subscribers.c.state,
                subscribers.c.area,
                subscribers.c.digest,
                subscribers.c.created_at,
                subscribers.c.updated_at,
            ),
            None,
        ][0],
        "subscriptions": all_of(
            subscriptions,
            subscriptions.c.kind,
            subscriptions.c.value,
            subscriptions.c.since,
            subscriptions.c.source,
        ),
        "addresses": all_of(addresses, addresses.c.medium, addresses.c.suppressed),
        "consents": [
            {
                "scope": row.scope,
                "given_at": row.given_at,
                "ended_at": row.ended_at,
                "ended_by": row.ended_by,
                "evidence": json.loads(vault.unseal(row.evidence)) if row.evidence else {},
            }
            for row in given
        ],
        "deliveries": all_of(
            deliveries,
            deliveries.c.push,
            deliveries.c.channel,
            deliveries.c.state,
            deliveries.c.updated_at,
            also=[of_any_push()],
        ),
        "questions": all_of(
            questions, questions.c.at, questions.c.words, questions.c.kind, questions.c.source
        ),
    }


def label(topic: Topic) -> str:
    """A topic as a report names it: 养老服务（领域）."""
    return f"{topic.value}（{KIND_NAMES[topic.kind]}）"


def _within(areas: Sequence[str]) -> ColumnElement[bool]:
    return within(func.coalesce(subscribers.c.area, ""), areas)


def _is(topic: Topic) -> ColumnElement[bool]:
    return (subscriptions.c.kind == topic.kind.value) & (subscriptions.c.value == topic.value)


def _counts(
    connection: Connection, by: ColumnElement[Any], where: ColumnElement[bool]
) -> dict[str, int]:
    query = select(by, func.count()).select_from(subscribers).where(where).group_by(by).order_by(by)
    return {name or "": count for name, count in connection.execute(query)}


def _grouped(connection: Connection, query: Any) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for person, *values in connection.execute(query):
        found.setdefault(person, []).append(tuple(values))
    return found
