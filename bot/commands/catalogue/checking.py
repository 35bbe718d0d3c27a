"""``zwgk catalogue check``: what is wrong with a draft, before it is published. Nothing is imported."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import china_clock
from bot.knowledge.checking import Checked, check_draft, guide_of, where
from catalogue_index.areas import NATION, national_areas
from catalogue_index.checking import Finding, Guide
from catalogue_index.checking.rules import SEVERITIES
from catalogue_index.errors import Refused
from catalogue_index.readers import read_grids
from catalogue_index.readers.files import read_bytes

from ..console import Json, print_json, print_table, say
from ..usage import Command
from .app import Where, app, catalogues, named_sector

_MAX_BYTES = 64_000_000


@app.command(cls=Command)
def check(
    draft: Annotated[Path, typer.Argument(help="目录草稿：导入命令能读的格式都可以")],
    area: Where = "",
    sector: Annotated[str, typer.Option(help="领域；文件里已写明时不用")] = "",
    against: Annotated[
        Path | None, typer.Option(help="以这个文件为标准指引逐项对照；不写则与多地已公开的目录对照")
    ] = None,
    xlsx: Annotated[Path | None, typer.Option(help="把问题批注在表格里，写到这个 xlsx")] = None,
    as_json: Json = False,
) -> None:
    """检查一份目录草稿：哪里不对、怎么改、依据哪一条。不导入；有必须改的，退出码为 1。"""
    code = national_areas().find(area).code if area else NATION
    named = named_sector(sector) if sector else None
    if xlsx and xlsx.resolve() == draft.resolve():
        raise Refused("--xlsx 不能写到草稿自己。请换一个文件名，免得盖掉草稿。")
    data = read_bytes(draft, _MAX_BYTES)
    guide = _guide_in(against, named) if against else catalogues().published_alike(code)
    checked = check_draft(data, draft.name, guide, china_clock().date(), area=code, sector=named)
    if xlsx:
        _write(xlsx, checked.annotated())
    if as_json:
        print_json(_as_json(draft, checked))
    else:
        _print(checked.findings)
        _say_outcome(checked, xlsx)
    if checked.counts["error"]:
        raise SystemExit(1)


def _guide_in(path: Path, sector: str | None) -> Guide:
    return guide_of(read_grids(path), path.name, sector)


def _print(findings: Sequence[Finding]) -> None:
    for severity, word in SEVERITIES.items():
        rows = [
            (where(one), one.what, one.todo, one.quotation.place)
            for one in findings
            if one.severity == severity
        ]
        if rows:
            print_table(f"{word}（{len(rows)}）", ["位置", "问题", "怎么改", "依据"], rows)
    quoted = dict.fromkeys(finding.quotation for finding in findings)
    if quoted:
        print_table("依据原文", ["依据", "文件和原话"], [(one.place, one) for one in quoted])


def _say_outcome(checked: Checked, xlsx: Path | None) -> None:
    items, told = len(checked.draft.items), checked.told
    if not checked.draft.guide.complete:
        say(
            "没有完整的标准指引可以对照，事项名称只与多地已公开的目录比较；有指引的，用 --against 指明文件。"
        )
    if xlsx:
        say(f"批注写在 {xlsx}。")
    if not checked.findings:
        say(f"检查了 {items} 个事项，没有发现问题。")
    elif checked.counts["error"]:
        say(f"检查了 {items} 个事项：{told}。请先改完必须改的，再检查一次。")
    else:
        say(f"检查了 {items} 个事项：{told}。没有必须改的问题。")


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise Refused(f"批注表“{path}”写不进去。请关闭已打开的同名文件，或换一个位置。") from error


def _as_json(draft: Path, checked: Checked) -> dict[str, Any]:
    return {
        "draft": draft.name,
        "items": len(checked.draft.items),
        "guide": "file" if checked.draft.guide.complete else "published",
        "counts": {severity: checked.counts[severity] for severity in SEVERITIES},
        "findings": [asdict(finding) for finding in checked.findings],
    }
