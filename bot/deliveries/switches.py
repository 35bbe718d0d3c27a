"""Channels that are closed for now: by the provider, by too many errors, or by a person, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from bot.storage.schema import channels
from bot.storage.upserting import insert


@dataclass(frozen=True, slots=True)
class Closure:
    """Why a channel is closed, and until when (seconds); ``None``: until somebody opens it."""

    why: str
    until: int | None


def closures(connection: Connection, now: datetime) -> Mapping[tuple[str, str], Closure]:
    """Closed channels by name and account. A channel without a name or account stands for all of them."""
    found = connection.exec_driver_sql(_CLOSED)
    second = int(now.timestamp())
    return {
        (channel, account): Closure(why, until)
        for channel, account, why, until in found
        if until is None or until > second
    }


_CLOSED = "SELECT channel, account, closed, closed_until FROM channels WHERE closed <> ''"


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
