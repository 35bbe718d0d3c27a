"""The sandbox as a strict platform: senders speak to it as to the real one, and its ledger says who received what.

``python -m bot.sandbox.strict --port 0 --ledger FILE`` runs it as a process of its own, for trials and drills.
"""

import argparse
import asyncio
import json
import secrets
import socket
import struct
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .account import PLAIN, Account
from .api.server import RESET, Api
from .control import router as control_router
from .delivery import PATIENCE
from .faults import LATENCY, Faults
from .file import Now
from .receipts import Sender
from .routes import router as phone_router
from .world import World, open_world

API = "/sandbox/api"
"""Where the platform's paths begin; in a process of its own they are at the root too, as providers' SDKs want it."""


@dataclass(frozen=True, slots=True)
class Strict:
    """The parts of one sandbox: what it keeps, what goes wrong in it, and who delivers its events."""

    world: World
    faults: Faults
    sender: Sender
    api: Api

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver events as long as this lasts."""
        task = asyncio.create_task(self.sender.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            self.world.file.close()


def open_strict(
    ledger: Path,
    accounts: Sequence[Account],
    webhook: str,
    *,
    now: Now,
    faults: Faults | None = None,
    patience: float = PATIENCE,
) -> Strict:
    """The sandbox that keeps all in the file ``ledger``, and tells the service at ``webhook`` of events."""
    world = open_world(ledger, accounts, now())
    chosen = faults or Faults()
    sender = Sender(world, webhook, now, patience)
    return Strict(world, chosen, sender, Api(world, chosen, sender, now))


def create_app(strict: Strict, webhook: str, *, now: Now) -> FastAPI:
    """The phone, the inbox and the controls, for a process of their own."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with strict.running():
            yield

    app = FastAPI(lifespan=lifespan, openapi_url=None)
    app.include_router(phone_router(strict.world, webhook, now=now))
    app.include_router(control_router(strict.world, strict.faults, now=now))
    return app


class Front:
    """Sends what is for people to the pages, and all else to the interface, with nothing between."""

    def __init__(self, pages: FastAPI, api: Api) -> None:
        self._pages = pages
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope.get("path", "/sandbox")
        if path.startswith(f"{API}/") or path == API:
            await self._api({**scope, "root_path": API}, receive, send)
        elif path == "/sandbox" or path.startswith("/sandbox/"):
            await self._pages(scope, receive, send)
        else:
            await self._api(scope, receive, send)


class Breakable(HttpToolsProtocol):
    """Connections that an application can break, as a failing network does."""

    def on_headers_complete(self) -> None:
        """Put the means to do it into the scope."""
        self.scope["extensions"] = {RESET: self._break}  # type: ignore[dict-item]
        super().on_headers_complete()

    def _break(self) -> None:
        # A socket that does not linger says RST, which is no end but a break.
        connected = self.transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def trial_account() -> Account:
    """An account with secrets that nobody knew before."""
    return Account(
        "trial",
        "wx" + secrets.token_hex(8),
        secrets.token_hex(16),
        "",
        PLAIN,
        app_secret=secrets.token_hex(16),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run until stopped. The first line printed is JSON: the address, the mail server's port, and the account made up
    for the occasion, where no others were given."""
    given = _arguments(arguments)
    accounts = _accounts(given.accounts)
    faults = Faults(latency=given.latency)
    strict = open_strict(given.ledger, accounts, given.webhook, now=time.time, faults=faults)
    front = Front(create_app(strict, given.webhook, now=time.time), strict.api)
    with _listen(given.port) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            front,
            http=Breakable,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            ws="none",
        )
        told: dict[str, object] = {
            "address": address,
            # Secrets that came from elsewhere stay there.
            "accounts": [] if given.accounts else [asdict(account) for account in accounts],
        }
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_serve(uvicorn.Server(config), listening, strict, given.smtp_port, told))


def _listen(port: int) -> socket.socket:
    # Only with the protocol named does asyncio switch Nagle's algorithm off: answers would wait 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(1024)
    return listening


async def _serve(
    server: uvicorn.Server,
    listening: socket.socket,
    strict: Strict,
    smtp_port: int | None,
    told: dict[str, object],
) -> None:
    if smtp_port is not None:
        from .mail import MailServer  # an extra: who tries no mail needs none

        mail = await MailServer(strict.world, strict.faults, time.time).listen(
            "127.0.0.1", smtp_port
        )
        told["smtp_port"] = mail.sockets[0].getsockname()[1]
    print(json.dumps(told), flush=True)
    await server.serve([listening])


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.strict", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="监听端口；0 由系统选")
    parser.add_argument("--ledger", type=Path, required=True, help="账本文件")
    parser.add_argument(
        "--webhook", default="", help="事件发往哪个服务，例如 http://127.0.0.1:8000"
    )
    parser.add_argument("--accounts", type=Path, help="公众号清单（JSON）；不写时临时造一个")
    parser.add_argument("--latency", type=float, default=LATENCY, help="每次调用的时延（秒）")
    parser.add_argument("--smtp-port", type=int, help="邮件服务端口；0 由系统选，不写就不开")
    return parser.parse_args(given)


def _accounts(path: Path | None) -> list[Account]:
    if path is None:
        return [trial_account()]
    return [Account(**one) for one in json.loads(path.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    main()
