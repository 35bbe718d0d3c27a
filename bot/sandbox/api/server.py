"""The interface as an ASGI application: reads calls, has them answered, and lets go wrong what is to go wrong.

Plain ASGI, for it must be much faster than what is measured against it. Every answer is on disk before it goes out.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from ..faults import BEFORE, Fault, Faults, Kind
from ..file import Now
from ..receipts import Sender
from ..rules import Denied
from ..sms import providers
from ..world import World
from . import codes, credentials, custom, mass, menus, notices, tags, templates, users
from .call import Answer, Call, Route

RESET = "zwgk.reset"
"""The server's extension that breaks a connection, where it has one; else answers are cut off."""

RESET_SECONDS = 0.01
"""What the server needs to notice that the connection is gone."""

TOKEN, STABLE_TOKEN = "/cgi-bin/token", "/cgi-bin/stable_token"

ROUTES: Mapping[str, Route] = {
    path: route
    for part in (codes, custom, mass, menus, notices, tags, templates, users)
    for path, route in part.ROUTES.items()
}

BUSY: Answer = {"errcode": -1, "errmsg": "system error"}
PAGE = "<!doctype html><title>上网认证</title><p>请先登录上网认证系统。</p>".encode()


class Api:
    """The platform for callers over HTTP."""

    def __init__(self, world: World, faults: Faults, sender: Sender, now: Now) -> None:
        self._world = world
        self._faults = faults
        self._sender = sender
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        body = await _read(receive)
        fault = self._faults.strike(path)
        if self._faults.latency:
            await asyncio.sleep(self._faults.latency)
        if fault and fault.kind in BEFORE:
            await _go_wrong(scope, send, fault, b"")
            return
        status, answer = self._answer(scope, path, body)
        early = self._world.outbox.take_early()  # at once: later they would be another call's
        # Nobody is told anything that a crash could take back.
        await self._world.file.settled()
        await self._sender.deliver(early)
        content = json.dumps(answer, ensure_ascii=False).encode(errors="replace")
        if fault and fault.kind is Kind.SLOW:
            await asyncio.sleep(fault.seconds)
        elif fault:
            await _go_wrong(scope, send, fault, content)
            return
        await _respond(send, status, content)

    def _answer(self, scope: Scope, path: str, body: bytes) -> tuple[int, Any]:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        headers = {n.decode("latin-1"): v.decode("latin-1") for n, v in scope["headers"]}
        if provider := providers.find(path, headers, query):
            return provider(self._world, headers, query, body, self._now())
        address = scope["client"][0] if scope.get("client") else ""
        try:
            return self._platform(scope["method"], path, query, body, address)
        except Denied as denied:
            return 200, denied.answer()

    def _platform(
        self, method: str, path: str, query: Mapping[str, str], body: bytes, address: str
    ) -> tuple[int, Answer]:
        now = self._now()
        if path in (TOKEN, STABLE_TOKEN):
            return 200, self._credential(method, path, query, body, address, now)
        route = ROUTES.get(path)
        if route is None:
            return 404, {"errcode": 40066, "errmsg": f"invalid url {path}"}
        account = self._world.accounts[self._world.tokens.check(query.get("access_token", ""), now)]
        if route.method == "POST" and method != "POST":
            raise Denied("post_required")
        if route.method == "GET" and method != "GET":
            raise Denied("get_required")
        if account.kind not in route.kinds:
            raise Denied("permission")
        given = _object(body) if method == "POST" else {}
        return 200, route.handle(Call(self._world, account, given, query, now))

    def _credential(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: bytes,
        address: str,
        now: float,
    ) -> Answer:
        stable = path == STABLE_TOKEN
        if stable and method != "POST":
            raise Denied("post_required")
        given = _object(body) if stable else query
        if account := credentials.named(self._world, given):
            credentials.check_address(self._world, account, address)
        make = credentials.stable if stable else credentials.plain
        return make(self._world, given, now)


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Denied("body")
    return given


async def _read(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def _respond(
    send: Send, status: int, content: bytes, kind: bytes = b"application/json"
) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _go_wrong(scope: Scope, send: Send, fault: Fault, content: bytes) -> None:
    await _WRONG[fault.kind](scope, send, fault, content)


async def _refuse(_: Scope, send: Send, fault: Fault, __: bytes) -> None:
    answer = BUSY if fault.kind is Kind.BUSY else Denied("template_day").answer()
    await _respond(send, 200, json.dumps(answer).encode())


async def _error(_: Scope, send: Send, __: Fault, ___: bytes) -> None:
    await _respond(send, 500, b"Internal Server Error", b"text/plain")


async def _page(_: Scope, send: Send, __: Fault, ___: bytes) -> None:
    await _respond(send, 200, PAGE, b"text/html; charset=utf-8")


async def _half(_: Scope, send: Send, __: Fault, content: bytes) -> None:
    await _respond(send, 200, content[: max(1, len(content) // 2)])


async def _silence(scope: Scope, send: Send, fault: Fault, content: bytes) -> None:
    await asyncio.sleep(fault.seconds)
    await _reset(scope, send, fault, content)


async def _reset(scope: Scope, send: Send, _: Fault, __: bytes) -> None:
    if reset := scope.get("extensions", {}).get(RESET):
        reset()
        await asyncio.sleep(RESET_SECONDS)
        return
    # A server that cannot break connections closes one whose answer stays shorter than promised.
    headers = [(b"content-length", b"100")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


_WRONG: Mapping[Kind, Callable[[Scope, Send, Fault, bytes], Awaitable[None]]] = {
    Kind.QUOTA: _refuse,
    Kind.BUSY: _refuse,
    Kind.ERROR_BEFORE: _error,
    Kind.ERROR_AFTER: _error,
    Kind.RESET_BEFORE: _reset,
    Kind.RESET_AFTER: _reset,
    Kind.SILENCE_AFTER: _silence,
    Kind.PAGE_BEFORE: _page,
    Kind.PAGE_AFTER: _page,
    Kind.BROKEN_AFTER: _half,
}
