import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.errors import UnrecognisedFile
from faq.model import FaqEntry
from faq.parser import parse_annex

ANNEX = """附件：

1. 目录编制答疑

2. 目录编制台账

目录编制答疑

【怎样编制】

问：目录与清单有何不同？是否重复？

答：两者既有联系，又有不同。

二、公开依据只需列出法规。

问：目录采用什么样式？

答： 以 26 个领域标准指引为基

础，结合实际梳理。

【其他】

问：有何创新方式？

答：支持各地探索创新。

附件 2

目录编制台账

填报日期：
"""


def test_annex_is_read_in_order_with_whole_answers():
    assert parse_annex(ANNEX, "d") == [
        FaqEntry(
            "d",
            1,
            "怎样编制",
            "目录与清单有何不同？是否重复？",
            "两者既有联系，又有不同。\n二、公开依据只需列出法规。",
        ),
        FaqEntry(
            "d", 2, "怎样编制", "目录采用什么样式？", "以26个领域标准指引为基础，结合实际梳理。"
        ),
        FaqEntry("d", 3, "其他", "有何创新方式？", "支持各地探索创新。"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "问: 谁编?\n答: 各局。\n问: 何时?\n答: 年底。",
        "问1、谁编？\n答：各局。\n问2、何时？\n答：年底。",
        "问题一：谁编？\n答复：各局。\n问题二：何时？\n答复：年底。",
        "Q：谁编？\nA：各局。\nQ：何时？\nA：年底。",
        "Q1: 谁编？\nA1: 各局。\nQ2: 何时？\nA2: 年底。",
        "1.谁编？\n答：各局。\n2.何时？\n答：年底。",
        "1. 谁编？\n各局。\n2. 何时？\n年底。",
        "问：谁编？答：各局。\n问：何时？答：年底。",
        "## 问：谁编？\n\n**答：**各局。\n\n## 问：何时？\n\n**答：**年底。",
    ],
)
def test_other_ways_to_mark_questions(text):
    entries = parse_annex(text, "d")
    assert [(e.number, e.question.replace("?", "？"), e.answer) for e in entries] == [
        (1, "谁编？", "各局。"),
        (2, "何时？", "年底。"),
    ]


def test_numbered_headings_are_sections():
    entries = parse_annex("一、怎样编制\n1.谁编？\n各局。\n二、其他\n2.何时？\n年底。", "d")
    assert [(e.section, e.answer) for e in entries] == [("怎样编制", "各局。"), ("其他", "年底。")]


def test_last_short_line_of_an_answer_is_not_a_section():
    entries = parse_annex("问：带什么？\n答：材料如下：\n身份证\n问：谁办？\n答：县局。", "d")
    assert [(e.section, e.answer) for e in entries] == [
        ("", "材料如下：\n身份证"),
        ("", "县局。"),
    ]


def test_next_annex_is_not_part_of_the_last_answer():
    entries = parse_annex("问：谁编？\n答：各局。\n目录编制工作台账\n填报日期：", "d")
    assert entries[0].answer == "各局。"


def test_table_in_an_answer_is_part_of_it():
    entries = parse_annex("问：谁编？\n答：如下。\n领域\t单位\n就业\t人社局", "d")
    assert entries[0].answer == "如下。\n领域\t单位\n就业\t人社局"


def test_file_without_questions_is_refused_with_what_was_seen():
    with pytest.raises(UnrecognisedFile, match=r"共 2 段文字，开头是“一、总体要求”"):
        parse_annex("一、总体要求\n坚持标准引领。", "d")


def test_empty_file_is_refused():
    with pytest.raises(UnrecognisedFile, match="没有文字"):
        parse_annex("\n \n", "d")


def test_question_without_answer_is_refused_with_its_place():
    with pytest.raises(UnrecognisedFile, match="第 2 个问题没有答复：“何时？”"):
        parse_annex("问：谁编？\n答：各局。\n问：何时？", "d")


WORDS = st.text("政务公开标准目录县局编制要求一二三", min_size=3, max_size=25)
SENTENCE = st.lists(WORDS, min_size=2, max_size=4).map("，".join)


@given(st.data(), st.lists(st.tuples(SENTENCE, st.lists(SENTENCE, min_size=1)), min_size=1))
def test_breaks_inside_sentences_change_nothing(data, pairs):
    """Where a sentence has ended a break may be the author's, and stays a newline."""

    def broken(text):
        places = [
            i for i in range(4, len(text)) if text[i - 1] not in "？。：" and text[i] not in "？。"
        ]
        at = data.draw(st.sets(st.sampled_from(places), max_size=3))
        gap = data.draw(st.sampled_from(["\n", "\n\n", " \n\n- 4 -\n"]))
        # A line that begins like 一、 begins a paragraph; these words never do.
        return "".join(gap + char if i in at else char for i, char in enumerate(text))

    lines = []
    for question, answer in pairs:
        lines += [f"问：{question}？", f"答：{'。'.join(answer)}。"]
    assert parse_annex("\n\n".join(map(broken, lines)), "d") == parse_annex("\n".join(lines), "d")
