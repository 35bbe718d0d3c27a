"""``zwgk catalogue compare``: how other places wrote the same item."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from bot.knowledge.catalogues import PLACES, Catalogues, Found, elsewhere, side_by_side
from catalogue_index.areas import national_areas
from catalogue_index.comparing import SAME_NAME, alike_in_name, cells_of, changed_cells
from catalogue_index.errors import Refused
from catalogue_index.model import Item

from ..console import Json, print_json, print_table, say
from ..usage import Command
from .app import Where, app, catalogues


@app.command("compare", cls=Command)
def compare_places(
    item: Annotated[str, typer.Argument(help="事项编号，或事项名称（要加 --sector）")],
    area: Where = "",
    sector: Annotated[str, typer.Option(help="用名称找事项时，是哪个领域的")] = "",
    as_json: Json = False,
) -> None:
    """同一个事项，别的地方是怎么写的：一地一列，和第一列不同的词用【】标出。"""
    code = national_areas().find(area).code if area else None
    known = catalogues()
    every = list(known.everything())
    base = _asked_for(known, every, item, sector, code)
    others = elsewhere(every, base)
    shown, more = [base, *others[: PLACES - 1]], max(0, len(others) - PLACES + 1)
    if as_json:
        print_json({"places": [_place_json(base, found) for found in shown], "more": more})
        return
    rows = [(label, *cells) for label, cells in side_by_side([cells_of(i) for _, _, i in shown])]
    columns = ["栏目", *(f"{d.area_name}\n{d.id}-{n}" for d, n, _ in shown)]
    print_table(f"“{base[2].item or base[2].category}”在各地", columns, rows)
    if not others:
        say("别的地方的目录里没有同名或近名的事项。")
    if more:
        say(f"另有 {more} 个地方也有这个事项，这里只列最相近的 {PLACES} 个。")


def _asked_for(
    known: Catalogues, every: Sequence[Found], name: str, sector: str, area: str | None
) -> Found:
    """The item of an id, or the likest of a name in a sector, in the area where one is given."""
    if found := known.item(name):
        return found
    if not sector:
        raise Refused(f"没有编号为“{name}”的事项。按名称找时，请用 --sector 写明领域。")
    wanted = Item(sector, None, name)
    here = [found for found in every if area in (None, found[0].area)]
    best = max(here, key=lambda found: alike_in_name(wanted, found[2]), default=None)
    if best is None or alike_in_name(wanted, best[2]) < SAME_NAME:
        where = national_areas().find(area).name if area else "收录的目录里"
        raise Refused(
            f"{where}的{sector}领域没有叫“{name}”或近似的事项。用 zwgk catalogue search 找找看。"
        )
    return best


def _place_json(base: Found, found: Found) -> dict[str, Any]:
    document, number, item = found
    return {
        "id": f"{document.id}-{number}",
        "area": document.area,
        "area_name": document.area_name,
        "likeness": round(alike_in_name(base[2], item), 1),
        "cells": cells_of(item),
        "differs": [cell.label for cell in changed_cells(base[2], item) if cell.worded],
    }
