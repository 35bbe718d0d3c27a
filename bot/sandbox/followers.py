"""The followers of an account as the platform knows them: whom it may write to, how often, and what they agreed to."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.clock import CHINA

from .file import File, milliseconds
from .rules import rule

ONCE, LONG = "once", "long"
"""一次性订阅 and 长期订阅."""


@dataclass(frozen=True, slots=True)
class Follower:
    """A pretended WeChat user of one account. ``barred``: "black" is on its blacklist, "off" takes no messages."""

    openid: str
    name: str
    follows: bool = True
    barred: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A follower in the inbox, with how many messages came and when the last did (ms)."""

    follower: Follower
    messages: int
    last_at: int


class Followers:
    """The followers kept in a file."""

    def __init__(self, file: File) -> None:
        self._file = file

    def add(self, account: str, people: Iterable[Follower], now: float) -> None:
        """Have people known to the account; who is known stays as they are."""
        rows = [(account, p.openid, p.name, p.follows, int(now), p.barred) for p in people]
        self._file.write_many(_ADD, rows)

    def get(self, account: str, openid: str) -> Follower | None:
        """The person with that openid, whether following or not."""
        row = self._file.first(_GET, (account, openid))
        return _follower(row) if row else None

    def since(self, account: str, openid: str) -> int:
        """Since when the person follows (seconds)."""
        return self._file.number(
            "SELECT since FROM followers WHERE account = ? AND openid = ?", (account, openid)
        )

    def count(self, account: str) -> int:
        """How many follow now."""
        return self._file.number(
            "SELECT count(*) FROM followers WHERE account = ? AND follows", (account,)
        )

    def page(self, account: str, after: str, most: int) -> list[str]:
        """Openids of those who follow, in order, behind ``after``."""
        rows = self._file.rows(_PAGE, (account, after, most))
        return [row["openid"] for row in rows]

    def listed(self, account: str, words: str, start: int, most: int) -> list[Listed]:
        """People for the inbox, the last written to first; ``words`` is part of a name or openid."""
        rows = self._file.rows(_LISTED, (account, words, words, words, most, start))
        return [Listed(_follower(row), row["messages"], row["last_at"] or 0) for row in rows]

    def follow(self, account: str, openid: str, now: float) -> None:
        """The person follows (again)."""
        self.add(account, [Follower(openid, "")], now)
        self._file.write(
            "UPDATE followers SET follows = 1, since = ? WHERE account = ? AND openid = ?",
            (int(now), account, openid),
        )
        self.touched(account, openid, now)

    def leave(self, account: str, openid: str) -> None:
        """The person leaves: what they agreed to, their tags and the open windows are gone with them."""
        self._file.write(
            "UPDATE followers SET follows = 0, words_until = 0, taps_until = 0"
            " WHERE account = ? AND openid = ?",
            (account, openid),
        )
        for table in ("consents", "tagged"):
            self._file.write(
                f"DELETE FROM {table} WHERE account = ? AND openid = ?", (account, openid)
            )

    def bar(self, account: str, openid: str, barred: str) -> None:
        """Put the person on the blacklist ("black"), have them refuse all ("off"), or neither ("")."""
        self._file.write(
            "UPDATE followers SET barred = ? WHERE account = ? AND openid = ?",
            (barred, account, openid),
        )

    def wrote(self, account: str, openid: str, now: float) -> None:
        """The person sent a message: the account may write back for two days."""
        self._open(account, openid, "words", "custom_left", "custom_window", now)

    def touched(self, account: str, openid: str, now: float) -> None:
        """The person tapped the menu, scanned or followed: the account may write for a minute."""
        self._open(account, openid, "taps", "custom_taps_left", "custom_taps_window", now)

    def write_back(self, account: str, openid: str, now: float) -> str:
        """Use up one message to somebody who wrote or tapped; else the name of the rule against it."""
        row = self._file.first(_WINDOWS, (account, openid))
        moment = milliseconds(now)
        open_ = [kind for kind in ("taps", "words") if row and row[f"{kind}_until"] > moment]
        left = [kind for kind in open_ if row and row[f"{kind}_left"] > 0]
        if not left:
            return "custom_left" if open_ else "custom_window"
        self._file.write(
            f"UPDATE followers SET {left[0]}_left = {left[0]}_left - 1"
            " WHERE account = ? AND openid = ?",
            (account, openid),
        )
        return ""

    def agree(self, account: str, openids: Sequence[str], template: str, kind: str) -> None:
        """The people agree to a template's notices: once more, or for long."""
        uses = None if kind == LONG else 1
        self._file.write_many(_AGREE, [(account, openid, template, uses) for openid in openids])

    def withdraw(self, account: str, openid: str, template: str) -> None:
        """The person wants no notices of the template any more."""
        self._file.write(
            "DELETE FROM consents WHERE account = ? AND openid = ? AND template = ?",
            (account, openid, template),
        )

    def agreed(self, account: str, openid: str) -> dict[str, int | None]:
        """The templates that the person agreed to, with how often each may still be used (``None``: for long)."""
        rows = self._file.rows(
            "SELECT template, uses FROM consents WHERE account = ? AND openid = ?"
            " AND (uses IS NULL OR uses > 0)",
            (account, openid),
        )
        return {row["template"]: row["uses"] for row in rows}

    def use_consent(self, account: str, openid: str, template: str) -> bool:
        """Use up one consent; whether there was one."""
        return self._file.write(_USE, (account, openid, template)).rowcount > 0

    def _open(
        self, account: str, openid: str, kind: str, left: str, window: str, now: float
    ) -> None:
        until = milliseconds(now + rule(window).limit)
        self._file.write(
            f"UPDATE followers SET {kind}_left = ?, {kind}_until = ? WHERE account = ? AND openid = ?",
            (rule(left).limit, until, account, openid),
        )


class Uses:
    """How often something was done in a minute, a day or a month of China's."""

    def __init__(self, file: File) -> None:
        self._file = file

    def take(self, account: str, name: str, now: float, subject: str = "", most: int = 0) -> bool:
        """Count one more, unless the limit of rule ``name`` is reached; the rule's period is in its name."""
        limit = most or rule(name).limit
        values = (account, name, subject, period(name, now), limit)
        return self._file.write(_TAKE, values).rowcount > 0

    def used(self, account: str, name: str, now: float, subject: str = "") -> int:
        """How many in the present period."""
        values = (account, name, subject, period(name, now))
        return self._file.number(_USED, values)

    def clear(self, account: str, name: str) -> None:
        """Begin to count anew."""
        self._file.write("DELETE FROM used WHERE account = ? AND rule = ?", (account, name))


def period(name: str, now: float) -> str:
    """The minute, day or month in China that a rule of that name counts in."""
    moment = datetime.fromtimestamp(now, CHINA)
    if name.endswith("_minute"):
        return f"{moment:%Y-%m-%d %H:%M}"
    return f"{moment:%Y-%m}" if name.endswith("_month") else f"{moment:%Y-%m-%d}"


def _follower(row: sqlite3.Row) -> Follower:
    return Follower(row["openid"], row["name"], bool(row["follows"]), row["barred"])


_ADD = (
    "INSERT INTO followers (account, openid, name, follows, since, barred) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
_GET = "SELECT openid, name, follows, barred FROM followers WHERE account = ? AND openid = ?"
_PAGE = (
    "SELECT openid FROM followers WHERE account = ? AND follows AND openid > ?"
    " ORDER BY openid LIMIT ?"
)
_LISTED = (
    "SELECT f.openid, f.name, f.follows, f.barred, count(m.id) AS messages, max(m.at) AS last_at"
    " FROM followers f LEFT JOIN messages m ON m.account = f.account AND m.openid = f.openid"
    " WHERE f.account = ? AND (? = '' OR instr(f.name, ?) > 0 OR instr(f.openid, ?) > 0)"
    " GROUP BY f.openid ORDER BY last_at DESC NULLS LAST, f.openid LIMIT ? OFFSET ?"
)
_WINDOWS = (
    "SELECT words_left, words_until, taps_left, taps_until FROM followers"
    " WHERE account = ? AND openid = ?"
)
_AGREE = (
    "INSERT INTO consents (account, openid, template, uses) VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET uses = CASE WHEN excluded.uses IS NULL OR consents.uses IS NULL"
    " THEN NULL ELSE consents.uses + excluded.uses END"
)
_USE = (
    "UPDATE consents SET uses = uses - 1 WHERE account = ? AND openid = ? AND template = ?"
    " AND (uses IS NULL OR uses > 0)"
)
_TAKE = (
    "INSERT INTO used (account, rule, subject, period, n) VALUES (?, ?, ?, ?, 1)"
    " ON CONFLICT (account, rule, subject, period) DO UPDATE SET n = n + 1 WHERE n < ?"
)
_USED = "SELECT n FROM used WHERE account = ? AND rule = ? AND subject = ? AND period = ?"
