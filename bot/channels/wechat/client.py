"""Calls to the platform for one official account, with its token; every failure is an outcome.

wechatpy's client is not used: it waits for ever for a token, fetches one in every thread, and on a token that stays
refused calls itself until the stack is full.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.clock import Clock

from ..calling import Failed, Http, call, maybe_out
from ..port import Capability
from ..tokens import Fetch, Fetched, Tokens
from .errors import TOKEN_CODES, outcome_of

BASE_URL = "https://api.weixin.qq.com"


class Platform:
    """The platform as one account sees it."""

    def __init__(self, http: Http, tokens: Tokens, account: str, clock: Clock) -> None:
        self._http = http
        self._tokens = tokens
        self._clock = clock
        self.account = account

    def post(
        self, path: str, body: Mapping[str, Any], leaving: Callable[[], None] | None = None
    ) -> dict[str, Any]:
        """The answer to ``body`` at ``path``, without error; raises ``Failed``. ``leaving``: see ``Letter``."""
        return self._ask("POST", path, body, leaving)

    def get(self, path: str) -> dict[str, Any]:
        """What stands at ``path``; raises ``Failed``."""
        return self._ask("GET", path, None)

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        leaving: Callable[[], None] | None = None,
    ) -> dict[str, Any]:
        token = self._tokens.get(self.account)
        answer = call(self._http, method, path, body, {"access_token": token}, leaving)
        if _code(answer) in TOKEN_CODES:
            token = self._tokens.renew(self.account, token)
            answer = call(self._http, method, path, body, {"access_token": token}, leaving)
        return _checked(answer, self._clock)


def fetcher(http: Http, credentials: Mapping[str, tuple[str, str]], clock: Clock) -> Fetch:
    """Fetches tokens for accounts by name; ``credentials`` are their AppID and AppSecret."""

    def fetch(account: str, force: bool) -> Fetched:
        app_id, secret = credentials[account]
        body = {
            "grant_type": "client_credential",
            "appid": app_id,
            "secret": secret,
            "force_refresh": force,
        }
        answer = _checked(call(http, "POST", "/cgi-bin/stable_token", body), clock)
        try:
            return Fetched(str(answer["access_token"]), int(answer["expires_in"]))
        except (KeyError, TypeError, ValueError):
            raise Failed(maybe_out("答复里没有访问令牌")) from None

    return fetch


def probe(ask: Callable[[], str]) -> Capability:
    """Whether the account may do what ``ask`` asks the platform; its answer says what is missing, if anything."""
    try:
        missing = ask()
    except Failed as failed:
        return Capability(False, failed.outcome.why)
    return Capability(not missing, missing)


def _checked(answer: dict[str, Any], clock: Clock) -> dict[str, Any]:
    if code := _code(answer):
        message = str(answer.get("errmsg", ""))
        raise Failed(outcome_of(code, message, clock()), answer)
    return answer


def _code(answer: Mapping[str, Any]) -> int:
    try:
        return int(answer.get("errcode") or 0)
    except (TypeError, ValueError):
        return 0
