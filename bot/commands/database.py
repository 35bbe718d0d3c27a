"""``zwgk db``: the installation's data brought up to date, backed up, put back, checked."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot import bootstrap
from bot.clock import china_clock
from bot.operations import backup as backups
from bot.operations.checking import check as check_all
from bot.operations.model import SECRETS
from bot.operations.restoring import restore as put_back
from bot.storage.migration import NEWEST
from bot.storage.migration import migrate as bring_up
from bot.storage.vault import SECRET_NAME

from .console import Json, amount, print_json, print_table, say, settings
from .usage import Command, Group

app = typer.Typer(cls=Group, help="数据：升级、备份、恢复、检查。", rich_markup_mode=None)


@app.command(cls=Command)
def migrate() -> None:
    """把业务数据库升级到这个程序的版本；SQLite 会先在 backups 里留一份。服务启动时也会自动升级。"""
    chosen = settings()
    database = bootstrap.open_database(chosen)
    kept: list[Path | None] = []
    try:
        had = bring_up(
            database,
            before=lambda: kept.append(bootstrap.keep_before_migration(chosen, database)),
        )
    finally:
        database.close()
    if had == NEWEST:
        say(f"业务数据库已经是最新的（{NEWEST}），没有改动。")
        return
    say(f"业务数据库已{f'从 {had} 升级' if had else '建立'}到 {NEWEST}。")
    for path in filter(None, kept):
        say(f"升级前的数据库留在 {path}。")


@app.command(cls=Command)
def backup(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="存档文件；不写则放在数据目录的 backups 里"),
    ] = None,
    with_key: Annotated[
        bool,
        typer.Option(
            "--with-key",
            help="连密钥和设置一起存：有了密钥，存档里加密的个人信息就能打开，存档本身要按个人信息保管",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """把数据库、知识版本、导入的文件存成一个存档；服务可以照常运行。"""
    chosen = settings()
    now = china_clock()
    this = bootstrap.installation(chosen)
    try:
        with amount("备份") as told:
            made = backups.back_up(
                this,
                output or backups.default_path(chosen.data_dir, now),
                with_key=with_key,
                at=now,
                software=bootstrap.software(),
                told=told,
            )
    finally:
        this.database.close()
    if as_json:
        print_json({**asdict(made), "path": str(made.path)})
        return
    say(f"已备份到 {made.path}（{made.files} 个文件，{made.size / 1e6:.1f} MB）。")
    if with_key:
        say("存档里有密钥，拿到它的人能打开加密的个人信息：请加密保存，只交给专人保管。")
    elif made.left_out:
        names = "、".join(f"{SECRETS[name]} {name}" for name in made.left_out)
        say(
            f"没有存入{names}：没有密钥，存档里加密的内容打不开，丢了存档也不会泄露；"
            "但恢复到别的电脑时必须有它。请另外保管好，或用 --with-key 一起存。"
        )


@app.command(cls=Command)
def restore(
    archive: Annotated[Path, typer.Argument(help="zwgk db backup 做的存档", metavar="存档")],
    over: Annotated[
        bool, typer.Option("--over", help="替换现有的数据；原来的留在旁边，不删除")
    ] = False,
) -> None:
    """用存档恢复：先核对每个文件并打开数据库，都没有问题才替换；有一处不对就什么都不改。请先停止服务。"""
    chosen = settings()
    this = bootstrap.installation(chosen)
    try:
        with amount("恢复") as told:
            done = put_back(
                this,
                archive,
                over=over,
                at=china_clock(),
                software=bootstrap.software(),
                told=told,
            )
    finally:
        this.database.close()
    made = done.manifest
    say(f"已恢复到 {made.made_at} 备份时的样子（{len(made.files)} 个文件）。")
    if done.kept:
        say(f"原来的数据留在 {done.kept}，确认无误后可以删去。")
    _tell_key(made.key)


def _tell_key(wanted: str) -> None:
    """Say what to do where the secret at hand is not the archive's: the settings may have come with it."""
    now = bootstrap.installation(settings())
    now.database.close()
    if wanted and not now.key:
        say(
            f"还缺密钥：请在启动服务之前，把原来的 {SECRET_NAME} 放进数据目录。"
            "否则程序会另造一个，已加密的内容打不开，原来的订阅人也认不出来。"
        )
    elif wanted and now.key != wanted:
        say(
            f"现在的密钥不是存档所用的那一个：请在启动服务之前换回原来的 {SECRET_NAME}"
            "（或 ZWGK_SECRET_KEY），否则已加密的内容打不开。"
        )


@app.command(cls=Command)
def check(as_json: Json = False) -> None:
    """检查数据：数据库、知识版本、导入的文件、密钥、操作记录、磁盘空间。有问题时逐条说明，退出码为 1。"""
    this = bootstrap.installation(settings())
    try:
        found = list(check_all(this, china_clock))
    finally:
        this.database.close()
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        rows = [
            (one.name, "有问题" if one.faults else "正常", "\n".join(one.faults)) for one in found
        ]
        print_table("检查结果", ["项目", "结果", "说明"], rows)
    if any(one.faults for one in found):
        raise typer.Exit(1)
