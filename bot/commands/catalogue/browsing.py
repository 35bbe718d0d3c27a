"""``zwgk catalogue list``, ``show`` and ``search``."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from bot import bootstrap
from bot.knowledge.library import Knowledge
from catalogue_index.areas import chain, national_areas
from catalogue_index.errors import Refused
from catalogue_index.model import Document, Item

from ..console import Json, print_json, print_table, published, settings, steps
from ..usage import Command
from .app import Where, app, catalogues_in


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
        columns = ["编号", "标题", "地区", "事项", "版本", "参考"]
        shown = [
            (
                r["id"],
                r["title"],
                r["area_name"],
                r["items"],
                r["version"],
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
    """看一份目录，或一个事项的每一栏。"""
    knowledge = published()
    document = knowledge.documents.get(catalogue)
    if document is not None and document.kind == "catalogue":
        items = knowledge.items_of(catalogue)
        if as_json:
            print_json([_item_json(document, number, item) for number, item in enumerate(items, 1)])
        else:
            rows = [
                (f"{catalogue}-{n}", i.sector, i.category, i.item, i.time_limit, i.discloser)
                for n, i in enumerate(items, 1)
            ]
            print_table(
                document.title,
                ["编号", "领域", "一级事项", "二级事项", "公开时限", "公开主体"],
                rows,
            )
        return
    found = knowledge.item(catalogue)
    if found is None:
        raise Refused(f"没有编号为“{catalogue}”的目录或事项。用 zwgk catalogue list 查看有哪些。")
    if as_json:
        print_json(_item_json(found[0], int(catalogue.rpartition("-")[2]), found[1]))
    else:
        cells = [*found[1].cells().items(), *found[1].extras.items()]
        print_table(f"{found[0].title} 第{found[1].place.row}行", ["栏目", "内容"], cells)


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
