"""A subscriber as a value, and all that can happen to one.

One rule holds throughout: who is active or paused subscribes to something. Leaving the last subscription ends it all,
or a notice to everyone would still reach a person who left.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """What can be subscribed to: 领域, 事项 or 人群."""

    SECTOR = "sector"
    ITEM = "item"
    GROUP = "group"


KIND_NAMES = {Kind.SECTOR: "领域", Kind.ITEM: "事项", Kind.GROUP: "人群"}


class Standing(StrEnum):
    """Whether a subscriber is sent anything."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Digest(StrEnum):
    """When notices are sent: each at once, or all together once a week."""

    IMMEDIATE = "immediate"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, order=True)
class Topic:
    """One thing to subscribe to, by its official name."""

    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic a person subscribes to; ``source``: words, menu, scene:<key>, import:<file>. ``since`` is in seconds
    since 1970, 0 before it is stored."""

    topic: Topic
    source: str
    since: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """What a QR code subscribes to, and the area it hangs in."""

    key: str
    topic: Topic
    label: str
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """What is held of one person. Without a ``standing`` it is nobody, and false: nothing is held.

    ``paused_until`` is in seconds since 1970, ``None`` for a pause until the person says so. ``consents`` are the
    moments of the consents in force, ``deliveries`` how many messages the ledger holds for the person.
    """

    standing: Standing | None = None
    area: str | None = None
    digest: Digest = Digest.IMMEDIATE
    paused_until: int | None = None
    subscriptions: tuple[Subscription, ...] = ()
    consents: tuple[int, ...] = ()
    deliveries: int = 0

    def __bool__(self) -> bool:
        return self.standing is not None

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What the person subscribes to."""
        return tuple(subscription.topic for subscription in self.subscriptions)

    @property
    def receives(self) -> bool:
        """Whether the person has subscribed and not left; a paused one has not left."""
        return self.standing in (Standing.ACTIVE, Standing.PAUSED)

    def subscribed(
        self, topics: Iterable[Topic], source: str, area: str | None = None
    ) -> "Subscriber":
        """With ``topics``, and active. Who had left begins anew: consent is to what was just asked for."""
        kept = self.subscriptions if self.receives else ()
        held = {subscription.topic for subscription in kept}
        new = tuple(Subscription(t, source) for t in dict.fromkeys(topics) if t not in held)
        if not kept and not new:
            return self
        return replace(
            self,
            standing=Standing.ACTIVE,
            paused_until=None,
            area=area or self.area,
            subscriptions=kept + new,
        )

    def unsubscribed(self, topics: Iterable[Topic]) -> "Subscriber":
        """Without ``topics``; ended when nothing is left."""
        gone = set(topics)
        kept = tuple(one for one in self.subscriptions if one.topic not in gone)
        if kept == self.subscriptions:
            return self
        return replace(self, subscriptions=kept) if kept else self.left()

    def left(self) -> "Subscriber":
        """Without any subscription: the person asked for it."""
        return replace(self.ended(), subscriptions=())

    def ended(self) -> "Subscriber":
        """Sent nothing any more, what was subscribed kept for ``restored``: the person unfollowed."""
        if not self:
            return self
        return replace(self, standing=Standing.ENDED, paused_until=None)

    def restored(self) -> "Subscriber":
        """As before the person left or paused; nothing changes where nothing is kept."""
        if not self.subscriptions:
            return self
        return replace(self, standing=Standing.ACTIVE, paused_until=None)

    def paused(self, until: int | None = None) -> "Subscriber":
        """Sent nothing until then, or until the person says so."""
        if not self.receives:
            return self
        return replace(self, standing=Standing.PAUSED, paused_until=until)

    def digested(self, digest: Digest) -> "Subscriber":
        """Sent notices at once or weekly."""
        return replace(self, digest=digest) if self.receives else self


NOBODY = Subscriber()
"""A person of whom nothing is held; to become it is to be erased."""
