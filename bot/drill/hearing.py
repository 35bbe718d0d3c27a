"""``python -m bot.drill.hearing``: the webhook of a drill, which hears receipts; tells when it is ready."""

import argparse
import logging
import os
import socket
import sys

import structlog
import uvicorn
from fastapi import FastAPI

from bot import bootstrap
from bot.clock import china_clock
from bot.dialog.conversations import Conversations
from bot.dialog.model import Incoming, Reply, State, Turn
from bot.settings import load_settings
from bot.wechat.accounts import accounts_from
from bot.wechat.webhook import router

from .clock import parse


def main() -> None:
    """Hear until stopped."""
    parser = argparse.ArgumentParser(prog="python -m bot.drill.hearing", description=__doc__)
    parser.add_argument("--clock", type=parse, required=True)
    parser.add_argument("--socket", type=int, required=True, help="the socket that it inherits")
    given = parser.parse_args()
    clock = given.clock
    # A line for each of many thousand receipts would tell nobody anything.
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(
        wrapper_class=quiet, logger_factory=structlog.WriteLoggerFactory(sys.stderr)
    )
    settings = load_settings(None, os.environ)
    database, vault = bootstrap.operations(settings)
    hearing = bootstrap.hearing(settings, database, vault, clock)
    silent = Conversations(database, vault, _say_nothing, clock)
    app = FastAPI(openapi_url=None)
    # Signatures are of the sandbox's time, which is the world's.
    app.include_router(
        router(accounts_from(settings.wechat), silent, china_clock, hear=hearing.platform)
    )
    with socket.socket(fileno=given.socket) as listening:
        print("ready", flush=True)
        config = uvicorn.Config(app, log_level="error", access_log=False, ws="none")
        uvicorn.Server(config).run([listening])


def _say_nothing(_: Incoming, state: State | None) -> Turn:
    return Turn(Reply(""), state or State())


if __name__ == "__main__":
    main()
