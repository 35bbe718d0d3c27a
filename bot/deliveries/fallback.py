"""Whose turn it is among a person's channels: the next one only when the one before has surely failed."""

from collections.abc import Iterable

from .model import Delivery
from .states import OPEN, State

TELLS_NOTHING_LATER = frozenset({"email", "wechat_custom"})
"""Channels that confirm nothing after they accepted a letter (e-mail: bounces only, RFC 5321; 客服消息: the platform
sends no event): acceptance is all there will be, and the next channel is not tried because of silence."""

_HAVE_IT = frozenset({State.DELIVERED})
_SILENT = frozenset({State.ACCEPTED, State.NO_RECEIPT})


def next_turn(earlier: Iterable[Delivery], patience: int, now: int) -> State | None:
    """Where a waiting row goes, by the rows of the person's earlier channels: superseded, queued, or nowhere yet.

    ``patience``: seconds without a receipt after which silence counts as failure. An unknown one never does: the person
    may have it.
    """
    rows = list(earlier)
    if any(reached(row) for row in rows):
        return State.SUPERSEDED
    if any(row.state in OPEN or row.state is State.ABANDONED for row in rows):
        return None
    if any(row.state in _SILENT and now - row.updated_at < patience for row in rows):
        return None
    return State.QUEUED


def reached(row: Delivery) -> bool:
    """Whether the person has it by this channel, as far as the channel ever tells."""
    silent = row.state in _SILENT and row.channel in TELLS_NOTHING_LATER
    return row.state in _HAVE_IT or silent
