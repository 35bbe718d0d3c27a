"""``zwgk catalogue export``."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from catalogue_index import exporting
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused

from ..console import say
from ..usage import Command
from .app import Where, app, catalogues


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
    exported = catalogues().exported(where, sector, format, layout)
    if exported is None:
        raise Refused(f"没有{where.name}的目录可以导出。请先用 zwgk catalogue import 导入。")
    for sentence in exported.masked:
        print(sentence, file=sys.stderr)
    if output is None:
        sys.stdout.buffer.write(exported.data)
        return
    output.write_bytes(exported.data)
    say(f"已导出 {exported.items} 个事项到 {output}。")


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
