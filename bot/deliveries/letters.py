"""The letter of a row: what the approved notice says on its channel, why this person gets it, and the address, revealed.
That of a row which others were gathered with tells of all their notices."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache

from sqlalchemy import select, tuple_

from bot.channels.port import Letter
from bot.notices import repository
from bot.notices.model import Notice, Push, Text
from bot.notices.rendering import Parts, Told, gathered_parts, letter_parts
from bot.storage.database import Database
from bot.storage.schema import audience
from catalogue_index.errors import Refused

from . import repository as ledger
from .model import Delivery

NOTICES = "/notices"
"""Where the page of a notice is, before its id."""

GATHERED = "/weekly"
"""Where the page of all notices of one letter is, before the letter's key."""

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
        link, parts = self._parts(row)
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

    def _parts(self, row: Delivery) -> tuple[str, Parts]:
        """Where the letter leads, and what it says."""
        others = self._others(row)
        why = self._why([row, *others])
        if others:
            told = [
                Told(*self._text(one), why[one.id], self._sent(one.push)[0].purpose)
                for one in (row, *others)
            ]
            link = f"{self._public_url}{GATHERED}/{row.provider_key}"
            return link, gathered_parts(row.channel, told, link, self._signature)
        push, _ = self._sent(row.push)
        text, link = self._text(row)
        return link, letter_parts(
            row.channel,
            text,
            link,
            why[row.id],
            push.purpose,
            push.reason,
            self._signature,
        )

    def _text(self, row: Delivery) -> tuple[Text, str]:
        """What a row's notice says, as it was approved, and its page."""
        push, notice = self._sent(row.push)
        text = notice.proposed if push.version == notice.proposed_version else notice.text
        return text, f"{self._public_url}{NOTICES}/{notice.id}"

    def _others(self, row: Delivery) -> list[Delivery]:
        if not row.job:
            return []
        with self._database.read() as connection:
            return ledger.gathered(connection, [row]).get(row.id, [])

    def _read(self, push_id: str) -> tuple[Push, Notice]:
        with self._database.read() as connection:
            push = repository.find_push(connection, push_id)
            notice = repository.find_notice(connection, push.notice) if push else None
        if push is None or notice is None:
            raise Refused(f"没有推送 {push_id} 或它的通知。")
        return push, notice

    def _why(self, rows: Sequence[Delivery]) -> dict[int, tuple[str, ...]]:
        """Why people get them, by the row's id."""
        keys = [(row.push, row.person) for row in rows]
        query = select(audience.c.push, audience.c.person, audience.c.why).where(
            tuple_(audience.c.push, audience.c.person).in_(keys)
        )
        with self._database.read() as connection:
            found = {(push, person): why for push, person, why in connection.execute(query)}
        return {row.id: tuple(json.loads(found.get((row.push, row.person), "[]"))) for row in rows}
