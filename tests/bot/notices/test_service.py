from dataclasses import replace

import pytest

from bot.notices.model import NoticeState
from bot.notices.service import NoticeRefused
from tests.bot.notices.office import AREA, TEXT


def nothing(push, who, why):
    raise AssertionError("no push to bring back")


def test_a_notice_is_kept_as_it_was_composed(notices):
    made = notices.compose(TEXT, AREA, "甲")

    assert notices.find(made.id) == made
    assert (made.version, made.state, made.proposed) == (1, NoticeState.DRAFT, TEXT)
    assert notices.all() == [made]


def test_the_same_number_names_the_notice_that_is_there(notices, notice):
    again = replace(
        TEXT, title="另一个标题", url="https://other.gov.cn/2", number="高民〔2026〕 12号"
    )

    with pytest.raises(NoticeRefused, match=notice.id):
        notices.compose(again, AREA, "乙")


def test_without_a_number_the_address_tells(notices):
    text = replace(TEXT, number="")
    first = notices.compose(text, AREA, "甲")

    with pytest.raises(NoticeRefused, match=first.id):
        notices.compose(replace(text, title="又一次"), AREA, "甲")
    assert notices.compose(replace(text, url=text.url + "?2"), AREA, "甲").id != first.id


@pytest.mark.parametrize(
    "text",
    [replace(TEXT, title=" "), replace(TEXT, number="", url=""), replace(TEXT, number="号" * 201)],
)
def test_what_cannot_be_told_apart_is_refused(notices, text):
    with pytest.raises(NoticeRefused):
        notices.compose(text, AREA, "甲")


def test_a_draft_is_edited_in_place(notices, notice):
    edited = notices.edit(notice.id, replace(TEXT, body="每月六十元。"), "标准调整", nothing)

    assert notices.find(notice.id) == edited
    assert (edited.text.body, edited.draft, edited.proposed_version) == ("每月六十元。", None, 1)


def test_a_draft_may_be_given_another_number_but_not_one_in_use(notices, notice):
    other = notices.compose(replace(TEXT, number="高民〔2026〕13号"), AREA, "甲")

    with pytest.raises(NoticeRefused, match=other.id):
        notices.edit(notice.id, replace(TEXT, number=other.text.number), "", nothing)
    renumbered = notices.edit(notice.id, replace(TEXT, number="高民〔2026〕14号"), "", nothing)
    assert notices.find(notice.id) == renumbered


def test_the_public_sees_no_draft(notices, notice):
    assert notices.public(notice.id) is None
    assert notices.public("no such") is None


def test_an_unknown_notice_is_refused_in_words(notices):
    with pytest.raises(NoticeRefused, match="zwgk notice list"):
        notices.find("nothing")
