"""The same item as several places wrote it, side by side."""

import json
from collections import Counter

import pytest

from bot.knowledge.catalogues import PLACES, differing, elsewhere
from catalogue_index.model import Document, Item


def found(area, name, likeness_of="审批信息", number=1, sector="社会救助"):
    document = Document(f"c-{area}", "目录", "catalogue", area, name)
    return document, number, Item(sector, "最低生活保障", likeness_of)


BASE = found("1", "甲县")


def test_each_other_place_gives_its_likest_item():
    near = found("2", "乙县", "审批信息公示", 2)
    same = found("2", "乙县", "1.审批信息", 3)
    third = found("3", "丙县", "审批信息等")
    other = found("4", "丁县", "政策法规文件")
    apart = found("5", "戊县", sector="养老服务")
    twin = found("1", "甲县", number=9)
    assert elsewhere([third, near, BASE, same, other, apart, twin], BASE) == [same, third]


def test_what_the_first_place_does_not_say_is_marked():
    assert differing("20个工作日", "7个工作日") == "【7】个工作日"
    assert differing("名单", "名单") == "名单"
    assert differing("名单和金额", "名单") == "名单"
    assert differing("名单", "") == "【没有写明】"
    assert differing("", "") == ""


@pytest.fixture(scope="module")
def wide(knowledge):
    """A built-in item that most other places have, as found in the built-in knowledge."""
    every = [
        (document, number, item)
        for document in knowledge.documents.values()
        if document.kind == "catalogue"
        for number, item in knowledge.numbered_items_of(document.id)
    ]
    names = Counter((item.sector, item.category, item.item) for _, _, item in every if item.item)
    commonest = names.most_common(1)[0][0]
    return next(one for one in every if (one[2].sector, one[2].category, one[2].item) == commonest)


def test_places_stand_side_by_side(zwgk, wide):
    document, number, _ = wide
    key = f"{document.id}-{number}"
    status, out, _ = zwgk("catalogue", "compare", key, "--json")
    assert status == 0
    told = json.loads(out)
    first, *others = told["places"]
    assert (first["id"], first["differs"], first["likeness"]) == (key, [], 100.0)
    assert 1 <= len(others) < PLACES
    assert all(place["area"] != first["area"] and place["likeness"] >= 85 for place in others)
    assert len({place["area"] for place in others}) == len(others)
    status, page, _ = zwgk("catalogue", "compare", key)
    assert status == 0
    assert "栏目" in page
    assert ("另有" in page) == bool(told["more"])


def test_an_item_is_found_by_its_name_in_its_sector(zwgk, refused, wide):
    document, _, item = wide
    name = item.item or item.category
    words = ("catalogue", "compare", name, "--sector", item.sector, "--area", document.area)
    status, out, _ = zwgk(*words, "--json")
    assert status == 0
    assert json.loads(out)["places"][0]["area"] == document.area
    assert "请用 --sector 写明领域" in refused("catalogue", "compare", name)
    assert "没有叫“天上的云”或近似的事项" in refused(
        "catalogue", "compare", "天上的云", "--sector", item.sector
    )
