"""Notices gathered for people who want them together, once a week: until when they wait, and which go out in one message.

Their rows carry a ``job``, the same for all that wait for one week's moment. When one of them is claimed it leads: the
others of the same person, channel and address are claimed with it and share its message, each of a push of its own. What
becomes of the message becomes of all of them. One that does not go out after all parts them: each is claimed anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from .model import Delivery
from .states import State

ALIKE = frozenset({"wechat_mass"})
"""Channels that say the same to all (群发): nothing can be gathered for one person there, and notices go out at once."""

CLOSING = timedelta(hours=1)
"""A notice that comes later than this before the weekly moment goes with next week's: it may start too late."""

OPEN_FOR = timedelta(days=6)
"""How long gathered notices may be sent from the weekly moment on, whatever their pushes say: one message has one end. The
moment may fall on the second of seven days of holiday, on which a push for workdays rests."""

_DAYS = 7
_STAYS_IN = frozenset({State.FAILED, State.SKIPPED, State.CANCELLED, State.SUPERSEDED})
_CAN_PART = frozenset({State.QUEUED, State.CLAIMED, State.HANDING, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Weekly:
    """When gathered notices go out: the day of the week (Monday is 0) and the hour, local time."""

    weekday: int = 4
    hour: int = 10

    def wait(self, begin: datetime) -> "Wait":
        """What a notice waits for that could go out at ``begin``."""
        after = begin + CLOSING
        day = after.date() + timedelta(days=(self.weekday - after.weekday()) % _DAYS)
        moment = datetime.combine(day, time(self.hour), after.tzinfo)
        if moment < after:
            moment += timedelta(days=_DAYS)
        until = moment + OPEN_FOR
        return Wait(f"weekly:{moment:%Y-%m-%d}", int(moment.timestamp()), int(until.timestamp()))


@dataclass(frozen=True, slots=True)
class Wait:
    """The ``job`` of all that go out together, from when (seconds since 1970), and until when they may."""

    job: str
    not_before: int
    expires_at: int


def together(follower: Delivery, leader: Delivery) -> bool:
    """Whether two rows, one of which follows the other, are notices in one message; of one push they are people with one
    address."""
    return follower.push != leader.push


def parts(follower: Delivery, leader: Delivery) -> bool:
    """Whether a row that was gathered with another must go on by itself: what it was to go with stays in, or goes back."""
    if follower.state not in _CAN_PART:
        return False
    untouched = follower.state in (State.QUEUED, State.CLAIMED)
    return leader.state is State.QUEUED or (untouched and leader.state in _STAYS_IN)


def shares_of(cost: int, many: int) -> Sequence[int]:
    """What each of so many notices bears of a message's cost; they sum up to it."""
    each, rest = divmod(cost, many)
    return [each + (number < rest) for number in range(many)]
