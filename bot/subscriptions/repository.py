"""The SQL of one person's subscriptions, for every message and every imported row.

What a person said and where they are reached is personal: it is stored sealed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.storage.database import Statement, Statements
from bot.storage.vault import Vault

from .model import NOBODY, Digest, Kind, Scene, Standing, Subscriber, Subscription, Topic


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
        _write_addresses(statements, vault, contact, now)
        named = {
            **evidence,
            "topics": "、".join(one.topic.value for one in new or after.subscriptions),
        }
        _write_consents(statements, vault, contact, named, given_at or now)
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


def _write_addresses(statements: Statements, vault: Vault, contact: Contact, now: int) -> None:
    for reach in contact.reaches:
        values = {
            "person": contact.person,
            "medium": reach.medium,
            "account": reach.account,
            "sealed": vault.seal(reach.address),
            "hash": reach.hash(vault),
            "now": now,
        }
        statements.run(_INSERT_ADDRESS, values)


def _write_consents(
    statements: Statements, vault: Vault, contact: Contact, evidence: Mapping[str, str], moment: int
) -> None:
    # Half a surrogate pair, which a message may hold, fits no database.
    words = json.dumps(evidence, ensure_ascii=False).encode(errors="replace").decode()
    for medium in sorted({reach.medium for reach in contact.reaches}):
        values = {
            "person": contact.person,
            "medium": medium,
            "evidence": vault.seal(words),
            "moment": moment,
        }
        statements.run(_INSERT_CONSENT, values)


def _topic(topic: Topic) -> dict[str, str]:
    return {"kind": topic.kind.value, "value": topic.value}


_READ = Statement(
    "SELECT s.state, s.area, s.digest, s.paused_until, t.kind, t.value, t.source, t.since"
    " FROM subscribers s LEFT JOIN subscriptions t ON t.person = s.person"
    " WHERE s.person = :person ORDER BY t.since, t.kind, t.value"
)
_READ_CONSENTS = Statement(
    "SELECT given_at FROM consents WHERE person = :person AND ended_at IS NULL ORDER BY given_at"
)
_COUNT_DELIVERIES = Statement("SELECT count(*) FROM deliveries WHERE person = :person")
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
_INSERT_ADDRESS = Statement(
    "INSERT INTO addresses"
    " (person, medium, account, sealed, hash, failures, suppressed, updated_at)"
    " VALUES (:person, :medium, :account, :sealed, :hash, 0, '', :now) ON CONFLICT DO NOTHING"
)
