"""What the accounts of channels and each person may still be sent: reserved when letters are claimed, given back for those
that do not go."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.channels.port import Limits

from . import following, quotas, stepping
from .model import Account, Delivery
from .quotas import Quota, Quotas


class Allowances:
    """The quotas of the channels that may be sent on, within transactions that are under way."""

    def __init__(self, limits: Mapping[Account, Limits]) -> None:
        self._limits = dict(limits)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._limits)

    def of(self, account: Account) -> Limits:
        """What a channel's provider allows."""
        return self._limits.get(account, Limits())

    def reserve_calls(
        self, connection: Connection, account: Account, most: int, now: datetime
    ) -> "Calls":
        """Reserve up to ``most`` calls; one alone where a call carries many letters."""
        limits, counted = self.of(account), Quotas(connection, *account)
        many = most if limits.batch == 1 else 1
        reserved: list[tuple[Quota, int]] = []
        for quota in quotas.of_account(limits, now):
            many = counted.reserve("", quota, many)
            reserved.append((quota, many))
        return Calls(counted, limits.batch, many, reserved)

    def reserve_persons(
        self, connection: Connection, account: Account, rows: list[Delivery], now: datetime
    ) -> list[Delivery]:
        """Rows whose person may still be sent something; the others wait for the next period."""
        second, limits = int(now.timestamp()), self.of(account)
        counted = Quotas(connection, *account)
        for quota in quotas.of_person(limits, now):
            used = counted.used(quota.period, {row.person for row in rows})
            over = [row for row in rows if used.get(row.person, 0) >= quota.most]
            rows = [row for row in rows if used.get(row.person, 0) < quota.most]
            again = int(quota.again.timestamp())
            steps = [stepping.over_quota(row, quota, again, second) for row in over]
            following.write(connection, steps, second)
        for quota in quotas.of_person(limits, now):
            counted.add_each(quota.period, [row.person for row in rows])
        return rows

    def count_calls(self, connection: Connection, rows: Iterable[Delivery], now: datetime) -> None:
        """Count letters of which each is a call, whatever is left."""
        for account, those in by_account(rows).items():
            for quota in quotas.of_account(self.of(account), now):
                Quotas(connection, *account).add("", quota.period, len(those))

    def give_back(
        self,
        connection: Connection,
        rows: Iterable[Delivery],
        now: datetime,
        *,
        persons_only: bool = False,
    ) -> None:
        """For letters that did not go; not the pace, whose second is over."""
        for account, those in by_account(rows).items():
            limits, counted = self.of(account), Quotas(connection, *account)
            for quota in quotas.of_account(limits, now):
                # Of a call with many letters some may still go.
                alone = limits.batch == 1 and not quota.period.startswith("second:")
                if alone and not persons_only:
                    counted.add("", quota.period, -len(those))
            for quota in quotas.of_person(limits, now):
                counted.add_each(quota.period, [row.person for row in those], -1)


class Calls:
    """Calls that were reserved."""

    def __init__(
        self, counted: Quotas, batch: int, many: int, reserved: Sequence[tuple[Quota, int]]
    ) -> None:
        self._counted = counted
        self._batch = batch
        self._reserved = reserved
        self.letters = many * batch
        """How many letters they carry."""

    def keep(self, letters: int) -> None:
        """Give back those that so many letters do not need."""
        needed = math.ceil(letters / self._batch)
        for quota, granted in self._reserved:
            if granted > needed:
                self._counted.add("", quota.period, needed - granted)


def by_account(rows: Iterable[Delivery]) -> dict[Account, list[Delivery]]:
    """Rows by the channel and account that they go by."""
    found: dict[Account, list[Delivery]] = {}
    for row in rows:
        found.setdefault((row.channel, row.account), []).append(row)
    return found
