"""``serve`` and ``doctor``: run the service, and see whether it could run."""

import errno
import ipaddress
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from bot import app as application
from bot import bootstrap
from bot.officers.setup import nobody_yet, setup_code
from bot.settings import Settings, load_settings
from bot.storage import migration
from catalogue_index.errors import Refused

from .console import (
    DISK_ERRORS,
    Json,
    disk_sentence,
    print_json,
    print_table,
    say,
    settings,
    steps,
)


def serve(
    config: Annotated[
        Path | None, typer.Option(help="配置文件，默认数据目录里的 zwgk.toml")
    ] = None,
    host: Annotated[str, typer.Option(help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="监听端口")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="进程数")] = 1,
    sandbox: Annotated[
        bool | None,
        typer.Option("--sandbox/--no-sandbox", help="微信沙盒；默认只在本机单进程运行时打开"),
    ] = None,
) -> None:
    """启动服务：微信接口、群众页面、沙盒。"""
    chosen = load_settings(config, os.environ)
    local = _is_loopback(host)
    with_sandbox = local and workers == 1 if sandbox is None else sandbox
    if with_sandbox and workers > 1:
        raise Refused("沙盒只能单进程运行：请去掉 --workers，或加上 --no-sandbox。")
    _check_port(host, port)
    with steps() as step:
        bootstrap.prepare(chosen, step=step)
        database, vault = bootstrap.operations(chosen)
    code = setup_code(vault) if nobody_yet(database) else ""
    database.close()
    address = f"http://{'127.0.0.1' if local or host in ('0.0.0.0', '::') else host}:{port}"
    os.environ.update(application.environment(config, address, with_sandbox))
    say(f"政务公开小助手已启动：{address}")
    if with_sandbox:
        say(f"微信沙盒：{address}/sandbox")
    say(f"管理台：{address}/admin" + (f"（首次使用，设置码 {code}）" if code else ""))
    for account in chosen.wechat:
        say(
            f"公众号 {account.name} 的服务器地址：{chosen.public_url or address}/wechat/{account.name}"
        )
    uvicorn.run(
        "bot.app:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,  # addresses may carry questions
        log_level="warning",
        server_header=False,
    )


def doctor(as_json: Json = False) -> None:
    """逐项检查：数据目录、知识库、数据库、公众号设置。"""
    chosen = settings()
    checks: dict[str, Callable[[], str]] = {
        "数据目录": lambda: _check_directory(chosen),
        "知识库": lambda: _check_knowledge(chosen),
        "业务数据库": lambda: _check_database(chosen),
        "公众号": lambda: "、".join(a.name for a in chosen.wechat) or "还没有设置，可先用沙盒试用",
        "发送渠道": lambda: _check_channels(chosen),
        "对外网址": lambda: chosen.public_url or "没有设置，消息里不带网页链接",
    }
    rows = [(name, *_outcome(check)) for name, check in checks.items()]
    if as_json:
        print_json([{"check": name, "fine": fine, "note": note} for name, fine, note in rows])
    else:
        shown = [(name, "正常" if fine else "有问题", note) for name, fine, note in rows]
        print_table("检查结果", ["项目", "结果", "说明"], shown)
    if not all(fine for _, fine, _ in rows):
        raise typer.Exit(1)


def _outcome(check: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, check()
    except Refused as error:
        return False, str(error)
    except DISK_ERRORS as error:
        return False, disk_sentence(error)


def _check_directory(chosen: Settings) -> str:
    directory = chosen.data_dir
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".probe.{os.getpid()}"
        probe.write_bytes(b"0" * 4096)
        probe.unlink()
    except OSError as error:
        raise bootstrap.cannot_write(chosen, error) from error
    return f"{directory.resolve()} 可以读写"


def _check_knowledge(chosen: Settings) -> str:
    parts = bootstrap.services(chosen)
    knowledge = parts.library.current()
    if parts.library.trouble:
        raise Refused(parts.library.trouble)
    return f"版本 {knowledge.version}，{len(knowledge.documents)} 份文件"


def _check_database(chosen: Settings) -> str:
    database, _ = bootstrap.operations(chosen)
    migration.check(database)
    database.close()
    return f"{database.dialect} 可以读写"


def _check_channels(chosen: Settings) -> str:
    database, vault = bootstrap.operations(chosen)
    try:
        with bootstrap.channels(chosen, database, vault) as opened:
            count = len(opened.by_key)
    finally:
        database.close()
    return (
        f"设置了 {count} 个；用 zwgk channels 检查能否使用" if count else "还没有设置，不能主动发送"
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reasons = {
                errno.EADDRINUSE: f"端口 {port} 已被别的程序占用。请关掉它，或用 --port 换一个端口，例如 --port 8001",
                errno.EACCES: f"没有权限使用端口 {port}。请换一个 1024 以上的端口，例如 --port 8000",
            }
            reason = reasons.get(error.errno or 0, f"地址 {host}:{port} 用不了：{error.strerror}")
            raise Refused(f"{reason}。") from error
