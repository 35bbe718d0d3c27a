"""``zwgk report``: what became of a push, and whom to call up."""

from pathlib import Path
from typing import Annotated

import typer

from bot import bootstrap
from bot.clock import china_clock
from bot.deliveries.reports import counting, listing, tables
from bot.deliveries.reports.model import NAMES
from bot.subscriptions.service import Subscriptions
from catalogue_index.errors import Refused

from .console import Json, print_json, print_table, say, settings


def report(
    push: Annotated[str, typer.Argument(help="推送的编号", metavar="推送")],
    output: Annotated[Path | None, typer.Option(help="写到 .csv 或 .xlsx 文件")] = None,
    calls: Annotated[bool, typer.Option("--calls", help="列出没有送到、要打电话的人")] = False,
    as_json: Json = False,
) -> None:
    """一次推送的结果：匹配 = 不发 + 各种结果；按渠道、地区、人群、小时；费用；没有送到的人。"""
    kind = output.suffix.lower().removeprefix(".") if output else ""
    if output and kind not in tables.WRITERS:
        raise Refused(f"“{output}”的格式不认识。请写成 .csv 或 .xlsx 结尾。")
    database, vault = bootstrap.operations(settings())
    with database.read() as connection:
        found = counting.report(connection, push)
        if not found.counts:
            raise Refused(f"没有推送 {push}，或它还没有确定发给谁。")
        pace = counting.pace(connection, found)
        table = list(tables.rows(found, pace))
        called = listing.to_call(connection, push) if calls else []
    subscribers = Subscriptions(database, vault, china_clock)
    known = subscribers.reveal_all(one.address for one in called if one.address is not None)
    names = [(listing.telephone(one, known), one.area, NAMES[one.outcome]) for one in called]
    if output:
        output.write_bytes(tables.WRITERS[kind]([tables.COLUMNS, *table]))
        say(f"已写入 {output}。")
    elif as_json:
        print_json(
            {
                "push": push,
                "matched": found.matched,
                "lines": found.lines(),
                "reached": found.reached,
                "cost": found.cost,
                "cost_each": found.cost_each,
                "seconds_to_50": pace.seconds_to(50),
                "seconds_to_95": pace.seconds_to(95),
                "totals": found.totals,
                "calls": names,
            }
        )
    elif calls:
        print_table(f"推送 {push}：要打电话的人", ["电话", "地区", "结果"], names)
    else:
        print_table(f"推送 {push}", tables.COLUMNS, table)
