"""``zwgk catalogue versions``, ``diff``, ``rollback``, ``changes`` and ``stale``: how catalogues changed."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import bootstrap
from bot.clock import CHINA, china_clock, chinese_day, chinese_moment
from bot.knowledge.catalogues import state_of
from bot.knowledge.reading import catalogue_content
from bot.knowledge.service import KnowledgeService
from bot.knowledge.telling import (
    COLUMNS_OF_CHANGES,
    comparison_json,
    day_of,
    form_only,
    rows,
    sentences,
)
from catalogue_index.areas import national_areas
from catalogue_index.comparing import Comparison, compare
from catalogue_index.errors import Refused
from catalogue_index.model import Document, Item
from catalogue_index.versions import (
    RULES,
    CatalogueVersion,
    Stale,
    histories,
    previous,
    replaced_by,
    stale,
)

from ..console import (
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
from ..usage import Command
from .app import Where, app

Sector = Annotated[str, typer.Option(help="只要这个领域")]


@app.command(cls=Command)
def versions(area: Where = "", sector: Sector = "", as_json: Json = False) -> None:
    """列出导入过的每一版目录，哪一版现行，哪些已被替换。"""
    found = _service().catalogue_versions(_code(area), sector)
    by_place = histories(found)
    states = [(version, by_place[version.document.area, version.sector]) for version in found]
    if as_json:
        print_json([_version_json(version, history) for version, history in states])
        return
    shown = [
        (
            version.document.id,
            version.document.area_name,
            version.sector,
            chinese_moment(version.imported),
            len(version.items),
            state_of(version, history),
        )
        for version, history in states
    ]
    print_table("目录的各个版本", ["编号", "地区", "领域", "导入时间", "事项", "状态"], shown)


@app.command(cls=Command)
def diff(
    first: Annotated[str, typer.Argument(help="目录编号或文件；只写这一个时，和它的上一版比")],
    second: Annotated[str, typer.Argument(help="和它比的、较新的目录编号或文件")] = "",
    sector: Annotated[str, typer.Option(help="领域；文件里没有写明时要写")] = "",
    as_json: Json = False,
) -> None:
    """比较两份目录：新增、删除、改名、移动的事项和改动的栏目。序号和行的先后不算变化。"""
    service = _service()
    after = _items(service, second or first, sector)
    before = _items(service, first, sector) if second else _items_before(service, first)
    _tell(compare(before, after), f"{first if second else '上一版'} → {second or first}", as_json)


@app.command(cls=Command)
def rollback(
    area: Where,
    sector: Annotated[str, typer.Option(help="退回哪个领域")],
    to: Annotated[str, typer.Option(help="退到哪一版（也可以往前）；不写则退到上一版")] = "",
    accept_worse: AcceptWorse = False,
    as_json: Json = False,
) -> None:
    """把一个领域的目录退回到上一版；别的领域不动，什么也不删除。"""
    service = _service()
    with steps() as step:
        chosen, done = service.rollback_catalogue(
            _code(area), sector, to=to, accept_worse=accept_worse, step=step
        )
    if as_json:
        history = service.catalogue_versions(chosen.document.area, chosen.sector)
        now = next(version for version in history if version.in_force)
        worse = [asdict(one) for one in done.worse]
        print_json(
            {**_version_json(now, history), "published": done.version, "accepted_worse": worse}
        )
        return
    say_accepted(done.worse)
    say(
        f"{chosen.document.area_name}{chosen.sector}领域现在用 {chosen.document.id}"
        f"（{chinese_moment(chosen.imported)}导入，{len(chosen.items)} 个事项），知识版本 {done.version}。"
    )


@app.command(cls=Command)
def changes(
    area: Where,
    since: Annotated[str, typer.Option(help="从哪一天起：2026-11-21 或 2026年11月21日")],
    table: Annotated[bool, typer.Option("--table", help="列成表，给工作人员看")] = False,
    as_json: Json = False,
) -> None:
    """一个地区的目录从某一天起有哪些变化。"""
    where = national_areas().find(area)
    day = day_of(since, "--since")
    start = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    service = _service()
    before, after = service.catalogue_items(where.code, start), service.catalogue_items(where.code)
    found = {
        sector: comparison
        for sector in sorted({*before, *after})
        if not (comparison := compare(before.get(sector, []), after.get(sector, []))).same
    }
    if as_json:
        told = {sector: comparison_json(comparison) for sector, comparison in found.items()}
        print_json(
            {
                "area": where.code,
                "area_name": where.name,
                "since": day.isoformat(),
                "changes": told,
            }
        )
        return
    title = f"{where.name}的目录从{chinese_day(day)}以来"
    if not found:
        say(f"{title}没有变化。")
    elif table:
        shown = [(sector, *row) for sector, comparison in found.items() for row in rows(comparison)]
        print_table(f"{title}的变化", ["领域", *COLUMNS_OF_CHANGES], shown)
    else:
        say(f"{title}有这些变化：")
        for sector, comparison in found.items():
            say(f"\n{sector or '未写明'}领域")
            for number, sentence in enumerate(sentences(comparison), 1):
                say(f"{number}. {sentence}")


@app.command("stale", cls=Command)
def list_stale(
    area: Where = "",
    sector: Sector = "",
    days: Annotated[int, typer.Option(min=1, help="多少天没有更新算久")] = 365,
    today: Annotated[str, typer.Option(help="按哪一天算；不写则是今天")] = "",
    as_json: Json = False,
) -> None:
    """哪些公开主体的事项很久没有更新，依据是哪一条。"""
    day = day_of(today, "--today") if today else china_clock().date()
    found = [
        one
        for history in histories(_service().catalogue_versions(_code(area), sector)).values()
        for one in stale(history, day, days)
    ]
    if as_json:
        print_json(
            {
                "today": day.isoformat(),
                "days": days,
                "stale": list(map(_stale_json, found)),
                "rules": dict(RULES),
            }
        )
        return
    if not found:
        say(f"截至{chinese_day(day)}，导入的目录里没有超过 {days} 天没有更新的事项。")
        return
    shown = [
        (
            one.version.document.area_name,
            one.version.sector,
            one.discloser or "没有写明",
            f"{len(one.items)} / {one.of}",
            chinese_day(one.since),
            chinese_day(one.version.imported),
        )
        for one in found
    ]
    columns = ["地区", "领域", "公开主体", "久未更新 / 全部", "最早的没改过自", "目录最近导入"]
    print_table(f"截至{chinese_day(day)}超过 {days} 天没有更新的事项", columns, shown)
    for article, text in RULES.items():
        say(f"{article}：{text}")


def _service() -> KnowledgeService:
    """The knowledge of the data directory, made ready."""
    service = bootstrap.knowledge_service(settings())
    with steps() as step:
        bootstrap.prepare(settings(), step=step)
    return service


def _code(area: str) -> str:
    return national_areas().find(area).code if area else ""


def _items(service: KnowledgeService, name: str, sector: str) -> list[Item]:
    """The items of a catalogue by its id, replaced or not, or of a file."""
    if name in service.documents.ids():
        return list(service.documents.content(name).items)
    if Path(name).exists():
        nowhere = Document("", Path(name).stem, "catalogue", "", "")
        return list(catalogue_content(Path(name), nowhere, sector or None)[0].items)
    knowledge = published()
    document = knowledge.documents.get(name)
    if document is None or document.kind != "catalogue":
        raise Refused(
            f"没有编号为“{name}”的目录，也没有这个文件。用 zwgk catalogue versions 查看导入过的版本。"
        )
    return knowledge.items_of(name)


def _items_before(service: KnowledgeService, name: str) -> list[Item]:
    """What a document's sectors read before it came."""
    every = histories(service.catalogue_versions())
    mine = [(h, v) for h in every.values() for v in h if v.document.id == name]
    earlier = [version for history, own in mine if (version := previous(history, own))]
    if not earlier:
        raise Refused(
            f"“{name}”没有上一版可比。请写上两份：zwgk catalogue diff 旧的 新的，编号或文件都行。"
        )
    return [item for version in earlier for item in version.items]


def _tell(comparison: Comparison, title: str, as_json: bool) -> None:
    if as_json:
        print_json(comparison_json(comparison))
        return
    if comparison.same:
        say(f"{title}：没有变化。")
    else:
        print_table(title, COLUMNS_OF_CHANGES, rows(comparison))
        changed = len(comparison.worded)
        say(
            f"新增 {len(comparison.added)} 项，删除 {len(comparison.removed)} 项，改动 {changed} 项。"
        )
    if count := form_only(comparison):
        say(f"另有 {count} 项只改了编号、标点或空格。")


def _version_json(version: CatalogueVersion, history: list[CatalogueVersion]) -> dict[str, Any]:
    newer = replaced_by(history, version)
    return {
        "id": version.document.id,
        "title": version.document.title,
        "area": version.document.area,
        "area_name": version.document.area_name,
        "sector": version.sector,
        "imported": version.imported.isoformat(timespec="seconds"),
        "items": len(version.items),
        "in_force": version.in_force,
        "replaced_by": newer.document.id if newer else None,
    }


def _stale_json(one: Stale) -> dict[str, Any]:
    return {
        "document": one.version.document.id,
        "area": one.version.document.area,
        "area_name": one.version.document.area_name,
        "sector": one.version.sector,
        "discloser": one.discloser or None,
        "items": [item.item or item.category for item in one.items],
        "of": one.of,
        "since": one.since.date().isoformat(),
        "imported": one.version.imported.date().isoformat(),
    }
