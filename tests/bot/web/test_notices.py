from dataclasses import replace
from datetime import date

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.notices.model import Attribute, Notice, NoticeState, Text
from bot.web import notices

TEXT = Text(
    title="关于发放高龄津贴的通知",
    body="八十周岁以上老人每月五十元。\n\n<b>家属</b>每月十日前核对卡号。",
    attribute=Attribute.ACTIVE,
    url="https://www.gaoyao.gov.cn/1.html",
    issuer="高要区民政局",
    number="高民〔2026〕12号",
    interpretation="https://www.gaoyao.gov.cn/jd/1.html",
    valid_until=date(2027, 12, 31),
)
PUBLISHED = Notice("n1", 1, "441204", TEXT, NoticeState.PUBLISHED, "甲", 0, 1795500000)


@pytest.fixture
def page():
    def page(notice, query="", path="/notices/n1"):
        app = FastAPI()
        app.include_router(
            notices.router(
                lambda id: notice if id == "n1" else None,
                lambda key: [notice] if key == "k1" else [],
                site_name="政务公开小助手",
            )
        )
        return TestClient(app).get(f"{path}{query}")

    return page


def test_a_notice_is_shown_with_its_source(page):
    said = page(PUBLISHED).text

    for words in (
        TEXT.title,
        TEXT.issuer,
        TEXT.number,
        TEXT.url,
        TEXT.interpretation,
        "2027年12月31日",
    ):
        assert words in said
    assert "&lt;b&gt;家属" in said
    assert "已撤回" not in said
    assert "已更新" not in said


def test_a_recall_comes_first_and_the_text_is_gone(page):
    said = page(replace(PUBLISHED, state=NoticeState.RECALLED, note="文件废止")).text

    assert said.index("已撤回") < said.index("<h1>")
    assert "文件废止" in said
    assert "每月五十元" not in said
    assert "2026年11月" in said


def test_an_update_says_so_first(page):
    updated = replace(PUBLISHED, state=NoticeState.UPDATED, version=2, note="金额有误")

    said = page(updated).text

    assert said.index("已更新") < said.index("<h1>")
    assert "金额有误" in said
    assert "每月五十元" in said


def test_a_change_that_is_not_approved_is_not_shown(page):
    drafted = replace(PUBLISHED, draft=replace(TEXT, body="每月六十元。"))

    assert "六十元" not in page(drafted).text


def test_what_is_not_public_is_missing(page):
    assert page(None).status_code == 404


def test_a_weekly_letter_leads_to_all_its_notices(page):
    recalled = replace(PUBLISHED, state=NoticeState.RECALLED)

    said = page(PUBLISHED, path="/weekly/k1").text

    assert '<a href="/notices/n1">关于发放高龄津贴的通知</a>' in said
    assert "已撤回" not in said
    assert "已撤回" in page(recalled, path="/weekly/k1").text
    assert page(PUBLISHED, path="/weekly/k2").status_code == 404


def test_large_letters_reach_this_page_too(page):
    assert 'class="large' in page(PUBLISHED, "?large=1").text
