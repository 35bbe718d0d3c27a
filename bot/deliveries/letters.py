"""The letter of a row: what the approved notice says on its channel, why this person gets it, and the address, revealed.
That of a row which others were gathered with tells of all their notices."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain

from sqlalchemy import Connection, select

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

_Whys = Mapping[int, tuple[str, ...]]
"""Why people get letters, by the row's id."""


class Letters:
    """Writes letters. ``reveal`` gives addresses by their ids, ``leave`` that of one tap which ends a subscription."""

    def __init__(
        self,
        database: Database,
        public_url: str,
        reveal: Callable[[Iterable[int]], Mapping[int, str]],
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

    def __call__(self, rows: Sequence[Delivery]) -> Mapping[int, Letter | Refused]:
        """The letter of each row by its id, or why there is none: an address that is gone."""
        with self._database.read() as connection:
            others = ledger.gathered(connection, rows)
            why = _why(connection, [*rows, *chain(*others.values())])
        addresses = self._reveal({row.address for row in rows if row.address is not None})
        return {
            row.id: self._letter(row, others.get(row.id, []), why, addresses.get(row.address or 0))
            for row in rows
        }

    def _letter(
        self, row: Delivery, others: Sequence[Delivery], why: _Whys, address: str | None
    ) -> Letter | Refused:
        if address is None:
            return Refused("没有地址，不能发送。")
        try:
            link, parts = self._parts(row, others, why)
        except Refused as refused:
            return refused
        return Letter(
            row.id,
            row.provider_key,
            address,
            parts.title,
            parts.text,
            link,
            self._leave(row.person),
            dict(parts.fields),
        )

    def _parts(self, row: Delivery, others: Sequence[Delivery], why: _Whys) -> tuple[str, Parts]:
        """Where the letter leads, and what it says."""
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

    def _read(self, push_id: str) -> tuple[Push, Notice]:
        with self._database.read() as connection:
            push = repository.find_push(connection, push_id)
            notice = repository.find_notice(connection, push.notice) if push else None
        if push is None or notice is None:
            raise Refused(f"没有推送 {push_id} 或它的通知。")
        return push, notice


def _why(connection: Connection, rows: Iterable[Delivery]) -> _Whys:
    people: dict[str, list[Delivery]] = {}
    for row in rows:
        people.setdefault(row.push, []).append(row)
    found: dict[int, tuple[str, ...]] = {}
    for push, those in people.items():
        query = select(audience.c.person, audience.c.why).where(
            audience.c.push == push, audience.c.person.in_({row.person for row in those})
        )
        told = {person: tuple(json.loads(why)) for person, why in connection.execute(query)}
        found |= {row.id: told.get(row.person, ()) for row in those}
    return found
