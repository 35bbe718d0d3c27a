"""Channels that are closed for now: by the provider, by too many errors, or by a person, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from bot.channels.names import CHANNEL_NAMES
from bot.clock import Clock
from bot.records.model import Deed
from bot.records.service import Records
from bot.storage.database import Database, Statement, statements_within
from bot.storage.schema import channels
from bot.storage.upserting import insert
from catalogue_index.errors import Refused

CLOSE, OPEN = "channels.close", "channels.open"
"""What the log calls it when a person does it."""

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Closure:
    """Why a channel is closed, and until when (seconds); ``None``: until somebody opens it."""

    why: str
    until: int | None


def closures(connection: Connection, now: datetime) -> Mapping[tuple[str, str], Closure]:
    """Closed channels by name and account. A channel without a name or account stands for all of them."""
    return in_force(statements_within(connection).all(_CLOSED, {}), now)


def in_force(found: Iterable[Sequence[Any]], now: datetime) -> Mapping[tuple[str, str], Closure]:
    """``closures`` from rows of channels: name, account, why they were closed (none: never), and until when."""
    second = int(now.timestamp())
    return {
        (channel, account): Closure(why, until)
        for channel, account, why, until in found
        if why and (until is None or until > second)
    }


def why(closed: Mapping[tuple[str, str], Closure], account: tuple[str, str]) -> str:
    """Why nothing goes out on a channel of an account; empty while it is open."""
    names = (account, (account[0], ""), ("", ""))
    return next((closed[name].why for name in names if name in closed), "")


_CLOSED = Statement(
    "SELECT channel, account, closed, closed_until FROM channels WHERE closed <> ''"
)


def close(
    connection: Connection, channel: str, account: str, why: str, until: datetime | None
) -> None:
    """Close a channel. Who closed it for longer keeps it closed: an error never opens what a person closed."""
    row = {"channel": channel, "account": account, "closed": "", "capability": ""}
    connection.execute(insert(connection, channels).values(row).on_conflict_do_nothing())
    change = update(channels).where(channels.c.channel == channel, channels.c.account == account)
    if until is not None:
        second = int(until.timestamp())
        longer = (channels.c.closed != "") & (
            channels.c.closed_until.is_(None) | (channels.c.closed_until >= second)
        )
        connection.execute(change.where(~longer).values(closed=why, closed_until=second))
    else:
        connection.execute(change.values(closed=why, closed_until=None))


def open_again(connection: Connection, channel: str, account: str) -> bool:
    """Open a channel; ``False`` where it was not closed."""
    opened = connection.execute(
        update(channels)
        .where(channels.c.channel == channel, channels.c.account == account)
        .where(channels.c.closed != "")
        .values(closed="", closed_until=None)
    )
    return opened.rowcount > 0


class SwitchRefused(Refused):
    """A channel cannot be closed or opened so; the sentence says why and what to do."""


class Switches:
    """Channels as people close and open them, each time written down in ``log`` (``None``: by whoever calls).

    Workers look before each call: what is being handed over goes out, the rest waits in the queue until the channel is
    open again, or its time is over. An empty ``channel`` stands for all channels, an empty ``account`` for all accounts
    of the channel.
    """

    def __init__(self, database: Database, log: Records | None, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock

    def close(self, channel: str, account: str, why: str, by: str, origin: str = "") -> None:
        """Send nothing there until somebody opens it. Raises ``SwitchRefused``."""
        why, by = " ".join(why.split())[:_LONGEST], _known(channel, by)
        if not why:
            raise SwitchRefused("停用渠道要写明原因，大家会在渠道页面上看到。")
        with self._database.write() as connection:
            close(connection, channel, account, f"{why}（{by}）", None)
        self._write_down(Deed(by, CLOSE, object_of(channel, account), origin, detail=why))

    def open(self, channel: str, account: str, by: str, origin: str = "") -> None:
        """Go on with what waits. Raises ``SwitchRefused``."""
        by = _known(channel, by)
        with self._database.write() as connection:
            if not open_again(connection, channel, account):
                raise SwitchRefused(f"{called(channel, account)}没有停用，不用启用。")
        self._write_down(Deed(by, OPEN, object_of(channel, account), origin))

    def _write_down(self, deed: Deed) -> None:
        if self._log:
            self._log.write(deed)

    def closed(self) -> Mapping[tuple[str, str], Closure]:
        """What is closed now, by name and account."""
        with self._database.read() as connection:
            return closures(connection, self._clock())


def called(channel: str, account: str) -> str:
    """What people call it: 短信（账号 aliyun）."""
    words = CHANNEL_NAMES[channel] if channel else "全部渠道"
    return f"{words}（账号 {account}）" if account else words


def _known(channel: str, by: str) -> str:
    if channel and channel not in CHANNEL_NAMES:
        allowed = "、".join(CHANNEL_NAMES)
        raise SwitchRefused(f"没有“{channel}”这个渠道。可以写：{allowed}。")
    if not by.strip():
        raise SwitchRefused("要写明是谁停用或启用的。")
    return by.strip()


def object_of(channel: str, account: str) -> str:
    """What the log calls a channel."""
    return f"channel:{channel or 'all'}" + (f"/{account}" if account else "")
