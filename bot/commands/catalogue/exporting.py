"""``zwgk catalogue export``."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.clock import chinese_day
from catalogue_index import exporting
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused
from catalogue_index.model import Document

from ..console import published, say
from ..usage import Command
from .app import Where, app, catalogues_in


@app.command(cls=Command)
def export(
    area: Where,
    format: Annotated[str, typer.Option(help="csv、json、xlsx 或 html（放到网站上）")] = "csv",
    layout: Annotated[
        str, typer.Option(help="xlsx 的版式：plain（一行表头）或 national（国家版式，勾选）")
    ] = "plain",
    sector: Annotated[str, typer.Option(help="只要这个领域")] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="写到哪个文件；不写则输出到屏幕")
    ] = None,
) -> None:
    """导出一个地区的目录；导出的文件可以原样再导入。个人信息会隐去。"""
    _check(format, layout)
    where = national_areas().find(area)
    knowledge = published()
    documents = [d for d in catalogues_in(knowledge) if d.area == where.code]
    items = {
        document.id: [i for i in knowledge.items_of(document.id) if sector in ("", i.sector)]
        for document in documents
    }
    all_items = [item for several in items.values() for item in several]
    if not all_items:
        raise Refused(f"没有{where.name}的目录可以导出。请先用 zwgk catalogue import 导入。")
    data = exporting.export(
        all_items,
        format,
        layout=layout,
        title=f"{where.name}{f'{sector}领域' if sector else ''}基层政务公开标准目录",
        date=_updated([document for document in documents if items[document.id]]),
    )
    for sentence in exporting.masked(all_items):
        print(sentence, file=sys.stderr)
    if output is None:
        sys.stdout.buffer.write(data)
        return
    output.write_bytes(data)
    say(f"已导出 {len(all_items)} 个事项到 {output}。")


def _check(format: str, layout: str) -> None:
    if format not in exporting.FORMATS:
        raise Refused(f"--format 只能是 {_listed(exporting.FORMATS)}。")
    if layout not in exporting.LAYOUTS:
        raise Refused(f"--layout 只能是 {_listed(exporting.LAYOUTS)}。")
    if layout != "plain" and format != "xlsx":
        raise Refused(f"--layout {layout} 只用于 Excel，请同时写 --format xlsx。")


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{'、'.join(first)} 或 {last}"


def _updated(documents: Sequence[Document]) -> str:
    """When the newest of the catalogues was imported; nothing for those that came with the program."""
    newest = max((document.version for document in documents), default="")
    return chinese_day(datetime.fromisoformat(newest)) if newest else ""
