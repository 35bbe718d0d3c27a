"""The SQL of one person's subscriptions, for every message and every imported row.

What a person said and where they are reached is personal: it is stored sealed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.storage.database import Statement, Statements
from bot.storage.scope import OF_ANY_PUSH
from bot.storage.vault import Vault

from .model import NOBODY, Digest, Kind, Scene, Standing, Subscriber, Subscription, Topic

WECHAT = "wechat"
"""The medium whose addresses are openids."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a person can be reached: the medium (wechat, email, sms) and the normalised address there.

    ``account`` is that of the official account whose openid it is; empty for addresses that serve any account.
    """

    medium: str
    address: str = field(repr=False)
    account: str = ""

    def hash(self, vault: Vault) -> str:
        """What the address is known by: two people may have one telephone."""
        return vault.hash("address", self.medium, self.account, self.address)

    def person(self, vault: Vault) -> str:
        """The hash of a person who is known by this address."""
        return vault.hash("person", self.medium, self.account, self.address)


@dataclass(frozen=True, slots=True)
class Contact:
    """A person by hash, the account they came to us by, and where they can be reached."""

    person: str
    account: str
    reaches: tuple[Reach, ...]


def read_subscriber(statements: Statements, person: str) -> Subscriber:
    """What is held of ``person``; ``NOBODY`` for a stranger."""
    rows = statements.all(_READ, {"person": person})
    if not rows:
        return NOBODY
    state, area, digest, paused_until = rows[0][:4]
    consents = statements.all(_READ_CONSENTS, {"person": person})
    counted = statements.first(_COUNT_DELIVERIES, {"person": person})
    return Subscriber(
        standing=Standing(state),
        area=area,
        digest=Digest(digest),
        paused_until=paused_until,
        subscriptions=tuple(
            Subscription(Topic(Kind(kind), value), source, since)
            for *_, kind, value, source, since in rows
            if kind
        ),
        consents=tuple(row[0] for row in consents),
        deliveries=counted[0] if counted else 0,
    )


def read_scene(statements: Statements, key: str) -> Scene | None:
    """What the QR code of ``key`` subscribes to; ``None`` for an unknown one."""
    row = statements.first(_READ_SCENE, {"key": key})
    return Scene(key, Topic(Kind(row[0]), row[1]), row[2], row[3]) if row else None


def keep(
    statements: Statements,
    vault: Vault,
    contact: Contact,
    before: Subscriber,
    after: Subscriber,
    evidence: Mapping[str, str],
    now: int,
    given_at: int | None = None,
) -> None:
    """Make what is held of a person ``after`` instead of ``before``; ``evidence`` is how we know that they want it.

    Topics asked for, and coming back, are consents, given ``now`` or at ``given_at``; leaving ends those in force, by
    ``evidence["by"]``. Only what differs is written, so doing it twice changes nothing, and what others changed
    meanwhile stays. ``erase`` is the way to hold nothing.
    """
    if after == before:
        return
    person = contact.person
    _write_subscriber(statements, contact, after, now)
    new = [one for one in after.subscriptions if one.topic not in before.topics]
    for one in before.subscriptions:
        if one.topic not in after.topics:
            statements.run(_DELETE, {"person": person, **_topic(one.topic)})
    for one in new:
        values = {"person": person, **_topic(one.topic), "since": now, "source": one.source[:200]}
        statements.run(_INSERT, values)
    if after.receives and (new or not before.receives):
        named = "、".join(one.topic.value for one in new or after.subscriptions)
        agree(statements, vault, contact, {**evidence, "topics": named}, now, given_at)
    if not after.receives:
        values = {"person": person, "now": now, "by": evidence.get("by", "person")[:64]}
        statements.run(_END_CONSENTS, values)


def _write_subscriber(
    statements: Statements, contact: Contact, after: Subscriber, now: int
) -> None:
    assert after.standing
    values = {
        "person": contact.person,
        "account": contact.account,
        "area": after.area,
        "state": after.standing.value,
        "paused_until": after.paused_until,
        "digest": after.digest.value,
        "now": now,
    }
    statements.run(_WRITE_SUBSCRIBER, values)


def agree(
    statements: Statements,
    vault: Vault,
    contact: Contact,
    evidence: Mapping[str, str],
    now: int,
    given_at: int | None = None,
) -> None:
    """Write where a person is reached, sealed, and that they agreed to it: ``now``, or at ``given_at``.

    Who wrote to us from an address can be reached there, whatever became of it before; a register proves no such thing.
    """
    # Half a surrogate pair, which a message may hold, fits no database.
    words = json.dumps(evidence, ensure_ascii=False).encode(errors="replace").decode()
    for reach in contact.reaches:
        where = {
            "person": contact.person,
            "medium": reach.medium,
            "account": reach.account,
            "sealed": vault.seal(reach.address),
            "hash": reach.hash(vault),
            "now": now,
        }
        statements.run(_INSERT_ADDRESS, where)
        if reach.medium == WECHAT:
            reopen(statements, contact.person, now)
        consent = {
            "person": contact.person,
            "medium": reach.medium,
            "evidence": vault.seal(words),
            "moment": now if given_at is None else given_at,
        }
        statements.run(_INSERT_CONSENT, consent)


def reopen(statements: Statements, person: str, now: int) -> None:
    """Use a person's openid again: they follow the account, or speak to it."""
    statements.run(_REOPEN, {"person": person, "medium": WECHAT, "now": now})


def known_addresses(statements: Statements, person: str) -> dict[str, str]:
    """The addresses of a person by hash, with why nothing is sent there any more (empty: it is in use)."""
    return {row[0]: row[1] for row in statements.all(_READ_ADDRESSES, {"person": person})}


def ended_since(statements: Statements, person: str) -> int:
    """Since when a person is sent nothing because they left; 0 for who has not left."""
    row = statements.first(_READ_END, {"person": person})
    return row[0] if row else 0


def _topic(topic: Topic) -> dict[str, str]:
    return {"kind": topic.kind.value, "value": topic.value}


_READ = Statement(
    "SELECT s.state, s.area, s.digest, s.paused_until, t.kind, t.value, t.source, t.since"
    " FROM subscribers s LEFT JOIN subscriptions t ON t.person = s.person"
    " WHERE s.person = :person ORDER BY t.since, t.kind, t.value"
)
_READ_ADDRESSES = Statement("SELECT hash, suppressed FROM addresses WHERE person = :person")
_READ_END = Statement(
    "SELECT updated_at FROM subscribers WHERE person = :person AND state = 'ended'"
)
_READ_CONSENTS = Statement(
    "SELECT given_at FROM consents WHERE person = :person AND ended_at IS NULL ORDER BY given_at"
)
_COUNT_DELIVERIES = Statement(
    f"SELECT count(*) FROM deliveries WHERE person = :person AND {OF_ANY_PUSH}"
)
_READ_SCENE = Statement('SELECT kind, value, label, area FROM scenes WHERE "key" = :key')
_WRITE_SUBSCRIBER = Statement(
    "INSERT INTO subscribers"
    " (person, account, area, state, paused_until, digest, created_at, updated_at) VALUES"
    " (:person, :account, :area, :state, :paused_until, :digest, :now, :now)"
    " ON CONFLICT (person) DO UPDATE SET area = excluded.area, state = excluded.state,"
    " paused_until = excluded.paused_until, digest = excluded.digest,"
    " updated_at = excluded.updated_at"
)
_INSERT = Statement(
    "INSERT INTO subscriptions (person, kind, value, since, source)"
    " VALUES (:person, :kind, :value, :since, :source) ON CONFLICT DO NOTHING"
)
_DELETE = Statement(
    "DELETE FROM subscriptions WHERE person = :person AND kind = :kind AND value = :value"
)
_INSERT_CONSENT = Statement(
    "INSERT INTO consents (person, scope, evidence, given_at)"
    " VALUES (:person, :medium, :evidence, :moment)"
)
_END_CONSENTS = Statement(
    "UPDATE consents SET ended_at = :now, ended_by = :by"
    " WHERE person = :person AND ended_at IS NULL"
)
_REOPEN = Statement(
    "UPDATE addresses SET suppressed = '', failures = 0, updated_at = :now"
    " WHERE person = :person AND medium = :medium AND suppressed <> ''"
)
_INSERT_ADDRESS = Statement(
    "INSERT INTO addresses"
    " (person, medium, account, sealed, hash, failures, suppressed, updated_at)"
    " VALUES (:person, :medium, :account, :sealed, :hash, 0, '', :now) ON CONFLICT DO NOTHING"
)
