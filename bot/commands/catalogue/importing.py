"""``zwgk catalogue import``."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import bootstrap
from bot.knowledge.reading import catalogue_content
from bot.knowledge.service import Imported
from catalogue_index.errors import Refused, UnreadableFile
from catalogue_index.exporting.annotating import Note, annotate
from catalogue_index.importing import Finding, Import, Report
from catalogue_index.model import COLUMNS
from catalogue_index.readers import Grid, read_grids

from ..console import (
    AcceptWorse,
    Json,
    fail,
    print_json,
    print_table,
    say,
    say_accepted,
    settings,
    steps,
)
from ..usage import Command
from .app import Where, app

_KINDS: Mapping[str, tuple[str, str]] = {
    "repaired": ("修正", "hint"),
    "doubtful": ("存疑", "warn"),
    "dropped": ("未收", "hint"),
}
"""Findings of a report: what they are called, and how severe a note of one is."""


@app.command("import", cls=Command)
def import_files(
    files: Annotated[
        list[Path], typer.Argument(help="目录文件（可以有多个），或装着目录文件的文件夹")
    ],
    area: Where,
    sector: Annotated[str, typer.Option(help="领域；文件里已写明时不用")] = "",
    area_name: Annotated[str, typer.Option(help="地区名称；代码不在行政区划表中时要写")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不导入")] = False,
    report: Annotated[
        Path | None, typer.Option(help="把修正、存疑、未收的内容批注在表格上，写成这个 .xlsx 文件")
    ] = None,
    accept_worse: AcceptWorse = False,
    as_json: Json = False,
) -> None:
    """导入目录并立即生效；逐行报告修正、存疑和未收的内容。"""
    paths = [path for file in files for path in _catalogues_in(file)]
    if report and report.resolve() in {path.resolve() for path in paths}:
        raise Refused("--report 不能写到目录文件自己。请换一个文件名，免得盖掉原件。")
    service = bootstrap.knowledge_service(settings())
    done: dict[Path, Imported] = {}
    refused: dict[Path, Refused] = {}
    with steps(len(paths)) as step:
        service.ensure(step)
        for path in paths:
            step.begin(path.name)
            try:
                done[path] = service.add_catalogue(
                    path,
                    area,
                    sector=sector or None,
                    area_name=area_name,
                    dry_run=dry_run,
                    accept_worse=accept_worse,
                    step=step,
                )
            except Refused as refusal:
                if len(paths) == 1:
                    raise
                refused[path] = refusal
        if report and done:
            step("写批注")
            report.write_bytes(_annotated(done, sector or None))
    if as_json:
        told = [_imported_json(imported) for imported in done.values()]
        print_json(told[0] if len(paths) == 1 else told)
    else:
        for path, imported in done.items():
            _print_imported(path, imported)
        if report and done:
            say(f"批注写在 {report}。")
    if refused:
        sentences = "\n".join(map(str, refused.values()))
        fail(f"{len(paths)} 个文件中有 {len(refused)} 个没有导入：\n{sentences}")


def _catalogues_in(file: Path) -> list[Path]:
    """The file itself, or the files of a folder in the order of their names."""
    if not file.is_dir():
        return [file]
    found = sorted(path for path in file.glob("[!.~]*") if path.is_file())
    if not found:
        raise UnreadableFile(f"文件夹“{file}”里没有文件。请指定装着目录文件的文件夹。")
    return found


def _imported_json(imported: Imported) -> dict[str, Any]:
    assert imported.report
    document, report = imported.content.document, imported.report
    findings = {kind: [asdict(one) for one in getattr(report, kind)] for kind in _KINDS}
    return {
        "document": document.id,
        "title": document.title,
        "area": document.area,
        "area_name": document.area_name,
        "published": imported.version,
        "dry_run": imported.version is None,
        "accepted_worse": [asdict(one) for one in imported.worse],
        "rows_read": report.rows_read,
        "items": report.items,
        **findings,
    }


def _print_imported(path: Path, imported: Imported) -> None:
    assert imported.report
    rows = [
        (_KINDS[kind][0], _place(finding), finding.what, finding.why)
        for kind, finding in _findings(imported.report)
    ]
    if rows:
        print_table(f"导入报告：{path.name}", ["类别", "位置", "内容", "原因"], rows)
    say(_counted(imported.report))
    say_accepted(imported.worse)
    document, version = imported.content.document, imported.version
    done = f"已导入并生效（知识版本 {version}）" if version else "只检查，没有导入"
    say(
        f"《{document.title}》（{document.area_name}）：{len(imported.content.items)} 个事项，{done}。"
    )


def _findings(report: Report) -> Iterable[tuple[str, Finding]]:
    return ((kind, finding) for kind in _KINDS for finding in getattr(report, kind))


def _place(finding: Finding) -> str:
    row = f"第{finding.place.row}行" if finding.place.row else ""
    return " ".join(filter(None, (finding.place.sheet, row)))


def _counted(report: Report) -> str:
    counts = (f"{name} {len(getattr(report, kind))} 处" for kind, (name, _) in _KINDS.items())
    return f"读了 {report.rows_read} 行，得到 {report.items} 个事项；{'，'.join(counts)}。"


# --- the report as a workbook --------------------------------------------------------------------


def _annotated(done: Mapping[Path, Imported], sector: str | None) -> bytes:
    """One file's own workbook with notes; a workbook made of the tables of several."""
    read = {
        path: (read_grids(path), catalogue_content(path, imported.content.document, sector)[1])
        for path, imported in done.items()
    }
    if len(read) == 1:
        ((path, (grids, imported)),) = read.items()
        return annotate(path.read_bytes(), path.name, grids, _notes(imported))
    all_grids: list[Grid] = []
    all_notes: list[Note] = []
    for path, (grids, imported) in read.items():
        all_grids += [replace(g, name=f"{path.stem} {g.name}".strip()) for g in grids]
        notes = _notes(imported)
        all_notes += [replace(n, sheet=f"{path.stem} {n.sheet}".strip()) for n in notes]
    return annotate(b"", f"{len(read)} 个文件", all_grids, all_notes)


def _notes(imported: Import) -> list[Note]:
    return [
        Note(
            finding.place.sheet,
            finding.place.row,
            _column(imported, finding),
            _KINDS[kind][1],
            f"{_KINDS[kind][0]}：{finding.what}，{finding.why}",
        )
        for kind, finding in _findings(imported.report)
    ]


def _column(imported: Import, finding: Finding) -> int | None:
    """The first column of the attribute that a finding is about, if it is about one."""
    columns = imported.columns.get(finding.place.sheet, {})
    found = (columns[name][0] for name in columns if COLUMNS[name] == finding.what)
    return next(found, None)
