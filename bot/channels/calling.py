"""Calls to a provider over HTTP that say how sure they are when they fail.

What matters is one thing: can the request have arrived? A connection that never came about (DNS, TCP, TLS, proxy)
is safe to repeat; everything later is not, an answer that is no answer of the provider included.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import httpx2

from catalogue_index.errors import Refused

from .port import Fate, Letter, Outcome

TIMEOUT = httpx2.Timeout(10, connect=5)
"""Seconds. The platform answers in tenths of one; a government's way out to the internet may take some."""

POOL = httpx2.Limits(max_connections=128, max_keepalive_connections=128)
"""Connections kept open: more than senders, or each call of the rest begins with a handshake."""

_NEVER_OUT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.LocalProtocolError,
    httpx2.UnsupportedProtocol,
)

# The library writes every address at INFO, and the platform wants its token in the address.
logging.getLogger("httpx2").setLevel(logging.WARNING)
logging.getLogger("httpcore2").setLevel(logging.WARNING)


class Failed(Refused):
    """A call that came to nothing, or may have: ``outcome`` is what an adapter gives back for it.

    Its text is for the office and holds no address, token or secret. ``answer`` is the provider's, where it gave one.
    """

    def __init__(self, outcome: Outcome, answer: Mapping[str, Any] = MappingProxyType({})) -> None:
        super().__init__(outcome.why)
        self.outcome = outcome
        self.answer = answer


def open_http(base_url: str, timeout: httpx2.Timeout = TIMEOUT) -> httpx2.Client:
    """Connections to one provider, shared by threads and kept for the next call."""
    # Loading certificates takes 50 ms, and plain HTTP is for trials on this computer.
    return httpx2.Client(
        base_url=base_url, timeout=timeout, limits=POOL, verify=not base_url.startswith("http://")
    )


def call(
    http: httpx2.Client,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    params: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON object that the provider answers with; raises ``Failed``.

    ``body`` goes out as UTF-8 without escapes: the platform counts characters, and cuts at what is left of them.
    """
    content, headers = None, {}
    if body is not None:
        content = json.dumps(body, ensure_ascii=False).encode(errors="replace")
        headers = {"Content-Type": "application/json; charset=utf-8"}
    try:
        response = http.request(method, path, content=content, params=params, headers=headers)
    except _NEVER_OUT as error:
        raise Failed(never_out(_kind(error))) from None
    except httpx2.HTTPError as error:
        raise Failed(maybe_out(_kind(error))) from None
    return _answer(response)


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


def _answer(response: httpx2.Response) -> dict[str, Any]:
    if response.status_code == httpx2.codes.PROXY_AUTHENTICATION_REQUIRED:
        raise Failed(never_out("上网代理要求登录"))
    if response.status_code >= 500:
        raise Failed(maybe_out(f"HTTP {response.status_code}"))
    try:
        answer = json.loads(response.content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        # A government's proxy shows its own page, with status 200 too.
        raise Failed(maybe_out(f"HTTP {response.status_code}，返回的不是接口数据"))
    return answer


def _kind(error: httpx2.HTTPError) -> str:
    # The text of an exception may hold the address: its kind says enough.
    return type(error).__name__
