"""A catalogue as one web page that stands alone: no other file, no host; readable without script."""

from collections.abc import Sequence
from importlib.resources import files
from itertools import groupby

from ..model import COLUMNS, Item


def webpage(
    items: Sequence[Item], extras: Sequence[str], *, title: str = "", date: str = ""
) -> str:
    """The page of ``items``, one table by sector and category in their order.

    ``extras`` are the labels of the columns after the official eleven; ``date`` is shown as it is.
    """
    # Loaded where it is used: the service answers without this page.
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(
        files("catalogue_index").joinpath("data/catalogue.html").read_text(encoding="utf-8")
    )
    return template.render(
        title=title or "基层政务公开标准目录",
        date=date,
        columns=COLUMNS,
        extras=extras,
        count=len(items),
        sectors=[
            (sector, [(category, list(rows)) for category, rows in groupby(own, _category)])
            for sector, own in groupby(items, _sector)
        ],
    )


def _sector(item: Item) -> str | None:
    return item.sector


def _category(item: Item) -> str | None:
    return item.category
