"""One access token for each official account, whatever number of processes use it.

The platform's ``stable_token`` gives everybody the same token until five minutes before its end, and then a new one
while the old one still works. A forced refresh kills the old one; it is allowed 20 times a day, at least 30 seconds
apart (https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.clock import CHINA, Clock
from bot.storage.database import Database, Statement
from bot.storage.vault import Vault

from .calling import Failed
from .port import Fate, Outcome

EARLY = 240
"""Seconds before its end from which on a token is fetched anew: less than the five minutes in which both work."""

FORCED_APART = 30
FORCED_A_DAY = 20

LEASE = 20
"""Seconds that one process has for fetching; longer than a call may take."""

PAUSE, TRIES = 0.05, 400
"""How long, and how often, the others wait for it: as long as the lease."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A token, and the seconds that it lasts."""

    token: str = field(repr=False)
    seconds: int


Fetch = Callable[[str, bool], Fetched]
"""Asks the platform for an account's token, by force or not; raises ``Failed``."""


@dataclass(frozen=True, slots=True)
class _Row:
    token: str = field(repr=False)
    expires_at: int
    lease_until: int
    forced_at: int


class Tokens:
    """The tokens of all accounts, in the operations database; safe to share between threads and processes."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        fetch: Fetch,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._fetch = fetch
        self._sleep = sleep
        self._seen: dict[str, _Row] = {}

    def get(self, account: str) -> str:
        """A token that holds now; raises ``Failed``, never with a letter's outcome unknown.

        The database is asked when the one last seen comes to its end. One that somebody else made invalid before, the
        platform refuses, and ``renew`` looks.
        """
        seen = self._seen.get(account)
        if seen and seen.expires_at - EARLY > self._now():
            return seen.token
        for _ in range(TRIES):
            row, now = self._read(account), self._now()
            if row.expires_at - EARLY > now:
                return row.token
            if lease := self._lease(account, row, now):
                return self._fetched(account, row, lease, force=False)
            if row.expires_at > now:
                return row.token
            self._sleep(PAUSE)
        raise Failed(_later("另一个进程正在向微信取访问令牌，等了很久还没有取到"))

    def renew(self, account: str, failed: str) -> str:
        """Another token than the ``failed`` one that the platform refused; raises ``Failed``.

        Most often somebody else has it already. If not, it is forced, by one of all processes.
        """
        for _ in range(TRIES):
            row, now = self._read(account), self._now()
            if row.token != failed and row.expires_at > now:
                return row.token
            if row.token == failed and now - row.forced_at < FORCED_APART:
                raise Failed(_later("刚刚强制刷新过访问令牌，微信仍不接受"))
            if lease := self._lease(account, row, now):
                force = row.token == failed
                if force:
                    self._count_forced(account, row, lease)
                return self._fetched(account, row, lease, force=force)
            self._sleep(PAUSE)
        raise Failed(_later("另一个进程正在强制刷新访问令牌，等了很久还没有取到"))

    def _read(self, account: str) -> _Row:
        with self._database.statements(writing=False) as statements:
            row = statements.first(_READ, {"account": account})
        if row is None:
            return _Row("", 0, 0, 0)
        seen = _Row(self._vault.unseal(row[0]) if row[0] else "", row[1], row[2], row[3])
        self._seen[account] = seen
        return seen

    def _lease(self, account: str, row: _Row, now: int) -> int:
        """Become the one that fetches, if nobody is it and nothing changed since ``row`` was read.

        Returns when the lease ends; 0 for no lease.
        """
        if row.lease_until > now:
            return 0
        values = {
            "account": account,
            "expires_at": row.expires_at,
            "forced_at": row.forced_at,
            "now": now,
            "until": now + LEASE,
        }
        with self._database.statements(writing=True) as statements:
            statements.run(_ADD, values)
            return now + LEASE if statements.run(_LEASE, values) else 0

    def _fetched(self, account: str, row: _Row, lease: int, *, force: bool) -> str:
        """The token that the platform gives, for everybody from now on."""
        try:
            fetched = self._fetch(account, force)
        except BaseException as error:
            self._store(account, row, lease)
            if isinstance(error, Failed):
                # Whatever became of this call, no letter was in it.
                raise Failed(_no_letter_out(error.outcome)) from None
            raise
        now = self._now()
        forced_at = now if force else row.forced_at
        row = _Row(fetched.token, now + fetched.seconds, 0, forced_at)
        self._store(account, row, lease)
        self._seen[account] = row
        return fetched.token

    def _store(self, account: str, row: _Row, lease: int) -> None:
        """Write ``row`` and give the lease back; nothing, when it was over and is somebody else's."""
        values = {
            "account": account,
            "sealed": self._vault.seal(row.token) if row.token else "",
            "expires_at": row.expires_at,
            "forced_at": row.forced_at,
            "lease": lease,
        }
        with self._database.statements(writing=True) as statements:
            statements.run(_STORE, values)

    def _count_forced(self, account: str, row: _Row, lease: int) -> None:
        today = self._clock().astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
        values = {"account": account, "day": today.date().isoformat(), "most": FORCED_A_DAY}
        with self._database.statements(writing=True) as statements:
            counted = statements.run(_COUNT_FORCED, values)
        if not counted:
            self._store(account, row, lease)
            why = (
                "今天强制刷新访问令牌的次数已用完（每天 20 次）。"
                "请检查有没有别的程序在用旧接口取令牌；明天零点后自动继续。"
            )
            raise Failed(
                Outcome(Fate.CLOSED, code="token", why=why, until=today + timedelta(days=1))
            )

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _later(why: str) -> Outcome:
    advice = "稍后会自动重试；若一直如此，请核对 AppSecret 和服务器时间"
    return Outcome(Fate.LATER, code="token", why=f"{why}。{advice}。")


def _no_letter_out(outcome: Outcome) -> Outcome:
    certain = Fate.CLOSED if outcome.fate is Fate.CLOSED else Fate.LATER
    if outcome.fate is Fate.UNKNOWN:
        return _later("向微信取访问令牌时没有得到有效答复")
    return replace(outcome, fate=certain)


_READ = Statement(
    "SELECT sealed, expires_at, lease_until, forced_at FROM platform_tokens WHERE account = :account"
)
_ADD = Statement(
    "INSERT INTO platform_tokens (account, sealed, expires_at, lease_until, forced_at)"
    " VALUES (:account, '', 0, 0, 0) ON CONFLICT DO NOTHING"
)
_LEASE = Statement(
    "UPDATE platform_tokens SET lease_until = :until WHERE account = :account"
    " AND lease_until <= :now AND expires_at = :expires_at AND forced_at = :forced_at"
)
_STORE = Statement(
    "UPDATE platform_tokens SET sealed = :sealed, expires_at = :expires_at, lease_until = 0,"
    " forced_at = :forced_at WHERE account = :account AND lease_until = :lease"
)
_COUNT_FORCED = Statement(
    "INSERT INTO quotas (channel, account, subject, period, used)"
    " VALUES ('token', :account, 'force', :day, 1)"
    " ON CONFLICT (channel, account, subject, period)"
    " DO UPDATE SET used = quotas.used + 1 WHERE quotas.used < :most"
)
