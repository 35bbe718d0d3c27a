"""``zwgk catalogue check``: what is wrong with a draft, before it is published. Nothing is imported."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import china_clock
from bot.knowledge.library import Knowledge
from bot.knowledge.reading import readable
from catalogue_index.areas import NATION, national_areas
from catalogue_index.checking import Draft, Finding, Guide, check, consensus, of_file
from catalogue_index.checking.rules import SEVERITIES
from catalogue_index.errors import Refused, UnrecognisedFile
from catalogue_index.exporting.annotating import Note, annotate
from catalogue_index.importing import import_catalogue
from catalogue_index.model import Item
from catalogue_index.readers import grids_of, read_grids
from catalogue_index.readers.files import read_bytes

from ..console import Json, print_json, print_table, published, say
from ..usage import Command
from .app import Where, app, catalogues_in, named_sector

_MAX_BYTES = 64_000_000


@app.command("check", cls=Command)
def check_draft(
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
    grids = grids_of(data, draft.name)
    guide = _guide_in(against, named) if against else _published_alike(code)
    read = Draft.read(
        grids,
        guide,
        china_clock().date(),
        sector=named,
        title=readable(draft.stem),
    )
    findings = check(read, code)
    if xlsx:
        _write(xlsx, annotate(data, draft.name, grids, [_note(one) for one in findings]))
    if as_json:
        print_json(_as_json(draft, read, findings))
    else:
        _print(findings)
        _say_outcome(read, findings, xlsx)
    if _counted(findings)["error"]:
        raise SystemExit(1)


def _guide_in(path: Path, sector: str | None) -> Guide:
    """The guide that a file is."""
    title = readable(path.stem)
    guide = of_file(import_catalogue(read_grids(path), sector=sector, title=title))
    if not guide.rows:
        raise UnrecognisedFile(
            f"“{path.name}”里没有能对照的事项：看不出领域，或没有一级、二级事项。"
            "请用 --sector 指明领域，或换一个文件。"
        )
    return guide


def _published_alike(own: str) -> Guide:
    """What the catalogues we hold publish alike, without those of the office's ``own`` area."""
    knowledge = published()
    return consensus(_by_area(knowledge, own))


def _by_area(knowledge: Knowledge, own: str) -> dict[str, list[Item]]:
    items: dict[str, list[Item]] = {}
    for document in catalogues_in(knowledge):
        if document.area != own or not own:
            items.setdefault(document.area, []).extend(knowledge.items_of(document.id))
    return items


def _counted(findings: Sequence[Finding]) -> Counter[str]:
    return Counter(finding.severity for finding in findings)


def _print(findings: Sequence[Finding]) -> None:
    for severity, word in SEVERITIES.items():
        rows = [
            (_where(one), one.what, one.todo, one.quotation.place)
            for one in findings
            if one.severity == severity
        ]
        if rows:
            print_table(f"{word}（{len(rows)}）", ["位置", "问题", "怎么改", "依据"], rows)
    quoted = dict.fromkeys(finding.quotation for finding in findings)
    if quoted:
        print_table("依据原文", ["依据", "文件和原话"], [(one.place, one) for one in quoted])


def _where(finding: Finding) -> str:
    row = f"第{finding.place.row}行" if finding.place.row else ""
    sheet = f"“{finding.place.sheet}”" if finding.place.sheet else ""
    return " ".join(filter(None, (sheet, row, finding.label)))


def _say_outcome(draft: Draft, findings: Sequence[Finding], xlsx: Path | None) -> None:
    count = _counted(findings)
    told = "、".join(f"{word} {count[key]} 处" for key, word in SEVERITIES.items() if count[key])
    if not draft.guide.complete:
        say(
            "没有完整的标准指引可以对照，事项名称只与多地已公开的目录比较；有指引的，用 --against 指明文件。"
        )
    if xlsx:
        say(f"批注写在 {xlsx}。")
    if not findings:
        say(f"检查了 {len(draft.items)} 个事项，没有发现问题。")
    elif count["error"]:
        say(f"检查了 {len(draft.items)} 个事项：{told}。请先改完必须改的，再检查一次。")
    else:
        say(f"检查了 {len(draft.items)} 个事项：{told}。没有必须改的问题。")


def _note(finding: Finding) -> Note:
    text = f"{finding.what}\n{finding.todo}\n依据：{finding.quotation}"
    return Note(finding.place.sheet, finding.place.row, finding.column, finding.severity, text)


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise Refused(f"批注表“{path}”写不进去。请关闭已打开的同名文件，或换一个位置。") from error


def _as_json(draft: Path, read: Draft, findings: Sequence[Finding]) -> dict[str, Any]:
    count = _counted(findings)
    return {
        "draft": draft.name,
        "items": len(read.items),
        "guide": "file" if read.guide.complete else "published",
        "counts": {severity: count[severity] for severity in SEVERITIES},
        "findings": [asdict(finding) for finding in findings],
    }
