"""From a question that was not answered to one that is: seen on the desk, proposed by one, approved by another."""

import pytest

from bot.answering.likeness import content_words
from bot.answering.model import Answer, Choice, Kind, Question
from bot.knowledge.edits import EditRefused, LocalEntry, State
from bot.knowledge.examination import Changed, Examination
from bot.knowledge.library import Library
from bot.knowledge.model import Content
from bot.knowledge.service import KnowledgeService, Worse
from bot.questions import groups
from bot.questions.desk import Desk, DeskRefused
from bot.questions.groups import Ending, Key, Order
from bot.questions.repository import REOPENED_AFTER
from bot.storage.schema import questions as table
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import national_areas
from catalogue_index.model import Document, Item
from faq.model import FaqEntry

NOT_FOUND = Answer(Kind.DECLINED, "near_miss", "没有")
SEVERAL = Answer(Kind.CHOICES, "faq", "哪个", choices=(Choice("甲", "甲"),))
FAQ = Document("guangdong", "广东省答疑", "faq", "44", "广东省", reference=True)
CATALOGUE = Document("gaoyao", "高要区目录", "catalogue", "441204", "高要区")
BUILTIN = (
    Content(FAQ, entries=(FaqEntry("guangdong", 1, "", "目录谁来编？", "由县级政府编制。"),)),
    Content(CATALOGUE, items=(Item("社会救助", "最低生活保障", "审核信息"),)),
)
OFFICIAL = LocalEntry("高龄津贴怎么发？", "每月五十元。", "高龄津贴办法", "高府〔2024〕3号")


@pytest.fixture(scope="session")
def tokeniser(tmp_path_factory):
    dictionary = tmp_path_factory.mktemp("dictionary") / "small.txt"
    dictionary.write_text("公开 50\n低保 40\n目录 9\n审批 8\n", encoding="utf-8")
    return Tokeniser(dictionary=dictionary)


@pytest.fixture
def make_desk(database, clock, analyser, tokeniser, tmp_path):
    def make(look=lambda *_: Examination(0), examine=lambda *_: ()):
        areas = national_areas()
        service = KnowledgeService(
            tmp_path / "data",
            lambda: tokeniser,
            areas,
            clock,
            "1",
            lambda: BUILTIN,
            examine,
            phrasings=lambda: (),
        )
        service.ensure()
        library = Library(service.versions, look_every=0)
        return Desk(
            database, clock, service, library.current, lambda t: content_words(t, analyser), look
        )

    return make


@pytest.fixture
def desk(make_desk):
    return make_desk()


@pytest.fixture
def ask(questions):
    def ask(words, area="441204", answer=NOT_FOUND, times=1):
        for _ in range(times):
            questions.record(Question(words, area), answer)

    return ask


def said(clusters):
    return [(c.head.words, [near.words for near in c.near], c.count) for c in clusters]


def key_of(desk, areas=(), place=0):
    return desk.open(areas, Order.COUNT)[place].head.key


class TestWhatThereIs:
    def test_what_is_asked_most_comes_first_and_what_was_asked_last_may(self, desk, ask, clock):
        ask("低保在哪查", times=2)
        clock.pass_days(1)
        ask("养老补贴怎么领")

        assert [c.head.words for c in desk.open((), Order.COUNT)] == [
            "低保在哪查",
            "养老补贴怎么领",
        ]
        assert [c.head.words for c in desk.open((), Order.LAST)] == ["养老补贴怎么领", "低保在哪查"]
        assert desk.open_count(()) == 2

    def test_near_ones_come_together_and_what_asks_for_something_else_does_not(self, desk, ask):
        ask("低保审批结果公示多久", times=3)
        ask("低保的审批结果要公示多久呀我想看", times=2)
        ask("低保审批结果谁公示")
        ask("低保审批结果公示多久", area="370303")

        assert said(desk.open((), Order.COUNT)) == [
            ("低保审批结果公示多久", ["低保的审批结果要公示多久呀我想看"], 5),
            ("低保审批结果公示多久", [], 1),
            ("低保审批结果谁公示", [], 1),
        ]

    def test_an_officer_sees_their_areas_and_what_is_below(self, desk, ask):
        for area in ("441204", "441204101", "370303", None):
            ask("低保在哪查", area=area)

        areas = {c.head.key.area for c in desk.open(("4412",), Order.COUNT)}
        assert areas == {"441204", "441204101"}
        assert desk.open_count(("37", "441204101")) == 2
        assert desk.open_count(()) == 4

    def test_choices_are_told_from_nothing_found(self, desk, ask):
        ask("低保在哪查", answer=SEVERAL)

        assert desk.open((), Order.COUNT)[0].head.wanting == "choices"

    def test_examples_are_the_newest_words_each_once(self, desk, ask):
        for words in ("低保在哪查", "在哪查低保", "低保在哪查"):
            ask(words)

        assert [e.words for e in desk.examples(key_of(desk))] == ["低保在哪查", "在哪查低保"]

    def test_words_that_were_erased_stand_for_nothing(self, desk, ask, database):
        ask("低保在哪查", times=2)
        with database.write() as connection:
            connection.execute(table.update().values(words="", person=""))

        (cluster,) = desk.open((), Order.COUNT)
        assert (cluster.head.words, cluster.count) == ("", 2)
        assert desk.examples(cluster.head.key) == []

    def test_a_group_that_is_gone_is_told(self, desk):
        with pytest.raises(DeskRefused, match="没有这组"):
            desk.cluster(Key("441204", "x"))


class TestDealingWithThem:
    @pytest.mark.parametrize(
        ("page", "unit"),
        [
            ("/faq/guangdong-1", "faq:guangdong-1"),
            ("https://zwgk.example.cn/faq/guangdong-1", "faq:guangdong-1"),
            ("/items/gaoyao-1", "item:社会救助/最低生活保障/审核信息"),
        ],
    )
    def test_ways_of_asking_are_proposed_for_what_stands_at_a_page(self, desk, ask, page, unit):
        ask("低保在哪查")
        edit = desk.propose_alias([key_of(desk)], "441204", page, ["低保在哪查"], "小李")

        assert (edit.unit, edit.texts, edit.state) == (unit, ("低保在哪查",), State.PROPOSED)
        assert desk.open((), Order.COUNT) == []
        (closed,) = desk.closed((), 10)
        assert (closed.state, closed.target, closed.officer) == (Ending.ALIAS, unit, "小李")

    @pytest.mark.parametrize("page", ["", "/faq/none-1", "/items/none-1", "/sources/x#p1", "乱写"])
    def test_a_page_that_is_none_is_told_and_nothing_is_closed(self, desk, ask, page):
        ask("低保在哪查")
        with pytest.raises(EditRefused, match="没有找到"):
            desk.propose_alias([key_of(desk)], "441204", page, ["低保在哪查"], "小李")

        assert desk.open_count(()) == 1
        assert desk.edits((), *State) == []

    def test_an_answer_of_the_offices_own_is_proposed(self, desk, ask):
        ask("高龄津贴怎么发")
        edit = desk.propose_entry([key_of(desk)], "441204", OFFICIAL, "小李")

        assert desk.closed((), 10)[0].target == edit.leads_to == f"faq:{edit.document}-1"

    @pytest.mark.parametrize("note", ["", " \n", "长" * 201])
    def test_not_answering_needs_a_reason(self, desk, ask, note):
        ask("低保在哪查")
        with pytest.raises(DeskRefused, match="原因"):
            desk.decline([key_of(desk)], "小李", note)

        desk.decline([key_of(desk)], "小李", "不是政务公开的事")
        (closed,) = desk.closed((), 10)
        assert (closed.state, closed.note) == (Ending.DECLINED, "不是政务公开的事")

    def test_near_ones_are_closed_along_and_nobody_closes_them_again(self, desk, ask):
        ask("低保在哪查")
        ask("养老补贴在哪查")
        keys = [c.head.key for c in desk.open((), Order.COUNT)]
        desk.decline(keys, "小李", "重复")

        assert desk.open_count(()) == 0
        with pytest.raises(DeskRefused, match="别人处理"):
            desk.decline(keys, "小张", "重复")

    def test_asked_again_often_enough_it_is_on_the_desk_again(self, desk, ask):
        ask("低保在哪查", times=5)
        desk.decline([key_of(desk)], "小李", "不是政务公开的事")
        ask("低保在哪查", times=REOPENED_AFTER - 1)
        assert desk.open_count(()) == 0

        ask("低保在哪查")
        (cluster,) = desk.open((), Order.COUNT)
        assert (cluster.count, cluster.head.note) == (REOPENED_AFTER, "不是政务公开的事")


class TestReviewing:
    @pytest.fixture
    def proposed(self, desk, ask):
        ask("谁弄目录")
        return desk.propose_alias(
            [key_of(desk)], "441204", "/faq/guangdong-1", ["谁弄目录"], "小李"
        )

    def test_approved_by_another_it_holds(self, desk, proposed):
        with pytest.raises(EditRefused, match="另一位"):
            desk.approve(proposed.id, "小李")
        assert not desk.holds(desk.edit(proposed.id))

        assert desk.approve(proposed.id, "老王").version
        assert desk.holds(desk.edit(proposed.id))
        assert desk.open_count(()) == 0

    def test_turned_down_its_questions_are_open_again(self, desk, proposed):
        desk.reject(proposed.id, "老王", "不是一回事")

        assert desk.open_count(()) == 1
        assert [edit.note for edit in desk.edits((), State.REJECTED)] == ["不是一回事"]

    def test_taken_out_of_force_its_questions_are_open_again(self, desk, proposed):
        desk.approve(proposed.id, "老王")
        desk.withdraw(proposed.id, "老王", note="答非所问")

        assert desk.open_count(()) == 1
        assert not desk.holds(desk.edit(proposed.id))

    def test_what_was_asked_while_it_waited_does_not_open_it(self, desk, ask, proposed):
        ask("谁弄目录", times=REOPENED_AFTER - 1)
        desk.approve(proposed.id, "老王")
        ask("谁弄目录", times=REOPENED_AFTER - 1)

        assert desk.open_count(()) == 0

    def test_what_would_get_worse_is_named(self, make_desk, ask):
        desk = make_desk(examine=lambda *_: [Worse("目录谁来编？", "第1问", "没有作答")])
        ask("谁弄目录")
        edit = desk.propose_alias(
            [key_of(desk)], "441204", "/faq/guangdong-1", ["谁弄目录"], "小李"
        )

        with pytest.raises(EditRefused, match="目录谁来编"):
            desk.approve(edit.id, "老王")
        assert desk.edit(edit.id).state is State.PROPOSED

    def test_a_preview_looks_at_a_version_with_the_edit_for_its_area(self, make_desk, ask):
        changed = Changed("高龄津贴怎么发", "没有", "每月五十元。")

        def look(in_force, candidate, area):
            assert area == "441204"
            return Examination(len(candidate.documents) - len(in_force.documents), (), (changed,))

        desk = make_desk(look=look)
        ask("高龄津贴怎么发")
        edit = desk.propose_entry([key_of(desk)], "441204", OFFICIAL, "小李")

        assert desk.preview(edit, lambda _: None) == Examination(1, (), (changed,))

    def test_an_officer_sees_the_proposals_of_their_areas(self, desk, proposed):
        assert desk.edits(("4412",), State.PROPOSED) == [desk.edit(proposed.id)]
        assert desk.edits(("37",), State.PROPOSED) == []


class TestFigures:
    def test_counts_are_of_days_and_areas(self, ask, database, clock):
        ask("低保在哪查", times=2)
        ask("低保在哪查", area="370303")
        clock.pass_days(1)
        ask("低保在哪查", answer=SEVERAL)

        with database.read() as connection:
            every = groups.counts(connection, "2026-11-21", "2026-11-22", ())
            one = groups.counts(connection, "2026-11-21", "2026-11-21", ("4412",))
        assert sum(count.count for count in every) == 4
        assert [(c.day, c.area, c.kind, c.route, c.count) for c in one] == [
            ("2026-11-21", "441204", "declined", "near_miss", 2)
        ]

    def test_the_newest_questions_of_an_area_are_each_once(self, ask, database):
        for words, area in (
            ("一低保", "441204"),
            ("二低保", "441204101"),
            ("三", "37"),
            ("一低保", "441204"),
        ):
            ask(words, area)

        with database.read() as connection:
            found = groups.latest(connection, "441204", 10)
        assert found == [Question("一低保", "441204"), Question("二低保", "441204101")]
