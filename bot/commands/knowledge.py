"""``zwgk knowledge``: versions of the knowledge."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import bootstrap
from bot.clock import china_clock, chinese_moment
from bot.knowledge.exchanging import KINDS, STATES, read, to_csv, to_json

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
from .usage import Command, Group, Runs

app = typer.Typer(cls=Group, help="知识版本：生成、发布、退回、查看。")
edits = typer.Typer(cls=Runs, invoke_without_command=True, help="本单位的相似问法和本地答疑。")
app.add_typer(edits, name="edits")


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


@edits.callback()
def list_edits(context: typer.Context, as_json: Json = False) -> None:
    """列出本单位提出的相似问法和本地答疑，谁提出、谁审核、是否生效。"""
    if context.invoked_subcommand:
        return
    service = bootstrap.knowledge_service(settings())
    every = service.edits.all()
    if as_json:
        print_json([edit.to_json() for edit in every])
        return
    rows = [
        (
            edit.id,
            KINDS[edit.kind],
            edit.area,
            "\n".join(edit.texts) if edit.texts else edit.entry and edit.entry.question,
            edit.leads_to,
            STATES[edit.state],
            edit.proposed_by,
            edit.reviewed_by,
        )
        for edit in every
    ]
    head = ["编号", "类型", "地区", "问法或问题", "答复", "状态", "提出人", "审核人"]
    print_table("相似问法和本地答疑", head, rows)


@edits.command("export", cls=Command)
def export_edits(
    output: Annotated[Path, typer.Argument(help="写到哪个文件：.csv 或 .json")],
) -> None:
    """把相似问法和本地答疑导出成表格或 JSON。"""
    every = bootstrap.knowledge_service(settings()).edits.all()
    if output.suffix.lower() == ".json":
        output.write_text(to_json(every), encoding="utf-8")
    else:
        # The mark at its beginning tells spreadsheets that it is UTF-8.
        output.write_text(to_csv(every), encoding="utf-8-sig", newline="")
    say(f"已导出 {len(every)} 条到“{output}”。")


@edits.command("import", cls=Command)
def import_edits(
    file: Annotated[Path, typer.Argument(help="导出的 .csv 或 .json，或照它的表头填写的文件")],
    by: Annotated[str, typer.Option(help="谁提出；要由另一位同志在管理台审核后才生效")],
) -> None:
    """导入相似问法和本地答疑，全部作为待审核的提出。"""
    service = bootstrap.knowledge_service(settings())
    proposed = read(file, by, china_clock())
    for edit in proposed:
        service.propose(edit)
    say(f"已提出 {len(proposed)} 条，等待审核。")


def _when(built_on: str) -> str:
    return chinese_moment(datetime.fromisoformat(built_on)) if built_on else ""
