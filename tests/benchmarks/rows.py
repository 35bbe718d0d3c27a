"""Catalogues as large as wanted, made of the built-in reference rows, and what people ask of such rows.

The same number gives the same row, whichever process makes it. Row ``n`` keeps the subject of its base row, so that what is
found can be judged by its number alone; the first round of base rows in each area keeps their names as published.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files

from bot.knowledge.builtin import builtin_contents
from catalogue_index.areas import Area, national_areas
from catalogue_index.model import Document, Item, Place

SEED = 20261121
_ASKED = files("bot.knowledge") / "builtin" / "phrasings" / "asked.csv"
_HEADS = "城龙凤石金青白黄大新双永安太和兴福长高清沙杨柳梅竹松桃马牛河江湖泉云"
_TAILS = "山河桥坪塘湾岭冲坝溪沟口洲港庄店寨屯楼台平阳里关林田泉井岗源"
_STREETS = ("人民路", "建设路", "解放路", "文化路", "中山街", "新华街", "工业大道", "育才巷")
_BUREAUS = ("民政局", "财政局", "教育局", "卫生健康局", "农业农村局", "自然资源局")
_CHANNELS = ("政府网站", "政务服务中心", "两微一端", "公开查阅点", "村公示栏(电子屏)", "广播电视")
_LIMITS = (
    "信息形成或者变更之日起20个工作日内",
    "自信息形成之日起{}个工作日内",
    "每年{}月底前",
    "实时公开，公示期{}个工作日",
    "每季度更新，季后{}日内",
)


@dataclass(frozen=True, slots=True)
class Catalogues:
    """``count`` rows spread evenly over ``areas`` counties, each with a catalogue of its own."""

    count: int
    areas: int = 1

    @property
    def each(self) -> int:
        """Rows of one county."""
        return self.count // self.areas

    def code(self, county: int) -> str:
        """The area code of a county."""
        return _counties()[county].code

    def document(self, county: int) -> Document:
        """A county's catalogue; its id ends in the number of its first row."""
        area = _counties()[county]
        title = f"{area.full_name}基层政务公开标准目录"
        return Document(
            f"county-{county * self.each}", title, "catalogue", area.code, area.full_name
        )

    def items(self, county: int) -> tuple[Item, ...]:
        """A county's rows, in order; the last county asked for is kept."""
        return _items(county, self.each)

    def texts(self) -> Iterator[tuple[int, str, str]]:
        """Every row as (number, area code, its words), for those who search plain text."""
        for county in range(self.areas):
            for number, item in enumerate(self.items(county), county * self.each):
                parts = (item.item, item.category, item.sector, item.content)
                yield number, self.code(county), " ".join(filter(None, parts))

    def subject(self, number: int) -> tuple[str, str]:
        """Sector and name of what a row is about."""
        return _subject(_base()[number % self.each % len(_base())])


@dataclass(frozen=True, slots=True)
class Asked:
    """A message, the county (by number) of who sends it, and the subject of its right answer."""

    text: str
    county: int
    subject: tuple[str, str]


def questions(catalogues: Catalogues) -> list[Asked]:
    """What people asked of rows that the catalogues have, from a county chosen by lot."""
    subjects = {_unit(item): _subject(item) for item in _base()[: catalogues.each]}
    chance = random.Random(SEED)
    return [
        Asked(row["text"], chance.randrange(catalogues.areas), subjects[row["unit"]])
        for row in csv.DictReader(_ASKED.read_text("utf-8").splitlines())
        if row["unit"] in subjects
    ]


@cache
def _base() -> Sequence[Item]:
    return [item for c in builtin_contents() if c.document.reference for item in c.items]


@cache
def _counties() -> Sequence[Area]:
    areas = national_areas()
    return [areas.get(code) for code, _ in areas.names() if len(code) == 6]


@cache
def _siblings() -> dict[str, list[Item]]:
    """Base rows with content, by sector."""
    found: dict[str, list[Item]] = {}
    for item in _base():
        if item.content:
            found.setdefault(item.sector or "", []).append(item)
    return found


def _subject(item: Item) -> tuple[str, str]:
    return item.sector or "", item.item or item.category or ""


def _unit(item: Item) -> str:
    """The unit of phrasings for items of this name."""
    return f"item:{item.sector or ''}/{item.category or ''}/{item.item or ''}"


@lru_cache(maxsize=1)
def _items(county: int, count: int) -> tuple[Item, ...]:
    return tuple(_item(county, place) for place in range(count))


def _item(county: int, place: int) -> Item:
    chance = random.Random(f"{SEED}-{county}-{place}")
    base = _base()[place % len(_base())]
    town = _town(chance)
    return replace(
        base,
        item=base.item if place < len(_base()) else _renamed(base.item, town, chance),
        content=_content(base, town, chance),
        time_limit=base.time_limit or chance.choice(_LIMITS).format(chance.randrange(3, 21)),
        discloser=chance.choice(
            (f"{town}人民政府", f"县{chance.choice(_BUREAUS)}、{town}人民政府")
        ),
        channels=";".join(chance.sample(_CHANNELS, chance.randrange(1, 4))),
        place=Place(place + 2),
    )


def _renamed(name: str | None, town: str, chance: random.Random) -> str | None:
    """A name as a county writes it that has the same matter in many places and years."""
    if not name:
        return None
    street = f"{town}{chance.choice(_STREETS)}片区"
    village = f"{_place(chance)}村"
    year = chance.randrange(2016, 2027)
    return chance.choice(
        (
            f"{town}{name}",
            f"{name}（{town}）",
            f"{name}（{town}{village}）",
            f"{name}（{street}）",
            f"{year}年{name}（{town}）",
            f"{town}{village}{year}年{name}",
        )
    )


def _content(base: Item, town: str, chance: random.Random) -> str:
    """The clauses of the row's own cell, some of a sibling's, and where it holds."""
    own = (base.content or base.item or base.category or "").split(";")
    others = _siblings().get(base.sector or "") or [base]
    borrowed = (chance.choice(others).content or "").split(";")
    clauses = [*own, *chance.sample(borrowed, chance.randrange(len(borrowed[:3]) + 1))]
    return ";".join(filter(None, [*clauses, f"适用于{town}{_place(chance)}村、{_place(chance)}村"]))


def _town(chance: random.Random) -> str:
    return _place(chance) + chance.choice(("镇", "镇", "镇", "乡", "街道"))


def _place(chance: random.Random) -> str:
    return chance.choice(_HEADS) + chance.choice(_TAILS)
