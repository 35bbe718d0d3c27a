"""``zwgk drill push``: rehearse a push in the sandbox, with everything that may go wrong."""

import signal
import time
from types import FrameType
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.drill import report
from bot.drill.model import FAULTS, SPEED, Choices
from bot.drill.rehearsal import rehearse
from bot.drill.stage import TEMPLATES, staged
from bot.sandbox.faults import Kind
from catalogue_index.errors import Refused

from .console import Json, notes, print_json, print_table, say, settings
from .usage import Command, Group

app = typer.Typer(
    cls=Group, help="演练：在沙盒里推送一次，中途故意出错，再逐人对账。", rich_markup_mode=None
)

SQLITE, POSTGRES = "sqlite", "postgresql"


@app.callback()
def _group() -> None:
    """演练：在沙盒里推送一次，中途故意出错，再逐人对账。"""


@app.command(cls=Command)
def push(
    people: Annotated[int, typer.Option(min=2, max=1_000_000, help="多少人")] = 1000,
    workers: Annotated[int, typer.Option(min=1, max=32, help="几个发送进程")] = 2,
    kills: Annotated[int, typer.Option(min=0, max=1000, help="强行结束发送进程几次")] = 3,
    pauses: Annotated[int, typer.Option(min=0, max=100, help="冻结发送进程几次")] = 0,
    planner_kills: Annotated[int, typer.Option(min=0, max=100, help="审批入账时中断几次")] = 0,
    senders: Annotated[int, typer.Option(min=1, max=1000, help="每个进程同时发几条")] = 64,
    latency: Annotated[int, typer.Option(min=0, max=5000, help="沙盒每次应答要多少毫秒")] = 50,
    faults: Annotated[list[str], typer.Option(help="沙盒故意出的错，可以写几次")] = [],  # noqa: B006
    channel: Annotated[
        str, typer.Option(help="wechat_notice 订阅通知，或 wechat_template 模板消息")
    ] = "wechat_notice",
    database: Annotated[str, typer.Option(help="sqlite 或 postgresql")] = SQLITE,
    speed: Annotated[int, typer.Option(min=1, max=60, help="演练里的时间比真实的快几倍")] = SPEED,
    seed: Annotated[int, typer.Option(help="随机数种子：同样的种子在同样的地方出错")] = 1,
    as_json: Json = False,
) -> None:
    """在沙盒里演练一次推送：多个进程发送，随机强行结束几次，最后逐人核对。不会发给任何真人，也不动本单位的数据。"""
    if channel not in TEMPLATES:
        raise Refused(f"演练不支持渠道“{channel}”。可以写：{'、'.join(TEMPLATES)}。")
    choices = Choices(
        people=people,
        workers=workers,
        kills=kills,
        pauses=pauses,
        planner_kills=planner_kills,
        senders=senders,
        latency=latency / 1000,
        faults=_known(faults),
        channel=channel,
        seed=seed,
        speed=speed,
    )
    server = _server(database)
    # Whoever ends the drill by its process number has it taken down, too.
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        with _progress() as bar, staged(choices, time.time(), server) as stage:
            task = bar.add_task("布置", total=None)
            done = rehearse(
                choices,
                stage,
                lambda what, many, of: bar.update(task, description=what, completed=many, total=of),
            )
    except KeyboardInterrupt:
        raise Refused("演练中断了，进程、数据都已清理。") from None
    if as_json:
        print_json(report.as_json(choices, done))
    else:
        print_table("推送演练", ["项目", "数目", "说明"], report.rows(choices, done))
        say(report.verdict(done))
    if not done.passed:
        raise typer.Exit(1)


def _known(names: list[str]) -> tuple[Kind, ...]:
    wrong = [name for name in names if name not in FAULTS]
    if wrong:
        raise Refused(f"没有“{wrong[0]}”这种错。可以写：{'、'.join(FAULTS)}。")
    return tuple(Kind(name) for name in names)


def _server(database: str) -> str:
    """The address of the PostgreSQL in which the drill makes a database of its own; empty for SQLite."""
    if database == SQLITE:
        return ""
    if database not in (POSTGRES, "postgres"):
        raise Refused(f"不认识数据库“{database}”。可以写 sqlite 或 postgresql。")
    url = settings().database_url.get_secret_value()
    if not url.startswith("postgresql"):
        raise Refused(
            "没有设置 PostgreSQL 的地址。请设置环境变量 ZWGK_DATABASE_URL，"
            "例如 postgresql://用户:密码@主机/库名；演练在那里另建一个库，用完删除。"
        )
    return url


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(
        *columns, TimeElapsedColumn(), console=notes, transient=True, disable=not notes.is_terminal
    )
