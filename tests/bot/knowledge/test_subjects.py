"""Whose phrasings speak for an item: its own, its name's, or those of nearly the same name in its sector."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.subjects import Subjects, named
from catalogue_index.model import Item
from faq.snapshot import Phrasing

ITEM = Item("社会救助", "最低生活保障", "低保对象审批结果")
HERE = "item:gaoyao-7"


def known(*names):
    return Subjects(Phrasing(name, "低保批给谁了") for name in names)


def item(name):
    return Item(*name.removeprefix("item:").split("/", 2))


def test_a_subject_is_named_by_sector_category_and_item():
    assert named(ITEM) == "item:社会救助/最低生活保障/低保对象审批结果"
    assert named(Item("社会救助", None, None)) == "item:社会救助//"
    assert named(replace(ITEM, content="别的内容", level="县级")) == named(ITEM)


@pytest.mark.parametrize(
    ("name", "speaks"),
    [
        ("item:社会救助/最低生活保障/低保对象审批结果", True),
        ("item:社会救助/最低生活保障/低保对象审批信息结果", True),
        ("item:社会救助领域/最低生活保障/低保对象审批结果", True),
        ("item:社会救助/临时救助/低保对象审批结果", False),
        ("item:社会救助/最低生活保障/办事指南", False),
        ("item:社会救助/低保对象审批结果/最低生活保障", False),
        ("item:养老服务/最低生活保障/低保对象审批结果", False),
        ("faq:社会救助/最低生活保障/低保对象审批结果", False),
        ("item:gaoyao-8", False),
    ],
)
def test_the_phrasings_of_nearly_the_same_item_speak_for_it(name, speaks):
    assert known(name).of(HERE, ITEM) == (name if speaks else "")


def test_another_name_of_the_sector_is_no_other_sector():
    name = "item:环境保护/行政许可/建设项目审批"
    assert known(name).of(HERE, Item("生态环境", "行政许可", "建设项目审批")) == name


def test_its_own_phrasings_go_before_those_of_its_name_and_these_before_the_nearest():
    exact, near = named(ITEM), "item:社会救助/最低生活保障/低保对象审批结果等"
    assert known(near, exact, HERE).of(HERE, ITEM) == HERE
    assert known(near, exact).of(HERE, ITEM) == exact
    assert known(near).of(HERE, ITEM) == near


def test_the_nearest_of_several_speaks():
    far, near = (f"item:社会救助/最低生活保障/低保对象审批结果{more}" for more in ("信息", "等"))
    assert known(far, near).of(HERE, ITEM) == near
    assert known(near, far).of(HERE, ITEM) == near


def test_an_item_named_by_its_category_alone_is_compared_by_it():
    alone = Item("社会救助", "最低生活保障", None)
    name = "item:社会救助/最低生活保障/"
    assert known(name).of(HERE, alone) == name
    assert known("item:社会救助/最低生活保障制度/").of(HERE, alone)


def test_a_name_with_a_slash_is_its_own():
    assert known(named(Item("社会救助", "低保", "审批/公示"))).of(
        HERE, Item("社会救助", "低保", "审批/公示")
    )


def test_nothing_known_speaks_for_nothing():
    assert Subjects([]).of(HERE, ITEM) == ""
    assert (
        known("item:社会救助/最低生活保障/低保对象审批结果").of(HERE, Item(None, None, None)) == ""
    )


CELLS = st.text("低保审批结果", max_size=6)
ITEMS = st.builds(Item, st.sampled_from(["社会救助", "养老服务", None]), CELLS, CELLS)


@given(said=st.lists(ITEMS, max_size=8), asked=ITEMS)
def test_what_speaks_is_known_and_of_the_same_sector_in_any_order(said, asked):
    names = [named(each) for each in said]
    subject = known(*names).of(HERE, asked)
    assert known(*reversed(names)).of(HERE, asked) == subject
    assert subject in ("", *names)
    assert not subject or item(subject).sector == (asked.sector or "")
    assert named(asked) not in names or subject == named(asked)
