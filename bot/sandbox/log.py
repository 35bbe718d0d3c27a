"""What was sent and answered, in this process's memory only, oldest forgotten first."""

from collections import OrderedDict
from itertools import count

from .delivery import Exchange

MOST_KEPT = 300


class Log:
    """The last exchanges of all accounts and followers."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._numbers = count(1)
        self._kept: OrderedDict[int, Exchange] = OrderedDict()

    def number(self) -> int:
        """A number never given before."""
        return next(self._numbers)

    def put(self, exchange: Exchange) -> None:
        """Keeps ``exchange``, in place of what was known under its number."""
        self._kept[exchange.id] = exchange
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def get(self, number: int) -> Exchange | None:
        """The exchange with that number, unless forgotten."""
        return self._kept.get(number)

    def of(self, account: str, openid: str) -> list[Exchange]:
        """What ``openid`` and ``account`` said to each other, and the account's verifications."""
        return [
            kept
            for kept in sorted(self._kept.values(), key=lambda kept: kept.id)
            if kept.account == account and kept.openid in (openid, "")
        ]
