"""The web service: webhook, citizen page, JSON API, sandbox, health and metrics in one application."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from bot import bootstrap
from bot.admin.lazily import Lazily
from bot.api.routes import router as api_router
from bot.bootstrap import Services
from bot.channels.setup import readers_of, receipts_secret
from bot.channels.sms.receiving import router as receiving_router
from bot.clock import Clock
from bot.notices.service import Notices
from bot.officers.keys import Keys
from bot.records.service import Records
from bot.sandbox.account import Account as SandboxAccount
from bot.sandbox.control import router as sandbox_control
from bot.sandbox.routes import MenuButton
from bot.sandbox.routes import router as sandbox_router
from bot.sandbox.strict import API as SANDBOX_API
from bot.sandbox.strict import Strict, open_strict
from bot.settings import Settings, WeChatSettings, load_settings
from bot.storage import migration
from bot.storage.database import Database
from bot.storage.vault import Vault
from bot.trial import trial_account, trial_settings
from bot.web.docs import router as docs_router
from bot.web.leaving import router as leaving_router
from bot.web.notices import router as notices_router
from bot.web.pages import Pages
from bot.web.routes import router as web_router
from bot.wechat.accounts import accounts_from
from bot.wechat.webhook import router as webhook_router
from catalogue_index.errors import Refused

CONFIG, BASE_URL, SANDBOX = "ZWGK_CONFIG", "ZWGK_BASE_URL", "ZWGK_SANDBOX"
"""Environment variables that carry the choices of ``zwgk serve`` to its worker processes."""

SANDBOX_LEDGER = "sandbox.db"
"""What the sandbox's platform remembers, in the data directory."""

ADMIN = "/admin"
"""Where the office's console is."""

PURGE_SECONDS = 600
"""How often this process asks whether what is kept no longer was removed in the last hour."""

MENU = (
    MenuButton("帮助", "help"),
    MenuButton("换地区", "换地区"),
    MenuButton("目录怎么编", "ask:标准目录怎么编"),
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The sandbox is on, and reaches the service at ``base_url``."""

    base_url: str


def create_app(
    parts: Services, database: Database, vault: Vault, sandbox: Sandbox | None = None
) -> FastAPI:
    """The application of one process."""
    conversations = bootstrap.conversations(parts, database, vault)
    questions = bootstrap.questions(parts, database)
    purge = bootstrap.retention(database, vault, parts.clock)
    settings = parts.settings
    if sandbox:
        settings = trial_settings(settings, vault, sandbox.base_url, parts.clock().date())
    hearing = bootstrap.hearing(settings, database, vault, parts.clock)
    accounts = settings.wechat
    if sandbox and not accounts:
        accounts = (trial_account(vault),)
    strict = _strict(parts, accounts, sandbox) if sandbox else None
    app = FastAPI(
        lifespan=lambda _: _background(parts, settings, purge, strict, database, vault),
        title=f"{bootstrap.SITE_NAME} JSON API",
        version=bootstrap.software(),
        docs_url=None,
        redoc_url=None,
    )
    counted = _Metrics()
    app.include_router(
        webhook_router(
            accounts_from(accounts), conversations, parts.clock, counted.webhook, hearing.platform
        )
    )
    app.include_router(
        leaving_router(hearing.person_of, hearing.leave, site_name=bootstrap.SITE_NAME)
    )
    readers = readers_of(parts.settings.channel)
    app.include_router(receiving_router(readers, partial(receipts_secret, vault), hearing.sms))
    if sandbox and strict:
        _add_sandbox(app, parts, sandbox, strict)
    notices = Notices(database, parts.clock)
    app.include_router(
        notices_router(notices.public, notices.of_letter, site_name=bootstrap.SITE_NAME)
    )
    app.include_router(
        web_router(
            parts.answers.answer,
            questions.record,
            parts.library.current,
            parts.areas,
            default_area=_shared_area(accounts),
            site_name=bootstrap.SITE_NAME,
            examples=bootstrap.EXAMPLES,
        )
    )
    app.include_router(
        api_router(
            Keys(database, parts.clock),
            Records(database, vault, parts.clock),
            database,
            bootstrap.express(replace(parts, settings=settings), database, vault),
        )
    )
    app.include_router(docs_router(app.openapi, bootstrap.SITE_NAME))
    app.mount(ADMIN, Lazily(partial(_console, replace(parts, settings=settings), database, vault)))
    _add_operations(app, parts, database, counted)
    _add_error_pages(app)
    return app


def _console(parts: Services, database: Database, vault: Vault) -> ASGIApp:
    # Loaded when somebody first opens it: a start does not wait for it.
    from bot import office

    return office.application(parts, database, vault)


def from_environment() -> FastAPI:
    """The application as a worker process of ``zwgk serve`` makes it."""
    config = os.environ.get(CONFIG)
    settings = load_settings(Path(config) if config else None, os.environ)
    configure_log()
    parts = bootstrap.services(settings)
    database, vault = bootstrap.operations(settings)
    base_url = os.environ.get(BASE_URL, "")
    on = os.environ.get(SANDBOX) == "1"
    return create_app(parts, database, vault, Sandbox(base_url) if on else None)


def configure_log() -> None:
    """One JSON line an event, for the operator: no words of a person, no openid."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        cache_logger_on_first_use=True,
    )


def _in_sandbox(account: WeChatSettings) -> SandboxAccount:
    return SandboxAccount(
        account.name,
        account.app_id,
        account.token.get_secret_value(),
        account.encoding_aes_key.get_secret_value(),
        str(account.mode),
        account.app_secret.get_secret_value(),
        str(account.kind),
    )


def _strict(parts: Services, accounts: tuple[WeChatSettings, ...], sandbox: Sandbox) -> Strict:
    return open_strict(
        parts.settings.data_dir / SANDBOX_LEDGER,
        [_in_sandbox(account) for account in accounts],
        sandbox.base_url,
        now=lambda: parts.clock().timestamp(),
    )


def _add_sandbox(app: FastAPI, parts: Services, sandbox: Sandbox, strict: Strict) -> None:
    def now() -> float:
        return parts.clock().timestamp()

    app.include_router(
        sandbox_router(
            strict.world, sandbox.base_url, now=now, title=bootstrap.SITE_NAME, menu=MENU
        )
    )
    app.include_router(sandbox_control(strict.world, strict.faults, now=now))
    app.mount(SANDBOX_API, strict.api)


def _shared_area(accounts: tuple[WeChatSettings, ...]) -> str | None:
    areas = {account.area for account in accounts}
    return areas.pop() if len(areas) == 1 else None


@asynccontextmanager
async def _background(
    parts: Services,
    settings: Settings,
    purge: Callable[[], object],
    strict: Strict | None,
    database: Database,
    vault: Vault,
) -> AsyncIterator[None]:
    """While the service runs: warm up once, remove what is kept no longer, and send."""

    async def hourly() -> None:
        await run_in_threadpool(parts.warm_up)
        while True:
            try:
                await run_in_threadpool(purge)
            except Refused as error:
                log.warning("purge_failed", error=str(error))
            await asyncio.sleep(PURGE_SECONDS)

    task = asyncio.create_task(hourly())
    try:
        async with strict.running() if strict else nullcontext():
            with _sending(settings, parts.clock, database, vault):
                yield
    finally:
        task.cancel()


@contextmanager
def _sending(settings: Settings, clock: Clock, database: Database, vault: Vault) -> Iterator[None]:
    """Carries approved pushes to people in threads of this process, where channels are set up."""
    if not settings.channel:
        yield
        return
    with ExitStack() as stack:
        try:
            sending = stack.enter_context(
                bootstrap.sending(settings, database, vault, clock, name="serve")
            )
        except Refused as error:
            # Questions are answered all the same.
            log.error("not_sending", error=str(error))
        else:
            sending.start()
            stack.callback(sending.wait)
            stack.callback(sending.stop)
        yield


class _Metrics:
    """Counts for /metrics; nothing in them is of one person."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._messages = Counter(
            "zwgk_wechat_requests",
            "Webhook requests",
            ["account", "outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "zwgk_wechat_seconds",
            "Seconds from request to reply",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5),
            registry=self.registry,
        )

    def webhook(self, account: str, outcome: str, seconds: float) -> None:
        self._messages.labels(account, outcome).inc()
        self._seconds.observe(seconds)


def _add_operations(app: FastAPI, parts: Services, database: Database, counted: _Metrics) -> None:
    @app.get("/healthz", include_in_schema=False)
    def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @app.get("/readyz", include_in_schema=False)
    def readyz() -> JSONResponse:
        knowledge = parts.library.current()
        facts: dict[str, object] = {
            "knowledge": knowledge.version,
            "trouble": parts.library.trouble,
        }
        try:
            migration.check(database)
        except Refused as error:
            return JSONResponse({**facts, "ready": False, "database": str(error)}, 503)
        return JSONResponse({**facts, "ready": True})

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(counted.registry), media_type=CONTENT_TYPE_LATEST)


def _add_error_pages(app: FastAPI) -> None:
    pages = Pages(bootstrap.SITE_NAME)

    @app.exception_handler(404)
    async def missing(request: Request, _: HTTPException) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return pages.missing(request)
        return JSONResponse({"detail": "没有这个地址。"}, 404)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        # Nobody is shown a traceback; the log gets the kind of failure, never words of a person.
        log.error(
            "request_failed", path=without_secrets(request.url.path), error=type(error).__name__
        )
        return PlainTextResponse("抱歉，系统暂时出了点问题，请稍后再试。", 500)


def without_secrets(path: str) -> str:
    """A path as a log may hold it: what signs for a person or a provider left out."""
    return re.sub(r"[0-9a-f]{32,}", "…", path)


def environment(settings_file: Path | None, base_url: str, sandbox: bool) -> Mapping[str, str]:
    """What ``from_environment`` needs to be told, as environment variables."""
    told = {BASE_URL: base_url, SANDBOX: "1" if sandbox else "0"}
    return told | ({CONFIG: str(settings_file.resolve())} if settings_file else {})
