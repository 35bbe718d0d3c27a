"""``zwgk worker``: carry approved pushes to people."""

import os
import signal
import socket
from typing import Annotated

import typer

from bot import bootstrap
from bot.deliveries.worker import SENDERS
from catalogue_index.errors import Refused

from .console import say, settings


def worker(
    senders: Annotated[int, typer.Option(min=1, max=1000, help="同时发送的数目")] = SENDERS,
    once: Annotated[bool, typer.Option("--once", help="把现在能发的发完就结束")] = False,
) -> None:
    """发送已批准、到时间的推送，核实结果不明的；可以同时运行多个。Ctrl+C 或 SIGTERM 会等正在发的发完再结束。"""
    chosen = settings()
    if not chosen.channel:
        raise Refused("还没有设置发送渠道。请在 zwgk.toml 里为每个渠道加一段 [[channel]]。")
    database, vault = bootstrap.operations(chosen)
    name = f"{socket.gethostname()[:8]}-{os.getpid()}"
    with bootstrap.sending(chosen, database, vault, senders=senders, name=name) as sending:
        if once:
            say(f"已送出 {sending.run_once()} 条。")
            return

        def stop(*_: object) -> None:
            sending.stop()

        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, stop)
        say(f"开始发送（同时 {senders} 条）。按 Ctrl+C 结束。")
        sending.run()
        say("已停止，正在发送的都有了结果。")
