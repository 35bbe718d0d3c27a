"""One call of the platform's interface, and how its parameters are read: nothing unknown, nothing missing."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..account import SERVICE, SUBSCRIPTION, Account
from ..followers import Follower
from ..rules import Denied, rule
from ..world import World


@dataclass(frozen=True, slots=True)
class Call:
    """A call that came with a valid token of ``account``. ``now`` is in Unix seconds."""

    world: World
    account: Account
    body: Mapping[str, Any]
    query: Mapping[str, str]
    now: float

    @property
    def name(self) -> str:
        """The account's name."""
        return self.account.name

    def only(self, *fields: str) -> None:
        """Refuse any field that the platform does not know."""
        known_only(self.body, fields)

    def text(self, name: str) -> str:
        """A text that must be there."""
        return text(self.body, name)

    def follower(self, openid: str) -> Follower:
        """Somebody who follows and may be written to; raises ``Denied``."""
        person = self.world.followers.get(self.name, openid)
        if person is None:
            raise Denied("openid")
        if not person.follows:
            raise Denied("follower")
        if person.barred == "black":
            raise Denied("blacklist")
        return person

    def take(self, name: str) -> None:
        """Count one more of what rule ``name`` limits; raises ``Denied``."""
        if not self.world.uses.take(self.name, name, self.now):
            raise Denied(name)


Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """What answers at a path, by which method, for which kinds of accounts."""

    handle: Callable[[Call], Answer]
    method: str = "POST"
    kinds: Collection[str] = field(default=frozenset({SERVICE, SUBSCRIPTION}))


ONLY_SERVICE = frozenset({SERVICE})
OK: Mapping[str, Any] = {"errcode": 0, "errmsg": "ok"}


def ok(**facts: Any) -> Answer:
    """The platform's yes."""
    return {**OK, **facts}


def known_only(body: Mapping[str, Any], fields: Collection[str]) -> None:
    """Refuse any field of ``body`` that is not one of ``fields``: a misspelt one would be lost in silence."""
    if unknown := next((name for name in body if name not in fields), None):
        raise Denied("parameter", f"unknown field {unknown}")


def text(body: Mapping[str, Any], name: str) -> str:
    """A text of ``body`` that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Denied("parameter", name)
    return value


def part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside ``body`` that must be there."""
    value = body.get(name)
    if not isinstance(value, dict):
        raise Denied("parameter", name)
    return value


def texts(body: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts inside ``body`` that must be there."""
    value = body.get(name)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Denied("parameter", name)
    return value


def whole(body: Mapping[str, Any], name: str) -> int:
    """A whole number of ``body`` that must be there."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Denied("parameter", name)
    return value


def within(value: str, name: str) -> str:
    """``value``, if it has at most the bytes of rule ``name``."""
    if len(value.encode(errors="replace")) > rule(name).limit:
        raise Denied(name)
    return value


def opens(address: object) -> bool:
    """Whether an address, if one is given, opens on a phone."""
    return isinstance(address, str) and (not address or address.startswith(("http://", "https://")))
