"""``zwgk catalogue list``, ``show`` and ``search``."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from bot import bootstrap
from bot.clock import chinese_day
from bot.knowledge.library import Knowledge
from bot.knowledge.office import OfficeDocuments
from catalogue_index.areas import chain, national_areas
from catalogue_index.errors import Refused
from catalogue_index.model import Document, Item

from ..console import Json, print_json, print_table, published, settings, steps
from ..usage import Command
from .app import Where, app, catalogues_in

Found = tuple[Document, int, Item]
"""An item with its document and its number there, from 1."""


@app.command("list", cls=Command)
def listcatalogues_in(area: Where = "", as_json: Json = False) -> None:
    """列出收录的目录。"""
    code = national_areas().find(area).code if area else None
    knowledge = published()
    documents = [d for d in catalogues_in(knowledge) if code is None or d.area == code]
    rows = [_catalogue_json(document, knowledge) for document in documents]
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
    knowledge = published()
    items = _items_of(knowledge, catalogue)
    if items:
        _show_catalogue(knowledge, items, as_json)
        return
    found = item_called(knowledge, catalogue)
    if found is None:
        raise Refused(f"没有编号为“{catalogue}”的目录或事项。用 zwgk catalogue list 查看有哪些。")
    document, _, item = found
    if as_json:
        print_json(_shown_json(knowledge, found))
    else:
        gone = "" if _holds(knowledge, found) else "（已被替换，不再生效）"
        cells = [*item.cells().items(), *item.extras.items()]
        print_table(f"{document.title} 第{item.place.row}行{gone}", ["栏目", "内容"], cells)


def _show_catalogue(knowledge: Knowledge, items: Sequence[Found], as_json: bool) -> None:
    if as_json:
        print_json([_shown_json(knowledge, found) for found in items])
        return
    columns = ["编号", "领域", "一级事项", "二级事项", "公开时限", "公开主体"]
    rows: list[tuple[str | None, ...]] = [
        (f"{d.id}-{n}", i.sector, i.category, i.item, i.time_limit, i.discloser)
        for d, n, i in items
    ]
    gone = [not _holds(knowledge, found) for found in items]
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


def _office() -> OfficeDocuments:
    return OfficeDocuments(settings().data_dir / "documents")


def _items_of(knowledge: Knowledge, name: str) -> list[Found]:
    """All items of a catalogue, those that were replaced too; none where there is no such catalogue."""
    if name in _office().ids():
        content = _office().content(name)
        return [(content.document, number, item) for number, item in enumerate(content.items, 1)]
    document = knowledge.documents.get(name)
    if document is None or document.kind != "catalogue":
        return []
    return [(document, number, item) for number, item in knowledge.numbered_items_of(document.id)]


def item_called(knowledge: Knowledge, key: str) -> Found | None:
    """The item of an id, in force or replaced."""
    name, _, number = key.rpartition("-")
    if found := knowledge.item(key):
        return found[0], int(number), found[1]
    return next((found for found in _items_of(knowledge, name) if str(found[1]) == number), None)


def _holds(knowledge: Knowledge, found: Found) -> bool:
    return knowledge.item(f"{found[0].id}-{found[1]}") is not None


def _imported_on(version: str) -> str:
    try:
        return chinese_day(datetime.fromisoformat(version))
    except ValueError:
        return version


def _shown_json(knowledge: Knowledge, found: Found) -> dict[str, Any]:
    return {**_item_json(*found), "in_force": _holds(knowledge, found)}


def _catalogue_json(document: Document, knowledge: Knowledge) -> dict[str, Any]:
    return {**asdict(document), "items": len(knowledge.items_of(document.id))}


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
