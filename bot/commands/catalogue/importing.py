"""``zwgk catalogue import``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import bootstrap
from catalogue_index.importing import Report

from ..console import AcceptWorse, Json, print_json, print_table, say, say_accepted, settings, steps
from ..usage import Command
from .app import Where, app


@app.command("import", cls=Command)
def import_file(
    file: Annotated[Path, typer.Argument(help="目录文件：csv、xlsx、xls、json")],
    area: Where,
    sector: Annotated[str, typer.Option(help="领域；文件里已写明时不用")] = "",
    area_name: Annotated[str, typer.Option(help="地区名称；代码不在行政区划表中时要写")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不导入")] = False,
    accept_worse: AcceptWorse = False,
    as_json: Json = False,
) -> None:
    """导入一份目录并立即生效；逐行报告修正、存疑和未收的内容。"""
    service = bootstrap.knowledge_service(settings())
    with steps() as step:
        service.ensure(step)
        imported = service.add_catalogue(
            file,
            area,
            sector=sector or None,
            area_name=area_name,
            dry_run=dry_run,
            accept_worse=accept_worse,
            step=step,
        )
    assert imported.report
    document = imported.content.document
    if as_json:
        print_json(
            {
                "document": document.id,
                "title": document.title,
                "area": document.area,
                "area_name": document.area_name,
                "published": imported.version,
                "dry_run": dry_run,
                "accepted_worse": [asdict(one) for one in imported.worse],
                **_report_json(imported.report),
            }
        )
        return
    _print_report(imported.report)
    say_accepted(imported.worse)
    done = "只检查，没有导入" if dry_run else f"已导入并生效（知识版本 {imported.version}）"
    say(
        f"《{document.title}》（{document.area_name}）：{len(imported.content.items)} 个事项，{done}。"
    )


def _report_json(report: Report) -> dict[str, Any]:
    findings = {
        name: [asdict(f) for f in getattr(report, name)]
        for name in ("repaired", "doubtful", "dropped")
    }
    return {"rows_read": report.rows_read, "items": report.items, **findings}


def _print_report(report: Report) -> None:
    rows = [
        (label, f"{finding.place.sheet} 第{finding.place.row}行", finding.what, finding.why)
        for label, findings in (
            ("修正", report.repaired),
            ("存疑", report.doubtful),
            ("未收", report.dropped),
        )
        for finding in findings
    ]
    if rows:
        print_table("导入报告", ["类别", "位置", "内容", "原因"], rows)
