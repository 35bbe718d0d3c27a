"""What an office was promised of answers: the lines of the first issue, and rules that hold for any message at all."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.model import Kind
from catalogue_index import privacy

TOWNS = "我们镇街道要不要也对照26个领域编目录"
LEADS = "养老服务目录谁牵头"
AREAS = ("441204", "140525", "420103", "511525", "44", "441204101", None)


def test_the_notice_answers_whole_and_binds_its_own_province(ask, knowledge):
    answer = ask(TOWNS, "441204")
    source = answer.sources[0]
    assert (source.document, source.locator["number"]) == ("guangdong-2020-notice", 2)
    assert source.binding
    assert source.quote == knowledge.entry("guangdong-2020-notice-2").answer
    assert source.quote in answer.text
    assert "口径，供参考" not in answer.text


def test_the_notice_is_a_reference_in_another_province(ask):
    answer = ask(TOWNS, "140525")
    source = answer.sources[0]
    assert (source.document, source.locator["number"]) == ("guangdong-2020-notice", 2)
    assert not source.binding
    assert "〔广东省口径，供参考〕" in answer.text
    assert source.quote in answer.text


@pytest.mark.parametrize(
    ("area", "document", "words"),
    [
        ("441204", "gaoyao-2020-plan", "区民政局牵头，会同各镇（街道）"),
        ("140525", "zezhou-2020-rules", "县民政局"),
        ("511525", "gaoxian-2023-plan", "县民政局"),
    ],
)
def test_each_county_has_its_own_lead(ask, area, document, words):
    answer = ask(LEADS, area)
    assert answer.kind is Kind.ANSWER
    assert answer.sources[0].document == document
    assert answer.sources[0].binding
    assert words in answer.text


def test_without_an_area_it_asks_where(ask):
    answer = ask(LEADS)
    assert answer.kind is Kind.CHOICES
    assert answer.needs_area
    assert {choice.message for choice in answer.choices} == {
        f"{county}{LEADS}" for county in ("高要区", "泽州县", "高县")
    }


@pytest.mark.parametrize(
    ("county", "document"), [("高县", "gaoxian-2023-plan"), ("泽州", "zezhou-2020-rules")]
)
def test_a_county_in_the_question_beats_the_askers(ask, county, document):
    answer = ask(f"{county}{LEADS}", "441204")
    assert answer.sources[0].document == document
    assert not answer.sources[0].binding
    assert re.match("〔(高县|泽州县)口径，供参考〕", answer.text)


def test_naming_ones_own_county_changes_nothing(ask):
    assert ask(f"高要区{LEADS}", "441204").sources[0].binding


def test_raising_the_county_level_does_not_name_gao_county(ask):
    answer = ask("提高县级政府门户网站公开水平，养老服务目录谁牵头", "441204")
    assert answer.sources
    assert all(source.area != "511525" for source in answer.sources)


@pytest.mark.parametrize("area", [None, "441204", "420103", "420106"])
@pytest.mark.parametrize("county", ["武昌区", "武汉市武昌区", "寿光市"])
def test_a_county_without_documents_never_gets_anothers_plan(ask, county, area):
    answer = ask(f"{county}{LEADS}", area)
    shown = [*answer.sources, *(choice.source for choice in answer.choices if choice.source)]
    assert all(source.type != "plan" for source in shown)
    assert "民政局" not in answer.text


def test_two_questions_in_one_message_are_answered_in_order(ask):
    answer = ask("公开依据要写到条款吗？没有扶贫任务还要编扶贫领域的目录吗？", "441204")
    assert [source.locator["number"] for source in answer.sources] == [7, 12]
    first, second = (answer.text.index(source.quote) for source in answer.sources)
    assert first < second


# --- whatever is sent ---------------------------------------------------------------------------

SAID = re.split(
    " ",
    "低保 审批 结果 在哪里 公开 目录 牵头 谁 多久 依据 养老服务 社会救助 高县 高要区 武昌区 26个领域 指引 街道 编制 怎么 "
    "什么时候 公示 征地 补偿 环境 执法 文件 解读 方案 泽州 江汉区 吗 的 呢 ？ 。 ， 和 另外 台账 专区 责任单位 年底前 "
    "13800138000 11010519491231002X 6222021234567890128 <b> {area} %s ' --",
)
HOSTILE = (
    "'; DROP TABLE items; --",
    "<script>alert(1)</script>低保",
    "{{7*7}} {area} %s ${jndi:ldap://x}",
    "\x00\x1f\u202e\ufeff低保\u200b审批",
    "😀😀😀👨‍👩‍👧",
    "低保" * 250,
    "？" * 500,
    "（" * 500,
    "a" * 500,
    "\ud800低保",
    "0" * 500,
    "高县" * 100,
    "\n\n\n",
    "AND OR NOT NEAR(低保)*",
)
messages = st.one_of(
    st.text(max_size=500),
    st.lists(st.sampled_from(SAID), min_size=1, max_size=14).map("".join),
    st.lists(st.one_of(st.sampled_from(SAID), st.text(max_size=6)), max_size=30).map(" ".join),
    st.sampled_from(HOSTILE),
)


@settings(max_examples=250, deadline=None)
@given(
    text=messages, area=st.sampled_from(AREAS), context=st.one_of(st.none(), st.none(), messages)
)
def test_whatever_is_sent_only_official_text_comes_back(ask, knowledge, text, area, context):
    answer = ask(text, area, context)
    check(answer, knowledge)
    assert answer.to_json()["text"] == answer.text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_neither_echoed_nor_run(ask, knowledge, text):
    answer = ask(text, "441204")
    check(answer, knowledge)
    assert "<script>" not in answer.text
    assert "DROP TABLE" not in answer.text


def check(answer, knowledge):
    """The promises of every answer."""
    assert answer.text
    assert 0 <= answer.confidence <= 1
    assert not privacy.find(answer.text)
    assert (answer.kind is Kind.ANSWER) == bool(answer.sources)
    assert (answer.kind is Kind.CHOICES) == bool(answer.choices)
    for source in answer.sources:
        stored = stored_text(source, knowledge)
        quote = source.quote if isinstance(source.quote, str) else dict(source.quote)
        assert quote == stored
        if source.type == "faq":
            assert stored in answer.text
        if not source.binding:
            assert f"〔{source.area_name}口径，供参考〕" in answer.text
    if answer.sources:
        assert unofficial(answer, knowledge) == []


def stored_text(source, knowledge):
    _, _, key = source.page.rpartition("/")
    if source.type == "faq":
        return knowledge.entry(key).answer
    if source.type == "catalogue":
        return knowledge.item(key)[1].cells()
    document, _, ordinal = key.partition("#p")
    return knowledge.passage(f"{document}-{ordinal}").text


FRAME = re.compile(r"来源：《.+》.*|〔.+口径，供参考〕|【.+】|.+：这份目录没有写明|")


def unofficial(answer, knowledge):
    """Lines of an answer that are neither stored official text nor the frame around it."""
    official = []
    for source in answer.sources:
        stored = stored_text(source, knowledge)
        if isinstance(stored, dict):
            stored = "\n".join(f"{label}：{cell}" for label, cell in stored.items())
        official += [f"问：{source.title}", f"答：{stored}", source.title]
    known = "\n".join(official)
    lines = [re.sub(r"^\d\. (?=〔|问：|【)", "", line) for line in answer.text.split("\n")]
    return [
        line
        for line in lines
        if not FRAME.fullmatch(line)
        and not all(piece in known for piece in re.sub(r"^\d\. ", "", line).split("……"))
        and not all(piece in known for piece in line.split("……"))
    ]


def test_a_fresh_subject_is_not_mixed_with_the_message_before_it(ask):
    found = ask("低保谁牵头编", area="441204", context="养老服务目录谁牵头")
    assert "社会救助领域基层政务公开标准目录，由区民政局牵头" in found.text


def test_who_leads_is_in_the_plan_and_who_discloses_in_the_row(ask):
    assert ask("低保谁牵头编", area="441204").route == "plan"
    assert ask("征地补偿标准谁来公布？", area="441204").route == "catalogue"
