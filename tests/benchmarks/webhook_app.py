"""The webhook with a dialog that answers at once: the cost of everything around the answer.

Serve with ``uvicorn --factory tests.benchmarks.webhook_app:app``; ``ZWGK_CONFIG`` names the file.
"""

import os
from functools import partial
from pathlib import Path

import structlog
from fastapi import FastAPI

from bot.clock import china_clock
from bot.dialog.conversations import Conversations
from bot.dialog.model import Incoming, Reply, State, Turn
from bot.settings import load_settings
from bot.storage.database import open_sqlite
from bot.storage.migration import migrate
from bot.storage.vault import open_vault
from bot.wechat.accounts import accounts_from
from bot.wechat.replies import fit
from bot.wechat.webhook import router


def echo(incoming: Incoming, state: State | None) -> Turn:
    """Repeat the words, remember them."""
    return Turn(Reply(incoming.text), State(last_question=incoming.text))


def app() -> FastAPI:
    """The service that the configuration in ``ZWGK_CONFIG`` describes."""
    structlog.configure(
        processors=[structlog.processors.JSONRenderer(ensure_ascii=False)],
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    settings = load_settings(Path(os.environ["ZWGK_CONFIG"]), os.environ)
    database = open_sqlite(settings.data_dir / "zwgk.db")
    migrate(database)
    conversations = Conversations(
        database,
        open_vault(settings.data_dir),
        echo,
        china_clock,
        fit=partial(fit, public_url=settings.public_url),
        messages_per_minute=settings.messages_per_minute,
    )
    served = FastAPI()
    served.include_router(router(accounts_from(settings.wechat), conversations, china_clock))
    return served
