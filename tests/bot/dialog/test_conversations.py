import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.dialog.conversations import (
    TOO_MANY,
    Conversations,
    Fitted,
    Person,
    Respond,
)
from bot.dialog.model import Incoming, Option, Reply, State, Turn
from bot.storage.database import Database, open_sqlite
from bot.storage.vault import Vault
from tests.fixtures.clock import Clock

VAULT = Vault("a secret of thirty-two characters")
ANNA = Person("wechat", "gaoyao", "o-anna")
BEN = Person("wechat", "gaoyao", "o-ben")


def count(incoming: Incoming, state: State | None) -> Turn:
    """Counts a person's messages; forgets at 再见; flags 救命; says nothing to VIEW."""
    if incoming.kind == "unsubscribe" or incoming.text == "再见":
        return Turn(Reply("好的" if incoming.text else ""), None)
    if incoming.kind == "view":
        return Turn(Reply(""), state)
    number = int(state.last_question or 0) + 1 if state else 1
    return Turn(
        Reply(f"第{number}条", flag="crisis" if incoming.text == "救命" else ""),
        replace(state or State(), last_question=str(number)),
    )


def said(words: str) -> Incoming:
    return Incoming("text", words)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(database: Database, clock: Clock) -> Callable[..., Conversations]:
    def start(respond: Respond = count, **options: object) -> Conversations:
        return Conversations(database, VAULT, respond, clock, **options)  # type: ignore[arg-type]

    return start


def rows(database: Database, table: str) -> list[dict[str, object]]:
    with database.read() as connection:
        return [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]


def test_state_is_carried_from_message_to_message(start: Callable[..., Conversations]) -> None:
    conversations = start()

    assert conversations.handle("1", ANNA, said("a")).text == "第1条"
    assert conversations.handle("2", ANNA, said("b")).text == "第2条"
    assert conversations.handle("3", BEN, said("c")).text == "第1条"


def test_each_delivery_of_a_message_gets_the_same_reply(
    start: Callable[..., Conversations],
) -> None:
    def respond(incoming: Incoming, state: State | None) -> Turn:
        turn = count(incoming, state)
        options = (Option("低保", "低保怎么申请"), Option("更多", "更多"))
        facts = {"route": "faq"}
        return replace(
            turn,
            reply=replace(
                turn.reply, options=options, options_title="您想问：", page="/faq/1", facts=facts
            ),
        )

    first = start(respond).handle("1", ANNA, said("a"))
    again = start(respond).handle("1", ANNA, said("a"))

    assert first.facts == {"route": "faq"}
    assert again == replace(first, facts={"repeated": True})
    assert start(respond).handle("2", ANNA, said("b")).text == "第2条"


def test_one_key_of_two_accounts_is_two_messages(start: Callable[..., Conversations]) -> None:
    conversations = start()
    conversations.handle("1", ANNA, said("a"))

    reply = conversations.handle("1", replace(ANNA, account="zezhou"), said("a"))

    assert reply.facts == {}


def test_unread_rest_is_stored_with_the_reply(start: Callable[..., Conversations]) -> None:
    def respond(incoming: Incoming, state: State | None) -> Turn:
        if incoming.text == "更多" and state and state.rest:
            return Turn(Reply(state.rest), state)
        if incoming.kind == "view":
            return Turn(Reply(""), state)
        return Turn(Reply("一二三四五"), State())

    def fit(reply: Reply) -> Fitted:
        return Fitted(replace(reply, text=reply.text[:2]), reply.text[2:])

    conversations = start(respond, fit=fit)

    assert conversations.handle("1", ANNA, said("问")).text == "一二"
    assert conversations.handle("2", ANNA, said("更多")).text == "三四"
    assert conversations.handle("2", ANNA, said("更多")).text == "三四"
    assert conversations.handle("3", ANNA, Incoming("view")).text == ""
    assert conversations.handle("4", ANNA, said("更多")).text == "五"


def test_flagged_message_is_kept_sealed(
    start: Callable[..., Conversations], database: Database
) -> None:
    conversations = start()
    conversations.handle("1", ANNA, said("救命"))
    conversations.handle("1", ANNA, said("救命"))

    (flagged,) = rows(database, "flagged_messages")
    assert flagged["flag"] == "crisis"
    assert flagged["account"] == "gaoyao"
    assert flagged["handled_at"] is None
    assert "救命" not in str(flagged)
    assert VAULT.unseal(str(flagged["words"])) == "救命"


def test_no_id_of_a_person_is_stored(
    start: Callable[..., Conversations], database: Database
) -> None:
    start().handle("key-with-o-anna", ANNA, said("救命"))

    stored = [rows(database, table) for table in ("people", "seen_messages", "flagged_messages")]
    assert all(stored)
    assert "o-anna" not in str(stored)


def test_forgetting_removes_the_person_and_their_replies(
    start: Callable[..., Conversations], database: Database
) -> None:
    conversations = start()
    conversations.handle("1", ANNA, said("a"))
    conversations.handle("2", BEN, said("a"))

    assert conversations.handle("3", ANNA, Incoming("unsubscribe")).text == ""

    assert len(rows(database, "people")) == 1
    assert len(rows(database, "seen_messages")) == 2  # Ben's, and the empty one to the farewell
    assert conversations.handle("4", ANNA, said("b")).text == "第1条"


def test_repeated_farewell_does_not_erase_what_came_after(
    start: Callable[..., Conversations],
) -> None:
    conversations = start()
    conversations.handle("1", ANNA, Incoming("unsubscribe"))
    conversations.handle("2", ANNA, said("回来了"))
    conversations.handle("1", ANNA, Incoming("unsubscribe"))

    assert conversations.handle("3", ANNA, said("b")).text == "第2条"


def test_too_many_messages_a_minute_get_one_polite_line(
    start: Callable[..., Conversations], clock: Clock
) -> None:
    conversations = start(messages_per_minute=3)
    replies = [conversations.handle(f"{n}", ANNA, said("a")).text for n in range(5)]

    assert replies == ["第1条", "第2条", "第3条", TOO_MANY, TOO_MANY]
    assert conversations.handle("b", BEN, said("a")).text == "第1条"
    clock.pass_seconds(60)
    assert conversations.handle("later", ANNA, said("a")).text == "第4条"


def test_limit_stands_in_nobodys_way_to_leave(
    start: Callable[..., Conversations], database: Database
) -> None:
    conversations = start(messages_per_minute=1)
    conversations.handle("1", ANNA, said("a"))
    assert conversations.handle("2", ANNA, said("b")).text == TOO_MANY

    conversations.handle("3", ANNA, Incoming("unsubscribe"))

    assert rows(database, "people") == []


def test_events_of_the_phone_do_not_use_up_the_limit(
    start: Callable[..., Conversations],
) -> None:
    conversations = start(messages_per_minute=2)
    conversations.handle("1", ANNA, said("a"))
    for number in range(10):
        conversations.handle(f"view{number}", ANNA, Incoming("view"))

    assert conversations.handle("2", ANNA, said("b")).text == "第2条"


def test_clock_set_back_locks_nobody_out(start: Callable[..., Conversations], clock: Clock) -> None:
    conversations = start(messages_per_minute=1)
    conversations.handle("1", ANNA, said("a"))
    clock.pass_seconds(-3600)

    assert conversations.handle("2", ANNA, said("b")).text == "第2条"


def test_failure_in_the_middle_leaves_nothing_half_done(
    start: Callable[..., Conversations], database: Database
) -> None:
    conversations = start()
    conversations.handle("1", ANNA, said("a"))
    with database.write() as connection:
        connection.execute(text("ALTER TABLE flagged_messages RENAME TO elsewhere"))
    with pytest.raises(Exception, match="flagged_messages"):
        conversations.handle("2", ANNA, said("救命"))
    with database.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO flagged_messages"))

    reply = conversations.handle("2", ANNA, said("救命"))

    assert reply.text == "第2条"
    assert reply.facts == {}
    assert len(rows(database, "flagged_messages")) == 1


def test_failure_of_the_dialog_leaves_nothing(
    start: Callable[..., Conversations], database: Database
) -> None:
    def fail(incoming: Incoming, state: State | None) -> Turn:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        start(fail).handle("1", ANNA, said("a"))

    assert rows(database, "seen_messages") == []
    assert start().handle("1", ANNA, said("a")).text == "第1条"


def test_state_of_another_version_of_the_program_is_read(
    start: Callable[..., Conversations], database: Database
) -> None:
    conversations = start()
    conversations.handle("1", ANNA, said("a"))
    with database.write() as connection:
        connection.execute(
            text("UPDATE people SET state = :state"),
            {"state": VAULT.seal('{"last_question": "7", "mood": "good"}')},
        )

    assert conversations.handle("2", ANNA, said("b")).text == "第8条"


def test_any_characters_are_kept(start: Callable[..., Conversations]) -> None:
    odd = "\x00 \U0001f600 ]]> 'quoted'"

    def echo(incoming: Incoming, state: State | None) -> Turn:
        return Turn(Reply(incoming.text), State(last_question=incoming.text))

    conversations = start(echo)
    conversations.handle("1", ANNA, said(odd))
    conversations.handle("2", ANNA, said("half \ud800"))

    assert conversations.handle("1", ANNA, said(odd)).text == odd
    assert conversations.handle("2", ANNA, said("half \ud800")).text == "half ?"


def test_threads_lose_no_message_and_answer_once(
    start: Callable[..., Conversations], database: Database
) -> None:
    conversations = start(messages_per_minute=1000)
    keys = [f"{number % 30}" for number in range(90)]
    with ThreadPoolExecutor(8) as threads:
        replies = list(
            threads.map(lambda key: (key, conversations.handle(key, ANNA, said("a"))), keys)
        )

    answers = {key: {reply.text for k, reply in replies if k == key} for key in set(keys)}
    assert all(len(texts) == 1 for texts in answers.values())
    assert {t for texts in answers.values() for t in texts} == {f"第{n}条" for n in range(1, 31)}
    (person,) = rows(database, "people")
    assert '"last_question": "30"' in VAULT.unseal(str(person["state"]))


def test_what_a_person_said_is_stored_sealed(
    start: Callable[..., Conversations], database: Database
) -> None:
    def echo(incoming: Incoming, state: State | None) -> Turn:
        return Turn(Reply("好"), State(last_question=incoming.text))

    start(echo).handle("1", ANNA, said("我家的地被征了"))

    assert "我家的地" not in "".join(str(row) for row in rows(database, "people"))
    assert "我家的地" in VAULT.unseal(str(rows(database, "people")[0]["state"]))


def test_erasing_and_speaking_at_once_never_brings_old_state_back(
    start: Callable[..., Conversations],
) -> None:
    conversations = start(messages_per_minute=1000)
    words = ["a", "再见"] * 30
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda n: conversations.handle(f"{n}", ANNA, said(words[n])), range(60)))
    conversations.handle("end", ANNA, said("再见"))

    assert conversations.handle("new", ANNA, said("a")).text == "第1条"


PROCESS = """
import json, sys
from pathlib import Path
from bot.clock import china_clock
from bot.dialog.conversations import Conversations, Person
from bot.dialog.model import Incoming, Reply, State, Turn
from bot.storage.database import open_sqlite, open_url
from bot.storage.vault import Vault
from tests.fixtures.clock import Clock

def respond(incoming, state):
    number = int(state.last_question or 0) + 1 if state else 1
    return Turn(Reply(str(number)), State(last_question=str(number)))

conversations = Conversations(
    open_url(sys.argv[1]), Vault(sys.argv[2]), respond, china_clock, messages_per_minute=10_000
)
keys = json.loads(sys.stdin.readline())
print("ready", flush=True)
sys.stdin.readline()
person = Person("wechat", "gaoyao", "o-anna")
print(json.dumps([conversations.handle(key, person, Incoming("text", "a")).text for key in keys]))
"""


def test_two_processes_handle_each_message_once(database: Database) -> None:
    shared = [f"s{number}" for number in range(60)]
    own = {name: [f"{name}{number}" for number in range(60)] for name in "ab"}
    lists = [[k for pair in zip(shared, own[name], strict=True) for k in pair] for name in own]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, database.url, "a secret of thirty-two characters"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in lists
    ]
    for process, keys in zip(processes, lists, strict=True):
        assert process.stdin
        process.stdin.write(json.dumps(keys) + "\n")
        process.stdin.flush()
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    replies = [
        dict(zip(keys, json.loads(process.communicate(timeout=300)[0]), strict=True))
        for process, keys in zip(processes, lists, strict=True)
    ]

    assert all(replies[0][key] == replies[1][key] for key in shared)
    given = {**replies[0], **replies[1]}
    assert sorted(map(int, given.values())) == list(range(1, 181))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 12), st.sampled_from(["a", "b"]), st.sampled_from(["问", "再见", "救命"])
        ),
        max_size=25,
    )
)
def test_any_order_of_deliveries_equals_the_plain_telling(
    sqlite_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
    deliveries: list[tuple[int, str, str]],
) -> None:
    database = open_sqlite(Path(shutil.copy(sqlite_file, tmp_path_factory.mktemp("plain"))))
    conversations = Conversations(database, VAULT, count, Clock(), messages_per_minute=1000)
    states: dict[str, State | None] = {}
    given_replies: dict[tuple[str, str, int], str] = {}
    for number, who, words in deliveries:
        key = (who, words, number)
        if key not in given_replies:
            turn = count(said(words), states.get(who))
            states[who] = turn.state
            given_replies[key] = turn.reply.text
            if turn.state is None:  # forgotten: only the farewell's own reply stays
                given_replies = {
                    k: reply for k, reply in given_replies.items() if k[0] != who or k == key
                }
        person = replace(ANNA, id=who)
        assert conversations.handle(repr(key), person, said(words)).text == given_replies[key]
    database.close()
