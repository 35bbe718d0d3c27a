"""Who asked for what had no answer is told once when there is one."""

import pytest

from bot.answering.model import Answer, Choice, Kind, Question, Source
from bot.answering.wording import official_wording
from bot.dialog.awaiting import MOST_AWAITED, OFFER
from bot.dialog.dialog import MOST_OPTIONS, Dialog
from bot.dialog.model import Incoming, State
from bot.subscriptions.topics import national_topics
from catalogue_index.areas import national_areas
from tests.bot.dialog.test_dialog import SOURCE

WORDING = official_wording()
NEW, OTHER = "新政策怎么公开", "目录怎么编"


class Knowledge:
    """Answers what it has learned, and ``OTHER``."""

    def __init__(self) -> None:
        self.known = {OTHER}
        self.related: tuple[Choice, ...] = ()
        self.sources: tuple[Source, ...] = (SOURCE,)

    def __call__(self, question: Question) -> Answer:
        if question.text in self.known:
            return Answer(Kind.ANSWER, "faq", "有。", 0.9, self.sources, related=self.related)
        if "救命" in question.text:
            return Answer(Kind.HANDOVER, "crisis", "请打 110。", flagged=True)
        return Answer(Kind.DECLINED, "near_miss", "没有写。", related=self.related)


@pytest.fixture
def knowledge():
    return Knowledge()


@pytest.fixture
def say(knowledge):
    dialog = Dialog(knowledge, national_areas(), WORDING, national_topics())

    def say(words, state=None):
        return dialog.respond(Incoming("text", words), state)

    return say


@pytest.fixture
def waiting(say):
    return say(OFFER, say(NEW).state).state


def test_it_is_offered_where_there_is_no_answer_and_only_there(say):
    assert [option.message for option in say(NEW).reply.options] == [OFFER]
    assert say(OTHER).reply.options == ()
    assert say("救命").reply.options == ()


def test_the_offer_finds_room_below_many_options(say, knowledge):
    knowledge.related = tuple(Choice(f"{n}", f"第{n}件事") for n in range(20))
    options = say(NEW).reply.options
    assert len(options) == MOST_OPTIONS
    assert options[-1].message == OFFER


def test_choosing_it_by_its_number_agrees(say):
    turn = say("1", say(NEW).state)
    assert turn.state.awaiting == (NEW,)
    assert NEW in turn.reply.text


def test_nothing_is_said_while_there_is_no_answer(say, waiting):
    turn = say(OTHER, waiting)
    assert turn.reply.text == "有。"
    assert turn.state.awaiting == (NEW,)


def test_it_is_told_once_and_leads_to_the_answer(say, waiting, knowledge):
    knowledge.known.add(NEW)
    turn = say(OTHER, waiting)
    assert turn.reply.text == f"{WORDING.await_ready.format(question=NEW)}\n\n有。"
    assert turn.state.awaiting == ()
    assert [option.message for option in turn.reply.options] == [NEW]
    assert say("1", turn.state).reply.text == "有。"
    assert NEW not in say(OTHER, turn.state).reply.text


def test_who_asks_it_again_and_gets_the_answer_is_not_told_besides(say, waiting, knowledge):
    knowledge.known.add(NEW)
    turn = say(NEW, waiting)
    assert turn.reply.text == "有。"
    assert turn.state.awaiting == ()


def test_a_call_for_help_is_answered_without_it(say, waiting, knowledge):
    knowledge.known.add(NEW)
    turn = say("救命", waiting)
    assert turn.reply.text == "请打 110。"
    assert turn.state.awaiting == (NEW,)


def test_where_there_is_no_room_it_waits_for_the_next_message(say, waiting, knowledge):
    knowledge.known.add(NEW)
    knowledge.related = tuple(Choice(f"{n}", f"第{n}件事") for n in range(20))
    turn = say(OTHER, waiting)
    assert turn.reply.text == "有。"
    assert turn.state.awaiting == (NEW,)


def test_an_answer_without_a_source_is_none(say, waiting, knowledge):
    knowledge.known.add(NEW)
    knowledge.sources = ()
    assert say(OTHER, waiting).state.awaiting == (NEW,)


def test_the_newest_are_waited_for_each_once(say):
    state = State()
    for number in (1, 2, 3, 4, 4):
        state = say(OFFER, say(f"第{number}个新政策", state).state).state
    assert state.awaiting == ("第2个新政策", "第3个新政策", "第4个新政策")
    assert len(state.awaiting) == MOST_AWAITED


@pytest.mark.parametrize("before", [None, State(last_question=OTHER)])
def test_there_is_nothing_to_wait_for_without_an_open_question(say, before):
    turn = say(OFFER, before)
    assert turn.reply.text == WORDING.await_nothing
    assert turn.state.awaiting == ()


def test_it_can_be_taken_back_seen_and_erased(say, waiting):
    assert NEW in say("我的数据", waiting).reply.text
    assert say("不等了", waiting).state.awaiting == ()
    assert say("清除我的数据", waiting).state is None
