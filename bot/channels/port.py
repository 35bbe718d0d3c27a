"""What every way to reach a person is to the worker: it is handed letters, and tells what became of each.

An adapter never raises for what a provider or a network does. It says how sure it is: ``REFUSED`` and ``LATER``
only where nothing can have left (the provider said no, or the connection failed before the request was out),
``UNKNOWN`` else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Accounting(StrEnum):
    """What a provider tells of a sending: what became of each person's, or totals alone (群发). No report mixes
    them."""

    PER_PERSON = "per_person"
    AGGREGATE = "aggregate"


class Fate(StrEnum):
    """What became of a letter."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"
    """The provider will never take this one."""
    LATER = "later"
    """The provider did not take it, and may later: it goes back into the queue."""
    CLOSED = "closed"
    """The provider takes nothing of this account until ``until``; costs no attempt."""
    UNKNOWN = "unknown"


def _goes() -> None:
    """Nothing keeps it here, and nobody notes that it left."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one address, ready to be handed over.

    ``key`` is ours, the same at every attempt, for providers that know a repetition by it. ``fields`` are what
    templates are filled with; ``text`` is the whole for channels of plain text; ``link`` leads to the notice's
    page; ``leave`` is the address at which one tap ends the subscription. Whoever hands it over calls ``leaving`` just
    before the provider can get enough of it to act on; what that raises (``Failed``) says why it stays here.
    """

    delivery: int
    key: str
    address: str = field(repr=False)
    title: str
    text: str
    link: str
    leave: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    leaving: Callable[[], None] = field(default=_goes, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter: the provider's reference and code, and why, in Chinese, for the office.

    ``gone`` says that the address takes nothing any more (unfollowed, dead number). ``consent`` is the scope of a
    consent of which one use is gone with it; of one that is not there, where the letter was refused. ``cost`` is in
    ten-thousandths of a yuan.
    """

    fate: Fate
    ref: str = ""
    code: str = ""
    why: str = ""
    gone: bool = False
    until: datetime | None = None
    cost: int = 0
    segments: int = 0
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether an account may use a channel, and what to do where it may not."""

    usable: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider allows: letters a second and a day for the account, a day and a month for one person; the most
    characters of a text. ``None``: unlimited. ``again_within``: how long the provider knows a repetition by our
    key, so that an unknown letter may be sent again. ``batch``: letters that one call takes; where it takes many, a
    second and a day of the account count calls."""

    per_second: int | None = None
    per_day: int | None = None
    per_person_day: int | None = None
    per_person_month: int | None = None
    characters: int | None = None
    again_within: timedelta = timedelta(0)
    batch: int = 1


class Channel(Protocol):
    """A way to reach people by one account of a provider."""

    name: str
    """wechat_notice (订阅通知), wechat_template, wechat_custom (客服消息), wechat_mass (群发), email, sms."""
    account: str
    medium: str
    """Which of a person's addresses it needs: wechat, email or sms."""
    accounting: Accounting
    limits: Limits

    def forecast(self, letter: Letter) -> Outcome:
        """What a letter would cost, or why it could not be sent at all, without sending it."""
        ...

    def hand(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        """Give letters to the provider; as many outcomes, in order."""
        ...

    def settle(self, letters: Sequence[Letter], refs: Sequence[str]) -> Sequence[Outcome]:
        """Ask the provider what became of letters that are accepted or unknown; ``UNKNOWN`` where it does not
        tell."""
        ...

    def probe(self) -> Capability:
        """Ask the provider whether this account may use the channel. Sends nothing to anybody."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider tells later: by our ``key`` where it repeats it, else by its ``ref``. ``event`` is its own
    id for it. ``address`` and ``template`` are whom and what it was about, where that is told too."""

    channel: str
    account: str
    event: str
    fate: Fate
    key: str = ""
    ref: str = ""
    code: str = ""
    why: str = ""
    address: str = field(default="", repr=False)
    template: str = ""
