"""Names of 一级事项 that a conversion cut are made whole by the names that several places publish."""

import csv
import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.importing.categories import Categories, Mended, national_categories
from catalogue_index.sectors import national_sectors

LISTED = Categories(
    {
        "重大建设项目": ("征收土地信息", "批准结果信息", "批准服务信息"),
        "市政服务": ("城镇燃气管理",),
        "旅游": ("公共服务", "旅游公共服务", "行政许可类事项"),
        "救灾": ("行政许可",),
        "财政预决算": ("财政预决算",),
    }
)


@pytest.mark.parametrize(
    ("sector", "names", "mended"),
    [
        ("重大建设项目", ["收土地信息"], {0: Mended("征收土地信息", sure=True)}),
        ("重大建设项目", ["结果信息"], {0: Mended("批准结果信息", sure=False)}),
        ("财政预决算", ["预决算"], {0: Mended("财政预决算", sure=False)}),
        ("重大建设项目", ["信息"], {0: Mended("征收土地信息", sure=False)}),
        ("重大建设项目", ["批准结果信息", "地方信息", ""], {}),
        ("救灾", ["收土地信息"], {}),
        ("市政服务", ["城镇燃", "城镇燃", "气管理"], dict.fromkeys(range(3), Mended("城镇燃气管理", sure=True))),
        ("旅游", ["旅游", "公共服务"], {0: Mended("旅游公共服务", sure=False)}),
        ("旅游", ["公共"], {0: Mended("公共服务", sure=False)}),
        ("旅游", ["行政许可"], {}),
    ],
)  # fmt: skip
def test_only_what_one_listed_name_explains_is_sure(sector, names, mended):
    assert LISTED.mended([(sector, name) for name in names]) == mended


@given(st.data())
def test_a_name_on_the_list_is_never_changed(data):
    known = [(sector, name) for sector, names in NAMES.items() for name in names]
    rows = data.draw(st.lists(st.sampled_from(known), max_size=8))
    assert national_categories().mended(rows) == {}


def test_the_list_counts_the_places_that_publish_a_name():
    published = {}
    for file in files("bot.knowledge").joinpath("builtin/catalogues").iterdir():
        for row in csv.DictReader(file.read_text("utf-8-sig").splitlines(keepends=True)):
            if row["一级事项"]:
                sector = national_sectors().canonical(row["领域"]) or row["领域"]
                name = re.sub(r"^\d+[.、]", "", row["一级事项"])
                published.setdefault((sector, name), set()).add(file.name.split("--")[1])
    counted = {key: len(places) for key, places in published.items()}
    assert {(row["sector"], row["name"]): int(row["places"]) for row in TABLE} == counted


TABLE = list(
    csv.DictReader(
        files("catalogue_index").joinpath("data/categories.csv").read_text("utf-8").splitlines()
    )
)
NAMES = {row["sector"]: [r["name"] for r in TABLE if r["sector"] == row["sector"]] for row in TABLE}
