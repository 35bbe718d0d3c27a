"""``zwgk unknown``: letters of which nobody knows whether they went out, and a person's word that it is not to be asked for
any longer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer

from bot import bootstrap
from bot.channels.names import CHANNEL_NAMES
from bot.clock import CHINA, china_clock, chinese_moment
from bot.deliveries.ledger import Ledger
from bot.records.model import Deed
from bot.records.service import Records
from catalogue_index.errors import Refused

from .console import Json, print_json, print_table, say, settings
from .usage import Command, Group

ABANDON = "deliveries.abandon"
"""What the log calls it."""

Push = Annotated[str, typer.Argument(help="推送的编号", metavar="推送")]

app = typer.Typer(
    cls=Group, help="结果不明的投递：列出来，核实不了的放弃核实。", rich_markup_mode=None
)


@app.callback()
def _group() -> None:
    """结果不明的投递：列出来，核实不了的放弃核实。"""


@app.command("list", cls=Command)
def listed(push: Push, as_json: Json = False) -> None:
    """列出一次推送里结果不明的投递：编号、哪个人（加密的代号）、渠道、从什么时候起。不会重发。"""
    with _opened() as (ledger, _):
        rows = ledger.unknown(push)
    if as_json:
        names = ("id", "person", "channel", "account", "code")
        print_json(
            [{n: getattr(row, n) for n in names} | {"since": row.updated_at} for row in rows]
        )
    elif rows:
        table = [
            (row.id, row.person, CHANNEL_NAMES.get(row.channel, row.channel), _said(row.updated_at))
            for row in rows
        ]
        print_table("结果不明", ["编号", "人", "渠道", "从什么时候起"], table)
    else:
        say("没有结果不明的投递。")


@app.command(cls=Command)
def abandon(
    push: Push,
    by: Annotated[str, typer.Option(help="谁来做，写姓名，会记下来")],
    reason: Annotated[str, typer.Option(help="为什么不再核实，会记下来")],
    delivery: Annotated[
        list[int], typer.Option(help="只放弃这一条的编号，可以写几次；不写是全部")
    ] = [],  # noqa: B006
) -> None:
    """放弃核实：不再追查，也不重发；以后若来了回执，仍以回执为准。"""
    if not reason.strip() or not by.strip():
        raise Refused("请写明谁放弃核实、为什么，例如 --by 李四 --reason 已电话告知本人。")
    with _opened() as (ledger, records):
        unknown = {row.id for row in ledger.unknown(push)}
        chosen = sorted(set(delivery) or unknown)
        if wrong := [one for one in chosen if one not in unknown]:
            raise Refused(
                f"推送 {push} 里没有编号为 {wrong[0]} 的结果不明的投递。"
                f"用 zwgk unknown list {push} 查看。"
            )
        if not chosen:
            raise Refused(f"推送 {push} 没有结果不明的投递，不用放弃核实。")
        done = [one for one in chosen if ledger.abandon(one, by.strip(), reason.strip())]
        told = f"{len(done)} 条：{reason.strip()}"
        records.write(Deed(by.strip(), ABANDON, f"push:{push}", detail=told))
    say(f"已放弃核实 {len(done)} 条，不会重发。")


@contextmanager
def _opened() -> Iterator[tuple[Ledger, Records]]:
    database, vault = bootstrap.operations(settings())
    try:
        yield Ledger(database, china_clock), Records(database, vault, china_clock)
    finally:
        database.close()


def _said(second: int) -> str:
    return chinese_moment(datetime.fromtimestamp(second, CHINA))
