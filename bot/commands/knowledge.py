"""``zwgk knowledge``: versions of the knowledge."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from bot import bootstrap
from bot.clock import chinese_moment

from .console import (
    AcceptWorse,
    Json,
    print_json,
    print_table,
    say,
    say_accepted,
    settings,
    steps,
)
from .usage import Command, Group

app = typer.Typer(cls=Group, help="知识版本：生成、发布、退回、查看。")


@app.command(cls=Command)
def build(as_json: Json = False) -> None:
    """用现有文件生成一个候选版本，先不发布。"""
    service = bootstrap.knowledge_service(settings())
    with steps() as step:
        name = service.build(step)
    if as_json:
        print_json({"version": name, "current": service.versions.current()})
    else:
        say(f"候选版本 {name} 已生成。用 zwgk knowledge publish {name} 发布。")


@app.command(cls=Command)
def publish(
    version: Annotated[str, typer.Argument(help="版本；不写则发布最新生成的")] = "",
    accept_worse: AcceptWorse = False,
    as_json: Json = False,
) -> None:
    """发布一个版本；正在运行的服务随即换用，不用重启。原来答对的题会答不对时不发布。"""
    service = bootstrap.knowledge_service(settings())
    with steps() as step:
        published = service.publish(version, accept_worse=accept_worse, step=step)
    if as_json:
        worse = [asdict(one) for one in published.worse]
        print_json({"current": published.version, "accepted_worse": worse})
        return
    say_accepted(published.worse)
    say(f"已发布版本 {published.version}。")


@app.command(cls=Command)
def rollback(as_json: Json = False) -> None:
    """退回上一个发布过的版本。"""
    service = bootstrap.knowledge_service(settings())
    name = service.rollback()
    if as_json:
        print_json({"current": name})
    else:
        say(f"已退回到版本 {name}。")


@app.command(cls=Command)
def versions(as_json: Json = False) -> None:
    """列出所有版本。"""
    found = bootstrap.knowledge_service(settings()).versions.all()
    if as_json:
        print_json([asdict(version) for version in found])
        return
    rows = [
        (
            v.name,
            "当前" if v.current else "",
            _when(v.built_on),
            v.documents,
            f"{v.size / 1e6:.1f} MB",
        )
        for v in found
    ]
    print_table("知识版本", ["版本", "状态", "生成时间", "文件数", "大小"], rows)


def _when(built_on: str) -> str:
    return chinese_moment(datetime.fromisoformat(built_on)) if built_on else ""
