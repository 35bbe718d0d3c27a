"""``zwgk catalogue list``, ``show`` and ``search``."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from bot import bootstrap
from bot.clock import chinese_day
from bot.knowledge.catalogues import Catalogues, Found
from catalogue_index.areas import chain, national_areas
from catalogue_index.errors import Refused
from catalogue_index.model import Document, Item

from ..console import Json, print_json, print_table, settings, steps
from ..usage import Command
from .app import Where, app, catalogues


@app.command("list", cls=Command)
def list_catalogues(area: Where = "", as_json: Json = False) -> None:
    """列出收录的目录。"""
    code = national_areas().find(area).code if area else None
    known = catalogues()
    rows = [_catalogue_json(document, known) for document in known.documents(code)]
    if as_json:
        print_json(rows)
    else:
        columns = ["编号", "标题", "地区", "事项", "导入日期", "参考"]
        shown = [
            (
                r["id"],
                r["title"],
                r["area_name"],
                r["items"],
                _imported_on(r["version"]),
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
    """看一份目录，或一个事项的每一栏；已经被替换的也能看。"""
    known = catalogues()
    items = known.of_document(catalogue)
    if items:
        _show_catalogue(known, items, as_json)
        return
    found = known.item(catalogue)
    if found is None:
        raise Refused(f"没有编号为“{catalogue}”的目录或事项。用 zwgk catalogue list 查看有哪些。")
    document, _, item = found
    if as_json:
        print_json(_shown_json(known, found))
    else:
        gone = "" if known.holds(found) else "（已被替换，不再生效）"
        cells = [*item.cells().items(), *item.extras.items()]
        print_table(f"{document.title} 第{item.place.row}行{gone}", ["栏目", "内容"], cells)


def _show_catalogue(known: Catalogues, items: Sequence[Found], as_json: bool) -> None:
    if as_json:
        print_json([_shown_json(known, found) for found in items])
        return
    columns = ["编号", "领域", "一级事项", "二级事项", "公开时限", "公开主体"]
    rows: list[tuple[str | None, ...]] = [
        (f"{d.id}-{n}", i.sector, i.category, i.item, i.time_limit, i.discloser)
        for d, n, i in items
    ]
    gone = [not known.holds(found) for found in items]
    if any(gone):
        columns.append("状态")
        rows = [(*row, "已替换" if old else "现行") for row, old in zip(rows, gone, strict=True)]
    print_table(items[0][0].title, columns, rows)


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


def _imported_on(version: str) -> str:
    try:
        return chinese_day(datetime.fromisoformat(version))
    except ValueError:
        return version


def _shown_json(known: Catalogues, found: Found) -> dict[str, Any]:
    return {**_item_json(*found), "in_force": known.holds(found)}


def _catalogue_json(document: Document, known: Catalogues) -> dict[str, Any]:
    return {**asdict(document), "items": len(known.in_force(document.id))}


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
