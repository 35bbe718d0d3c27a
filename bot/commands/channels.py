"""``zwgk channels``: which ways to send are set up, what works, and what to do where one does not; closing and opening
them; menus and tags of official accounts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

import typer

from bot import bootstrap
from bot.channels.calling import Failed
from bot.channels.names import CHANNEL_NAMES
from bot.channels.probing import Probed, probe_all
from bot.channels.setup import receipts_secret
from bot.channels.sms.receiving import path_of
from bot.channels.wechat.client import Platform
from bot.channels.wechat.menu import set_menu, standard
from bot.channels.wechat.tags import sync
from bot.clock import CHINA, china_clock, chinese_moment
from bot.deliveries.switches import Switches, called
from bot.records.model import Deed
from bot.records.service import Records
from bot.subscriptions.model import Kind
from bot.subscriptions.service import Subscriptions
from bot.subscriptions.topics import national_topics
from catalogue_index.errors import Refused

from .console import Json, print_json, print_table, say, settings, steps
from .usage import Command, Runs

NONE = "还没有设置发送渠道。请在 zwgk.toml 里为每个渠道加一段 [[channel]]。"


Channel = Annotated[
    str, typer.Argument(help=f"渠道：{'、'.join(CHANNEL_NAMES)}；all 表示全部", metavar="渠道")
]
Account = Annotated[str, typer.Option(help="账号；不写则是这个渠道的全部账号")]
Official = Annotated[str, typer.Option("--account", help="公众号的简称；只有一个时不用写")]
By = Annotated[str, typer.Option(help="谁来做，写姓名，会记下来")]
Sure = Annotated[bool, typer.Option("--yes", help="确定替换")]

ALL = "all"
SET = "channels.set"
"""What the log calls a change of menus and tags."""

app = typer.Typer(cls=Runs, invoke_without_command=True, rich_markup_mode=None)


@app.callback()
def check(context: typer.Context, as_json: Json = False) -> None:
    """逐个检查发送渠道能不能用；只询问平台，不向任何人发送。后面可以写 close、open、closed、menu、tags。"""
    if context.invoked_subcommand:
        return
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


# --- closed and open -----------------------------------------------------------------------------


@app.command(cls=Command)
def close(
    channel: Channel,
    by: By,
    reason: Annotated[str, typer.Option(help="为什么停用，会显示给所有人看")],
    account: Account = "",
) -> None:
    """马上停用一个渠道：已经交出去的收不回，其余的留在队列里等启用。"""
    name = "" if channel == ALL else channel
    with _switches() as switches:
        switches.close(name, account, reason, by)
    say(f"已停用{called(name, account)}。恢复发送：zwgk channels open {channel}")


@app.command("open", cls=Command)
def open_again(channel: Channel, by: By, account: Account = "") -> None:
    """重新启用一个渠道，排队的接着发。"""
    name = "" if channel == ALL else channel
    with _switches() as switches:
        switches.open(name, account, by)
    say(f"已启用{called(name, account)}。")


@app.command(cls=Command)
def closed(as_json: Json = False) -> None:
    """列出停用的渠道：为什么，到什么时候。"""
    with _switches() as switches:
        found = sorted(switches.closed().items())
    if as_json:
        print_json(
            [
                {"channel": name or ALL, "account": account, "why": one.why, "until": one.until}
                for (name, account), one in found
            ]
        )
    elif found:
        rows = [
            (CHANNEL_NAMES.get(name, "全部"), account or "全部", one.why, _until(one.until))
            for (name, account), one in found
        ]
        print_table("停用的渠道", ["渠道", "账号", "原因", "到什么时候"], rows)
    else:
        say("没有停用的渠道。")


# --- official accounts ---------------------------------------------------------------------------


@app.command(cls=Command)
def menu(by: By = "", account: Official = "", sure: Sure = False, as_json: Json = False) -> None:
    """公众号底部的菜单：先看一看；加 --yes 和 --by 才换上去，几分钟后生效，原来的菜单就没有了。"""
    buttons = standard(settings().public_url)
    if not sure:
        if as_json:
            print_json([asdict(button) for button in buttons])
            return
        rows = [
            (button.label, line.label, line.url or f"发送“{line.key}”")
            for button in buttons
            for line in button.lines
        ]
        print_table("公众号菜单", ["按钮", "一行", "点了以后"], rows)
        say("还没有换上去。确定的话：zwgk channels menu --yes --by 姓名")
        return
    who = _who(by)
    with _official(account) as official:
        set_menu(official.platform, buttons)
        official.log.write(Deed(who, SET, f"menu:{official.account}"))
    say(f"公众号 {official.account} 的菜单已换上，几分钟后群众就能看到。")


@app.command(cls=Command)
def tags(
    by: By,
    sector: Annotated[list[str], typer.Option(help="领域，可以写几次")] = [],  # noqa: B006
    group: Annotated[list[str], typer.Option(help="人群，可以写几次")] = [],  # noqa: B006
    account: Official = "",
    as_json: Json = False,
) -> None:
    """把订阅者同步成公众号的标签，每个领域、人群一个；在公众平台后台按标签群发时用。可以重复做。"""
    known = national_topics()
    topics = [known.only(Kind.SECTOR, one) for one in sector]
    topics += [known.only(Kind.GROUP, one) for one in group]
    if not topics:
        raise Refused("请用 --sector 或 --group 写明为哪些领域、人群建标签。")
    told = []
    with _official(account) as official, steps(len(topics)) as step:
        name = official.account
        for topic in topics:
            step.begin(topic.value)
            done = sync(official.platform, topic.value, official.subscribers.openids(topic, name))
            official.log.write(Deed(_who(by), SET, f"tag:{name}/{topic.value}"))
            told.append((topic.value, done.tag, done.added, done.removed, len(done.strangers)))
    if as_json:
        names = ("name", "tag", "added", "removed", "not_following")
        print_json([dict(zip(names, row, strict=True)) for row in told])
        return
    print_table(f"公众号 {name} 的标签", ["标签", "编号", "新贴上", "摘下", "已不关注"], told)


@dataclass(frozen=True, slots=True)
class _Official:
    """An official account to set something up in."""

    account: str
    platform: Platform
    subscribers: Subscriptions
    log: Records


@contextmanager
def _official(account: str) -> Iterator[_Official]:
    """The account of that name, or the only one that may be called; raises ``Refused``, also for what the platform says."""
    chosen = settings()
    database, vault = bootstrap.operations(chosen)
    with bootstrap.channels(chosen, database, vault) as opened:
        named = [name for name in opened.platforms if account in ("", name)]
        if len(named) != 1:
            able = "、".join(opened.platforms) or "没有"
            raise Refused(f"请用 --account 写明是哪一个公众号。填了 app_secret 的：{able}。")
        subscribers = Subscriptions(database, vault, china_clock)
        log = Records(database, vault, china_clock)
        try:
            yield _Official(named[0], opened.platforms[named[0]], subscribers, log)
        except Failed as failed:
            raise Refused(f"微信公众平台没有接受：{failed.outcome.why}") from None
        finally:
            database.close()


@contextmanager
def _switches() -> Iterator[Switches]:
    database, vault = bootstrap.operations(settings())
    try:
        yield Switches(database, Records(database, vault, china_clock), china_clock)
    finally:
        database.close()


def _who(by: str) -> str:
    if not by.strip():
        raise Refused("要写明是谁做的（--by 姓名）。")
    return by.strip()


def _until(second: int | None) -> str:
    return chinese_moment(datetime.fromtimestamp(second, CHINA)) if second else "有人启用为止"


def _json(one: Probed) -> dict[str, object]:
    return {
        "channel": one.channel,
        "account": one.account,
        "usable": one.capability.usable,
        "why": one.capability.why,
    }
