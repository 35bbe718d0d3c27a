"""Subscriptions as the other parts of the express use them: who is concerned, where, and whether they agreed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from bot.clock import Clock
from bot.deliveries.model import Delivery
from bot.notices.model import Rule
from bot.storage.database import Database
from bot.storage.vault import Vault
from catalogue_index.areas import NATION

from . import matching, reaching
from .matching import Match
from .model import Kind, Topic
from .reaching import Address
from .repository import WECHAT

NO_CONSENT = "本人已不同意用这个渠道接收"
PLATFORM = "platform"
"""Who ended a consent: the platform told us."""


class Subscriptions:
    """What the database holds of subscribers. Methods that take a connection take part in its transaction."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def matching(self, rule: Rule) -> Iterator[Match]:
        """Every subscriber whom ``rule`` concerns, with why, and why not."""
        with self._database.read() as connection:
            yield from matching.matching(connection, rule, self._now())

    def may_receive(self, connection: Connection, person: str, rule: Rule) -> bool:
        """Whether a person still wants what a rule sends: asked again before handing over."""
        return matching.may_receive(connection, person, rule, self._now())

    def refusals(
        self, connection: Connection, rule: Rule, rows: Sequence[Delivery]
    ) -> Mapping[int, str]:
        """Why people are sent nothing any more, by the id of their delivery: they left, paused or took consent back."""
        gone = matching.refusing(connection, rule, {row.person for row in rows}, self._now())
        agreed = {
            channel: reaching.consented(
                connection, {row.person for row in rows if row.channel == channel}, channel
            )
            for channel in {row.channel for row in rows}
        }
        reasons = {
            row.id: gone.get(row.person)
            or ("" if row.person in agreed[row.channel] else NO_CONSENT)
            for row in rows
        }
        return {id: reason for id, reason in reasons.items() if reason}

    def openids(self, topic: Topic, account: str) -> list[str]:
        """The followers of an official account who subscribe to a topic, want notices now, and agreed to them on WeChat."""
        values = {topic.kind: (topic.value,)}
        rule = Rule(
            values.get(Kind.SECTOR, ()),
            values.get(Kind.ITEM, ()),
            values.get(Kind.GROUP, ()),
            (NATION,),
        )
        persons = [match.person for match in self.matching(rule) if not match.excluded]
        agreed = self.consented_among(persons, WECHAT)
        found = self.addresses(agreed, WECHAT)
        used = [one for some in found.values() for one in some if not one.suppressed]
        return sorted(self.reveal(one.id) for one in used if one.account == account)

    def addresses(self, persons: Iterable[str], medium: str) -> Mapping[str, list[Address]]:
        """Where people can be reached on a medium; nobody without an address."""
        with self._database.read() as connection:
            return reaching.addresses(connection, persons, medium)

    def consented(self, person: str, channel: str) -> bool:
        """Whether a person agreed to be reached on a channel."""
        return bool(self.consented_among([person], channel))

    def consented_among(self, persons: Iterable[str], channel: str) -> set[str]:
        """Those who agreed to be reached on a channel."""
        with self._database.read() as connection:
            return reaching.consented(connection, persons, channel)

    def consent_told(self, connection: Connection, person: str, scope: str, refused: bool) -> None:
        """What a provider's answer says of a consent: one use of it is gone, or it is not there (any more)."""
        if refused:
            reaching.end_consent(connection, person, scope, PLATFORM, self._now())
        else:
            reaching.use_consent(connection, person, scope)

    def reveal(self, address_id: int) -> str:
        """An address itself, for handing over and nothing else; raises ``AddressGone``."""
        found = self.reveal_all([address_id])
        if address_id not in found:
            raise reaching.AddressGone("这个地址已经清除，不能再发。")
        return found[address_id]

    def reveal_all(self, ids: Iterable[int]) -> Mapping[int, str]:
        """Addresses themselves by id, for handing over and nothing else; of those that were erased none."""
        with self._database.read() as connection:
            return reaching.reveal(connection, self._vault, ids)

    def _now(self) -> int:
        return int(self._clock().timestamp())
