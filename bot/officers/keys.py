"""Keys by which other systems, as a 集约化平台, use the JSON API; each acts with the rights of one officer."""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import Row

from bot.clock import Clock
from bot.storage.database import Database
from bot.storage.schema import api_keys

from . import repository
from .model import Officer, OfficerRefused

PREFIX = "zwgk_"
"""What every key begins with: a scanner of source code can tell it."""

LONGEST_DAYS = 365
LONGEST_NAME = 64
_DAY = 86_400
_A_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. Moments are in seconds since 1970."""

    id: int
    name: str
    officer: Officer
    created_at: int
    expires_at: int
    used_at: int | None
    closed_at: int | None

    def good(self, now: int) -> bool:
        """Whether it opens anything."""
        return self.closed_at is None and now < self.expires_at and self.officer.closed_at is None


class Keys:
    """All keys of an installation."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def make(self, name: str, officer: Officer, days: int) -> tuple[Key, str]:
        """A new key and its secret, which is not kept. Raises ``OfficerRefused``."""
        name = " ".join(name.split())
        if not 1 <= len(name) <= LONGEST_NAME:
            raise OfficerRefused(f"请写明这个密钥给哪个系统用，最多 {LONGEST_NAME} 个字。")
        if not 1 <= days <= LONGEST_DAYS:
            raise OfficerRefused(f"密钥的有效期应为 1 到 {LONGEST_DAYS} 天。")
        if officer.closed_at is not None or officer.temporary:
            raise OfficerRefused(f"“{officer.name}”的账号已停用，或还没有改临时密码，不能发密钥。")
        secret = PREFIX + secrets.token_urlsafe(32)
        now = self._now()
        with self._database.write() as connection:
            done = connection.execute(
                insert(api_keys).values(
                    name=name,
                    hash=repository.hashed(secret),
                    officer=officer.id,
                    created_at=now,
                    expires_at=now + days * _DAY,
                )
            )
            assert done.inserted_primary_key
            id = done.inserted_primary_key[0]
        return Key(id, name, officer, now, now + days * _DAY, None, None), secret

    def all(self) -> list[Key]:
        """Every key, the newest first."""
        with self._database.read() as connection:
            return _keys(connection)

    def close(self, id: int) -> Key:
        """Close a key for good; raises ``OfficerRefused``."""
        with self._database.write() as connection:
            found = next((key for key in _keys(connection) if key.id == id), None)
            if found is None:
                raise OfficerRefused("没有这个密钥。请从列表里重新选择。")
            connection.execute(
                update(api_keys).where(api_keys.c.id == id).values(closed_at=self._now())
            )
        return found

    def holder(self, secret: str) -> Key | None:
        """The key of a secret, where it opens anything; its moment of use moves on."""
        now = self._now()
        with self._database.read() as connection:
            row = connection.execute(
                select(api_keys).where(api_keys.c.hash == repository.hashed(secret))
            ).first()
            held = repository.by_id(connection, row.officer) if row else None
        if row is None or held is None:
            return None
        key = _key(row, held.officer)
        if not key.good(now):
            return None
        if now - (key.used_at or 0) >= _A_MINUTE:
            with self._database.write() as connection:
                connection.execute(
                    update(api_keys).where(api_keys.c.id == key.id).values(used_at=now)
                )
        return key

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _keys(connection: Connection) -> list[Key]:
    officers = {officer.id: officer for officer in repository.all_of(connection)}
    rows = connection.execute(select(api_keys).order_by(api_keys.c.id.desc()))
    return [_key(row, officers[row.officer]) for row in rows]


def _key(row: Row[Any], officer: Officer) -> Key:
    return Key(
        row.id, row.name, officer, row.created_at, row.expires_at, row.used_at, row.closed_at
    )
