"""An application that is made when it is first asked for: a service that answers questions need not wait for it."""

import threading
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send


class Lazily:
    """What ``make`` makes at the first request, once."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: ASGIApp | None = None

    def made(self) -> ASGIApp:
        """The application."""
        with self._lock:
            made = self._made = self._made or self._make()
        return made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        made = self._made if self._made is not None else await run_in_threadpool(self.made)
        await made(scope, receive, send)
