"""Access tokens: the stable ones, and those of the old interface that each kill the one before.

https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken
"""

import secrets
from dataclasses import dataclass, field

from .file import File
from .followers import Uses
from .rules import Denied, rule

STABLE, PLAIN = "stable", "plain"


@dataclass(frozen=True, slots=True)
class Given:
    """A token, and the seconds that it lasts."""

    token: str = field(repr=False)
    seconds: int


class Tokens:
    """The tokens kept in a file."""

    def __init__(self, file: File, uses: Uses) -> None:
        self._file = file
        self._uses = uses

    def stable(self, account: str, now: float, *, force: bool) -> Given:
        """The same token until five minutes before its end; by force a new one, and the old ones are dead."""
        if not self._uses.take(account, "token_stable_minute", now):
            raise Denied("token_stable_minute")
        latest = self._latest(account, STABLE)
        if force:
            if latest and now - latest[1] < rule("token_force_apart").limit:
                # The page: without the pause between them, nothing is refreshed.
                return Given(latest[0], int(latest[2] - now))
            if not self._uses.take(account, "token_force_day", now):
                raise Denied("token_force_day")
            self._end(account, STABLE, now, 0)
        elif latest and latest[2] - now > rule("token_early").limit:
            return Given(latest[0], int(latest[2] - now))
        return self._make(account, STABLE, now)

    def plain(self, account: str, now: float) -> Given:
        """A new token each time; the one before works for five minutes more."""
        if not self._uses.take(account, "token_plain_day", now):
            raise Denied("token_plain_day")
        self._end(account, PLAIN, now, rule("token_early").limit)
        return self._make(account, PLAIN, now)

    def check(self, token: str, now: float) -> str:
        """The name of the account that the token is of; raises ``Denied``."""
        if not token:
            raise Denied("token_missing")
        row = self._file.first("SELECT account, until FROM tokens WHERE token = ?", (token,))
        if row is None or not row["until"]:
            raise Denied("token_wrong")
        if row["until"] <= now:
            raise Denied("token_expired")
        return str(row["account"])

    def kill(self, account: str) -> None:
        """Make all tokens of an account invalid, as another program's refresh would."""
        self._file.write("UPDATE tokens SET until = 0 WHERE account = ?", (account,))
        self._file.write("UPDATE tokens SET latest = 0 WHERE account = ?", (account,))

    def expire(self, account: str, now: float) -> None:
        """Have all valid tokens of an account be over now."""
        self._file.write(
            "UPDATE tokens SET until = ?, latest = 0 WHERE account = ? AND until > ?",
            (int(now), account, now),
        )

    def _latest(self, account: str, kind: str) -> tuple[str, int, int] | None:
        row = self._file.first(_LATEST, (account, kind))
        return (row["token"], row["made"], row["until"]) if row else None

    def _end(self, account: str, kind: str, now: float, grace: int) -> None:
        """Let the tokens that are valid work for ``grace`` seconds more; without it they were never heard of."""
        until = int(now) + grace if grace else 0
        self._file.write(
            "UPDATE tokens SET until = min(until, ?) WHERE account = ? AND kind = ? AND until > ?",
            (until, account, kind, now),
        )

    def _make(self, account: str, kind: str, now: float) -> Given:
        given = Given(f"sandbox_{secrets.token_urlsafe(96)}", rule("token_expired").limit)
        values = (given.token, account, kind, int(now), int(now) + given.seconds)
        self._file.write(
            "UPDATE tokens SET latest = 0 WHERE account = ? AND kind = ?", (account, kind)
        )
        self._file.write("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, 1)", values)
        return given


_LATEST = "SELECT token, made, until FROM tokens WHERE account = ? AND kind = ? AND latest"
