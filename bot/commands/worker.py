"""``zwgk worker``: carry approved pushes to people; close and open channels."""

import os
import signal
import socket
from datetime import datetime
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot import bootstrap
from bot.channels.names import CHANNEL_NAMES
from bot.clock import CHINA, china_clock, chinese_moment
from bot.deliveries import switches
from bot.deliveries.worker import SENDERS
from bot.settings import Settings
from bot.storage.database import Database
from catalogue_index.errors import Refused

from .console import Json, print_json, print_table, say, settings
from .usage import Command, Group

Name = Annotated[
    str, typer.Argument(help=f"渠道：{'、'.join(CHANNEL_NAMES)}；all 表示全部", metavar="渠道")
]
Account = Annotated[str, typer.Option(help="账号；不写则是这个渠道的全部账号")]

ALL = "all"


class Runs(Group):
    """A group that does its work where no command of it was typed."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Not the help page."""
        return TyperGroup.parse_args(self, ctx, args)


app = typer.Typer(cls=Runs, invoke_without_command=True, rich_markup_mode=None)
channel = typer.Typer(cls=Group, help="停用、启用和查看渠道。", rich_markup_mode=None)
app.add_typer(channel, name="channel")


@app.callback()
def run(
    context: typer.Context,
    senders: Annotated[int, typer.Option(min=1, max=1000, help="同时发送的数目")] = SENDERS,
    once: Annotated[bool, typer.Option("--once", help="把现在能发的发完就结束")] = False,
) -> None:
    """发送已批准、到时间的推送，核实结果不明的；可以同时运行多个。Ctrl+C 或 SIGTERM 会等正在发的发完再结束。"""
    if context.invoked_subcommand:
        return
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


@channel.command(cls=Command)
def close(
    name: Name,
    reason: Annotated[str, typer.Option(help="为什么停用，会显示给所有人看")],
    account: Account = "",
) -> None:
    """马上停用一个渠道：已经交出去的收不回，其余的留在队列里等启用。"""
    if not reason.strip():
        raise Refused("要写明停用的原因（--reason）。")
    with _database(settings()).write() as connection:
        switches.close(connection, _known(name), account, reason.strip(), None)
    say(f"已停用{_called(name, account)}。恢复发送：zwgk worker channel open {name}")


@channel.command("open", cls=Command)
def open_again(name: Name, account: Account = "") -> None:
    """重新启用一个渠道，排队的接着发。"""
    with _database(settings()).write() as connection:
        opened = switches.open_again(connection, _known(name), account)
    if not opened:
        raise Refused(f"{_called(name, account)}没有停用，不用启用。")
    say(f"已启用{_called(name, account)}。")


@channel.command("list", cls=Command)
def list_closed(as_json: Json = False) -> None:
    """列出停用的渠道：为什么，到什么时候。"""
    with _database(settings()).read() as connection:
        found = switches.closures(connection, china_clock())
    if as_json:
        closed = [
            {"channel": name or ALL, "account": account, "why": one.why, "until": one.until}
            for (name, account), one in sorted(found.items())
        ]
        print_json(closed)
        return
    if not found:
        say("没有停用的渠道。")
        return
    rows = [
        (CHANNEL_NAMES.get(name, "全部"), account or "全部", one.why, _until(one.until))
        for (name, account), one in sorted(found.items())
    ]
    print_table("停用的渠道", ["渠道", "账号", "原因", "到什么时候"], rows)


def _database(chosen: Settings) -> Database:
    return bootstrap.operations(chosen)[0]


def _known(name: str) -> str:
    """The channel's name as the ledger knows it; all of them have none."""
    if name not in CHANNEL_NAMES and name != ALL:
        raise Refused(
            f"没有“{name}”这个渠道。可以写：{'、'.join(CHANNEL_NAMES)}，或 {ALL}（全部）。"
        )
    return "" if name == ALL else name


def _called(name: str, account: str) -> str:
    words = "全部渠道" if name == ALL else CHANNEL_NAMES[name]
    return f"{words}（账号 {account}）" if account else words


def _until(second: int | None) -> str:
    return chinese_moment(datetime.fromtimestamp(second, CHINA)) if second else "有人启用为止"
