"""What is shown: official words as they stand, what was asked first, the source last."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.asking import understand
from bot.answering.composing import (
    EXCERPT,
    LONGEST_EXCERPT,
    choice_of,
    excerpt,
    faq_text,
    item_text,
    passage_title,
    plan_text,
    source_line,
    source_of,
)
from bot.answering.finding import Candidate
from bot.answering.model import Source
from bot.answering.scope import Scope
from catalogue_index.model import Item
from catalogue_index.plans import Passage
from faq.model import FaqEntry

HOME = Scope("441204", None, ("441204",))
ABROAD = Scope("140525", None, ("140525",))


def passage(text, kind="task", **more):
    told = {"path": (), "number": "", "title": ""} | more
    return Passage("plan", 1, kind, text=text, **told)


def about(word):
    return lambda text: text.count(word)


def pieces(text):
    return [piece for piece in text.split("……") if piece]


def test_a_short_passage_is_shown_whole():
    text = "（一）完善制度。各单位要认真落实。〔区政府办牵头〕"
    assert excerpt(passage(text), about("落实")) == text


def test_a_long_passage_keeps_what_was_asked_and_the_bracket_of_units():
    filler = "".join(f"第{n}项工作要认真做好并且长期坚持下去，不断提高水平。" for n in range(20))
    text = f"{filler}专区设在行政服务中心一楼。{filler}〔区政数局牵头，各镇（街道）负责〕"
    shown = excerpt(passage(text), about("专区"))
    assert "专区设在行政服务中心一楼。" in shown
    assert shown.startswith("……")
    assert shown.endswith("……〔区政数局牵头，各镇（街道）负责〕")
    assert len(shown) <= EXCERPT + 60


def test_a_bracket_that_is_no_duty_is_not_repeated():
    text = "各单位要按照要求认真做好有关工作。" * 20 + "（此件公开发布）"
    assert "此件公开发布" not in excerpt(passage(text), about("认真"))


def test_a_bracket_behind_a_full_stop_stays_with_its_paragraph():
    first = "专区由各镇建设。（责任单位：各镇。配合单位：区档案馆；区图书馆）"
    text = f"{first}\n" + "其他工作要求继续按照原有的规定执行到位。" * 20
    assert first in excerpt(passage(text), about("专区"))


def test_paragraphs_keep_their_lines():
    text = "甲项工作要做好。\n乙项专区要建好。\n" + "丙项工作继续按照原有的规定执行。" * 20
    shown = excerpt(passage(text), about("专区"))
    assert "甲项工作要做好。\n乙项专区要建好。" in shown


def test_sentences_are_cut_only_at_their_ends():
    sentences = [f"第{n}项工作由有关部门按照职责分工认真组织落实到位" for n in range(30)]
    text = "".join(s + "。；"[n % 2] for n, s in enumerate(sentences))
    for piece in pieces(excerpt(passage(text), about("第17项"))):
        assert piece[-1] in "。；"
        assert piece.startswith("第")


def test_a_sentence_too_long_for_a_message_is_cut_at_a_comma():
    text = "，".join(f"第{n}个单位要认真负责地做好公开工作" for n in range(60)) + "。"
    shown = excerpt(passage(text), about("第17个"))
    assert "第17个单位要认真负责地做好公开工作，" in shown
    assert len(shown) <= LONGEST_EXCERPT
    assert all(piece in text for piece in pieces(shown))


@given(
    st.text(alphabet="公开目录专区。；，、：\n （）()〔〕……负责牵头a1😀", max_size=1500),
    st.sampled_from(["公开", "专区", "牵头"]),
)
def test_every_piece_of_an_excerpt_stands_in_the_passage(text, word):
    shown = excerpt(passage(text), about(word))
    assert len(shown) <= LONGEST_EXCERPT
    if "……" not in text:
        assert all(piece.strip() in text for piece in pieces(shown))


@given(st.text(alphabet="（(〔）)〕负责。", max_size=3000))
def test_unbalanced_brackets_are_read_in_a_moment(text):
    assert len(excerpt(passage(text), about("负责"))) <= LONGEST_EXCERPT


def test_a_table_row_is_shown_under_the_tables_heading_without_its_running_number():
    row = passage(
        "序号 6\n领域 养老服务\n责任单位 县民政局",
        "responsibility",
        path=("附件3 高县政务公开事项标准目录编制部门",),
        number="6",
        title="养老服务",
    )
    assert plan_text(row, len) == (
        "附件3 高县政务公开事项标准目录编制部门\n领域 养老服务\n责任单位 县民政局"
    )


@pytest.mark.parametrize(
    ("number", "title", "text", "heading"),
    [
        ("二", "工作规则", "召集人：县长。", "二、工作规则"),
        ("6", "养老服务", "由民政局负责。", "6.养老服务"),
        ("（二）", "队伍建设", "配齐人员。", "（二）队伍建设"),
        ("（二）", "工作规则", "（二）每季度召开一次。", "工作规则"),
        ("（二）", "队伍建设", "（二）队伍建设。配齐人员。", "（二）队伍建设"),
        ("", "", "配齐人员。", "三、保障措施"),
    ],
)
def test_a_heading_is_printed_as_in_the_document(number, title, text, heading):
    found = passage_title(passage(text, number=number, title=title, path=("三、保障措施",)))
    assert found == heading


def test_a_passage_that_begins_with_its_heading_does_not_repeat_it():
    text = "（二）队伍建设。配齐人员。"
    assert plan_text(passage(text, number="（二）", title="队伍建设"), len) == text


def test_built_in_excerpts_are_official_text_word_for_word(knowledge):
    for key in (p for d in knowledge.documents for p in knowledge.passages_of(d)):
        text = knowledge.text(key.document)
        shown = excerpt(key, about("公开"))
        assert len(shown) <= LONGEST_EXCERPT
        for piece in (line for part in pieces(shown) for line in part.split("\n")):
            assert piece in key.text
        assert _bare(passage_title(key)) in _bare(text)


def _bare(text):
    return re.sub(r"[\s*#\\-]", "", text)


def test_an_faq_answer_is_whole():
    entry = FaqEntry("notice", 3, "编制", "可以吗？", "可以。\n但是要报备。")
    assert faq_text(entry) == "问：可以吗？\n答：可以。\n但是要报备。"


ROW = Item(
    "社会救助",
    "最低生活保障",
    "审批信息",
    content="低保名单",
    time_limit="公示7个工作日",
    discloser="县级民政部门",
)


def test_an_item_tells_first_what_was_asked():
    lines = item_text(ROW, understand("低保审批是哪个部门公开的")).split("\n")
    assert lines[:2] == ["【社会救助 · 最低生活保障 · 审批信息】", "公开主体：县级民政部门"]
    assert lines[2:] == ["公开时限：公示7个工作日", "公开内容(要素)：低保名单"]


def test_an_unknown_cell_that_was_asked_for_is_named_as_such():
    assert "公开依据：这份目录没有写明" in item_text(ROW, understand("依据是什么"))


def test_unknown_cells_that_nobody_asked_for_are_left_out():
    assert "没有写明" not in item_text(ROW, understand("低保审批"))


def test_a_source_says_whether_it_binds(knowledge):
    found = Candidate("faq", "guangdong-2020-notice-2", 1.0, ())
    assert source_of(found, knowledge, HOME).binding
    assert not source_of(found, knowledge, ABROAD).binding


def test_the_source_line_names_document_number_place_and_date(knowledge):
    key = next(p for p in knowledge.passages_of("zezhou-2020-rules") if p.number == "（一）")
    found = Candidate("plan", f"{key.document}-{key.ordinal}", 1.0, ())
    line = source_line(source_of(found, knowledge, ABROAD))
    document = knowledge.documents["zezhou-2020-rules"]
    assert line == f"来源：《{document.title}》（泽政办发〔2020〕22号），（一），泽州县，2020-07-31"


def test_the_source_line_of_an_imported_row_says_when_it_came_in_force():
    version = "2026-11-22T02:28:30.123456+08:00"
    row = Source(
        type="catalogue",
        document="c",
        document_title="高要区救灾目录",
        area="441204",
        area_name="高要区",
        date="",
        title="",
        quote={},
        binding=True,
        page="/items/c-1",
        locator={"row": 7, "version": version},
    )
    assert source_line(row) == "来源：《高要区救灾目录》，第7行，高要区，2026年11月22日导入"


def test_a_long_label_is_shortened_and_its_message_is_not(knowledge):
    long = max(
        (e for e in knowledge.entries_of("guangdong-2020-notice")), key=lambda e: len(e.question)
    )
    found = Candidate("faq", f"{long.document}-{long.number}", 1.0, ())
    choice = choice_of(found, knowledge, HOME)
    assert len(choice.label) <= 38
    assert choice.message == long.question
