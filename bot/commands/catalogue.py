"""``zwgk catalogue``: the clerk's workbench for catalogues."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import bootstrap
from bot.knowledge.library import Knowledge
from catalogue_index import exporting
from catalogue_index.areas import chain, national_areas
from catalogue_index.errors import Refused
from catalogue_index.importing import Report
from catalogue_index.model import Document, Item

from .console import (
    AcceptWorse,
    Json,
    print_json,
    print_table,
    published,
    say,
    say_accepted,
    settings,
    steps,
)
from .usage import Command, Group

app = typer.Typer(cls=Group, help="标准目录：导入、查看、搜索、导出。")

Where = Annotated[str, typer.Option(help="地区：代码（441204）或名称（高要区）")]


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


@app.command("list", cls=Command)
def list_catalogues(area: Where = "", as_json: Json = False) -> None:
    """列出收录的目录。"""
    code = national_areas().find(area).code if area else None
    knowledge = published()
    documents = [d for d in _catalogues(knowledge) if code is None or d.area == code]
    rows = [_catalogue_json(document, knowledge) for document in documents]
    if as_json:
        print_json(rows)
    else:
        columns = ["编号", "标题", "地区", "事项", "版本", "参考"]
        shown = [
            (
                r["id"],
                r["title"],
                r["area_name"],
                r["items"],
                r["version"],
                "是" if r["reference"] else "",
            )
            for r in rows
        ]
        print_table("收录的目录", columns, shown)


@app.command(cls=Command)
def show(
    catalogue: Annotated[str, typer.Argument(help="目录编号，见 catalogue list；或事项编号")],
    as_json: Json = False,
) -> None:
    """看一份目录，或一个事项的每一栏。"""
    knowledge = published()
    document = knowledge.documents.get(catalogue)
    if document is not None and document.kind == "catalogue":
        items = knowledge.items_of(catalogue)
        if as_json:
            print_json([_item_json(document, number, item) for number, item in enumerate(items, 1)])
        else:
            rows = [
                (f"{catalogue}-{n}", i.sector, i.category, i.item, i.time_limit, i.discloser)
                for n, i in enumerate(items, 1)
            ]
            print_table(
                document.title,
                ["编号", "领域", "一级事项", "二级事项", "公开时限", "公开主体"],
                rows,
            )
        return
    found = knowledge.item(catalogue)
    if found is None:
        raise Refused(f"没有编号为“{catalogue}”的目录或事项。用 zwgk catalogue list 查看有哪些。")
    if as_json:
        print_json(_item_json(found[0], int(catalogue.rpartition("-")[2]), found[1]))
    else:
        cells = [*found[1].cells().items(), *found[1].extras.items()]
        print_table(f"{found[0].title} 第{found[1].place.row}行", ["栏目", "内容"], cells)


@app.command(cls=Command)
def search(
    words: Annotated[str, typer.Argument(help="要找的事项，口语也行")],
    area: Where = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="最多几条")] = 10,
    as_json: Json = False,
) -> None:
    """在目录里找事项。"""
    code = national_areas().find(area).code if area else None
    with steps() as step:
        parts = bootstrap.services(settings(), step=step)
    knowledge = parts.library.current()
    hits = parts.answers.search(words, code, limit)
    rows: list[dict[str, Any]] = []
    for key, score in hits:
        found = knowledge.item(key)
        assert found
        number = int(key.rpartition("-")[2])
        binding = code is not None and found[0].area in chain(code)
        rows.append(
            _item_json(found[0], number, found[1]) | {"score": round(score, 3), "binding": binding}
        )
    if as_json:
        print_json(rows)
    else:
        shown = [
            (
                r["id"],
                " · ".join(filter(None, (r["领域"], r["一级事项"], r["二级事项"]))),
                r["area_name"],
                r["score"],
            )
            for r in rows
        ]
        print_table(f"“{words}”", ["编号", "事项", "地区", "相近"], shown)


@app.command(cls=Command)
def export(
    area: Where,
    format: Annotated[str, typer.Option(help="csv、json 或 xlsx")] = "csv",
    sector: Annotated[str, typer.Option(help="只要这个领域")] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="写到哪个文件；不写则输出到屏幕")
    ] = None,
) -> None:
    """导出一个地区的目录；导出的文件可以原样再导入。"""
    if format not in ("csv", "json", "xlsx"):
        raise Refused("--format 只能是 csv、json 或 xlsx。")
    where = national_areas().find(area)
    knowledge = published()
    items = [
        item
        for document in _catalogues(knowledge)
        if document.area == where.code
        for item in knowledge.items_of(document.id)
        if not sector or item.sector == sector
    ]
    if not items:
        raise Refused(f"没有{where.name}的目录可以导出。请先用 zwgk catalogue import 导入。")
    data = exporting.export(items, format)
    if output is None:
        sys.stdout.buffer.write(data)
        return
    output.write_bytes(data)
    say(f"已导出 {len(items)} 个事项到 {output}。")


def _catalogues(knowledge: Knowledge) -> list[Document]:
    return [document for document in knowledge.documents.values() if document.kind == "catalogue"]


def _catalogue_json(document: Document, knowledge: Knowledge) -> dict[str, Any]:
    return {**asdict(document), "items": len(knowledge.items_of(document.id))}


def _item_json(document: Document, number: int, item: Item) -> dict[str, Any]:
    named = {"领域": item.sector, "一级事项": item.category, "二级事项": item.item}
    place = {"row": item.place.row, "sheet": item.place.sheet}
    source = {
        "id": f"{document.id}-{number}",
        "document": document.id,
        "area": document.area,
        "area_name": document.area_name,
    }
    return {**source, **named, **item.cells(), **item.extras, **place}


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
