"""One push on its way: up to three deliveries of five seconds each, as the platform does it.

“总共重试三次” is counted as three deliveries in all, which is what bots that live with it observe.
A reply that arrives but cannot be accepted is not asked for again.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from urllib.parse import urlencode

import httpx2

from .account import Account
from .messages import Gesture, push_xml
from .platform import BadReply, open_reply, seal, verification
from .replies import Reply, read_reply

PATIENCE = 5.0
"""Seconds that the platform waits for each answer."""
DELIVERIES = 3
FAILURE_NOTICE = "该公众号提供的服务出现故障，请稍后再试"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery: what went out, what came back, and the ``problem`` with it, if any."""

    number: int
    url: str
    sent: str
    ms: float
    status: int | None = None
    received: bytes = b""
    clear: str = ""
    reply: Reply | None = None
    problem: str = ""
    by_hand: bool = False

    @property
    def text(self) -> str:
        """What came back, for reading."""
        return self.received.decode("utf-8", "replace")

    @property
    def answered(self) -> bool:
        """Whether any answer came, acceptable or not; if none did, the platform asks again."""
        return self.status == httpx2.codes.OK


@dataclass(frozen=True, slots=True)
class Exchange:
    """One gesture of a follower and all its deliveries; ``at`` is in Unix seconds."""

    id: int
    account: str
    openid: str
    gesture: Gesture | None
    xml: str
    attempts: tuple[Attempt, ...] = ()
    at: float = 0.0

    @property
    def outcome(self) -> Attempt | None:
        """The delivery that the follower saw: the first one answered, else the last."""
        first = next((attempt for attempt in self.attempts if attempt.answered), None)
        return first or (self.attempts[-1] if self.attempts else None)

    @property
    def changed(self) -> bool:
        """Whether the same message delivered again got another answer, which must never happen."""
        answers = [(a.reply, a.problem) for a in self.attempts if a.answered]
        return len(set(answers)) > 1


class Platform:
    """Delivers to the webhook at ``base_url``; ``now`` gives Unix seconds."""

    def __init__(self, base_url: str, now: Callable[[], float], patience: float = PATIENCE) -> None:
        self._base_url = base_url.rstrip("/")
        self._now = now
        self._patience = patience

    async def push(self, account: Account, openid: str, done: Gesture, number: int) -> Exchange:
        """Sends ``done`` to the account's webhook, again and again as the platform would."""
        at = self._now()
        created = int(at)
        xml = push_xml(
            done,
            account_id=account.original_id,
            openid=openid,
            created=created,
            msg_id=(created << 20) + number,
        )
        exchange = Exchange(number, account.name, openid, done, xml, at=at)
        async with self._client() as client:
            while len(exchange.attempts) < DELIVERIES:
                attempt = await self._deliver(client, account, exchange, by_hand=False)
                exchange = replace(exchange, attempts=(*exchange.attempts, attempt))
                if attempt.answered:
                    break
        return exchange

    async def again(self, account: Account, exchange: Exchange) -> Exchange:
        """Delivers the very same message once more, by hand."""
        async with self._client() as client:
            attempt = await self._deliver(client, account, exchange, by_hand=True)
        return replace(exchange, attempts=(*exchange.attempts, attempt))

    async def verify(self, account: Account, number: int) -> Exchange:
        """Asks whether the address is ours, as the console does when it is saved (接入验证)."""
        echo = secrets.token_hex(8)
        query = verification(
            account, timestamp=str(int(self._now())), nonce=secrets.token_hex(5), echo=echo
        )
        url = self._url(account, query)
        async with self._client() as client:
            attempt = await self._ask(client, Attempt(1, url, "", 0.0), None)
        if attempt.answered and attempt.received != echo.encode():
            attempt = replace(attempt, problem="应当原样返回 echostr，没有引号、换行和别的内容。")
        return Exchange(number, account.name, "", None, "", (attempt,), self._now())

    def _client(self) -> httpx2.AsyncClient:
        # The base address is this very service, on plain HTTP: loading certificates costs 50 ms.
        return httpx2.AsyncClient(trust_env=False, verify=False, timeout=None)

    def _url(self, account: Account, query: dict[str, str]) -> str:
        return f"{self._base_url}/wechat/{account.name}?{urlencode(query)}"

    async def _deliver(
        self, client: httpx2.AsyncClient, account: Account, exchange: Exchange, *, by_hand: bool
    ) -> Attempt:
        parcel = seal(
            exchange.xml,
            account,
            openid=exchange.openid,
            timestamp=str(int(self._now())),
            nonce=str(secrets.randbelow(10**10)),
            random16=secrets.token_bytes(16),
        )
        url = self._url(account, dict(parcel.query))
        number = len(exchange.attempts) + 1
        waiting = Attempt(number, url, parcel.body, 0.0, by_hand=by_hand)
        attempt = await self._ask(client, waiting, parcel.body)
        if not attempt.answered:
            return attempt
        try:
            clear = open_reply(attempt.received, account)
            attempt = replace(attempt, clear=clear)
            if not clear:
                return attempt
            reply = read_reply(
                clear,
                openid=exchange.openid,
                account_id=account.original_id,
                most_articles=8 if exchange.gesture and exchange.gesture.event else 1,
            )
        except BadReply as error:
            return replace(attempt, problem=str(error))
        return replace(attempt, reply=reply)

    async def _ask(self, client: httpx2.AsyncClient, attempt: Attempt, body: str | None) -> Attempt:
        begun = perf_counter()
        try:
            async with asyncio.timeout(self._patience):
                if body is None:
                    response = await client.get(attempt.url)
                else:
                    headers = {"Content-Type": "text/xml"}
                    response = await client.post(attempt.url, content=body, headers=headers)
        except TimeoutError:
            problem = f"{self._patience:g} 秒内没有回复，微信断开连接。"
            return replace(attempt, ms=_since(begun), problem=problem)
        except httpx2.HTTPError as error:
            problem = f"连不上回调地址（{type(error).__name__}）。请确认服务已经启动。"
            return replace(attempt, ms=_since(begun), problem=problem)
        attempt = replace(
            attempt, ms=_since(begun), status=response.status_code, received=response.content
        )
        if not attempt.answered:
            return replace(attempt, problem=f"回调返回 HTTP {response.status_code}，应为 200。")
        return attempt


def _since(begun: float) -> float:
    return (perf_counter() - begun) * 1000
