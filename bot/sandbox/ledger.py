"""What the sandbox has accepted, for whom and when. “Received” is its word: no sender can talk it out of a duplicate."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .file import File

CHANNELS: Mapping[str, str] = {
    "wechat_notice": "订阅通知",
    "wechat_template": "模板消息",
    "wechat_custom": "客服消息",
    "wechat_mass": "群发",
    "wechat_preview": "群发预览",
    "email": "邮件",
    "sms": "短信",
}
"""The channels, by the names that the senders of this project use for them."""


@dataclass(frozen=True, slots=True)
class Message:
    """One accepted message.

    ``key`` is the sender's own for it (client_msg_id, clientmsgid, Message-ID, SessionContext, OutId), where there is
    one; ``ref`` is the one given back. ``digest`` is of the content: two of one person and digest are a duplicate.
    ``at`` is in milliseconds since 1970. Not all that is accepted has ``arrived``: the person may take no messages.
    """

    id: int
    account: str
    openid: str
    channel: str
    key: str
    digest: str
    ref: str
    content: Mapping[str, Any]
    at: int
    arrived: bool


class Ledger:
    """The messages of a file."""

    def __init__(self, file: File) -> None:
        self._file = file

    def accept(
        self,
        account: str,
        openid: str,
        channel: str,
        content: Mapping[str, Any],
        at: int,
        *,
        key: str = "",
        ref: str = "",
        arrived: bool = True,
    ) -> str:
        """Write a message down; returns its ``ref``. It counts once the file is settled."""
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]
        values = (account, openid, channel, key, digest, ref, text, at, arrived)
        cursor = self._file.write(_INSERT, values)
        return ref or str(_reference(cursor.lastrowid or 0))

    def received(self, push: str = "") -> list[Message]:
        """Messages with ``push`` at the beginning of their key, or anywhere in their content; all, without one."""
        return self._messages(
            "WHERE arrived AND (? = '' OR substr(key, 1, length(?)) = ? OR instr(content, ?) > 0)"
            " ORDER BY id",
            (push,) * 4,
        )

    def of_person(self, account: str, openid: str, most: int = 100) -> list[Message]:
        """The last messages to one person, oldest first."""
        where = "WHERE arrived AND account = ? AND openid = ? ORDER BY id DESC LIMIT ?"
        return self._messages(where, (account, openid, most))[::-1]

    def channels(self, account: str) -> list[tuple[str, int]]:
        """How many messages arrived by each channel, by its Chinese name."""
        rows = self._file.rows(
            "SELECT channel, count(*) AS n FROM messages WHERE account = ? AND arrived"
            " GROUP BY channel ORDER BY channel",
            (account,),
        )
        return [(CHANNELS.get(row["channel"], row["channel"]), row["n"]) for row in rows]

    def sent(self, account: str, openid: str, *, before: int, after_id: int = 0) -> list[Message]:
        """All that was accepted ``before`` a moment (ms), arrived or not; of everybody where ``openid`` is empty."""
        where = "WHERE account = ? AND (? = '' OR openid = ?) AND at <= ? AND id > ? ORDER BY id"
        return self._messages(where, (account, openid, openid, before, after_id))

    def known(self, account: str, openid: str, channel: str, key: str, since: int) -> bool:
        """Whether the person was sent that key on that channel after ``since`` (ms)."""
        values = (key, openid, since, account, channel)
        return self._file.first(_KNOWN, values) is not None

    def duplicates(self, push: str = "") -> list[Message]:
        """Messages that somebody had already: the same content on the same channel, every time after the first."""
        had: set[tuple[str, str, str, str]] = set()
        again: list[Message] = []
        for message in self.received(push):
            identity = (message.account, message.openid, message.channel, message.digest)
            if identity in had:
                again.append(message)
            had.add(identity)
        return again

    def counts(self, push: str = "") -> dict[str, Any]:
        """How many messages, by channel, to how many people, and how many of them twice."""
        found = self.received(push)
        channels = sorted({message.channel for message in found})
        return {
            "messages": len(found),
            "people": len({(message.account, message.openid) for message in found}),
            "duplicates": len(self.duplicates(push)),
            "channels": {c: sum(m.channel == c for m in found) for c in channels},
        }

    def _messages(self, where: str, values: tuple[Any, ...]) -> list[Message]:
        rows = self._file.rows(f"SELECT * FROM messages {where}", values)
        return [_message(row) for row in rows]


def _message(row: sqlite3.Row) -> Message:
    fields = dict(row)
    fields |= {"content": json.loads(row["content"]), "arrived": bool(row["arrived"])}
    return Message(**fields)


def _reference(number: int) -> int:
    """Like the platform's numbers of messages: long, growing, not one after the other."""
    return FIRST_REFERENCE + number * STEP


FIRST_REFERENCE, STEP = 3_000_000_000_000_000_000, 7919

_INSERT = f"""
INSERT INTO messages (account, openid, channel, key, digest, ref, content, at, arrived)
VALUES (?1, ?2, ?3, ?4, ?5,
    CASE WHEN ?6 != '' THEN ?6
    ELSE {FIRST_REFERENCE} + {STEP} * (SELECT coalesce(max(id), 0) + 1 FROM messages) END,
    ?7, ?8, ?9)
"""
_KNOWN = (
    "SELECT 1 FROM messages WHERE key = ? AND openid = ? AND at > ? AND account = ? AND channel = ?"
)
