"""Every passage and question of a document can be linked to, and no word of it is lost."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from bot.web.reading import heading_level, paragraphs
from faq.model import FaqEntry


@dataclass(frozen=True)
class Passage:
    ordinal: int
    title: str
    text: str


def test_passages_and_entries_are_anchored_where_they_begin():
    text = "题目\n一、任务\n做好工作。\n1.由谁编制？\n由县里编制。"
    found = paragraphs(
        text,
        [Passage(1, "一、任务", "做好工作。"), Passage(2, "", "由县里 编制。")],
        [FaqEntry("d", 6, "", "由谁编制？", "由县里编制。")],
    )
    assert [(p.text, p.anchors) for p in found] == [
        ("题目", ()),
        ("一、任务", ("p1",)),
        ("做好工作。", ()),
        ("1.由谁编制？", ("q6",)),
        ("由县里编制。", ("p2",)),
    ]


def test_repeated_words_are_anchored_in_order():
    found = paragraphs("甲\n乙\n甲", [Passage(1, "", "乙"), Passage(2, "", "甲")])
    assert [p.anchors for p in found] == [(), ("p1",), ("p2",)]


def test_words_that_are_not_there_are_anchored_near_the_last():
    found = paragraphs("甲\n乙", [Passage(1, "", "乙"), Passage(2, "", "改过的字")])
    assert found[1].anchors == ("p1", "p2")


def test_headings_are_short_numbered_lines_that_are_no_sentences():
    assert heading_level("一、增强公开意识") == 2
    assert heading_level("（十二）平台") == 3
    assert heading_level("一、增强公开意识，做好工作。") == 0
    assert heading_level("一、" + "长" * 40) == 0
    assert heading_level("第一、二季度") == 0


@given(st.text("甲乙丙 \n", max_size=40), st.lists(st.text("甲乙\n ", max_size=4), max_size=6))
def test_every_anchor_stands_exactly_once_and_no_paragraph_is_lost(text, beginnings):
    passages = [Passage(n, "", words) for n, words in enumerate(beginnings)]
    found = paragraphs(text, passages)
    assert [p.text for p in found] == [line.strip() for line in text.split("\n") if line.strip()]
    placed = sorted(anchor for p in found for anchor in p.anchors)
    assert placed == (sorted(f"p{p.ordinal}" for p in passages) if found else [])
