"""The gate in a small installation that really answers: what is refused, what is let through, and what is left behind."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial

import pytest

from bot import bootstrap
from bot.answering.model import Question
from bot.clock import CHINA
from bot.evaluation.gate import FOLDER, OURS, Gate
from bot.knowledge.model import Content
from bot.knowledge.service import KnowledgeService, WouldBeWorse
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused
from catalogue_index.model import Document
from faq.model import FaqEntry

ASKED = "标准目录由谁来编制？"
NOTICE = Content(
    Document("notice", "某省答疑", "faq", "44", "广东省", reference=True),
    "全文",
    entries=(
        FaqEntry("notice", 1, "", ASKED, "由县级政府编制。"),
        FaqEntry("notice", 2, "", "公开栏多久更新一次？", "每月更新一次。"),
    ),
)
TURNED_ROUND = replace(
    NOTICE,
    entries=tuple(
        replace(entry, number=number) for entry, number in zip(NOTICE.entries, (2, 1), strict=True)
    ),
)
OWN_ANSWERS = f"""高要区政务公开答疑

一、怎样编制
1. 公开栏由谁管理？
由办公室管理。
2. {ASKED}
由区政务公开办编制。
"""


@cache
def tokeniser():
    return Tokeniser()


answerer = partial(bootstrap._answerer, tokeniser)
"""All the parts that a running service answers with, over some knowledge."""


@pytest.fixture
def sets(tmp_path):
    """The folder of the office's own question sets."""
    return tmp_path / "data" / FOLDER


@pytest.fixture
def make_service(tmp_path, sets):
    """An installation with one notice, its gate closed to what makes the office's own questions worse."""
    moments = (datetime(2024, 3, 1, 9, tzinfo=CHINA) + timedelta(minutes=n) for n in range(10**6))

    def make(notice=NOTICE, software="1"):
        return KnowledgeService(
            tmp_path / "data",
            tokeniser,
            national_areas(),
            lambda: next(moments),
            software,
            builtin=lambda: (notice,),
            phrasings=lambda: (),
            examine=Gate([sets], national_areas, answerer),
        )

    return make


@pytest.fixture
def guarded(make_service, write_set, sets):
    """The installation with knowledge in force that answers its one question right."""
    service = make_service()
    service.ensure()
    line = {"id": "甲", "question": ASKED, "gold_faq": 1, "area": "高要区"}
    write_set(line, name="自编题.jsonl", folder=sets)
    return service


@pytest.fixture
def own_answers(tmp_path):
    """A document that answers the question itself, under another number."""
    path = tmp_path / "答疑.txt"
    path.write_text(OWN_ANSWERS, "utf-8")
    return path


def on_disk(service):
    root = service.versions.directory.parent
    return {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_an_import_that_makes_an_answer_worse_is_taken_back_whole(guarded, own_answers):
    before = on_disk(guarded)
    with pytest.raises(WouldBeWorse) as refused:
        guarded.add_words(own_answers, "faq")
    told = str(refused.value)
    assert "原来答对的 1 道题会答不对" in told
    assert f"1. 〔自编题 甲〕“{ASKED}〔高要区〕”" in told
    assert f"原来：第1问 {ASKED}；现在：第2问 {ASKED}" in told
    assert "--accept-worse" in told
    assert on_disk(guarded) == before


def test_what_is_accepted_is_told_and_is_the_new_measure(guarded, own_answers):
    steps = []
    published = guarded.add_words(
        own_answers, "faq", accept_worse=True, step=steps.append
    ).published
    assert steps == ["读取文件", "读取文件", "建立检索", "核对原来答对的题", "发布"]
    assert guarded.versions.current() == published.version
    assert [worse.now for worse in published.worse] == [f"第2问 {ASKED}"]
    own_answers.write_text(OWN_ANSWERS.replace("由办公室管理", "由专人管理"), "utf-8")
    assert guarded.add_words(own_answers, "faq").worse == ()


def test_an_import_that_makes_nothing_worse_goes_through(guarded, own_answers):
    own_answers.write_text(OWN_ANSWERS.replace(ASKED, "大厅几点开门？"), "utf-8")
    imported = guarded.add_words(own_answers, "faq")
    assert (imported.version, imported.worse) == (guarded.versions.current(), ())


def test_a_candidate_is_published_only_when_it_is_no_worse(guarded, make_service):
    in_force, changed = guarded.versions.current(), make_service(TURNED_ROUND)
    candidate = changed.build()
    for version in ("", candidate):
        with pytest.raises(WouldBeWorse):
            changed.publish(version)
    assert changed.versions.current() == in_force
    assert candidate in changed.versions.names()
    published = changed.publish(candidate, accept_worse=True)
    assert (published.version, len(published.worse)) == (candidate, 1)
    assert changed.versions.current() == candidate
    assert changed.publish(in_force).worse == ()


def test_publishing_what_is_in_force_changes_nothing(guarded):
    before = on_disk(guarded)
    assert guarded.publish().worse == ()
    assert on_disk(guarded) == before


def test_going_back_and_rebuilding_ask_nothing(guarded, make_service):
    first, changed = guarded.versions.current(), make_service(TURNED_ROUND)
    changed.build()
    changed.publish(accept_worse=True)
    assert changed.versions.rollback() == first
    make_service(TURNED_ROUND, software="2").ensure()
    assert guarded.versions.current() != first


def test_a_first_publication_is_not_examined(make_service, write_set, sets):
    write_set({"gold_faq": 9}, name="坏.jsonl", folder=sets).write_text("{", "utf-8")
    service = make_service()
    assert service.publish().version == service.versions.current()


def test_nothing_readable_in_force_means_nothing_to_compare_with(guarded, make_service):
    guarded.versions.path(guarded.versions.current()).write_bytes(b"damaged")
    changed = make_service(TURNED_ROUND)
    assert changed.publish(changed.build()).worse == ()


def test_a_bad_line_of_the_offices_own_set_is_named_and_nothing_changes(guarded, own_answers, sets):
    (sets / "自编题.jsonl").write_text('{"question": "低保", "gold_faq": 1}\n坏\n', "utf-8")
    before = on_disk(guarded)
    with pytest.raises(Refused, match=r"“自编题\.jsonl”第 2 行用不了"):
        guarded.add_words(own_answers, "faq", accept_worse=True)
    assert on_disk(guarded) == before


def test_a_refusal_names_ten_and_counts_the_rest(guarded, own_answers, write_set, sets):
    lines = [{"id": n, "question": ASKED, "gold_faq": 1, "area": "高要区"} for n in range(12)]
    write_set(*lines, name="自编题.jsonl", folder=sets)
    with pytest.raises(WouldBeWorse) as refused:
        guarded.add_words(own_answers, "faq")
    told = str(refused.value)
    assert "原来答对的 12 道题" in told
    assert "10. 〔自编题 9〕" in told
    assert "〔自编题 10〕" not in told
    assert "另有 2 道" in told


def test_a_look_tells_what_gets_worse_and_whose_answers_change(
    guarded, own_answers, sets, tmp_path
):
    gate = Gate([sets], national_areas, answerer)
    questions = [
        Question("公开栏由谁管理？", "441204"),
        Question(ASKED, "11"),
        Question(ASKED, "11"),
    ]
    incoming = guarded.read_words(own_answers, "faq")
    found = guarded.preview(
        incoming, tmp_path / "candidate", lambda old, new: gate.examine(old, new, questions)
    )
    assert found.asked == 3
    assert [worse.now for worse in found.worse] == [f"第2问 {ASKED}"]
    changed = {one.question: one for one in found.changed}
    assert set(changed) == {ASKED, "公开栏由谁管理？"}
    assert "由县级政府编制" in changed[ASKED].before
    assert "由区政务公开办编制" in changed[ASKED].after


def test_what_was_turned_away_must_not_be_answered(guarded, own_answers, write_set, sets):
    line = {"id": 1, "question": "专区几点开放", "kind": "near_miss", "area": "高要区"}
    write_set(line, folder=sets)
    own_answers.write_text(OWN_ANSWERS.replace(ASKED, "专区几点开放？"), "utf-8")
    with pytest.raises(WouldBeWorse, match=r"原来：没有作答（.+）；现在：第2问"):
        guarded.add_words(own_answers, "faq", area="44")


# --- our own sets --------------------------------------------------------------------------------


def test_our_sets_are_whole_and_hold_nothing_that_is_not_used():
    cases = Gate([OURS], national_areas, answerer).cases()
    assert {case.set for case in cases} == {"citizen", "clerk_faq", "clerk_plan", "out_of_scope"}
    assert len({(case.set, case.id) for case in cases}) == len(cases) > 250


def test_our_gold_is_in_the_built_in_documents(knowledge):
    catalogues = [d for d in knowledge.documents.values() if d.kind == "catalogue"]
    items = {
        (item.sector or "", item.category or "", item.item or "")
        for document in catalogues
        for item in knowledge.items_of(document.id)
    }
    numbers = {entry.number for entry in knowledge.entries_of("guangdong-2020-notice")}
    for case in Gate([OURS], national_areas, answerer).cases():
        assert set(case.gold.get("gold", [])) <= items, case.id
        assert set(case.gold.get("gold_faq", [])) <= numbers, case.id


def test_the_built_in_knowledge_is_no_worse_than_itself(knowledge):
    assert Gate([OURS], national_areas, answerer)(knowledge, knowledge) == []
