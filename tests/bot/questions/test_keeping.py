import pytest

from bot.answering.model import Answer, Choice, Kind, Question, Source
from bot.dialog.conversations import Conversations, Person
from bot.dialog.model import Incoming, Reply, State, Turn
from bot.questions.model import Wanting, past_question
from bot.questions.repository import REOPENED_AFTER, day_of
from bot.storage.schema import question_counts, question_groups
from bot.storage.schema import questions as table
from bot.storage.vault import Vault
from bot.subscriptions.model import NOBODY

VAULT = Vault("a secret of thirty-two characters")
ANNA, BEN = (Person("wechat", "gaoyao", name) for name in ("o-anna", "o-ben"))
SOURCE = Source("faq", "d", "答疑", "44", "广东省", "", "问", "答", True, "/faq/d-1", {"number": 1})
ANSWERED = Answer(Kind.ANSWER, "faq", "答", sources=(SOURCE,))
NOT_FOUND = Answer(Kind.DECLINED, "near_miss", "没有")
SEVERAL = Answer(Kind.CHOICES, "catalogue", "哪个", choices=(Choice("低保", "低保"),))
DOOR = Answer(Kind.DECLINED, "other_government", "请打 12345")
CRISIS = Answer(Kind.HANDOVER, "crisis", "请打 110", flagged=True)
WHICH_AREA = Answer(Kind.CHOICES, "plan", "哪里？", needs_area=True)


@pytest.fixture
def ask(database, clock, questions):
    """Says words to the account as one person; the answer is given."""
    numbers = iter(range(10**6))

    def ask(words, answer=NOT_FOUND, person=ANNA, key=""):
        def respond(incoming: Incoming, state: State | None) -> Turn:
            past = past_question(Question(incoming.text, "441204"), answer)
            return Turn(Reply(answer.text), State(), asked=past)

        conversations = Conversations(database, VAULT, respond, clock, enter=questions.entry)
        conversations.handle(key or f"m{next(numbers)}", person, Incoming("text", words))

    return ask


def test_a_question_is_kept_with_how_it_ended_and_no_name(ask, rows, clock):
    ask("低保在哪查", ANSWERED)

    (row,) = rows(table)
    assert row["words"] == "低保在哪查"
    assert row["person"] == VAULT.hash("person", "wechat", "gaoyao", "o-anna")
    assert (row["channel"], row["account"], row["area"]) == ("wechat", "gaoyao", "441204")
    assert (row["kind"], row["route"], row["source"]) == ("answer", "faq", "/faq/d-1")
    assert (row["knowledge"], row["at"]) == ("v1", int(clock().timestamp()))
    assert rows(question_groups) == []


def test_a_message_delivered_again_is_one_question(ask, rows):
    for _ in range(3):
        ask("低保在哪查", key="same")

    assert len(rows(table)) == 1
    assert [row["count"] for row in rows(question_groups)] == [1]
    assert [row["count"] for row in rows(question_counts)] == [1]


def test_personal_data_is_masked_before_anything_is_kept(ask, rows):
    ask("我的电话13800138000，低保在哪查\u202e\x00")

    (row,) = rows(table)
    assert row["words"] == "我的电话〔手机号已隐去〕，低保在哪查"


@pytest.mark.parametrize("route", ["crisis", "complaint", "abuse", "personal_data"])
def test_of_what_is_sensitive_no_words_are_kept_and_the_desk_sees_nothing(ask, rows, route):
    ask("救命", Answer(Kind.DECLINED, route, "请打 110"))

    (row,) = rows(table)
    assert (row["words"], row["likeness"], row["route"]) == ("", "", route)
    assert rows(question_groups) == []


@pytest.mark.parametrize(
    ("answer", "wanting"),
    [
        (NOT_FOUND, Wanting.UNANSWERED),
        (SEVERAL, Wanting.CHOICES),
        (ANSWERED, Wanting.NOTHING),
        (DOOR, Wanting.NOTHING),
        (CRISIS, Wanting.NOTHING),
    ],
)
def test_the_desk_sees_what_was_not_answered_and_has_no_other_door(answer, wanting):
    assert past_question(Question("低保"), answer).wanting is wanting


def test_a_question_that_waits_for_the_area_is_not_ended():
    assert past_question(Question("谁牵头"), WHICH_AREA) is None


def test_questions_of_like_words_are_one_group(ask, rows, clock):
    ask("低保在哪查")
    clock.pass_days(1)
    ask("在哪查低保？", SEVERAL, BEN)
    ask("低保公示", ANSWERED)

    (group,) = rows(question_groups)
    assert (group["count"], group["kind"], group["state"]) == (2, "choices", "open")
    assert group["last_at"] - group["first_at"] == 24 * 3600


@pytest.mark.parametrize("times", [REOPENED_AFTER - 1, REOPENED_AFTER])
def test_a_closed_group_asked_again_often_enough_is_open_again(ask, rows, database, times):
    ask("低保在哪查")
    with database.write() as connection:
        connection.execute(question_groups.update().values(state="declined", count=0))

    for _ in range(times):
        ask("低保在哪查")

    (group,) = rows(question_groups)
    assert (group["state"] == "open") is (times == REOPENED_AFTER)


def test_counts_are_by_day_in_china_area_kind_and_route(ask, rows, clock):
    clock.now = clock.now.replace(hour=23, minute=59)
    ask("低保", ANSWERED)
    ask("低保", ANSWERED)
    clock.pass_days(1 / 24)
    ask("低保", NOT_FOUND)

    counted = [tuple(row.values()) for row in rows(question_counts)]
    assert counted == [
        ("2026-11-21", "441204", "answer", "faq", 2),
        ("2026-11-22", "441204", "declined", "near_miss", 1),
    ]


def test_a_day_begins_at_midnight_in_china():
    assert [day_of(16 * 3600 - 1), day_of(16 * 3600)] == ["1970-01-01", "1970-01-02"]


def test_who_wants_to_be_forgotten_is_and_so_are_their_words(ask, rows, database, clock):
    ask("低保在哪查")
    ask("低保在哪查", person=BEN)
    forget = Turn(Reply("已清除"), None, NOBODY)
    conversations = Conversations(database, VAULT, lambda _, __: forget, clock)
    conversations.handle("last", ANNA, Incoming("text", "清除我的数据"))

    hers, his = rows(table)
    assert (hers["person"], hers["words"]) == ("", "")
    assert his["words"] == "低保在哪查"
    assert [row["count"] for row in rows(question_counts)] == [2]


def test_what_is_held_of_a_person_is_shown_when_they_ask(ask, database, clock):
    for words in ("低保在哪查", "低保公示", "低保审批", "养老补贴"):
        ask(words)
    ask("不是她的", person=BEN)
    seen = []

    def respond(incoming, state):
        seen.append(incoming.held)
        return Turn(Reply("好"), state)

    conversations = Conversations(database, VAULT, respond, clock)
    conversations.handle("a", ANNA, Incoming("text", "我的数据。"))
    conversations.handle("b", ANNA, Incoming("text", "低保"))

    assert seen[0].count == 4
    assert seen[0].words == ("养老补贴", "低保审批", "低保公示")
    assert seen[1].count == 0


def test_questions_of_the_page_are_of_nobody_known(questions, rows):
    questions.record(Question("低保在哪查", "441204"), NOT_FOUND)
    questions.record(Question("谁牵头"), WHICH_AREA)

    (row,) = rows(table)
    assert (row["channel"], row["account"], row["person"]) == ("web", "", "")
    assert len(rows(question_groups)) == 1


def test_a_question_that_cannot_be_kept_costs_nobody_the_answer(questions, database):
    with database.write() as connection:
        table.drop(connection)

    questions.record(Question("低保"), ANSWERED)

    with database.write() as connection:
        table.create(connection)  # other tests have the same database


@pytest.mark.parametrize("words", ["=1+1", "\ud800低保", "<script>", "{{7*7}}", "低" * 500])
def test_anything_typed_can_be_kept(ask, rows, words):
    ask(words)

    assert len(rows(table)) == 1
