"""The letter of a row: what the approved notice says on its channel, why this person gets it, and the address, revealed."""

import json
from collections.abc import Callable
from functools import lru_cache

from sqlalchemy import select

from bot.channels.port import Letter
from bot.notices import repository
from bot.notices.model import Notice, Push
from bot.notices.rendering import letter_parts
from bot.storage.database import Database
from bot.storage.schema import audience
from catalogue_index.errors import Refused

from .model import Delivery

NOTICES = "/notices"
"""Where the page of a notice is, before its id."""

_KEPT = 64


class Letters:
    """Writes letters. ``reveal`` gives the address of an id, ``leave`` the address of one tap that ends a subscription."""

    def __init__(
        self,
        database: Database,
        public_url: str,
        reveal: Callable[[int], str],
        leave: Callable[[str], str],
        signature: str = "",
    ) -> None:
        self._database = database
        self._public_url = public_url
        self._reveal = reveal
        self._leave = leave
        self._signature = signature
        # What runs is approved, and what is approved does not change.
        self._sent = lru_cache(_KEPT)(self._read)

    def __call__(self, row: Delivery) -> Letter:
        """The letter of a row; raises ``Refused`` where there is no address any more."""
        if row.address is None:
            raise Refused("没有地址，不能发送。")
        push, notice = self._sent(row.push)
        text = notice.proposed if push.version == notice.proposed_version else notice.text
        link = f"{self._public_url}{NOTICES}/{notice.id}"
        parts = letter_parts(
            row.channel,
            text,
            link,
            self._why(row),
            push.purpose,
            push.reason,
            self._signature,
        )
        return Letter(
            row.id,
            row.provider_key,
            self._reveal(row.address),
            parts.title,
            parts.text,
            link,
            self._leave(row.person),
            dict(parts.fields),
        )

    def _read(self, push_id: str) -> tuple[Push, Notice]:
        with self._database.read() as connection:
            push = repository.find_push(connection, push_id)
            notice = repository.find_notice(connection, push.notice) if push else None
        if push is None or notice is None:
            raise Refused(f"没有推送 {push_id} 或它的通知。")
        return push, notice

    def _why(self, row: Delivery) -> tuple[str, ...]:
        query = select(audience.c.why).where(
            audience.c.push == row.push, audience.c.person == row.person
        )
        with self._database.read() as connection:
            stored = connection.execute(query).scalar()
        return tuple(json.loads(stored)) if stored else ()
