"""Versions of one sector's catalogue: their order, what replaced what, and what nobody renewed."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from catalogue_index.model import Document, Item, Place
from catalogue_index.versions import (
    RULES,
    CatalogueVersion,
    compared,
    histories,
    history_of,
    in_force,
    previous,
    replaced_by,
    sector_name,
    stale,
    unchanged_since,
)

CHINA = timezone(timedelta(hours=8))
LOW = Item(
    "社会救助",
    "最低生活保障",
    "审批信息",
    content="名单",
    time_limit="20个工作日",
    discloser="县民政局",
)
AID = replace(LOW, category="临时救助", item="救助公示", content="对象和金额", discloser="各乡镇")
START = datetime(2024, 1, 1, 9, tzinfo=CHINA)


def version(name, day, *items, area="140525", sector="社会救助", in_force=False):
    document = Document(name, name, "catalogue", area, "泽州县")
    return CatalogueVersion(document, sector, START + timedelta(day), items, in_force)


OLD, MIDDLE, NEW = version("old", 0), version("middle", 1, in_force=True), version("new", 2)
HISTORY = [OLD, MIDDLE, NEW]


def test_versions_stand_in_order_of_import_by_area_and_sector():
    elsewhere = version("elsewhere", 1, area="441204")
    found = histories([NEW, elsewhere, OLD, MIDDLE])
    assert found == {
        ("140525", "社会救助"): HISTORY,
        ("441204", "社会救助"): [elsewhere],
    }


def test_what_came_before_and_what_replaced_it():
    assert [previous(HISTORY, one) for one in HISTORY] == [None, OLD, MIDDLE]
    assert [replaced_by(HISTORY, one) for one in HISTORY] == [MIDDLE, None, None]
    assert in_force(HISTORY) == MIDDLE


def test_nothing_is_replaced_where_nothing_holds():
    assert in_force([OLD, NEW]) is None
    assert replaced_by([OLD, NEW], OLD) is None
    assert unchanged_since([OLD, NEW]) == []
    assert stale([OLD, NEW], date(2030, 1, 1), 1) == []


@pytest.mark.parametrize(
    ("written", "name"), [("环境保护", "生态环境"), ("路灯管理", "路灯管理"), (None, ""), ("", "")]
)
def test_a_sector_has_one_name_however_it_is_written(written, name):
    assert sector_name(written) == name


def test_an_item_is_renewed_by_the_import_that_last_changed_its_words():
    changed = replace(LOW, time_limit="7个工作日")
    history = [
        version("a", 0, LOW, AID),
        version("b", 10, replace(AID, place=Place(9)), changed),
        version("c", 20, changed, replace(AID, item="1.救助公示。"), in_force=True),
        version("d", 30, LOW),
    ]
    found = {item.category: since for item, since in unchanged_since(history)}
    assert found == {
        "最低生活保障": START + timedelta(10),
        "临时救助": START,
    }


def test_an_item_that_went_and_came_again_is_new():
    history = [
        version("a", 0, LOW, AID),
        version("b", 10, LOW),
        version("c", 20, LOW, AID, in_force=True),
    ]
    assert unchanged_since(history) == [(LOW, START), (AID, START + timedelta(20))]


def test_an_items_history_tells_what_changed_in_each_version_back_to_the_first():
    changed = replace(LOW, time_limit="7个工作日")
    first, second, third = version("a", 0, AID), version("b", 1, AID, LOW), version("c", 2, changed)
    same = version("d", 3, changed, AID, in_force=True)
    found = history_of([first, second, third, same], same, changed)
    told = [(v.document.id, [(c.label, c.before, c.after) for c in cells]) for v, cells in found]
    assert told == [("d", []), ("c", [("公开时限", "20个工作日", "7个工作日")]), ("b", [])]


def test_an_items_history_ends_where_it_was_not_there():
    gone, back = version("b", 1, AID), version("c", 2, LOW)
    found = history_of([version("a", 0, LOW), gone, back], back, LOW)
    assert [v.document.id for v, _ in found] == ["c"]


def test_whoever_knows_how_versions_differ_is_asked():
    asked = []

    def differing(older, newer):
        asked.append((older.document.id if older else "", newer.document.id))
        return compared(older, newer)

    first, second = version("a", 0, LOW), version("b", 1, LOW, in_force=True)
    history_of([first, second], second, LOW, differing)
    unchanged_since([first, second], differing)
    assert asked == [("a", "b"), ("", "a"), ("", "a"), ("a", "b")]


def test_stale_items_are_told_by_discloser_the_oldest_first():
    nobody = replace(LOW, item="无主事项", content="另一件事", discloser=None)
    history = [
        version("a", 0, LOW),
        version("b", 100, LOW, replace(LOW, item="申请条件", content="条件"), AID),
        version(
            "c", 400, LOW, AID, nobody, replace(LOW, item="新事项", content="新的"), in_force=True
        ),
    ]
    found = stale(history, (START + timedelta(470)).date(), 365)
    assert [(one.discloser, [i.item for i in one.items], one.of) for one in found] == [
        ("县民政局", ["审批信息"], 2),
        ("各乡镇", ["救助公示"], 1),
    ]
    assert [one.since for one in found] == [START, START + timedelta(100)]
    assert found[0].version.document.id == "c"
    every = stale(history, (START + timedelta(470)).date(), 1)
    assert "" in {one.discloser for one in every}


def test_exactly_the_days_allowed_are_not_too_many():
    history = [version("a", 0, LOW, in_force=True)]
    assert stale(history, (START + timedelta(365)).date(), 365) == []
    assert stale(history, (START + timedelta(366)).date(), 365) != []


def test_the_rules_name_their_articles():
    assert "目录应当及时更新" in RULES["《中华人民共和国政府信息公开条例》第十二条"]
    assert "20个工作日" in RULES["《中华人民共和国政府信息公开条例》第二十六条"]
