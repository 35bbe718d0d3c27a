"""Calls to a provider over HTTP that say how sure they are when they fail.

What matters is one thing: can the request have arrived? A connection that never came about (DNS, TCP, TLS, proxy)
is safe to repeat; everything later is not, an answer that is no answer of the provider included.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2
import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxyError

from catalogue_index.errors import Refused

from .port import Fate, Letter, Outcome

TIMEOUT = urllib3.Timeout(connect=5, read=10)
"""Seconds. The platform answers in tenths of one; a government's way out to the internet may take some."""

POOL = 128
"""Connections kept open: more than senders, or each call of the rest begins with a handshake."""

PROXY_WANTS_LOGIN = 407

_NEVER_OUT = (NewConnectionError, ConnectTimeoutError, ProxyError)

# The library writes every address at DEBUG, and the platform wants its token in the address.
logging.getLogger("urllib3").setLevel(logging.WARNING)


class Failed(Refused):
    """A call that came to nothing, or may have: ``outcome`` is what an adapter gives back for it.

    Its text is for the office and holds no address, token or secret. ``answer`` is the provider's, where it gave one.
    """

    def __init__(self, outcome: Outcome, answer: Mapping[str, Any] = MappingProxyType({})) -> None:
        super().__init__(outcome.why)
        self.outcome = outcome
        self.answer = answer


class Http:
    """Connections to one provider, shared by threads and kept for the next call."""

    def __init__(self, base_url: str, timeout: urllib3.Timeout, proxy: str) -> None:
        parts = urlsplit(base_url)
        self._path = parts.path.rstrip("/")
        # Loading certificates takes 50 ms, and plain HTTP is for trials on this computer.
        tls = {"ssl_context": httpx2.create_ssl_context()} if parts.scheme == "https" else {}
        self._manager = _manager(proxy, maxsize=POOL, timeout=timeout, retries=False, **tls)
        self._pool = self._manager.connection_from_url(base_url)

    def ask(
        self, method: str, path: str, body: "Body | None", headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """Status and content of the answer; raises ``HTTPError``."""
        response = self._pool.urlopen(
            method, f"{self._path}{path}", body=body, headers=headers, redirect=False
        )
        return response.status, response.data

    def close(self) -> None:
        """Let go of all connections."""
        self._manager.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Body:
    """What a request says; it knows whether any of it has left, and asks ``leaving`` before. Without it a provider has
    nothing to act on."""

    def __init__(self, content: bytes, leaving: Callable[[], None] | None) -> None:
        self.content = content
        self.begun = False
        self._leaving = leaving

    def __iter__(self) -> Iterator[bytes]:
        if self._leaving:
            self._leaving()
        self.begun = True
        yield self.content


def open_http(base_url: str, timeout: urllib3.Timeout = TIMEOUT, proxy: str | None = None) -> Http:
    """Connections to the provider at ``base_url``; ``proxy``: the way out, by default that of the environment."""
    return Http(base_url, timeout, way_out(base_url) if proxy is None else proxy)


def way_out(base_url: str) -> str:
    """The proxy that the environment names for an address; empty for none."""
    parts = urlsplit(base_url)
    if parts.scheme != "https" or proxy_bypass(parts.hostname or ""):
        return ""
    return getproxies().get("https", "")


def call(
    http: Http,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    params: Mapping[str, str] | None = None,
    leaving: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """The JSON object that the provider answers with; raises ``Failed``.

    ``body`` goes out as UTF-8 without escapes: the platform counts characters, and cuts at what is left of them.
    ``leaving`` is called before any of it does.
    """
    sent, headers = None, {}
    if body is not None:
        sent = Body(json.dumps(body, ensure_ascii=False).encode(errors="replace"), leaving)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(sent.content)),
        }
    target = f"{path}?{urlencode(params)}" if params else path
    try:
        status, content = http.ask(method, target, sent, headers)
    except HTTPError as error:
        # The text of an exception may hold the address: its kind says enough.
        kind = type(error).__name__
        out = sent.begun if sent else not isinstance(error, _NEVER_OUT)
        raise Failed(maybe_out(kind) if out else never_out(kind)) from None
    return _answer(status, content)


def never_out(kind: str) -> Outcome:
    """The request certainly did not arrive."""
    why = f"连不上服务商（{kind}）。请检查服务器能否访问外网、上网代理和域名解析是否正常；稍后会自动重试"
    return Outcome(Fate.LATER, code="network", why=f"{why}。")


def maybe_out(kind: str) -> Outcome:
    """The request may have arrived: repeating it may send twice."""
    why = (
        f"请求发出后没有得到有效答复（{kind}），对方可能已经收到。不会自动重发，等待回执或人工确认"
    )
    return Outcome(Fate.UNKNOWN, code="no_answer", why=f"{why}。")


def one_by_one(letters: Sequence[Letter], send: Callable[[Letter], Outcome]) -> list[Outcome]:
    """What became of each letter; once the provider closes, the rest is not offered to it."""
    outcomes: list[Outcome] = []
    for letter in letters:
        if outcomes and outcomes[-1].fate is Fate.CLOSED:
            outcomes.append(outcomes[-1])
        else:
            outcomes.append(outcome_of(send, letter))
    return outcomes


def outcome_of(send: Callable[[Letter], Outcome], letter: Letter) -> Outcome:
    """What became of one letter."""
    try:
        return send(letter)
    except Failed as failed:
        return failed.outcome


def _manager(proxy: str, **options: Any) -> urllib3.PoolManager:
    if not proxy:
        return urllib3.PoolManager(**options)
    address = proxy if "://" in proxy else f"http://{proxy}"
    login = urllib3.util.parse_url(address).auth
    headers = urllib3.make_headers(proxy_basic_auth=login) if login else None
    return urllib3.ProxyManager(address, proxy_headers=headers, **options)


def _answer(status: int, content: bytes) -> dict[str, Any]:
    if status == PROXY_WANTS_LOGIN:
        raise Failed(never_out("上网代理要求登录"))
    if status >= 500:
        raise Failed(maybe_out(f"HTTP {status}"))
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        # A government's proxy shows its own page, with status 200 too.
        raise Failed(maybe_out(f"HTTP {status}，返回的不是接口数据"))
    return answer
