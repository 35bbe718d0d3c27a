"""Two catalogues compared: by meaning, in both directions alike, whatever the order of the rows."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.comparing import (
    CellChange,
    Comparison,
    ItemChange,
    Piece,
    alike_in_name,
    cells_of,
    compare,
    pieces,
)
from catalogue_index.model import COLUMNS, Item, Place

LOW = Item(
    "社会救助",
    "最低生活保障",
    "审批信息",
    content="低保对象名单及相关信息",
    basis="《社会救助暂行办法》",
    time_limit="自信息形成之日起20个工作日内",
    discloser="县民政局",
)
AID = replace(LOW, category="临时救助", item="支出型临时救助", content="救助对象名单、救助金额")
RULES = replace(LOW, category="综合业务", item="政策法规文件", content="国家和省出台的救助规定")

WORDS = st.sampled_from(
    [
        "审批信息",
        "1.审批信息",
        "审核信息",
        "政策法规文件",
        "政策文件",
        "",
        "救助公示",
        "（二）救助公示。",
    ]
)
TEXTS = st.sampled_from(["", "低保对象名单", "低保对象名单。", "保障标准与救助金额", "20个工作日"])
ITEMS = st.builds(
    Item,
    sector=st.sampled_from(["社会救助", "养老服务", None]),
    category=WORDS,
    item=WORDS,
    content=TEXTS,
    time_limit=TEXTS,
    place=st.builds(Place, st.integers(1, 99)),
    extras=st.dictionaries(st.sampled_from(["序号", "备注"]), TEXTS, max_size=2),
)
CATALOGUES = st.lists(ITEMS, max_size=9)


def rows(items):
    """What some items say, whatever their order."""
    return Counter(frozenset(cells_of(item).items()) for item in items)


def said(comparison):
    """A comparison, whatever the order of the items in it."""
    changes = Counter(
        (frozenset(cells_of(c.before).items()), frozenset(cells_of(c.after).items()), c.cells)
        for c in comparison.changed
    )
    return rows(comparison.added), rows(comparison.removed), changes


def applied(comparison, items):
    """``items`` with the comparison's additions, removals and cells carried out."""
    left = rows(items) - rows(comparison.removed) + rows(comparison.added)
    for change in comparison.changed:
        cells = cells_of(change.before)
        left[frozenset(cells.items())] -= 1
        cells |= {cell.label: cell.after for cell in change.cells}
        left[frozenset((label, text) for label, text in cells.items() if text)] += 1
    return +left


@given(CATALOGUES, st.randoms())
def test_a_catalogue_does_not_differ_from_itself_in_any_order(items, chance):
    assert compare(items, items) == Comparison()
    shuffled = chance.sample(items, len(items))
    assert compare(items, shuffled) == Comparison()


@given(CATALOGUES, CATALOGUES)
def test_what_changed_takes_the_one_to_the_other(before, after):
    assert applied(compare(before, after), before) == rows(after)


@given(CATALOGUES, CATALOGUES, st.randoms())
def test_the_order_of_rows_makes_no_difference(before, after, chance):
    shuffled = chance.sample(before, len(before)), chance.sample(after, len(after))
    assert said(compare(*shuffled)) == said(compare(before, after))


@given(CATALOGUES, CATALOGUES)
def test_backwards_is_the_mirror_image(before, after):
    there, back = compare(before, after), compare(after, before)
    mirrored = Comparison(
        there.removed,
        there.added,
        tuple(
            ItemChange(
                c.after, c.before, tuple(CellChange(x.label, x.after, x.before) for x in c.cells)
            )
            for c in there.changed
        ),
    )
    assert said(back) == said(mirrored)
    assert there.same == back.same


@given(st.text(max_size=40), st.text(max_size=40))
def test_pieces_are_the_two_texts_and_mirror_each_other(before, after):
    found = pieces(before, after)
    assert "".join(piece.before for piece in found) == before
    assert "".join(piece.after for piece in found) == after
    assert pieces(after, before) == tuple(Piece(new, old) for old, new in found)


def test_added_removed_and_changed_items_are_told_apart():
    newer = replace(LOW, time_limit="自信息形成之日起7个工作日内")
    found = compare([LOW, RULES], [AID, newer])
    assert (found.added, found.removed) == ((AID,), (RULES,))
    (change,) = found.changed
    assert (change.before, change.after, change.renamed, change.moved) == (LOW, newer, False, False)
    (cell,) = change.cells
    assert cell.label == "公开时限"
    assert cell.pieces() == (
        Piece("自信息形成之日起", "自信息形成之日起"),
        Piece("20", "7"),
        Piece("个工作日内", "个工作日内"),
    )


def test_an_item_under_a_new_name_is_renamed_not_replaced():
    newer = replace(LOW, item="审批结果公示信息")
    (change,) = compare([LOW, AID, RULES], [RULES, newer, AID]).changed
    assert (change.before, change.after, change.renamed, change.moved) == (LOW, newer, True, False)


def test_an_item_under_another_category_is_moved():
    moved = replace(RULES, category="政策宣传")
    (change,) = compare([LOW, AID, RULES], [moved, LOW, AID]).changed
    assert (change.before, change.moved, change.renamed) == (RULES, True, False)


def test_an_item_of_the_same_name_about_something_else_is_another():
    other = replace(LOW, category="医疗救助", content="医疗机构目录与报销比例", discloser="医保局")
    found = compare([LOW], [other])
    assert (found.added, found.removed) == ((other,), (LOW,))


def test_two_rows_of_one_name_are_told_apart_by_their_cells():
    early = replace(LOW, time_limit="批前公示不得少于30日")
    late = replace(LOW, time_limit="批后20个工作日内")
    changed = replace(late, time_limit="批后7个工作日内")
    (change,) = compare([early, late], [changed, early]).changed
    assert (change.before, change.after) == (late, changed)


@pytest.mark.parametrize(
    ("column", "before", "after"),
    [
        ("item", "审批信息", "1.审批信息"),
        ("item", "（三）审批信息", "3．审批信息"),
        ("category", "一、最低生活保障", "最低生活 保障"),
        ("sector", "环境保护", "生态环境"),
        ("content", "名单；标准", "名单,标准。"),
    ],
)
def test_form_alone_is_told_from_wording(column, before, after):
    old, new = (replace(LOW, **{column: text}) for text in (before, after))
    found = compare([old], [new])
    assert [cell.label for cell in found.changed[0].cells] == [COLUMNS[column]]
    assert found.same
    assert found.worded == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("提高1.5倍", "提高15倍"),
        ("2019-2020年", "20192020年"),
        ("5%以上", "5以上"),
        ("20个", "7个"),
    ],
)
def test_a_mark_that_changes_a_number_is_wording(before, after):
    assert not compare([replace(LOW, content=before)], [replace(LOW, content=after)]).same


def test_an_article_at_the_head_of_a_cell_is_no_list_number():
    old, new = (replace(LOW, basis=text) for text in ("第十二条：公布", "第十三条：公布"))
    assert not compare([old], [new]).same


def test_row_numbers_are_no_cells():
    old, new = (replace(LOW, extras={"序号": n}, place=Place(int(n))) for n in ("3", "8"))
    assert compare([old], [new]) == Comparison()


def test_a_letter_that_stayed_by_chance_is_not_kept_apart():
    assert pieces("县民政局", "区政务局") == (
        Piece("县民政", "区政务"),
        Piece("局", "局"),
    )


def test_names_of_two_places_are_alike_within_a_sector_only():
    assert alike_in_name(LOW, replace(LOW, item="1.审批信息")) == 100
    assert alike_in_name(LOW, replace(LOW, sector="养老服务")) == 0
    assert alike_in_name(LOW, AID) < 60
    assert alike_in_name(LOW, Item("社会救助", None, "审批信息")) == 100
