import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.model import Answer, Choice, Kind, Question, Source
from bot.answering.wording import official_wording
from bot.dialog.commands import Action, parse_command
from bot.dialog.dialog import Dialog
from bot.dialog.model import Incoming, Reply, State
from bot.questions.model import Held
from bot.subscriptions.model import NOBODY
from bot.subscriptions.topics import national_topics
from catalogue_index.areas import national_areas

WORDING = official_wording()
SOURCE = Source(
    type="faq",
    document="guangdong-2020-notice",
    document_title="通知",
    area="44",
    area_name="广东省",
    date="2020-07-31",
    title="目录有无统一样式？",
    quote="有。",
    binding=True,
    page="/faq/guangdong-2020-notice-3",
    locator={"number": 3},
)


class Desk:
    """Answers by simple rules and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def __call__(self, question: Question) -> Answer:
        self.asked.append(question)
        text = question.text
        if "哪件" in text:
            choices = tuple(
                Choice(label, f"{label}在哪里公开") for label in ("低保", "特困", "临时救助")
            )
            return Answer(Kind.CHOICES, "catalogue", "", choices=choices)
        if "救命" in text:
            return Answer(Kind.HANDOVER, "crisis", "请打 110。", flagged=True)
        if "补多少" in text:
            related = (Choice("耕地地力保护", "涉农补贴 耕地地力保护"),)
            return Answer(Kind.DECLINED, "other_government", "请打 12345。", related=related)
        if "没写" in text:
            return Answer(Kind.DECLINED, "near_miss", "没有写。")
        if "哈哈" in text:
            return Answer(Kind.DECLINED, "chitchat", "您好。")
        if "哪个县" in text and question.area is None:
            places = tuple(Choice(name, f"{name}{text}") for name in ("高要区", "泽州县"))
            return Answer(Kind.CHOICES, "plan", "", choices=places, needs_area=True)
        if "谁牵头" in text and question.area is None:
            return Answer(Kind.DECLINED, "plan", "", needs_area=True)
        if "广东口径" in text and question.area is None:
            return Answer(Kind.ANSWER, "faq", "按通知办。", sources=(SOURCE,), needs_area=True)
        related = (Choice("表头用哪个？", "目录表头用哪个"),)
        return Answer(Kind.ANSWER, "faq", "有。", 0.9, (SOURCE,), related=related)


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def dialog(desk):
    return Dialog(
        desk, national_areas(), WORDING, national_topics(), examples=("目录怎么编", "低保在哪公示")
    )


def text(words, area=None):
    return Incoming("text", words, area)


class TestQuestions:
    def test_a_question_is_answered_with_its_page_and_related_questions(self, dialog):
        turn = dialog.respond(text("目录有无统一样式"), None)

        assert turn.reply.text == "有。"
        assert turn.reply.page == SOURCE.page
        assert turn.reply.options_title == WORDING.related_title
        assert turn.state.options == ("目录表头用哪个",)
        assert turn.state.last_question == "目录有无统一样式"

    def test_rows_near_to_what_is_not_answered_can_be_tapped(self, dialog):
        turn = dialog.respond(text("玉米补多少"), None)

        assert turn.reply.text == "请打 12345。"
        assert turn.reply.options_title == WORDING.published_title
        assert turn.reply.options[0].message == "涉农补贴 耕地地力保护"

    def test_area_and_previous_question_go_with_it(self, dialog, desk):
        state = dialog.respond(text("第一问", area="441204"), None).state
        dialog.respond(text("那时限呢", area="441204"), replace(state, area="511525"))

        assert desk.asked == [
            Question("第一问", area="441204"),
            Question("那时限呢", area="511525", context="第一问"),
        ]

    def test_recognised_voice_is_a_question_and_other_voice_is_not(self, dialog, desk):
        assert dialog.respond(Incoming("voice", "目录怎么编。"), None).reply.text == "有。"
        assert dialog.respond(Incoming("voice"), None).reply.text == WORDING.voice_unrecognised
        assert len(desk.asked) == 1

    def test_500_characters_are_read_and_501_are_not(self, dialog, desk):
        dialog.respond(text("问" * 500), None)
        turn = dialog.respond(text("问" * 501), None)

        assert len(desk.asked) == 1
        assert "500" in turn.reply.text

    def test_small_talk_does_not_change_the_subject(self, dialog):
        state = dialog.respond(text("低保公示"), None).state

        assert dialog.respond(text("哈哈"), state).state.last_question == "低保公示"

    def test_a_cry_for_help_is_flagged_and_not_kept(self, dialog):
        turn = dialog.respond(text("救命"), State(last_question="低保公示"))

        assert turn.reply.flag == "crisis"
        assert turn.state.last_question is None

    def test_a_question_in_own_words_is_told_with_how_it_ended(self, dialog):
        asked = dialog.respond(text("目录有无统一样式", area="441204"), None).asked

        assert (asked.words, asked.area, asked.kind) == ("目录有无统一样式", "441204", "answer")
        assert asked.source == SOURCE.page

    @pytest.mark.parametrize("words", ["帮助", "人工", "换地区 高要区", "我的数据", "1"])
    def test_a_command_is_no_question(self, dialog, words):
        assert dialog.respond(text(words), State(options=("帮助",))).asked is None

    def test_words_of_ours_that_are_sent_back_are_no_question(self, dialog):
        offered = dialog.respond(text("哪件事"), None).state

        assert dialog.respond(text("1"), offered).asked is None
        assert dialog.respond(text(offered.options[1]), offered).asked is None
        assert dialog.respond(Incoming("click", "ask:目录怎么编"), None).asked is None
        assert dialog.respond(text("低保在哪里"), offered).asked is not None

    def test_a_question_that_waits_for_the_area_is_told_once_it_is_known(self, dialog):
        waiting = dialog.respond(text("养老服务谁牵头"), None)
        ended = dialog.respond(text("高要区"), waiting.state)

        assert waiting.asked is None
        assert (ended.asked.words, ended.asked.area) == ("养老服务谁牵头", "441204")

    def test_facts_never_hold_the_persons_words(self, dialog):
        words = "张三家低保为什么没了"
        facts = dialog.respond(text(words), None).reply.facts

        assert facts == {
            "kind": "answer",
            "route": "faq",
            "confidence": 0.9,
            "source": "/faq/guangdong-2020-notice-3",
        }


class TestOptions:
    def test_a_number_chooses_what_was_offered(self, dialog, desk):
        offered = dialog.respond(text("哪件"), None)
        dialog.respond(text("２"), offered.state)

        assert [option.label for option in offered.reply.options] == ["低保", "特困", "临时救助"]
        assert offered.reply.options_title == WORDING.choices_title
        assert offered.reply.text == WORDING.choices_lead
        assert desk.asked[-1].text == "特困在哪里公开"

    @pytest.mark.parametrize("words", ["3", "3.", "第三个", "选3"])
    def test_numbers_in_many_forms(self, dialog, desk, words):
        offered = dialog.respond(text("哪件"), None)
        dialog.respond(text(words), offered.state)

        assert desk.asked[-1].text == "临时救助在哪里公开"

    def test_a_number_beyond_the_last_says_how_many_there_are(self, dialog):
        offered = dialog.respond(text("哪件"), None)

        assert "1 到 3" in dialog.respond(text("4"), offered.state).reply.text

    def test_a_number_with_nothing_offered(self, dialog):
        assert dialog.respond(text("4"), None).reply.text == WORDING.no_options

    def test_options_that_point_at_options_end(self, dialog, desk):
        dialog.respond(text("1"), State(options=("1",)))

        assert [question.text for question in desk.asked] == ["1"]


class TestArea:
    def test_asked_once_then_the_pending_question_is_answered(self, dialog, desk):
        asked = dialog.respond(text("社会救助谁牵头"), None)
        answered = dialog.respond(text("我在高要区"), asked.state)

        assert asked.reply.text == WORDING.area_question
        assert desk.asked[-1] == Question("社会救助谁牵头", area="441204", context="社会救助谁牵头")
        assert answered.reply.text == "有。"
        assert answered.state.area == "441204"
        assert answered.state.pending_question is None

    @pytest.mark.parametrize(
        "words", ["高要", "高要區", "441204", "肇庆市高要区", "我们这边是高要区"]
    )
    def test_a_county_is_known_by_many_names(self, dialog, words):
        state = State(pending_question="谁牵头")

        assert dialog.respond(text(words), state).state.area == "441204"

    def test_a_message_that_names_no_area_is_a_question_of_its_own(self, dialog, desk):
        asked = dialog.respond(text("社会救助谁牵头"), None)
        other = dialog.respond(text("目录怎么编"), asked.state)

        assert other.reply.text == "有。"
        assert other.state.pending_question is None
        assert other.state.area is None

    def test_another_question_that_needs_it_waits_for_it_too(self, dialog, desk):
        asked = dialog.respond(text("社会救助谁牵头"), None)
        again = dialog.respond(text("养老服务谁牵头"), asked.state)
        answered = dialog.respond(text("高要区"), again.state)

        assert again.reply.text == WORDING.area_question
        assert desk.asked[-1].text == "养老服务谁牵头"
        assert answered.state.area == "441204"

    def test_once_known_it_is_not_asked_for(self, dialog):
        asked = dialog.respond(text("社会救助谁牵头"), None)
        known = dialog.respond(text("高要区"), asked.state)
        later = dialog.respond(text("养老服务谁牵头"), known.state)

        assert later.reply.text == "有。"

    def test_a_tapped_area_is_remembered_and_answers_what_was_asked(self, dialog, desk):
        asked = dialog.respond(text("哪个县的方案"), None)
        answered = dialog.respond(text(asked.reply.options[0].message), asked.state)

        assert [option.label for option in asked.reply.options] == ["高要区", "泽州县"]
        assert answered.state.area == "441204"
        assert desk.asked[-1].text == "哪个县的方案"
        assert desk.asked[-1].area == "441204"

    def test_an_answer_that_only_wants_the_area_too_is_shown_first(self, dialog):
        turn = dialog.respond(text("广东口径"), None)

        assert turn.reply.text.startswith("按通知办。\n")
        assert turn.reply.text.endswith(WORDING.area_question)

    def test_a_name_of_several_areas_offers_them_with_full_names(self, dialog, desk):
        asked = dialog.respond(text("社会救助谁牵头"), None)
        several = dialog.respond(text("朝阳"), asked.state)
        labels = [option.label for option in several.reply.options]
        dialog.respond(text(str(1 + labels.index("北京市朝阳区"))), several.state)

        assert "辽宁省朝阳市" in labels
        assert desk.asked[-1].text == "社会救助谁牵头"
        assert desk.asked[-1].area == "110105"

    def test_names_inside_a_question_change_nothing(self, dialog):
        state = dialog.respond(text("换地区 高县"), None).state

        assert dialog.respond(text("高要区谁编目录"), state).state.area == "511525"

    def test_change_in_one_message_or_two(self, dialog):
        one = dialog.respond(text("换地区到高要区"), None)
        two = dialog.respond(text("高要区"), dialog.respond(text("换地区"), None).state)

        assert one.state.area == two.state.area == "441204"
        assert "广东省肇庆市高要区" in one.reply.text

    def test_unknown_names_and_codes_can_be_tried_again(self, dialog):
        wrong = dialog.respond(text("换地区 乌有县"), None)
        code = dialog.respond(text("换地区 999999"), wrong.state)
        right = dialog.respond(text("泽州县"), code.state)

        assert wrong.reply.text == code.reply.text == WORDING.area_unknown
        assert right.state.area == "140525"

    def test_my_area(self, dialog):
        assert dialog.respond(text("我的地区"), None).reply.text == WORDING.area_none
        assert "高要区" in dialog.respond(text("我的地区", area="441204"), None).reply.text
        assert "441204100" in dialog.respond(text("我的地区", area="441204100"), None).reply.text

    def test_a_location_offers_its_county(self, dialog):
        label = "广东省肇庆市高要区南岸街道府前大街1号"
        turn = dialog.respond(Incoming("location", label), None)
        moved = dialog.respond(text("1"), turn.state)

        assert [option.label for option in turn.reply.options] == ["广东省肇庆市高要区"]
        assert moved.state.area == "441204"

    @pytest.mark.parametrize("label", ["", "太平洋", "x" * 5000])
    def test_a_location_nowhere(self, dialog, label):
        reply = dialog.respond(Incoming("location", label), None).reply

        assert reply.text == WORDING.area_not_located


class TestCommands:
    @pytest.mark.parametrize(
        ("words", "action"),
        [
            ("帮助", Action.HELP),
            ("幫助", Action.HELP),
            ("帮助。", Action.HELP),
            ("？", Action.HELP),
            ("您好！", Action.GREETING),
            ("轉人工", Action.HUMAN),
            ("【更多】", Action.MORE),
            ("Ｈｅｌｐ", Action.HELP),
        ],
    )
    def test_whatever_the_script_and_the_width(self, words, action):
        assert parse_command(words).action is action

    @pytest.mark.parametrize(
        "words",
        [
            "地区生产总值公开吗",
            "电话在哪里公布",
            "更多渠道要发吗",
            "12345",
            "10",
            "人工费公开",
            "取消的事项",
            "",
        ],
    )
    def test_a_question_with_such_words_is_no_command(self, words):
        assert parse_command(words) is None

    def test_help_greeting_and_a_person(self, dialog):
        assert dialog.respond(text("菜单"), None).reply.text == WORDING.help
        greeting = dialog.respond(text("你好"), None)
        assert greeting.reply.text == WORDING.greeting
        assert greeting.state.options == ("目录怎么编", "低保在哪公示")
        assert dialog.respond(text("人工"), None).reply.flag == "handover"

    def test_more_reads_on_once(self, dialog):
        rest = dialog.respond(text("更多"), State(rest="后半段"))

        assert rest.reply == Reply("后半段")
        assert dialog.respond(text("更多"), rest.state).reply.text == WORDING.nothing_more

    def test_my_data_are_shown_and_forgotten(self, dialog):
        state = State(area="441204", last_question="低保公示")
        shown = dialog.respond(text("我的数据"), state).reply.text

        assert "高要区" in shown
        assert "低保公示" in shown
        assert "400 天" in shown
        assert dialog.respond(text("清除我的数据"), state).state is None

    def test_my_data_show_questions_kept(self, dialog):
        asked = replace(text("我的数据"), held=Held(12, ("低保在哪查", "养" * 99)))
        shown = dialog.respond(asked, None).reply.text

        assert "12 条" in shown
        assert "低保在哪查；养养" in shown
        assert len(shown) < 300

    def test_cancel_stops_waiting_for_an_area(self, dialog, desk):
        waiting = dialog.respond(text("换地区"), None).state
        cancelled = dialog.respond(text("取消"), waiting).state
        dialog.respond(text("高要区"), cancelled)

        assert desk.asked[-1].text == "高要区"


class TestEvents:
    def test_subscribe_greets_with_examples(self, dialog):
        turn = dialog.respond(Incoming("subscribe"), None)

        assert turn.reply.text == WORDING.welcome
        assert [option.message for option in turn.reply.options] == ["目录怎么编", "低保在哪公示"]

    @pytest.mark.parametrize("kind", ["subscribe", "scan"])
    @pytest.mark.parametrize("scene", ["area-441204", "qrscene_area-441204"])
    def test_a_scene_sets_the_area(self, dialog, kind, scene):
        turn = dialog.respond(Incoming(kind, scene), None)

        assert turn.state.area == "441204"
        assert "高要区" in turn.reply.text

    @pytest.mark.parametrize(
        "scene", ["area-1", "area-", "poster-7", "area-441204x", "area-999999"]
    )
    def test_other_scenes_do_not(self, dialog, scene):
        turn = dialog.respond(Incoming("scan", scene), None)

        assert turn.state.area is None
        assert turn.reply.text == WORDING.scanned

    def test_unsubscribe_forgets(self, dialog):
        turn = dialog.respond(Incoming("unsubscribe"), State(area="441204"))

        assert (turn.reply, turn.state) == (Reply(""), None)

    @pytest.mark.parametrize("kind", ["view", "report_location", "other_event"])
    def test_silent_events_keep_everything(self, dialog, kind):
        state = State(area="441204", options=("a",))
        turn = dialog.respond(Incoming(kind, "https://example.cn"), state)

        assert (turn.reply, turn.state) == (Reply(""), state)

    def test_menu_keys_are_commands_or_questions(self, dialog, desk):
        assert dialog.respond(Incoming("click", "帮助"), None).reply.text == WORDING.help
        assert dialog.respond(Incoming("click", "no-such-key"), None).reply.text == WORDING.help
        dialog.respond(Incoming("click", "ask:低保在哪公示"), None)
        assert desk.asked[-1].text == "低保在哪公示"

    @pytest.mark.parametrize(
        ("kind", "key"),
        [
            ("image", "unsupported_image"),
            ("video", "unsupported_video"),
            ("file", "unsupported_file"),
            ("link", "unsupported_link"),
            ("unsupported", "unsupported"),
            ("something new", "unsupported"),
        ],
    )
    def test_what_cannot_be_read_is_said_politely(self, dialog, kind, key):
        state = State(area="441204", options=("a",))
        turn = dialog.respond(Incoming(kind, "notes.pdf"), state)

        assert (turn.reply.text, turn.state) == (WORDING.text(key), state)


KINDS = [
    "text",
    "voice",
    "image",
    "video",
    "location",
    "link",
    "file",
    "unsupported",
    "subscribe",
    "unsubscribe",
    "revoked",
    "scan",
    "click",
    "view",
    "report_location",
    "other_event",
]
SILENT = {"unsubscribe", "revoked", "view", "report_location", "other_event"}
WORDS = st.one_of(
    st.sampled_from(
        [
            *(
                "帮助",
                "没写的事",
                "有答复告诉我",
                "不等了",
                "换地区",
                "换地区 朝阳",
                "高要区",
                "朝阳",
                "441204",
                "1",
                "2",
                "9",
                "更多",
                "人工",
            ),
            *(
                "取消",
                "我的数据",
                "清除我的数据",
                "我的地区",
                "哪件",
                "救命",
                "哈哈",
                "社会救助谁牵头",
            ),
            *(
                "广东口径",
                "目录怎么编",
                "area-441204",
                "订阅",
                "订阅 养老",
                "订阅 大学生",
                "订阅 领域 3",
                "退订",
                "退订全部",
                "我的订阅",
                "暂停",
                "恢复",
                "ask:哪件",
                "ask:",
                "广东省肇庆市高要区南岸街道",
            ),
        ]
    ),
    st.text(max_size=600),
)
MESSAGES = st.builds(
    Incoming,
    kind=st.one_of(st.sampled_from(KINDS), st.sampled_from(["text", "text", "click"])),
    text=WORDS,
    area=st.sampled_from([None, "441204", "441204100"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(MESSAGES, max_size=25))
def test_no_conversation_breaks_it(messages):
    dialog = Dialog(Desk(), national_areas(), WORDING, national_topics(), examples=("目录怎么编",))
    state, subscriber = None, NOBODY
    for message in messages:
        turn = dialog.respond(replace(message, subscriber=subscriber), state)
        subscriber = subscriber if turn.subscriber is None else turn.subscriber
        assert subscriber.receives <= bool(subscriber.subscriptions)
        assert bool(turn.reply.text) is (message.kind not in SILENT)
        assert len(turn.reply.options) <= 9
        if turn.state is not None:
            stored = json.dumps(asdict(turn.state), ensure_ascii=False)
            assert len(stored) < 8000
            loaded = json.loads(stored)
            lists = {name: tuple(loaded[name]) for name in ("options", "awaiting")}
            assert State(**loaded | lists) == turn.state
        state = turn.state
