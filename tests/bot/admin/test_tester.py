"""The tester shows what people read, and why."""

import pytest

from bot.officers.model import Role
from tests.bot.admin.conftest import words


def test_it_begins_with_an_example(desk):
    assert "写一句群众会问的话" in words(desk.get(Role.DRAFTER, "/tester"))


def test_the_reply_is_what_people_get_and_the_reasons_stand_beside_it(desk, ask):
    page = words(desk.get(Role.DRAFTER, "/tester?q=养老服务目录谁牵头&area=高要区"))

    answer = ask("养老服务目录谁牵头", "441204")
    assert answer.sources[0].document_title in page
    for line in answer.text.splitlines()[:2]:
        assert line.strip() in page
    assert "直接答复" in page
    assert "考虑过的答复" in page
    assert "应该是这条" in page


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("q=公积金怎么提取", "没有答复"),
        ("q=救命我不想活了", "没有去知识库里找"),
        ("q=低保&area=没有这个县", "没有找到地区"),
        ("q=帮助", "群众看到的"),
        ("q=<b>粗</b>{{7*7}}", "{{7*7}}"),
        ("q=" + "问" * 600, "群众看到的"),
    ],
)
def test_whatever_is_tried_is_shown(desk, asked, told):
    page = desk.get(Role.DRAFTER, f"/tester?{asked}")

    assert page.status_code == 200
    assert told in words(page) or told in page.text


def test_who_only_looks_is_offered_no_proposal(desk):
    assert "补一条" not in words(desk.get(Role.AUDITOR, "/tester?q=低保公示几天&area=高要区"))
