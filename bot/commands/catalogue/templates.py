"""``zwgk catalogue template``: an empty catalogue of a sector, ready to be filled."""

from pathlib import Path
from typing import Annotated

import typer

from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused
from catalogue_index.exporting.template import template

from ..console import say
from ..usage import Command
from .app import Where, app, catalogues, named_sector


@app.command("template", cls=Command)
def write_template(
    sector: Annotated[str, typer.Option(help="领域，例如 社会救助")],
    output: Annotated[Path, typer.Option("-o", "--output", help="写到哪个 .xlsx 文件")],
    area: Where = "",
    blank: Annotated[bool, typer.Option("--blank", help="不预填事项")] = False,
) -> None:
    """做一份空白的标准目录：国家版式的表头、下拉选项、填写说明，预填可以参照的事项。"""
    name = named_sector(sector)
    where = national_areas().find(area).name if area else ""
    if output.suffix.lower() != ".xlsx":
        raise Refused(f"模板是 Excel 文件，请把“{output}”的扩展名写成 .xlsx。")
    if output.exists():
        raise Refused(f"已经有“{output}”这个文件。请换一个文件名，免得盖掉填好的内容。")
    rows = [] if blank else catalogues().examples(name)
    output.write_bytes(template(name, rows, area_name=where))
    begun = f"预填了 {len(rows)} 个事项，请对照标准指引增补" if rows else "没有预填事项"
    say(f"{name}领域的模板写在 {output}：{begun}。填好后先用 zwgk catalogue check 检查，再导入。")
