"""Where people can be reached, and on which ways they agreed to be."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, or_, select, update

from bot.storage.bulk import among
from bot.storage.schema import addresses as address_table
from bot.storage.schema import consents, subscribers
from bot.storage.vault import Vault
from catalogue_index.errors import Refused

from .model import Digest, Standing
from .repository import Reach


class AddressGone(Refused):
    """The address was erased since it was read."""


class Address(NamedTuple):
    """An address without itself: ``hash`` tells equal ones, ``suppressed`` says why nothing is sent there, if so."""

    id: int
    account: str
    hash: str
    suppressed: str


def addresses(
    connection: Connection, persons: Iterable[str], medium: str
) -> Mapping[str, list[Address]]:
    """The addresses of people on a medium (wechat, email, sms), oldest first; nobody without one."""
    table = address_table.c
    found: dict[str, list[Address]] = {}
    query = select(table.person, table.id, table.account, table.hash, table.suppressed).where(
        among(connection, table.person, persons), table.medium == medium
    )
    for person, *values in connection.execute(query).all():
        found.setdefault(person, []).append(Address._make(values))
    # The database would sort whole rows of very many people, to put the few in order who have several addresses.
    return {person: sorted(some) for person, some in found.items()}


def consented(connection: Connection, persons: Iterable[str], channel: str) -> set[str]:
    """Those of ``persons`` who agreed to be reached on a channel, or on all of its medium (wechat_notice: wechat),
    or by one of its templates (wechat_notice:<template>).

    An agreement for a number of times counts while some are left.
    """
    scopes = {channel, medium_of(channel)}
    query = select(consents.c.person).where(
        among(connection, consents.c.person, persons),
        or_(consents.c.scope.in_(scopes), consents.c.scope.startswith(f"{channel}:")),
        consents.c.ended_at.is_(None),
        or_(consents.c.uses_left.is_(None), consents.c.uses_left > 0),
    )
    return set(connection.execute(query).scalars().all())


def use_consent(connection: Connection, person: str, scope: str) -> None:
    """Count one use of a consent for a number of times, the oldest first; others last as they did."""
    counted = (
        select(func.min(consents.c.id))
        .where(consents.c.person == person, consents.c.scope == scope)
        .where(consents.c.ended_at.is_(None), consents.c.uses_left > 0)
        .scalar_subquery()
    )
    left = consents.c.uses_left - 1
    connection.execute(update(consents).where(consents.c.id == counted).values(uses_left=left))


def end_consent(connection: Connection, person: str, scope: str, by: str, now: int) -> None:
    """End what a person agreed to, of just this scope, whether counted or lasting."""
    connection.execute(
        update(consents)
        .where(consents.c.person == person, consents.c.scope == scope)
        .where(consents.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=by)
    )


def reveal(connection: Connection, vault: Vault, ids: Iterable[int]) -> Mapping[int, str]:
    """Addresses themselves by id, for handing over and nothing else; of those that were erased none."""
    wanted = among(connection, address_table.c.id, ids)
    found = connection.execute(select(address_table.c.id, address_table.c.sealed).where(wanted))
    return {id: vault.unseal(sealed) for id, sealed in found.all()}


def suppress(connection: Connection, hashed: str, reason: str, now: int) -> int:
    """Send nothing to an address any more, whoever's it is (``reason`` empty: send again); how many people have it."""
    changed = (
        update(address_table)
        .where(address_table.c.hash == hashed)
        .values(suppressed=reason, failures=0, updated_at=now)
    )
    return connection.execute(changed).rowcount


def stop(connection: Connection, vault: Vault, reach: Reach, reason: str, now: int) -> int:
    """Suppress an address even where nobody has it yet, so that no register can bring it back; how many have it."""
    person, hashed = reach.person(vault), reach.hash(vault)
    if count := suppress(connection, hashed, reason, now):
        return count
    values = {"person": person, "account": reach.account, "updated_at": now}
    ended = {"state": Standing.ENDED.value, "digest": Digest.IMMEDIATE.value, "created_at": now}
    if connection.execute(select(subscribers.c.person).filter_by(person=person)).first() is None:
        connection.execute(insert(subscribers).values(**values, **ended))
    where = {"medium": reach.medium, "sealed": vault.seal(reach.address), "hash": hashed}
    connection.execute(
        insert(address_table).values(**values, **where, failures=0, suppressed=reason)
    )
    return 1


def medium_of(channel: str) -> str:
    """The medium that a channel uses: wechat_notice → wechat."""
    return channel.partition("_")[0]
