"""``zwgk officer`` and ``zwgk records``: accounts of the console where a browser is no help, and the log."""

import json
from datetime import datetime
from typing import Annotated

import typer

from bot import bootstrap
from bot.clock import CHINA, china_clock
from bot.officers.model import Officer, Role
from bot.officers.service import Officers
from bot.officers.setup import nobody_yet, setup_code
from bot.records.model import OUTCOMES, Deed
from bot.records.service import Records
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused

from .console import Json, print_json, print_table, say, settings, steps
from .usage import Command, Group

officer = typer.Typer(cls=Group, help="管理台的账号：设置码、添加、重置密码、停用。")
records = typer.Typer(cls=Group, help="操作记录：查看，核对有没有被改过。")

Name = Annotated[str, typer.Argument(help="姓名", metavar="姓名")]
_HERE = "命令行"


@officer.command("code", cls=Command)
def code() -> None:
    """显示设置码：在 /admin/set-up 建第一个管理员账号时输入。"""
    database, vault = bootstrap.operations(settings())
    if not nobody_yet(database):
        raise Refused("已经有账号了，不再需要设置码。请登录，或请管理员添加账号。")
    say(setup_code(vault))


@officer.command("list", cls=Command)
def list_officers(as_json: Json = False) -> None:
    """列出全部账号。"""
    found = _open()[0].all()
    if as_json:
        print_json([_json(one) for one in found])
        return
    rows = [
        (
            one.name,
            "、".join(one.roles),
            "、".join(one.areas) or "全部",
            "、".join(one.units) or "全部",
            "已停用" if one.closed_at else "未改临时密码" if one.temporary else "使用中",
        )
        for one in found
    ]
    print_table("账号", ["姓名", "岗位", "地区", "单位", "状态"], rows)


@officer.command("add", cls=Command)
def add(
    name: Name,
    role: Annotated[list[str], typer.Option(help=f"岗位，可以写几次：{'、'.join(Role)}")],
    area: Annotated[list[str], typer.Option(help="负责的地区，可以写几次；不写为全部")] = [],  # noqa: B006
    unit: Annotated[list[str], typer.Option(help="负责的单位，可以写几次；不写为全部")] = [],  # noqa: B006
) -> None:
    """添加账号，显示临时密码。"""
    officers, log = _open()
    areas = national_areas()
    codes = [(areas.get if one.isdigit() else areas.find)(one).code for one in area]
    made, password = officers.add(name, role, codes, unit)
    detail = f"{made.name}：{'、'.join(made.roles)}"
    log.write(Deed(_HERE, "accounts.add", f"officer:{made.id}", detail=detail))
    say(f"已添加“{made.name}”，临时密码：{password}")


@officer.command("reset", cls=Command)
def reset(name: Name) -> None:
    """重置密码：解除锁定，停用验证码，显示新的临时密码。"""
    officers, log = _open()
    found = officers.named(name)
    password = officers.reset(found.id)
    log.write(Deed(_HERE, "accounts.reset", f"officer:{found.id}", detail=found.name))
    say(f"“{found.name}”的临时密码：{password}")


@officer.command("close", cls=Command)
def close(name: Name) -> None:
    """停用账号。"""
    officers, log = _open()
    found = officers.close(officers.named(name).id)
    log.write(Deed(_HERE, "accounts.close", f"officer:{found.id}", detail=found.name))
    say(f"已停用“{found.name}”。")


@records.command("list", cls=Command)
def list_records(
    who: Annotated[str, typer.Option(help="谁")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="最多多少条")] = 50,
    as_json: Json = False,
) -> None:
    """列出操作记录，最新的在前。"""
    found = _open()[1].search(who=who, limit=limit)
    if as_json:
        print_json(
            [
                {
                    "number": one.number,
                    "at": _moment(one.at),
                    "who": one.deed.who,
                    "action": one.deed.action,
                    "object": one.deed.object,
                    "origin": one.deed.origin,
                    "outcome": one.deed.outcome,
                    "detail": one.deed.detail,
                    "hash": one.hash,
                }
                for one in found
            ]
        )
        return
    rows = [
        (
            one.number,
            _moment(one.at),
            one.deed.who,
            one.deed.action,
            OUTCOMES[one.deed.outcome],
            one.deed.detail,
        )
        for one in found
    ]
    print_table("操作记录", ["编号", "时间", "谁", "做了什么", "结果", "说明"], rows)


@records.command("verify", cls=Command)
def verify(
    anchor: Annotated[
        str, typer.Option(help="上次核对时抄存的“编号:凭据”，可查出末尾有没有被删")
    ] = "",
    as_json: Json = False,
) -> None:
    """从第一条起逐条核对；有一条被改过，退出码为 1。"""
    _, log = _open()
    number, colon, hashed = anchor.partition(":")
    if anchor and not (colon and number.isdigit() and hashed):
        raise Refused("--anchor 应写成 编号:凭据，例如 120:3f9c…。")
    with steps() as step:
        verdict = log.verify(
            (int(number), hashed) if anchor else None,
            lambda done: step(f"已核对 {done} 条") if done % 1000 == 0 else None,
        )
    newest = f"{verdict.newest.number}:{verdict.newest.hash}" if verdict.newest else ""
    if as_json:
        said = {"whole": verdict.whole, "checked": verdict.checked, "wrong": verdict.wrong}
        print(json.dumps({**said, "why": verdict.why, "anchor": newest}, ensure_ascii=False))
    elif verdict.whole:
        say(f"核对了 {verdict.checked} 条，都没有被改过。" + (f"凭据：{newest}" if newest else ""))
    if not verdict.whole:
        raise Refused(f"操作记录被动过：{verdict.why}前面 {verdict.checked} 条是完好的。")


def _open() -> tuple[Officers, Records]:
    database, vault = bootstrap.operations(settings())
    return Officers(database, vault, china_clock), Records(database, vault, china_clock)


def _json(one: Officer) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "roles": [str(role) for role in one.roles],
        "areas": list(one.areas),
        "units": list(one.units),
        "closed": one.closed_at is not None,
    }


def _moment(second: int) -> str:
    return f"{datetime.fromtimestamp(second, CHINA):%Y-%m-%d %H:%M:%S}"
