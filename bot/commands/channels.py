"""``zwgk channels``: which ways to send are set up, what works, and what to do where one does not."""

import typer

from bot import bootstrap
from bot.channels.names import CHANNEL_NAMES
from bot.channels.probing import Probed, probe_all
from bot.channels.setup import receipts_secret
from bot.channels.sms.receiving import path_of
from bot.clock import china_clock

from .console import Json, print_json, print_table, say, settings, steps

NONE = "还没有设置发送渠道。请在 zwgk.toml 里为每个渠道加一段 [[channel]]。"


def channels(as_json: Json = False) -> None:
    """逐个检查发送渠道能不能用；只询问平台，不向任何人发送。"""
    chosen = settings()
    database, vault = bootstrap.operations(chosen)
    try:
        with bootstrap.channels(chosen, database, vault) as opened, steps() as step:
            step("询问各个平台")
            found = probe_all(database, opened.by_key.values(), china_clock())
        pushed = {
            account: chosen.public_url + path_of(account, receipts_secret(vault, account))
            for account in opened.readers
        }
    finally:
        database.close()
    if as_json:
        print_json({"channels": [_json(one) for one in found], "receipts": pushed})
    elif found:
        rows = [
            (
                CHANNEL_NAMES[one.channel],
                one.account,
                "可以用" if one.capability.usable else "不能用",
                one.capability.why,
            )
            for one in found
        ]
        print_table("发送渠道", ["渠道", "账号", "状态", "说明"], rows)
        for account, address in pushed.items():
            say(f"短信账号 {account} 的回执地址（填到服务商控制台，不要外传）：{address}")
    else:
        say(NONE)
    if not all(one.capability.usable for one in found):
        raise typer.Exit(1)


def _json(one: Probed) -> dict[str, object]:
    return {
        "channel": one.channel,
        "account": one.account,
        "usable": one.capability.usable,
        "why": one.capability.why,
    }
