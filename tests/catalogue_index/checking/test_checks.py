"""Single checks at their edges, and the whole check on whatever a cell may hold."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.checking import Draft, Guide, check
from catalogue_index.checking.checks.damage import unbalanced
from catalogue_index.model import COLUMNS
from catalogue_index.readers import Grid

TODAY = date(2026, 9, 1)
CLEAN = {
    "sector": "安全生产",
    "category": "政策文件",
    "item": "法律法规",
    "content": "安全生产方面的法律和法规",
    "basis": "《中华人民共和国政府信息公开条例》",
    "time_limit": "信息形成或者变更之日起20个工作日内",
    "discloser": "县应急管理局",
    "channels": "政府网站",
    "audience": "全社会",
    "method": "主动",
    "level": "县级",
}


def found(area="44", **cells):
    row = tuple((CLEAN | cells).values())
    grid = Grid("", (tuple(COLUMNS.values()), row))
    return check(Draft.read([grid], Guide(), TODAY), area)


def test_a_check_by_some_rules_finds_nothing_else():
    row = tuple((CLEAN | {"time_limit": "", "discloser": "相关部门"}).values())
    draft = Draft.read([Grid("", (tuple(COLUMNS.values()), row))], Guide(), TODAY)
    assert {one.rule for one in check(draft, only=["body-vague"])} == {"body-vague"}
    assert {"body-vague"} < {one.rule for one in check(draft)}


def told(**cells):
    return {one.rule for one in found(**cells)}


HARMLESS = {
    "basis": [
        "《社会救助暂行办法》（国务院令第649号）、《关于全面推进政务公开工作的意见》及其实施细则",
        "民政部关于贯彻落实国务院关于进一步健全特困人员救助供养制度的意见的通知",
        "《财政部关于印发<地方预决算公开操作规程>的通知》(财预〔2016〕143号)等",
        "信息公开规定",
        "《劳动合同法》；《农村土地承包法》",
    ],
    "content": [
        "1)办理条件；2)申请材料（身份证、户口本）；(3)流程",
        "A级旅游景区名称；C级危房；IC卡办理；5G基站；PPP项目；X光检查",
        "入口位置；窗口电话；口岸名称；人口数；口头申请方式",
        "本级支出应当公开到功能分类项级科目。专项转移支付应当分地区、分项目公开。没有数据的表格应当列出空表并说明。",
        "已取消的证明事项清单；已完成项目名录；收款账号",
        "e福州办理入口；CA证书；GB标准；QQ群",
        "项目金额≥200万元；占地<5亩；(2014)74号文件",
        "受理环节：受理情况公示、报告书（表）全本；决定环节：环评批复",
    ],
    "time_limit": [
        "及时公开",
        "长期公开（动态调整）",
        "征求意见期限不得少于30日",
        "公告至少30日",
        "半年至少更新1次",
        "批准之日起30日内，法律、法规另有规定的从其规定",
        "按照《预算法》规定，批准后20日内",
        "公开期限：3年",
        "长期公开，保留2年",
    ],
    "discloser": [
        "县住房和城乡建设局",
        "县农业农村局",
        "县乡村振兴局",
        "县政府各组成部门",
        "招标人或者其委托的招标代理机构",
        "县级政府民政部门",
    ],
    "channels": ["县政府门户网站", "中国政府采购网", "政府网站;入户/现场"],
}


@pytest.mark.parametrize(("attribute", "text"), [(a, t) for a, ts in HARMLESS.items() for t in ts])
def test_ordinary_words_are_left_alone(attribute, text):
    assert told(**{attribute: text}) == set()


def test_deadlines_are_days_only_in_budgets():
    limit = {"time_limit": "批准后20日内"}
    assert told(**limit) == set()
    assert told(time_limit="信息形成后20日内") == {"deadline-in-days"}
    assert told(sector="财政预决算", time_limit="信息形成后20日内") == set()


def test_an_item_on_request_needs_no_website_but_perhaps_should_not_be_one():
    assert told(method="依申请", channels="精准推送") == {"method-statutory"}
    assert told(audience="特定群体:申请人", channels="精准推送") == set()


def test_a_cancelled_item_is_explained_in_its_basis():
    explained = "《关于取消一批行政许可事项的决定》（国发〔2020〕13号），2020年起取消"
    assert told(content="已取消") == {"cancelled-unexplained"}
    assert told(content="已取消", basis=explained) == set()


def test_a_source_of_another_province_is_told_to_be_one():
    inside, outside = (found(area, discloser="相关部门")[0] for area in ("441204", "140525"))
    assert inside.quotation.binding
    assert not outside.quotation.binding
    assert "省外供参考" in str(outside.quotation)


def test_personal_data_is_told_of_and_never_shown():
    findings = found(discloser="相关部门13912345678", content="联系人 13912345678。负责填报。")
    assert "personal-data" in {one.rule for one in findings}
    assert "13912345678" not in repr(findings)


MARKS = st.recursive(
    st.sampled_from(["法", "办法", "", "、"]),
    lambda inner: st.tuples(
        st.sampled_from(["《》", "（）", "()", "〔〕", "“”", "〈〉", "【】"]), inner, inner
    ).map(lambda parts: f"{parts[0][0]}{parts[1]}{parts[0][1]}{parts[2]}"),
    max_leaves=6,
)


@given(MARKS)
def test_what_is_paired_is_balanced(text):
    assert unbalanced(text) is None


@given(MARKS, st.sampled_from("《》〔〕【】"), st.integers(0, 30))
def test_one_mark_more_is_not(text, mark, position):
    assert unbalanced(text[:position] + mark + text[position:]) is not None


PIECES = [
    "《",
    "》",
    "第一条",
    "20",
    "工作日",
    "内",
    "{",
    "}",
    "口",
    "L",
    "相关部门",
    "县",
    "乡",
    "、",
    "\n",
    "同上",
]
CELL = st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=12)


@given(st.lists(st.lists(CELL, min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=4))
def test_any_cells_are_checked_and_every_finding_is_whole(rows):
    grid = Grid("表", (tuple(COLUMNS.values()), *map(tuple, rows)))
    for one in check(Draft.read([grid], Guide(), TODAY, title="安全生产领域标准目录")):
        assert one.what.endswith("。")
        assert one.todo.endswith("。")
        assert one.place.sheet == "表"
