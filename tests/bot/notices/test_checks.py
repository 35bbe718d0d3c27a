from dataclasses import replace
from datetime import date

import pytest

from bot.notices.checks import Facts, check
from bot.notices.model import Attribute
from tests.bot.notices.office import TEXT

FACTS = Facts(date(2026, 11, 21), link="https://zwgk.example.cn/notices/0123456789")


def found(text, facts=FACTS):
    return {(finding.check, finding.blocks) for finding in check(text, facts)}


def test_a_good_notice_has_nothing_to_it():
    assert (
        found(TEXT, replace(FACTS, channels=("sms", "email", "wechat_notice"), alive=True)) == set()
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"attribute": Attribute.ON_REQUEST}, ("attribute", True)),
        ({"attribute": Attribute.NONE}, ("attribute", True)),
        ({"url": ""}, ("source", True)),
        ({"url": "www.gaoyao.gov.cn"}, ("source", True)),
        ({"policy": True}, ("interpretation", True)),
        ({"body": " \n"}, ("empty", True)),
        ({"body": "张三，身份证号11010519491231002X，请到场。"}, ("personal", True)),
        ({"title": "关于13800138000的通知"}, ("personal", True)),
        ({"valid_until": date(2026, 11, 20)}, ("expired", False)),
        ({"body": "请于2026年11月20日前申报。"}, ("past", False)),
        ({"body": "请于2月30日前申报。"}, ("past", False)),
        ({"body": "咨询电话0758-8391234。"}, ("phones", False)),
        ({"body": "内部资料。"}, ("words", False)),
    ],
)
def test_each_fault_is_found(change, expected):
    assert found(replace(TEXT, **change)) == {expected}


def test_an_interpretation_or_a_reason_is_enough():
    policy = replace(TEXT, policy=True)

    assert found(replace(policy, interpretation="https://www.gaoyao.gov.cn/jd/1.html")) == set()
    assert found(replace(policy, uninterpreted="内容简单，全文即解读")) == set()


@pytest.mark.parametrize(
    ("alive", "expected"), [(None, set()), (True, set()), (False, {("dead", False)})]
)
def test_a_dead_link_warns(alive, expected):
    assert found(TEXT, replace(FACTS, alive=alive)) == expected


def test_what_is_too_long_for_a_channel_blocks_that_channel_alone():
    text = replace(TEXT, issuer="很长的机关名称" * 60)

    findings = check(text, replace(FACTS, channels=("sms", "email"), signature="高要政务公开"))

    assert [(f.channel, f.blocks) for f in findings] == [("sms", True)]


def test_findings_repeat_no_personal_data():
    text = replace(TEXT, body="联系人13800138000，身份证号11010519491231002X。")

    said = " ".join(f.sentence for f in check(text, FACTS))

    assert "13800138000" not in said
    assert "11010519491231002X" not in said


def test_every_finding_says_what_asks_for_it():
    bad = replace(TEXT, attribute=Attribute.NONE, url="", body="内部电话0758-8391234，2020年1月1日")

    assert all(f.source and f.sentence for f in check(bad, FACTS))
    assert [f.blocks for f in check(bad, FACTS)] == sorted(
        (f.blocks for f in check(bad, FACTS)), reverse=True
    )
