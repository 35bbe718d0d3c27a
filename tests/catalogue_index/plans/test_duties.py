import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.plans.duties import NO_DUTIES, Duties, duties_of, split_units, stated


@pytest.mark.parametrize(
    ("words", "duties"),
    [
        (
            "由区发改局牵头，会同区水利局、市资源局高要分局等单位负责编制",
            Duties(lead=("区发改局",), supporting=("区水利局", "市资源局高要分局")),
        ),
        (
            "区政府办公室牵头，会同区信息中心等相关部门、各镇（街道）负责",
            Duties(lead=("区政府办公室",), supporting=("区信息中心等相关部门", "各镇（街道）")),
        ),
        (
            "区政府办公室、区委宣传部（区委网信办）负责",
            Duties(responsible=("区政府办公室", "区委宣传部（区委网信办）")),
        ),
        (
            "2020年8月底前完成，责任单位：高都镇人民政府、县行政审批服务管理局",
            Duties(responsible=("高都镇人民政府", "县行政审批服务管理局"), due="2020年8月底前完成"),
        ),
        (
            "牵头部门：县司法局、县财政局等，责任单位：各镇人民政府，县政府各部门；完成时限：长期坚持",
            Duties(
                lead=("县司法局", "县财政局"),
                responsible=("各镇人民政府", "县政府各部门"),
                long_term=True,
            ),
        ),
        (
            "牵头单位：县教育局；配合单位：县财政局以及各乡镇；完成时限：2023年10月底",
            Duties(lead=("县教育局",), supporting=("县财政局", "各乡镇"), due="2023年10月底"),
        ),
        (
            "县教育局牵头，县财政局、县民政局配合，2020年底前完成",
            Duties(lead=("县教育局",), supporting=("县财政局", "县民政局"), due="2020年底前完成"),
        ),
        (
            "县教育局牵头会同县财政局负责",
            Duties(lead=("县教育局",), supporting=("县财政局",)),
        ),
        ("各单位按职责分工负责", Duties(responsible=("各单位",))),
        (
            "责任单位：县教育局，2021年底前完成",
            Duties(responsible=("县教育局",), due="2021年底前完成"),
        ),
        ("2020年10月底前完成", Duties(due="2020年10月底前完成")),
        ("完成时限：2023年底，并长期坚持", Duties(due="2023年底，并长期坚持", long_term=True)),
        ("送审稿", NO_DUTIES),
        ("国办发〔2019〕54号", NO_DUTIES),
        ("附件2", NO_DUTIES),
    ],
)
def test_units_and_due_times_as_plans_word_them(words, duties):
    assert stated(words) == duties


@pytest.mark.parametrize("bracket", ["〔{}〕", "（{}）", "[{}]", "【{}】", "（{}）。"])
def test_duties_stand_in_the_last_bracket(bracket):
    paragraph = "做好（试点）工作。" + bracket.format("责任单位：各乡（镇）人民政府")
    assert duties_of(paragraph) == Duties(responsible=("各乡（镇）人民政府",))


def test_duties_in_several_brackets_are_taken_together():
    paragraph = "做好工作。（牵头单位：县教育局）（完成时限：2023年底）"
    assert duties_of(paragraph) == Duties(lead=("县教育局",), due="2023年底")


def test_duties_after_the_last_sentence_need_no_bracket():
    paragraph = "做好工作。责任单位：县教育局，完成时限：2023年底。"
    assert duties_of(paragraph) == Duties(responsible=("县教育局",), due="2023年底")


@pytest.mark.parametrize(
    "paragraph",
    ["区政府办公室负责考核。", "于9月20日前呈区政府审定（送审稿）", "由主要负责人负责任。"],
)
def test_sentences_state_no_duties(paragraph):
    assert duties_of(paragraph) == NO_DUTIES


def test_unit_names_stay_whole():
    assert split_units(
        "区住建局（区城综局、区园林局）、县住房和城乡建设管理局 县审计局和县税务局"
    ) == (
        "区住建局（区城综局、区园林局）",
        "县住房和城乡建设管理局",
        "县审计局",
        "县税务局",
    )


UNITS = st.lists(
    st.sampled_from(
        ["县教育局", "县住房和城乡建设管理局", "各镇（街道）", "县委宣传部（县委网信办）"]
    ),
    min_size=1,
    unique=True,
)


@given(UNITS, UNITS, UNITS, st.sampled_from(["，", "；"]), st.sampled_from(["〔{}〕", "（{}）"]))
def test_labelled_units_come_back_as_written(lead, supporting, responsible, between, bracket):
    words = between.join(
        f"{label}：{'、'.join(units)}"
        for label, units in [
            ("牵头单位", lead),
            ("配合单位", supporting),
            ("责任单位", responsible),
        ]
    )
    assert duties_of("做好工作。" + bracket.format(words)) == Duties(
        tuple(lead), tuple(supporting), tuple(responsible)
    )
