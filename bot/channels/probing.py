"""Asks each channel's provider what the account may do, and keeps the answer for pages and reports."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.storage.database import Database, Statement

from .port import Capability, Channel


@dataclass(frozen=True, slots=True)
class Probed:
    """What a provider said of one channel."""

    channel: str
    account: str
    capability: Capability


def probe_all(database: Database, channels: Iterable[Channel], now: datetime) -> list[Probed]:
    """Ask about each channel; sends nothing to anybody."""
    found = [Probed(each.name, each.account, each.probe()) for each in channels]
    with database.statements(writing=True) as statements:
        for one in found:
            told = {"usable": one.capability.usable, "why": one.capability.why}
            values = {
                "channel": one.channel,
                "account": one.account,
                "capability": json.dumps(told, ensure_ascii=False),
                "now": int(now.timestamp()),
            }
            statements.run(_KEEP, values)
    return found


def last_probed(database: Database) -> Mapping[tuple[str, str], tuple[Capability, int]]:
    """What the provider said last of each channel by name and account, and when (seconds since 1970)."""
    with database.statements(writing=False) as statements:
        return {
            (channel, account): (Capability(told["usable"], told["why"]), at)
            for channel, account, capability, at in statements.all(_LAST, {})
            for told in [json.loads(capability)]
        }


_LAST = Statement(
    "SELECT channel, account, capability, probed_at FROM channels WHERE probed_at IS NOT NULL"
)
_KEEP = Statement(
    "INSERT INTO channels (channel, account, closed, capability, probed_at)"
    " VALUES (:channel, :account, '', :capability, :now)"
    " ON CONFLICT (channel, account)"
    " DO UPDATE SET capability = excluded.capability, probed_at = excluded.probed_at"
)
