"""``zwgk faq`` and ``zwgk plan``: another county's Q&A documents and plans."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import bootstrap
from catalogue_index.areas import national_areas

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

faq = typer.Typer(cls=Group, help="官方答疑：导入、查看。")
plan = typer.Typer(cls=Group, help="实施方案：导入、查看。")

File = Annotated[Path, typer.Argument(help="文件：txt 或 docx")]
Area = Annotated[str, typer.Option(help="地区：代码或名称；不写则从文件开头认")]
Title = Annotated[str, typer.Option(help="标题；不写则从文件开头认")]


@faq.command("import", cls=Command)
def import_faq(
    file: File,
    area: Area = "",
    title: Title = "",
    accept_worse: AcceptWorse = False,
    as_json: Json = False,
) -> None:
    """导入一份答疑并立即生效。"""
    _import(file, "faq", area, title, accept_worse, as_json)


@plan.command("import", cls=Command)
def import_plan(
    file: File,
    area: Area = "",
    title: Title = "",
    accept_worse: AcceptWorse = False,
    as_json: Json = False,
) -> None:
    """导入一份实施方案并立即生效。"""
    _import(file, "plan", area, title, accept_worse, as_json)


@faq.command("list", cls=Command)
def list_faq(as_json: Json = False) -> None:
    """列出收录的答疑。"""
    knowledge = published()
    rows: list[dict[str, Any]] = [
        {"id": f"{e.document}-{e.number}", "section": e.section, "question": e.question}
        for document in knowledge.documents
        for e in knowledge.entries_of(document)
    ]
    if as_json:
        print_json(rows)
    else:
        print_table("收录的答疑", ["编号", "分类", "问题"], [list(row.values()) for row in rows])


@plan.command("list", cls=Command)
def list_plan(area: Area = "", as_json: Json = False) -> None:
    """列出收录的方案任务和责任分工。"""
    code = national_areas().find(area).code if area else None
    knowledge = published()
    rows: list[dict[str, Any]] = [
        {
            "id": f"{p.document}-{p.ordinal}",
            "kind": p.kind,
            "number": p.number,
            "title": p.title or p.text[:30],
            "sectors": list(p.sectors),
            "lead": list(p.lead),
            "supporting": list(p.supporting),
            "responsible": list(p.responsible),
            "due": p.due or ("长期坚持" if p.long_term else ""),
        }
        for document in knowledge.documents.values()
        if code is None or document.area == code
        for p in knowledge.passages_of(document.id)
        if p.kind in ("task", "responsibility", "goal")
    ]
    if as_json:
        print_json(rows)
        return
    shown = [
        (
            r["id"],
            r["number"],
            r["title"],
            *("、".join(r[k]) for k in ("lead", "supporting", "responsible")),
            r["due"],
        )
        for r in rows
    ]
    print_table("方案任务", ["编号", "序号", "任务", "牵头", "配合", "责任", "时限"], shown)


def _import(
    file: Path, kind: str, area: str, title: str, accept_worse: bool, as_json: bool
) -> None:
    service = bootstrap.knowledge_service(settings())
    with steps() as step:
        service.ensure(step)
        imported = service.add_words(
            file, kind, area=area, title=title, accept_worse=accept_worse, step=step
        )
    content = imported.content
    document = content.document
    counts = {"entries": len(content.entries), "passages": len(content.passages)}
    if as_json:
        told = {"document": document.id, "title": document.title, "area": document.area}
        told |= {"area_name": document.area_name}
        worse = [asdict(one) for one in imported.worse]
        print_json({**told, **counts, "published": imported.version, "accepted_worse": worse})
        return
    say_accepted(imported.worse)
    read = f"{counts['entries']} 条问答" if kind == "faq" else f"{counts['passages']} 段"
    say(
        f"《{document.title}》（{document.area_name}）：读出 {read}，已生效（知识版本 {imported.version}）。"
    )
