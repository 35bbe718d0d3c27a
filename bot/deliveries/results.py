"""What follows from what a provider says: pure, from a row to the row after it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.channels.port import Fate, Outcome, Receipt

from .model import Delivery, Step
from .states import NOT_OUT, State, may_follow

MOST_ATTEMPTS = 8
"""Calls that a provider may turn down before a letter has failed."""

BACK_OFF, LONGEST_BACK_OFF = 15, 3600
"""Seconds until the second attempt, doubled with each further one, and the most of them."""

ASK_UNKNOWN = 5 * 60
"""Seconds until the provider is asked about a letter that may be out."""

ASK_ACCEPTED = 60 * 60
"""Seconds until the provider is asked about a letter without a receipt."""

SILENCE_ENDS = 72 * 60 * 60
"""Seconds after which no receipt will come (Huawei Cloud MSGSMS closes such messages at 72 h)."""

TOO_LATE = "过了有效期还没有送出"

_STATES: Mapping[Fate, State] = {
    Fate.ACCEPTED: State.ACCEPTED,
    Fate.DELIVERED: State.DELIVERED,
    Fate.UNDELIVERED: State.UNDELIVERED,
    Fate.REFUSED: State.FAILED,
    Fate.LATER: State.QUEUED,
    Fate.CLOSED: State.QUEUED,
    Fate.UNKNOWN: State.UNKNOWN,
}

_TOLD_BY_RECEIPTS: Mapping[Fate, State] = {
    Fate.ACCEPTED: State.ACCEPTED,
    Fate.DELIVERED: State.DELIVERED,
    Fate.UNDELIVERED: State.UNDELIVERED,
    # Whoever has accepted a letter cannot refuse it any more: it did not arrive.
    Fate.REFUSED: State.UNDELIVERED,
}

Chance = Callable[[], float]


def after_outcome(row: Delivery, outcome: Outcome, who: str, now: int, chance: Chance) -> Step:
    """What a call brought. Where the row has gone on meanwhile (a receipt came first), only what is new is noted."""
    learned = replace(
        row,
        provider_ref=outcome.ref[:128] or row.provider_ref,
        code=outcome.code[:32] or row.code,
        cost=outcome.cost if outcome.fate is not Fate.UNKNOWN else row.cost,
        segments=outcome.segments or row.segments,
    )
    state = _STATES[outcome.fate]
    if state is State.QUEUED:
        # A closed channel costs no attempt: the letter was never looked at.
        attempts = max(0, row.attempts - (outcome.fate is Fate.CLOSED))
        next_at = _next_at(row.attempts, outcome, now, chance)
        learned = replace(learned, attempts=attempts, not_before=next_at)
        if attempts >= MOST_ATTEMPTS or next_at >= row.expires_at:
            state = State.FAILED
    if not may_follow(row.state, state):
        return Step(row, replace(learned, not_before=row.not_before), who, said(outcome))
    return Step(row, entered(learned, state, now), who, said(outcome))


def after_receipt(row: Delivery, receipt: Receipt, now: int) -> Step | None:
    """What a receipt brings; ``None`` where it comes before its time and must be kept.

    Receipts may come repeated and out of order: only the ways of ``states.MOVES`` are open, so none leads back.
    """
    state = _TOLD_BY_RECEIPTS.get(receipt.fate)
    if row.state in NOT_OUT:
        return None
    learned = replace(
        row,
        provider_ref=receipt.ref[:128] or row.provider_ref,
        code=receipt.code[:32] or row.code,
    )
    if state is None or not may_follow(row.state, state):
        return Step(row, row, "receipt", said(receipt))
    return Step(row, entered(learned, state, now), "receipt", said(receipt))


def entered(row: Delivery, state: State, now: int) -> Delivery:
    """The row in ``state``, with the moment at which it is next looked at."""
    waits = {State.UNKNOWN: ASK_UNKNOWN, State.ACCEPTED: ASK_ACCEPTED}
    moved = row.to(state, updated_at=now, lease_until=0)
    return replace(moved, not_before=now + waits[state]) if state in waits else moved


def said(told: Outcome | Receipt) -> str:
    """What a provider said, for the office."""
    words = told.why.rstrip("。") or str(told.fate)
    return f"{words}（{told.code}）" if told.code else words


def _next_at(attempts: int, outcome: Outcome, now: int, chance: Chance) -> int:
    if outcome.until is not None:
        return max(now, int(outcome.until.timestamp()))
    wait = min(LONGEST_BACK_OFF, BACK_OFF * 2.0 ** max(0, attempts - 1))
    # Those who were turned down together do not come back together.
    return now + int(wait * (0.5 + chance()))
