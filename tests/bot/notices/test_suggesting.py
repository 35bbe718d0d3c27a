from math import log

import pytest

from bot.notices.suggesting import (
    bare,
    builtin_cues,
    chosen,
    learned_suggester,
    learned_thresholds,
    read_examples,
    together,
)
from bot.subscriptions.groups import national_groups
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonyms, everyday_words
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.model import Item
from catalogue_index.sectors import national_sectors


@pytest.fixture(scope="module")
def suggester():
    words = Tokeniser(national_sectors().names)
    return learned_suggester(Analyser(words, Synonyms(everyday_words())))


@pytest.mark.parametrize(
    ("title", "summary", "sector", "group"),
    [
        ("关于发放高龄津贴的通知", "八十周岁以上老人每月五十元。", "养老服务", "老年人"),
        ("关于休渔期的通告", "渔船五月一日起进港停泊，渔民可领补助。", "", "渔民"),
        ("关于小学招生的通知", "适龄儿童由家长持户口本报名。", "义务教育", "学生家长"),
        ("关于公租房申请的公告", "无房家庭可申请，按轮候号配租。", "保障性住房", "住房困难家庭"),
        ("关于餐饮店检查的通告", "检查饭店、小吃店食材和健康证。", "食品药品监管", "餐饮经营者"),
        (
            "关于助听器和假肢免费适配的公告",
            "持证人可到定点机构适配，费用由残联支付。",
            "",
            "残疾人",
        ),
        ("关于监测对象参保资助的通知", "纳入监测的家庭由财政代缴医保费。", "", "监测户"),
        ("关于关闭水泥厂职工分流的公告", "下岗人员可登记失业并参加转岗培训。", "就业", "失业人员"),
        ("关于入伍青年优待金的公示", "义务兵家庭每户一万元，打入家属账户。", "", "军人家庭"),
        ("电竞馆刷身份证上机的通告", "上网服务场所零点后不得营业。", "", "文化娱乐经营者"),
    ],
)
def test_clear_notices_are_for_whom_they_are(suggester, title, summary, sector, group):
    found = suggester.suggest(title, summary)

    assert not sector or sector in [one.name for one in found.sectors]
    assert group in [one.name for one in found.groups]


def test_everything_suggested_has_reasons_and_a_name_of_the_lists(suggester):
    most = learned_thresholds()
    for example in read_examples()[::20]:
        found = suggester.suggest(example.title, example.summary)

        assert 1 <= len(found.sectors) <= most.most_sectors
        assert 1 <= len(found.groups) <= most.most_groups
        assert all(one.reasons for one in (*found.sectors, *found.groups))
        assert {one.name for one in found.groups} <= set(national_groups().names)
        assert {one.name for one in found.sectors} <= set(national_sectors().names)


def test_reasons_are_words_of_the_notice(suggester):
    found = suggester.suggest("关于残疾人两项补贴的公告", "重度残疾人护理补贴每月一百元。")

    reasons = {one.name: one.reasons for one in found.groups}
    assert "说到“重度残疾人”" in reasons["残疾人"]


def test_what_notices_taught_gives_words_where_no_list_does(suggester):
    found = suggester.suggest("关于机关食堂招租的公告", "面向社会招租，竞价高者得。")

    assert all(reason.startswith(("写明“", "说到“")) for reason in found.sectors[0].reasons)


def test_messages_of_citizens_count_beside_notices():
    assert together({"救灾": 0.5, "统计": 0.5}, {"救灾": -0.1}) == {
        "救灾": pytest.approx(0.4),
        "统计": pytest.approx(0.5 + 0.025 * log(1e-4)),
    }


def test_catalogue_items_bring_their_audience(suggester):
    plain = suggester.suggest("关于发放高龄津贴的通知", "八十周岁以上老人每月五十元。")
    item = Item("养老服务", None, "高龄津贴发放", audience="特定群体：老年人、残疾人")

    found = plain.with_items([("gaoyao-3", item)], national_groups())

    assert [one.name for one in found.items] == ["gaoyao-3"]
    names = [one.name for one in found.groups]
    assert names.count("老年人") == 1
    assert "公开对象" in {one.name: one for one in found.groups}["残疾人"].reasons[0]
    assert found.sectors == plain.sectors


def test_nothing_to_go_by_still_gives_an_answer(suggester):
    found = suggester.suggest("", "")

    assert len(found.sectors) == 1
    assert len(found.groups) == 1


@pytest.mark.parametrize(
    ("words", "group"),
    [
        ("退役士兵", "退役军人"),
        ("脱贫人口", "脱贫户"),
        ("监测对象", "监测户"),
        ("特困供养对象", "特困人员"),
        ("被征收人", "被征收户"),
        ("农民专业合作社", "新型农业经营主体"),
        ("小型微利企业", "小微企业"),
        ("义务兵家庭", "军人家庭"),
    ],
)
def test_the_names_that_documents_use_name_a_group_and_count_as_its_name(words, group):
    assert national_groups().called(words) == (group,)
    assert f"M#{group}" in builtin_cues().clues("", f"符合条件的{words}可以申请。")


def test_the_examples_use_the_names_of_the_lists():
    examples = read_examples()
    sectors, groups = set(national_sectors().names), set(national_groups().names)

    assert len(examples) >= 1600
    assert len({example.title for example in examples}) == len(examples)
    assert all(set(example.sectors) <= sectors for example in examples)
    assert all(set(example.groups) <= groups for example in examples)
    assert {group for example in examples for group in example.groups} == groups
    assert {sector for example in examples for sector in example.sectors} == sectors
    assert set(builtin_cues().groups) == groups


def test_a_cue_inside_another_says_nothing_of_its_own():
    assert builtin_cues().words("危房户", "农村危房改造") == ("危房",)
    assert "M#老年人" in builtin_cues().clues("老人乘车", "")


def test_the_best_is_chosen_whatever_it_scores():
    assert chosen({"a": -2.0, "b": -1.0, "c": -1.5}, 0.0, 3) == ["b"]
    assert chosen({"a": 0.3, "b": 0.2, "c": 0.1}, 0.05, 2) == ["a", "b"]
    assert bare("关于春运的通知") == "春运的通知"
