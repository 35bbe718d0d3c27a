import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.documents.manuscript import clean
from catalogue_index.errors import UnrecognisedFile
from catalogue_index.plans.parsing import parse_plan


def brief(text):
    return [(p.kind, p.path, p.number, p.title, p.text) for p in parse_plan(text, "d")]


def of_kind(kind, text):
    return [p for p in parse_plan(text, "d") if p.kind == kind]


PLAN = """某县政务公开工作实施方案

为做好工作，制定本方案。

一、工作目标

2021年底前，建成标准。

到 2023 年，全面完成。

二、重点任务

（一）编制目录。各局要编制目录，做

到规范。具体工作安排如下：

1. 社会救助领域基层政务公开标准目录，由县民政局牵头，会同各镇（街道）负责编制。

2. 镇级政务公开事项标准目录，由各镇（街道）负责编制。

（二）拓宽渠道。设立专区，提供服务。

将公开延伸到农村。〔县政数局、各镇（街道）负责〕

（三）长期公开。各局要公开。

三、保障措施

（一）加强领导。各单位要重视。

附件：分工表

某县人民政府办公室

2021年3月5日

附件

分工表

序号\t领域\t牵头单位\t配合单位\t完成时限
1\t就业领域、社会保险领域\t县人社局\t县财政局 县医保局\t2021年6月底
"""


def test_plan_becomes_passages_in_order_under_their_headings():
    tasks = "二、重点任务"
    items = (tasks, "（一）编制目录")
    saved = "（一）编制目录。各局要编制目录，做到规范。具体工作安排如下："
    assistance = "社会救助领域基层政务公开标准目录"
    towns = "镇级政务公开事项标准目录"
    title = "某县政务公开工作实施方案"
    assert brief(PLAN) == [
        ("paragraph", (), "", title, title),
        ("paragraph", (), "", title, "为做好工作，制定本方案。"),
        ("goal", (), "一", "工作目标", "2021年底前，建成标准。"),
        ("goal", (), "一", "工作目标", "到2023年，全面完成。"),
        ("task", (tasks,), "（一）", "编制目录", saved),
        (
            "responsibility",
            items,
            "1",
            assistance,
            f"1.{assistance}，由县民政局牵头，会同各镇（街道）负责编制。",
        ),
        ("responsibility", items, "2", towns, f"2.{towns}，由各镇（街道）负责编制。"),
        (
            "task",
            (tasks,),
            "（二）",
            "拓宽渠道",
            "（二）拓宽渠道。设立专区，提供服务。\n"
            "将公开延伸到农村。〔县政数局、各镇（街道）负责〕",
        ),
        ("task", (tasks,), "（三）", "长期公开", "（三）长期公开。各局要公开。"),
        ("paragraph", ("三、保障措施",), "（一）", "加强领导", "（一）加强领导。各单位要重视。"),
        ("paragraph", (), "", "附件", "附件：分工表"),
        ("paragraph", (), "", title, "某县人民政府办公室\n2021年3月5日"),
        (
            "responsibility",
            ("附件 分工表",),
            "1",
            "就业领域、社会保险领域",
            "序号 1\n领域 就业领域、社会保险领域\n牵头单位 县人社局\n"
            "配合单位 县财政局 县医保局\n完成时限 2021年6月底",
        ),
    ]


def test_passages_are_numbered_from_one_and_know_their_document():
    passages = parse_plan(PLAN, "county-plan")
    assert [p.ordinal for p in passages] == list(range(1, len(passages) + 1))
    assert {p.document for p in passages} == {"county-plan"}


def test_goals_carry_their_year_and_due_words():
    assert [(p.year, p.due) for p in of_kind("goal", PLAN)] == [
        (2021, "2021年底前"),
        (2023, "2023年"),
    ]


def test_responsibilities_carry_units_sectors_and_due():
    assert [
        (p.lead, p.supporting, p.responsible, p.sectors, p.due)
        for p in of_kind("responsibility", PLAN)
    ] == [
        (("县民政局",), ("各镇（街道）",), (), ("社会救助",), None),
        ((), (), ("各镇（街道）",), (), None),
        (("县人社局",), ("县财政局", "县医保局"), (), ("就业", "社会保险"), "2021年6月底"),
    ]


def test_units_after_a_second_paragraph_are_those_of_the_whole_task():
    task = of_kind("task", PLAN)[1]
    assert task.responsible == ("县政数局", "各镇（街道）")


def test_each_paragraph_with_its_own_units_is_a_task():
    text = (
        "二、工作内容\n（一）加强管理\n制定目录。（牵头单位：县审批局；责任单位：各部门）\n"
        "建立制度。（责任单位：各街道）\n（二）公开\n公开信息。（责任单位：县大数据中心）"
    )
    assert [(p.number, p.title, p.lead, p.responsible) for p in of_kind("task", text)] == [
        ("（一）", "加强管理", ("县审批局",), ("各部门",)),
        ("（一）", "加强管理", (), ("各街道",)),
        ("（二）", "公开", (), ("县大数据中心",)),
    ]


def test_units_on_lines_of_their_own_belong_to_the_task_above():
    text = (
        "二、主要任务\n1.推行预公开。各局要公开。\n牵头单位：县司法局\n责任单位：各镇\n"
        "完成时限：长期坚持\n2.公示。各局要公示。\n责任单位：县司法局\n完成时限：2023年底"
    )
    assert [
        (p.number, p.lead, p.responsible, p.due, p.long_term) for p in of_kind("task", text)
    ] == [
        ("1", ("县司法局",), ("各镇",), None, True),
        ("2", (), ("县司法局",), "2023年底", False),
    ]


def test_table_of_tasks():
    text = "任务分解表\n序号\t任务\t责任单位\n1\t更新目录\t县政府办\n2\t公示执法\t同上"
    assert [(p.number, p.title, p.responsible, p.text) for p in of_kind("task", text)] == [
        ("1", "更新目录", ("县政府办",), "序号 1\n任务 更新目录\n责任单位 县政府办"),
        ("2", "公示执法", ("县政府办",), "序号 2\n任务 公示执法\n责任单位 县政府办"),
    ]


def test_blank_form_is_one_passage_with_its_columns():
    text = (
        "附件2\n\n工作台账\n\n填报单位：\n\n填报日期：\n\n"
        "单位\t工作进度\t\t联系人\n\t上月完成事项\t本月计划\t\n\n填报人及联系方式："
    )
    (form,) = parse_plan(text, "d")
    assert (form.kind, form.path, form.number, form.title) == ("form", (), "附件2", "工作台账")
    assert form.text.split("\n") == [
        "填报单位：",
        "填报日期：",
        "单位",
        "工作进度",
        "　上月完成事项",
        "　本月计划",
        "联系人",
        "填报人及联系方式：",
    ]


def test_list_items_without_full_stops_stay_together():
    text = "一、目标\n2023年完成。\n二、材料\n1.身份证\n2.户口本\n三、其他\n另行通知。"
    items = of_kind("paragraph", text)[0]
    assert (items.path, items.text) == (("二、材料",), "1.身份证\n2.户口本")


def test_responsibilities_with_colons_need_no_full_stop():
    text = "1.社会救助领域：县民政局\n2.就业领域：县人社局牵头，各镇配合"
    first, second = of_kind("responsibility", text)
    assert (first.sectors, first.responsible) == (("社会救助",), ("县民政局",))
    assert (second.sectors, second.lead, second.supporting) == (("就业",), ("县人社局",), ("各镇",))


def test_annex_with_its_title_on_the_same_line():
    text = "一、目标\n2023年完成。\n附件1：分工表\n领域\t单位\n就业\t县人社局"
    (line,) = of_kind("responsibility", text)
    assert (line.path, line.responsible) == (("附件1 分工表",), ("县人社局",))


def test_list_of_annexes_with_numbers_stays_together():
    text = "一、目标\n2023年完成。\n附件1：分工表\n附件2：台账\n附件1\n分工表\n领域\t单位\n就业\t人社局"
    (listed,) = of_kind("paragraph", text)
    assert (listed.path, listed.text) == ((), "附件1：分工表\n附件2：台账")
    assert of_kind("responsibility", text)[0].path == ("附件1 分工表",)


def test_title_of_a_task_without_full_stop_is_what_stands_before_its_units():
    (task,) = of_kind("task", "（一）负责人带头解读（县政府办牵头，各部门配合，全年推进）")
    assert (task.title, task.lead) == ("负责人带头解读", ("县政府办",))


def test_people_of_a_working_group_stay_together():
    text = (
        "一、目标\n2023年完成。\n二、人员\n"
        "组  长：何 彬 副县长\n副组长：黄 勇 主任\n办公室设在县政府办。"
    )
    people, office = of_kind("paragraph", text)
    assert people.text == "组长：何彬 副县长\n副组长：黄勇 主任"
    assert office.text == "办公室设在县政府办。"


def test_questions_of_an_annex_stay_whole():
    text = (
        "一、目标\n2023年完成。\n【怎样编制】\n"
        "问：谁编？\n答：一、县局编。\n二、镇里编。\n附件2\n名单"
    )
    (question,) = of_kind("question", text)
    assert question.path == ("【怎样编制】",)
    assert question.title == "谁编？"
    assert question.text == "问：谁编？\n答：一、县局编。\n二、镇里编。"


def test_text_that_is_no_plan_is_refused_with_what_was_seen():
    with pytest.raises(UnrecognisedFile, match=r"共 1 段文字，开头是“春眠不觉晓。”"):
        parse_plan("春眠不觉晓。", "d")


def test_empty_text_is_refused():
    with pytest.raises(UnrecognisedFile, match="没有文字"):
        parse_plan(" \n", "d")


WORDS = st.text("政务公开标准目录建设要求群众", min_size=3, max_size=12)
SENTENCE = st.lists(WORDS, min_size=2, max_size=4).map(lambda parts: "，".join(parts) + "。")
UNITS = st.sampled_from(
    ["〔各乡（镇）负责〕", "（牵头单位：县教育局；责任单位：各镇，县民政局）", ""]
)
TASKS = st.lists(st.tuples(SENTENCE, SENTENCE, UNITS), min_size=1, max_size=6)
HAN = "一二三四五六"


@given(st.data(), TASKS, st.booleans())
def test_breaks_inside_sentences_and_brackets_change_nothing(data, tasks, numbered_in_arabic):
    """Breaks between sentences are left out: they may be the author's, and stay newlines."""
    lines = ["某县实施方案", "为做好工作，制定本方案。", "一、主要任务"]
    for index, (first, second, units) in enumerate(tasks):
        mark = f"{index + 1}." if numbered_in_arabic else f"（{HAN[index]}）"
        lines.append(f"{mark}做好工作。{first}{second}{units}")
    whole = "\n".join(lines)
    gap = data.draw(st.sampled_from(["\n", "\n\n", " \n\n— 7 —\n\n"]))
    broken = []
    for line in lines:
        start = line.find("，")
        places = [
            i
            for i in range(start + 1, len(line))
            if start >= 0 and line[i - 1] not in "。）〕" and line[i] not in "。"
        ]
        at = data.draw(st.sets(st.sampled_from(places), max_size=3)) if places else set()
        broken.append("".join(gap + char if i in at else char for i, char in enumerate(line)))
    assert parse_plan("\n\n".join(broken), "d") == parse_plan(whole, "d")


def unmarked(text):
    """``text`` without the marks of headings: 一、目标 is number 一 and title 目标."""
    return re.sub(r"(?<=[一二三四五六七八九十\d])[、.]|[【】]", "", text)


FRAGMENTS = st.sampled_from(
    [
        "一、总体目标",
        "（一）编制目录。各局编制。〔县局负责〕",
        "1.就业领域目录，由县人社局负责。",
        "2021年底前，完成。",
        "附件1",
        "附件：1.分工表",
        "2.台账",
        "分工表",
        "【其他】",
        "问：谁编？",
        "答：县局。",
        "领域\t责任单位",
        "就业\t县人社局",
        "单位\t\t进度",
        "责任单位：县局",
        "组长：何彬 县长",
        "县人民政府办公室",
        "2021年3月5日",
        "抄送：县委。",
        "公开要及时，",
    ]
)


@given(st.lists(FRAGMENTS, min_size=1, max_size=14))
def test_whatever_the_order_nothing_is_lost_or_added(lines):
    text = "\n".join(lines)
    try:
        passages = parse_plan(text, "d")
    except UnrecognisedFile:
        return
    told = unmarked("\n".join("\n".join((*p.path, p.number + p.title, p.text)) for p in passages))
    whole = "".join(clean(text).split())
    for passage in passages:
        assert all(word in whole for word in passage.text.split())
    for line in lines:
        assert all(unmarked(word) in told for word in clean(line.replace("\t", " ")).split())
