from dataclasses import replace

import pytest

from bot.answering.model import Answer, Kind, Question
from bot.answering.wording import official_wording
from bot.dialog.commands import Action, Command, parse_command
from bot.dialog.dialog import Dialog
from bot.dialog.model import Incoming, State, Turn
from bot.subscriptions import model
from bot.subscriptions.model import NOBODY, Digest, Scene, Standing, Subscriber, Topic
from bot.subscriptions.topics import national_topics
from catalogue_index.areas import national_areas

WORDING = official_wording()
ELDERS = Topic(model.Kind.SECTOR, "养老服务")
POOR = Topic(model.Kind.GROUP, "低保对象")
FARMERS = Topic(model.Kind.GROUP, "农户")


class Talk:
    """One person's conversation, what is held of them carried from message to message."""

    def __init__(self, subscriber: Subscriber = NOBODY, area: str | None = "441204") -> None:
        self.dialog = Dialog(self.answer, national_areas(), WORDING, national_topics())
        self.asked: list[str] = []
        self.state: State | None = None
        self.subscriber = subscriber
        self.area = area

    def answer(self, question: Question) -> Answer:
        self.asked.append(question.text)
        return Answer(Kind.ANSWER, "faq", "有。")

    def send(self, kind: str, text: str = "", scene: Scene | None = None) -> Turn:
        incoming = Incoming(kind, text, self.area, self.subscriber, scene)
        turn = self.dialog.respond(incoming, self.state)
        self.state = turn.state
        if turn.subscriber is not None:
            self.subscriber = turn.subscriber
        return turn

    def say(self, words: str) -> Turn:
        return self.send("text", words)

    @property
    def topics(self) -> set[str]:
        return {topic.value for topic in self.subscriber.topics}


def subscriber(*topics: Topic) -> Subscriber:
    return NOBODY.subscribed(topics, "words", "441204")


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("订阅", Command(Action.SUBSCRIBE)),
        ("订阅 养老", Command(Action.SUBSCRIBE, "养老")),
        ("訂閱：養老", Command(Action.SUBSCRIBE, "养老")),
        ("我想订阅养老", Command(Action.SUBSCRIBE, "养老")),
        ("取消订阅 养老", Command(Action.UNSUBSCRIBE, "养老")),
        ("退订养老", Command(Action.UNSUBSCRIBE, "养老")),
        ("退订", Command(Action.UNSUBSCRIBE)),
        ("取消订阅", Command(Action.UNSUBSCRIBE)),
        ("退订全部。", Command(Action.UNSUBSCRIBE_ALL)),
        ("TD", Command(Action.UNSUBSCRIBE_ALL)),
        ("我的订阅", Command(Action.MY_SUBSCRIPTIONS)),
        ("暂停", Command(Action.PAUSE)),
        ("恢复", Command(Action.RESUME)),
        ("每周一次", Command(Action.WEEKLY)),
        ("马上告诉我", Command(Action.IMMEDIATELY)),
        ("取消", Command(Action.CANCEL)),
        ("订阅的通知在哪里看", None),
        ("订阅号怎么认证", None),
        ("订阅养老有什么用", None),
        ("怎么才能订阅养老", None),
    ],
)
def test_words_are_commands_and_questions_are_not(words: str, command: Command | None) -> None:
    assert parse_command(words) == command


def test_one_topic_is_subscribed_with_its_area_and_the_way_out_is_said() -> None:
    talk = Talk()
    turn = talk.say("订阅 养老")

    assert talk.topics == {"养老服务"}
    assert talk.subscriber.standing is Standing.ACTIVE
    assert talk.subscriber.area == "441204"
    assert "已订阅：养老服务" in turn.reply.text
    assert "退订 养老服务" in turn.reply.text
    assert "退订全部" in turn.reply.text
    assert "高要区" in turn.reply.text


def test_several_topics_at_once() -> None:
    talk = Talk()
    talk.say("订阅 养老、低保户")

    assert talk.topics == {"养老服务", "低保对象"}


def test_without_an_area_it_is_asked_for_and_the_subscription_follows_it() -> None:
    talk = Talk(area=None)
    assert WORDING.subscribed_no_area in talk.say("订阅 养老").reply.text
    assert talk.subscriber.area is None

    talk.say("换地区 高要区")

    assert talk.subscriber.area == "441204"
    assert talk.topics == {"养老服务"}


def test_a_place_alone_answers_the_question_where_one_is() -> None:
    talk = Talk(area=None)
    talk.say("订阅 养老")
    assert "高要区" in talk.say("高要区").reply.text
    assert talk.subscriber.area == "441204"
    assert talk.asked == []


def test_who_subscribed_nothing_is_not_made_a_subscriber_by_changing_the_area() -> None:
    talk = Talk()
    talk.say("换地区 泽州县")

    assert talk.subscriber == NOBODY


def test_an_ambiguous_word_gives_choices_and_a_number_chooses() -> None:
    talk = Talk()
    turn = talk.say("订阅 大学生")
    assert turn.subscriber is None
    assert {option.message for option in turn.reply.options} == {"订阅 学生", "订阅 高校毕业生"}

    talk.say("2")

    assert talk.topics == {turn.reply.options[1].message.removeprefix("订阅 ")}


def test_an_unknown_word_says_what_there_is_and_repeats_nothing() -> None:
    turn = Talk().say("订阅 火星移民")

    assert turn.reply.text == WORDING.subscribe_unknown
    assert turn.reply.options
    assert turn.subscriber is None


def test_a_list_with_one_unknown_thing_subscribes_to_none_of_it() -> None:
    talk = Talk()

    assert talk.say("订阅 养老、火星").reply.text == WORDING.subscribe_unknown
    assert talk.subscriber == NOBODY


def test_every_topic_can_be_reached_by_tapping() -> None:
    topics = national_topics()
    reached: set[str] = set()
    seen = set()
    waiting = ["订阅"]
    while waiting:
        message = waiting.pop()
        turn = Talk().say(message)
        if turn.subscriber:
            reached |= {topic.value for topic in turn.subscriber.topics}
            continue
        assert len(turn.reply.options) <= 9
        new = {option.message for option in turn.reply.options} - seen
        seen |= new
        waiting += new

    assert reached == {topic.value for topic in topics.sectors + topics.groups}


def test_a_menu_button_subscribes_too() -> None:
    talk = Talk()
    talk.send("click", "订阅 养老")

    (subscription,) = talk.subscriber.subscriptions
    assert (subscription.topic, subscription.source) == (ELDERS, "menu")


def test_subscribing_twice_is_said_and_changes_nothing() -> None:
    talk = Talk(subscriber(ELDERS))

    assert "已经订阅了养老服务" in talk.say("订阅 养老").reply.text
    assert talk.subscriber == subscriber(ELDERS)


def test_one_is_unsubscribed_by_everyday_words() -> None:
    talk = Talk(subscriber(ELDERS, POOR))
    turn = talk.say("退订 低保")

    assert talk.topics == {"养老服务"}
    assert "已退订：低保对象" in turn.reply.text
    assert "还订阅着：养老服务" in turn.reply.text


def test_unsubscribing_the_last_one_ends_it_all() -> None:
    talk = Talk(subscriber(ELDERS))
    turn = talk.say("取消订阅 养老")

    assert talk.subscriber.standing is Standing.ENDED
    assert talk.topics == set()
    assert turn.reply.text == WORDING.unsubscribed_all


def test_a_bare_unsubscribe_offers_what_is_held_and_all_of_it() -> None:
    talk = Talk(subscriber(ELDERS, POOR))
    turn = talk.say("退订")
    messages = [option.message for option in turn.reply.options]
    assert messages == ["退订 养老服务", "退订 低保对象", "退订全部"]

    talk.say("3")

    assert not talk.subscriber.receives


def test_what_is_not_held_cannot_be_unsubscribed() -> None:
    talk = Talk(subscriber(ELDERS))

    assert talk.say("退订 农户").reply.text == WORDING.not_subscribed
    assert talk.topics == {"养老服务"}


@pytest.mark.parametrize(
    "words", ["退订 养老", "退订", "退订全部", "暂停", "恢复", "每周一次", "马上告诉我", "我的订阅"]
)
def test_a_stranger_is_told_how_to_begin(words: str) -> None:
    talk = Talk()

    assert talk.say(words).reply.text == WORDING.no_subscriptions
    assert talk.subscriber == NOBODY


def test_pause_and_go_on() -> None:
    talk = Talk(subscriber(ELDERS))
    talk.say("暂停")
    assert talk.subscriber.standing is Standing.PAUSED
    assert WORDING.my_subscriptions_paused in talk.say("我的订阅").reply.text

    talk.say("恢复")

    assert talk.subscriber == subscriber(ELDERS)
    assert WORDING.my_subscriptions_paused not in talk.say("我的订阅").reply.text


def test_weekly_and_at_once() -> None:
    talk = Talk(subscriber(ELDERS))
    talk.say("每周一次")
    assert talk.subscriber.digest is Digest.WEEKLY
    assert WORDING.digest_weekly in talk.say("我的订阅").reply.text

    talk.say("马上告诉我")

    assert talk.subscriber.digest is Digest.IMMEDIATE


def test_who_unfollows_is_ended_and_offered_to_restore_on_return() -> None:
    talk = Talk(subscriber(ELDERS, POOR))
    left = talk.send("unsubscribe")
    assert (left.reply.text, left.state) == ("", None)
    assert talk.subscriber.standing is Standing.ENDED

    back = talk.send("subscribe")
    assert "养老服务、低保对象" in back.reply.text
    assert "恢复订阅" in back.reply.text
    assert talk.subscriber.standing is Standing.ENDED

    talk.say("恢复订阅")
    assert talk.subscriber == subscriber(ELDERS, POOR)


def test_subscribing_after_leaving_brings_back_nothing_that_was_not_asked_for() -> None:
    talk = Talk(subscriber(ELDERS, POOR).ended())
    talk.say("订阅 农户")

    assert talk.topics == {"农户"}


def test_an_unfollowing_stranger_is_nobody() -> None:
    assert Talk().send("unsubscribe").subscriber is None


def test_who_takes_back_the_grant_is_erased() -> None:
    talk = Talk(subscriber(ELDERS))
    turn = talk.send("revoked")

    assert (turn.reply.text, turn.state, turn.subscriber) == ("", None, NOBODY)


@pytest.mark.parametrize("kind", ["subscribe", "scan"])
def test_a_scanned_code_subscribes_and_brings_its_area(kind: str) -> None:
    talk = Talk(area=None)
    scene = Scene("sub-1a2b3c", ELDERS, "南岸街道养老服务中心", "441204")
    turn = talk.send(kind, scene.key, scene)

    (subscription,) = talk.subscriber.subscriptions
    assert (subscription.topic, subscription.source) == (ELDERS, "scene:sub-1a2b3c")
    assert talk.subscriber.area == "441204"
    assert "已订阅：养老服务" in turn.reply.text
    assert "退订全部" in turn.reply.text


def test_a_scanned_code_does_not_move_who_chose_an_area() -> None:
    talk = Talk()
    talk.say("换地区 泽州县")
    talk.send("scan", "sub-1", Scene("sub-1", ELDERS, "海报", "441204"))

    assert talk.subscriber.area == "140525"


def test_an_unknown_code_is_harmless() -> None:
    talk = Talk()

    assert talk.send("scan", "sub-gone").reply.text == WORDING.scanned
    assert talk.send("subscribe", "sub-gone").reply.text == WORDING.welcome
    assert talk.subscriber == NOBODY


def test_my_data_show_all_that_is_held() -> None:
    held = replace(subscriber(ELDERS), consents=(1_795_000_000,), deliveries=3)
    shown = Talk(held).say("我的数据").reply.text

    for words in ("养老服务", "广东省肇庆市高要区", "正常接收", "2026年11月18日", "3 条"):
        assert words in shown


def test_erasing_my_data_leaves_nobody() -> None:
    turn = Talk(subscriber(ELDERS)).say("清除我的数据")

    assert (turn.state, turn.subscriber) == (None, NOBODY)
