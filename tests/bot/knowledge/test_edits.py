"""What an office adds itself: proposed by one, approved by another, in force with a published version only."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import CHINA
from bot.knowledge.edits import (
    LONGEST_ANSWER,
    EditRefused,
    Edits,
    LocalEntry,
    State,
    alias,
    entry,
)
from bot.knowledge.library import Knowledge
from bot.knowledge.service import Worse, WouldBeWorse
from catalogue_index.errors import UnreadableFile
from catalogue_index.snapshot import SnapshotReader

AT = datetime(2026, 11, 21, 9, tzinfo=CHINA)
UNIT = "faq:guangdong-1"
OFFICIAL = LocalEntry(
    "高龄津贴怎么发？",
    "每月五十元。\n按月发放。",
    "高要区高龄津贴办法",
    "高府〔2024〕3号",
    "2024-03-01",
    "https://www.example.gov.cn/1.html",
)


def by_li(*texts, groups=()):
    return alias(UNIT, texts, area="441204", by="小李", at=AT, groups=groups)


def local(given=OFFICIAL, **more):
    return entry(replace(given, **more), area="441204", by="小李", at=AT)


def approve(service, edit, by="老王", **more):
    return service.decide(edit.id, lambda one: one.approved(by, AT), **more)


def in_force(service):
    return service.versions.load(service.versions.current(), Knowledge)


@pytest.fixture
def office(service):
    service.publish()
    return service


def test_nothing_holds_before_another_person_approved_it(office):
    edit = office.propose(by_li("谁来编那个单子"))
    before = office.versions.current()

    assert office.build() == before
    with pytest.raises(EditRefused, match="另一位同志"):
        approve(office, edit, by="小李")
    assert approve(office, edit).version == office.versions.current() != before
    assert office.edits.find(edit.id).state is State.APPROVED


def test_an_alias_is_a_way_of_asking_in_the_version(office):
    approve(office, office.propose(by_li("谁来编那个单子", "谁弄目录")))

    phrasings = SnapshotReader(office.versions.path(office.versions.current())).rows("phrasings")
    assert {row["text"] for row in phrasings if row["unit"] == UNIT} == {
        "谁来编那个单子",
        "谁弄目录",
    }


def test_a_local_entry_is_answered_with_its_own_document(office):
    approve(office, office.propose(local()))

    known = in_force(office)
    (document,) = [one for one in known.documents.values() if one.id.startswith("local-")]
    assert (document.kind, document.area, document.area_name) == ("faq", "441204", "高要区")
    told = (document.title, document.number, document.date, document.url)
    assert told == (OFFICIAL.title, OFFICIAL.number, OFFICIAL.date, OFFICIAL.url)
    (said,) = known.entries_of(document.id)
    assert (said.number, said.question, said.answer) == (1, OFFICIAL.question, OFFICIAL.answer)


def test_entries_of_one_document_have_places_that_never_shift(office):
    first, second = (office.propose(local(question=q)) for q in ("一？", "二？"))
    approve(office, second)
    approve(office, first)
    office.decide(first.id, lambda one: one.withdrawn("老王", AT, "写错了"))

    assert (first.document, first.place) == (second.document, 1)
    assert [e.number for e in in_force(office).entries_of(first.document)] == [2]
    assert office.propose(local(question="三？")).place == 3


def test_going_back_takes_back_what_was_approved_since_and_approving_again_brings_it(office):
    edit = office.propose(by_li("谁弄目录"))
    approve(office, edit)
    held = office.versions.current()
    office.rollback()

    assert office.build() == office.versions.current() != held
    assert approve(office, edit).version == held


def test_what_holds_stays_through_imports_and_new_software(office, make_service, tmp_path):
    approve(office, office.propose(local()))
    faq = tmp_path / "答疑.txt"
    faq.write_text("高要区答疑\n问：目录谁看？\n答：大家看。\n", encoding="utf-8")
    office.add_words(faq, "faq", area="441204", title="答疑")
    assert any(id.startswith("local-") for id in in_force(office).documents)

    newer = make_service(software="2")
    newer.ensure()
    assert any(id.startswith("local-") for id in in_force(newer).documents)


def test_a_decision_cut_short_after_publishing_is_made_again(office):
    edit = office.propose(by_li("谁弄目录"))
    held = approve(office, edit).version
    office.edits.keep(edit)  # as if the state had not been written any more

    assert edit.id in office.edits_in_force()
    assert approve(office, edit) is None
    assert office.edits.find(edit.id).state is State.APPROVED
    assert office.versions.current() == held


def test_withdrawn_ones_hold_no_more(office):
    before = office.build()
    edit = office.propose(by_li("谁弄目录"))
    approve(office, edit)
    office.decide(edit.id, lambda one: one.withdrawn("老王", AT, "问得太少"))

    assert office.versions.current() == before
    with pytest.raises(EditRefused, match="处理过"):
        approve(office, edit)


def test_rejected_ones_publish_nothing(office):
    edit = office.propose(by_li("谁弄目录"))

    assert office.decide(edit.id, lambda one: one.rejected("老王", AT, "不是一回事")) is None
    assert office.edits.find(edit.id).note == "不是一回事"
    with pytest.raises(EditRefused, match="原因"):
        by_li("再来").rejected("老王", AT, " ")


def test_what_makes_a_right_answer_wrong_is_refused_and_nothing_has_changed(make_service):
    worse = [Worse("目录谁来编？", "第1问", "没有作答")]
    service = make_service(examine=lambda before, after: worse)
    service.publish()
    edit = service.propose(by_li("谁弄目录"))
    before, names = service.versions.current(), service.versions.names()

    with pytest.raises(WouldBeWorse, match="目录谁来编"):
        approve(service, edit)

    assert service.edits.find(edit.id) == edit
    assert (service.versions.current(), service.versions.names()) == (before, names)
    assert approve(service, edit, accept_worse=True).worse == tuple(worse)


def test_a_preview_shows_the_candidate_and_keeps_nothing(office, tmp_path):
    edit = local()
    before, names = office.versions.current(), office.versions.names()

    seen = office.preview_edit(
        edit,
        tmp_path / "20240301-preview.sqlite",
        lambda old, new: new.documents.keys() - old.documents,
    )

    assert seen == {edit.document}
    assert (office.versions.current(), office.versions.names()) == (before, names)
    assert not list(tmp_path.glob("*preview*"))


def test_the_file_is_readable_and_comes_back_as_it_was(office, tmp_path):
    edits = [
        office.propose(one) for one in (by_li("谁弄目录", groups=[("441204", "abc")]), local())
    ]
    path = tmp_path / "data" / "edits" / "edits.json"

    assert "谁弄目录" in path.read_text(encoding="utf-8")
    assert (
        json.loads(path.read_text(encoding="utf-8"))["edits"][1]["entry"]["title"] == OFFICIAL.title
    )
    assert Edits(path.parent).all() == tuple(edits)


@pytest.mark.parametrize("damage", ["", "{", '{"edits": [{}]}', "[]"])
def test_a_damaged_file_is_told_and_never_taken_for_an_empty_one(office, tmp_path, damage):
    office.propose(by_li("谁弄目录"))
    (tmp_path / "data" / "edits" / "edits.json").write_text(damage, encoding="utf-8")

    with pytest.raises(UnreadableFile, match="备份"):
        office.propose(by_li("再来"))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"number": "", "url": ""}, "出处"),
        ({"title": " "}, "文件名称"),
        ({"question": ""}, "问题"),
        ({"answer": "\u200b"}, "答复原文"),
        ({"answer": "字" * (LONGEST_ANSWER + 1)}, "太长"),
        ({"url": "javascript:alert(1)"}, "https://"),
        ({"date": "去年"}, "2026-11-21"),
        ({"answer": "请打张三手机13800138000"}, "手机号"),
    ],
)
def test_an_entry_without_source_or_with_personal_data_is_refused(more, words):
    with pytest.raises(EditRefused, match=words):
        local(**more)


@pytest.mark.parametrize(
    ("texts", "words"),
    [((" ", ""), "问法"), (("问" * 201,), "太长"), (("我是13800138000",), "手机号")],
)
def test_ways_of_asking_that_cannot_be_taken_are_refused(texts, words):
    with pytest.raises(EditRefused, match=words):
        by_li(*texts)


def test_the_same_way_of_asking_twice_is_one():
    assert by_li("谁编目录？", "谁编目录?", "誰編目錄？").texts == ("誰編目錄？",)


@given(st.text(), st.text())
def test_any_text_is_taken_clean_or_refused(text, answer):
    with suppress(EditRefused):
        edit = local(question=text, answer=answer)
        assert edit.entry.question.isprintable()
        assert json.loads(json.dumps(edit.to_json()))["entry"]["answer"] == edit.entry.answer
