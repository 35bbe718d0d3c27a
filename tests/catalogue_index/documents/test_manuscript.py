from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.documents.manuscript import Paragraph, Table, blocks


def paragraphs(text):
    return [block.text for block in blocks(text) if isinstance(block, Paragraph)]


def test_sentence_broken_by_a_page_is_one_paragraph():
    assert paragraphs("属于可有可无的辅助性工\n\n作。全省各级政府要落实。\n\n二、加强指导。") == [
        "属于可有可无的辅助性工作。全省各级政府要落实。",
        "二、加强指导。",
    ]


def test_one_paragraph_a_line_stays_so():
    text = (
        "一、总体要求\n坚持标准引领。\n二、任务\n（一）编制。各局要编制。\n（二）公开。各局公开。"
    )
    assert paragraphs(text) == text.split("\n")


def test_headings_on_lines_of_their_own_stay_apart_from_the_text_below():
    text = (
        "（三）做好信息的管理\n\n建立机制，定期评估。\n\n"
        "（四）深化交流互动，推进公开标准化\n\n结合实际，制定清单。"
    )
    assert paragraphs(text) == text.split("\n\n")


def test_numbered_text_goes_on_when_its_siblings_are_text():
    text = "一、规则\n\n（一）每季度召开1次。\n\n（二）召开会议，研究讨\n\n论议题。\n\n（三）编。"
    assert paragraphs(text)[2] == "（二）召开会议，研究讨论议题。"


def test_text_wrapped_at_one_width_is_joined_and_its_headings_are_not():
    text = "\n".join(
        [
            "一、总体要求",
            "坚持以人民为中心的发展思想坚持标准引领需",
            "求导向依法依规改革创新的原则全面推进建设",
            "规范公开行为提升公开质量。",
            "二、加强组织领导",
            "各单位要高度重视政务公开标准化规范化工作",
            "由主要负责人担任第一责任人做好重点工作的",
            "谋划和落实各单位结合工作实际制定出落实方",
            "案并于规定时间之前报汇总备案以便于全区通",
            "盘考虑统一安排。",
            "三、强化能力建设",
            "选优配强工作队伍针对政务公开的规章制度和",
            "有关知识技能做好教育培训每年至少组织开展",
            "一次集中学习。",
        ]
    )
    found = paragraphs(text)
    assert [line for line in found if len(line) < 12] == [
        "一、总体要求",
        "二、加强组织领导",
        "三、强化能力建设",
    ]
    assert len(found) == 6


def test_bracket_of_units_joins_the_text_it_belongs_to():
    text = "1. 设立专区，提供服务。\n\n〔2020年11月底前完成，责任单位：县行\n\n政局〕\n\n2. 公开。"
    assert paragraphs(text) == [
        "1.设立专区，提供服务。〔2020年11月底前完成，责任单位：县行政局〕",
        "2.公开。",
    ]


def test_bracket_of_units_broken_twice_joins_the_text_above():
    text = "设立专区，提供服务。\n\n〔区政数局、区档案馆、各镇（街\n\n道）负责〕"
    assert paragraphs(text) == ["设立专区，提供服务。〔区政数局、区档案馆、各镇（街道）负责〕"]


def test_line_that_begins_with_a_closing_mark_goes_on():
    assert paragraphs("成员：县教育局、县民政局\n\n、县财政局") == [
        "成员：县教育局、县民政局、县财政局"
    ]


def test_office_named_inside_a_sentence_does_not_end_it():
    text = "为贯彻《国务院办公厅关于公开的意见》（国办发〔2019〕54号）和县人民政府\n\n要求，制定本方案。"
    assert len(paragraphs(text)) == 1


def test_signature_date_and_remark_stay_apart():
    text = "请认真贯彻执行。\n\n某县人民政府办公室\n\n2020年7月31日\n\n（此件公开发布）"
    assert len(paragraphs(text)) == 4


def test_people_stay_apart_and_keep_the_blank_after_a_name():
    assert paragraphs(
        "组  长：何 彬 县委常委、副县长\n\n副组长：黄 勇 办公室主任\n成 员：县教育局"
    ) == [
        "组长：何彬 县委常委、副县长",
        "副组长：黄勇 办公室主任",
        "成员：县教育局",
    ]


def test_annex_mark_and_title_stay_apart_from_its_text():
    text = "附件 1\n\n全县政务公开分工\n\n为有序推进工作，作如下分工。"
    assert paragraphs(text) == ["附件1", "全县政务公开分工", "为有序推进工作，作如下分工。"]


def test_title_over_two_bold_lines_is_one():
    text = "**某县人民政府办公室\n关于印发某县基层政府\n能力提升方案的通知**\n\n各镇："
    assert paragraphs(text)[0] == "某县人民政府办公室关于印发某县基层政府能力提升方案的通知"


def test_markdown_marks_and_page_numbers_are_dropped():
    text = "## 三、任务\n\n对照**26**个领域（附件**1**）\n\n— 3 —\n\n编制。\n\n- 附件: 1. 指引\n\n<http://a.cn/b>"
    assert paragraphs(text) == [
        "三、任务",
        "对照26个领域（附件1）编制。",
        "附件：1.指引",
        "http://a.cn/b",
    ]


def test_table_rows_over_a_page_break_are_one_table_and_blank_cells_stay():
    text = "序号\t领 域\t责 任 单 位\n1\t就业\t县人社局\n\n2\t救灾\t\n单位\n\na | b"
    assert blocks(text)[0] == Table(
        (("序号", "领域", "责任单位"), ("1", "就业", "县人社局"), ("2", "救灾", ""))
    )


def test_markdown_table_is_a_table():
    assert blocks("| 领域 | 单位 |\n|---|:-:|\n| 就业 | 人社局 |") == [
        Table((("领域", "单位"), ("就业", "人社局")))
    ]


def test_number_before_a_tab_is_a_list_item():
    assert paragraphs("1.\t推行预公开。") == ["1.推行预公开。"]


CHINESE = st.text(
    "政务公开标准目录县局一二12.、，。；：（）()〔〕“”【】问答附件附 \t\n#*-|ab:,", max_size=120
)


@given(CHINESE)
def test_blocks_never_fail_and_lose_no_chinese_character(text):
    kept = "".join(
        block.text if isinstance(block, Paragraph) else "".join(map("".join, block.rows))
        for block in blocks(text)
    )
    han = set("政务公开标准目录县局一二附件")
    assert [c for c in kept if c in han] == [c for c in text if c in han]


SENTENCES = st.lists(
    st.text("政务公开标准化规范化工作全县各局要编制目录", min_size=4, max_size=30),
    min_size=2,
    max_size=5,
)


BEGINNINGS = st.sampled_from(["", "一、前言。", "（二）前言。", "答："])


@given(st.data(), BEGINNINGS, st.lists(SENTENCES, min_size=1, max_size=4))
def test_breaks_inside_sentences_are_mended(data, beginning, written):
    """A scan may break a line where a sentence is under way; where one has ended, none can tell."""
    whole = [f"{beginning}{'，'.join(parts)}。" for parts in written]
    broken = []
    for text in whole:
        places = [i for i in range(4, len(text)) if text.index("，") < i < len(text) - 1]
        at = data.draw(st.sets(st.sampled_from(places), max_size=3))
        gap = data.draw(st.sampled_from(["\n", "\n\n", "\n\n— 2 —\n\n"]))
        broken.append("".join(gap + char if i in at else char for i, char in enumerate(text)))
    assert paragraphs("\n\n".join(broken)) == whole
