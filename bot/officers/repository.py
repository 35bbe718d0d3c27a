"""Accounts and sessions as rows."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.engine import Row

from bot.storage.schema import officer_sessions, officers

from .model import Officer, Role


@dataclass(frozen=True, slots=True)
class Kept:
    """An account with what only signing in may see; ``totp`` is sealed."""

    officer: Officer
    password: str
    totp: str
    totp_used: int
    failures: int


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in; ``id`` is the hash of its token. Moments are in seconds since 1970."""

    id: str
    officer: Officer
    created_at: int
    seen_at: int
    confirmed_at: int
    origin: str = ""


def hashed(secret: str) -> str:
    """All that is kept of the secret of a session or key: random and long, it needs no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def count(connection: Connection) -> int:
    """How many accounts there are, closed ones included."""
    return connection.execute(select(func.count()).select_from(officers)).scalar_one()


def add(connection: Connection, officer: Officer, password: str, now: int) -> Officer:
    """Keep a new account; an id of 0 is made. Raises ``IntegrityError`` for a name that is taken."""
    values = {
        "name": officer.name,
        "password": password,
        "totp": "",
        "totp_used": 0,
        "failures": 0,
        "locked_until": 0,
        "created_at": now,
        "updated_at": now,
        **_rights(officer),
        "temporary": int(officer.temporary),
    }
    done = connection.execute(insert(officers).values(values))
    assert done.inserted_primary_key
    return found(by_id(connection, done.inserted_primary_key[0])).officer


def all_of(connection: Connection) -> list[Officer]:
    """Every account, the open ones first, by name."""
    rows = connection.execute(
        select(officers).order_by(officers.c.closed_at.is_not(None), officers.c.name)
    )
    return [_kept(row).officer for row in rows]


def by_name(connection: Connection, name: str, *, lock: bool = False) -> Kept | None:
    """The account of a name."""
    return _first(connection, officers.c.name == name, lock)


def by_id(connection: Connection, id: int, *, lock: bool = False) -> Kept | None:
    """The account of an id."""
    return _first(connection, officers.c.id == id, lock)


def found(kept: Kept | None) -> Kept:
    """An account that must be there."""
    assert kept is not None
    return kept


def write(connection: Connection, id: int, now: int, **values: Any) -> None:
    """Put values in place of an account's."""
    connection.execute(update(officers).where(officers.c.id == id).values(updated_at=now, **values))


def write_rights(connection: Connection, officer: Officer, now: int) -> None:
    """Put roles, areas and units in place of an account's."""
    write(connection, officer.id, now, **_rights(officer))


def add_session(connection: Connection, session: Session) -> None:
    """Keep a session."""
    connection.execute(
        insert(officer_sessions).values(
            id=session.id,
            officer=session.officer.id,
            created_at=session.created_at,
            seen_at=session.seen_at,
            confirmed_at=session.confirmed_at,
            origin=session.origin,
        )
    )


def session(connection: Connection, id: str) -> Session | None:
    """The session of a token's hash, with its officer."""
    row = connection.execute(
        select(officer_sessions, officers)
        .join(officers, officers.c.id == officer_sessions.c.officer)
        .where(officer_sessions.c.id == id)
    ).first()
    if row is None:
        return None
    values = row._mapping
    s = officer_sessions.c
    return Session(
        id,
        _kept(row).officer,
        values[s.created_at],
        values[s.seen_at],
        values[s.confirmed_at],
        values[s.origin],
    )


def touch(connection: Connection, id: str, **moments: int) -> None:
    """Set moments of a session."""
    connection.execute(
        update(officer_sessions).where(officer_sessions.c.id == id).values(**moments)
    )


def end_session(connection: Connection, id: str) -> None:
    """Forget a session."""
    connection.execute(delete(officer_sessions).where(officer_sessions.c.id == id))


def end_sessions(connection: Connection, officer: int, but: str = "") -> None:
    """Forget all sessions of an officer, one of them perhaps not."""
    connection.execute(
        delete(officer_sessions).where(
            officer_sessions.c.officer == officer, officer_sessions.c.id != but
        )
    )


def _first(connection: Connection, where: Any, lock: bool) -> Kept | None:
    query = select(officers).where(where)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return _kept(row) if row else None


def _kept(row: Row[Any]) -> Kept:
    values, c = row._mapping, officers.c
    officer = Officer(
        id=values[c.id],
        name=values[c.name],
        roles=tuple(Role(name) for name in json.loads(values[c.roles])),
        areas=tuple(json.loads(values[c.areas])),
        units=tuple(json.loads(values[c.units])),
        temporary=bool(values[c.temporary]),
        two_factor=bool(values[c.totp]),
        locked_until=values[c.locked_until],
        closed_at=values[c.closed_at],
    )
    return Kept(
        officer, values[c.password], values[c.totp], values[c.totp_used], values[c.failures]
    )


def _rights(officer: Officer) -> dict[str, str]:
    return {
        "roles": _listed(officer.roles),
        "areas": _listed(officer.areas),
        "units": _listed(officer.units),
    }


def _listed(values: Sequence[str]) -> str:
    return json.dumps([str(value) for value in values], ensure_ascii=False)
