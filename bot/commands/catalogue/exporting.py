"""``zwgk catalogue export``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from catalogue_index import exporting
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused

from ..console import published, say
from ..usage import Command
from .app import Where, app, catalogues_in


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
        for document in catalogues_in(knowledge)
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
