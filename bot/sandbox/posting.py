"""Posts to the webhook over connections that stay open.

An event costs a fifth of what it costs by a general HTTP client: thousands of receipts a second must not slow down the
platform that sends them.
"""

import asyncio
import ssl
from collections import deque
from typing import cast
from urllib.parse import urlsplit

import httptools


class Broken(Exception):
    """The connection ended before the answer did."""


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.open = False
        self._answer: asyncio.Future[int] | None = None
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready to ask."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass
        self.open = True

    def data_received(self, data: bytes) -> None:
        """Read some of an answer."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    def on_message_complete(self) -> None:
        """An answer is whole: called by the parser."""
        self.open = self.open and self._parser.should_keep_alive()
        if self._answer and not self._answer.done():
            self._answer.set_result(self._parser.get_status_code())
        self._parser = httptools.HttpResponseParser(self)

    def connection_lost(self, _: Exception | None) -> None:
        """Nothing more comes."""
        self.open = False
        if self._answer and not self._answer.done():
            self._answer.set_exception(Broken())

    async def ask(self, request: bytes) -> int:
        """The status of the answer to ``request``; raises ``Broken``."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """End it."""
        self.open = False
        self._transport.close()


class Poster:
    """Posts to any address, over connections kept for the next post to the same server."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._idle: dict[tuple[str, str], deque[Connection]] = {}

    async def post(self, url: str, body: bytes, kind: str) -> int:
        """The status of the answer; raises ``OSError``, ``TimeoutError`` or ``Broken``."""
        parts = urlsplit(url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        head = (
            f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        idle = self._idle.setdefault((parts.scheme, parts.netloc), deque())
        async with asyncio.timeout(self._patience):
            connection = await self._connection(
                idle, parts.scheme, parts.hostname or "", parts.port
            )
            try:
                status = await connection.ask(head.encode() + body)
            except BaseException:
                connection.close()
                raise
        if connection.open:
            idle.append(connection)
        return status

    def close(self) -> None:
        """End all connections."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()

    @staticmethod
    async def _connection(
        idle: deque[Connection], scheme: str, host: str, port: int | None
    ) -> Connection:
        while idle:
            kept = idle.pop()
            if kept.open:
                return kept
        secure = ssl.create_default_context() if scheme == "https" else None
        at = port or (443 if secure else 80)
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(Connection, host, at, ssl=secure)
        return made
