"""What a conversation stores of subscriptions: once, with the reply, and nothing readable of the person."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, text

from bot.answering.model import Answer, Kind, Question
from bot.answering.wording import official_wording
from bot.clock import Clock
from bot.dialog.conversations import Conversations, Person
from bot.dialog.dialog import Dialog
from bot.dialog.model import Incoming
from bot.storage.database import Database
from bot.storage.schema import audience, deliveries, metadata, notices, pushes, scenes
from bot.storage.vault import Vault
from bot.subscriptions.topics import national_topics
from catalogue_index.areas import national_areas

ANNA = Person("wechat", "gaoyao", "o-anna")
BEN = Person("wechat", "gaoyao", "o-ben")


def answer(question: Question) -> Answer:
    return Answer(Kind.ANSWER, "faq", "有。")


@pytest.fixture
def say(database: Database, vault: Vault, clock: Clock) -> Callable[..., str]:
    dialog = Dialog(answer, national_areas(), official_wording(), national_topics())
    conversations = Conversations(database, vault, dialog.respond, clock)
    keys = iter(range(1_000_000))

    def say(words: str, person: Person = ANNA, kind: str = "text", key: str = "") -> str:
        incoming = Incoming(kind, words, "441204")
        return conversations.handle(key or str(next(keys)), person, incoming).text

    return say


@pytest.fixture
def rows(database: Database) -> Callable[[str], list[dict[str, object]]]:
    def rows(table: str) -> list[dict[str, object]]:
        with database.read() as connection:
            found = connection.execute(text(f"SELECT * FROM {table}"))
            return [dict(row) for row in found.mappings()]

    return rows


def test_a_subscription_is_stored_with_consent_and_a_sealed_address(say, rows, vault):
    say("订阅 养老")

    person = vault.hash("person", "wechat", "gaoyao", "o-anna")
    (subscriber,) = rows("subscribers")
    assert (subscriber["person"], subscriber["state"]) == (person, "active")
    assert (subscriber["account"], subscriber["area"]) == ("gaoyao", "441204")
    (subscription,) = rows("subscriptions")
    assert (subscription["kind"], subscription["value"]) == ("sector", "养老服务")
    assert subscription["source"] == "words"
    (address,) = rows("addresses")
    assert (address["medium"], address["account"]) == ("wechat", "gaoyao")
    assert vault.unseal(address["sealed"]) == "o-anna"
    (consent,) = rows("consents")
    evidence = json.loads(vault.unseal(consent["evidence"]))
    assert (consent["scope"], consent["ended_at"]) == ("wechat", None)
    assert evidence["words"] == "订阅 养老"
    assert evidence["topics"] == "养老服务"
    assert len(evidence["message"]) == 64
    assert "o-anna" not in str(subscriber) + str(address) + str(consent)


def test_three_deliveries_of_a_message_subscribe_once(say, rows):
    replies = {say("订阅 养老", key="same") for _ in range(3)}

    assert len(replies) == 1
    assert len(rows("subscriptions")) == len(rows("consents")) == len(rows("addresses")) == 1


def test_deliveries_that_cross_subscribe_once(say, rows):
    with ThreadPoolExecutor(8) as pool:
        replies = set(pool.map(lambda _: say("订阅 养老", key="same"), range(8)))

    assert len(replies) == 1
    assert len(rows("consents")) == 1


def test_messages_that_cross_are_all_kept(say, rows):
    names = ("养老服务", "就业", "低保对象", "农户")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: say(f"订阅 {name}"), names))

    assert {row["value"] for row in rows("subscriptions")} == set(names)


def test_leaving_ends_the_consent_and_keeps_it(say, rows):
    say("订阅 养老")
    say("订阅 低保")
    say("退订 低保")
    assert [row["ended_at"] for row in rows("consents")] == [None, None]

    say("退订全部")

    assert rows("subscriptions") == []
    assert [row["state"] for row in rows("subscribers")] == ["ended"]
    assert {row["ended_by"] for row in rows("consents")} == {"person"}
    assert all(row["ended_at"] for row in rows("consents"))


def test_who_unfollows_and_returns_restores_with_a_new_consent(say, rows):
    say("订阅 养老")
    say("", kind="unsubscribe")
    assert rows("people") == []
    assert [row["ended_by"] for row in rows("consents")] == ["unfollowed"]
    assert [row["state"] for row in rows("subscribers")] == ["ended"]

    assert "养老服务" in say("", kind="subscribe")
    say("恢复订阅")

    assert [row["state"] for row in rows("subscribers")] == ["active"]
    assert sorted(row["ended_at"] is None for row in rows("consents")) == [False, True]
    assert [row["value"] for row in rows("subscriptions")] == ["养老服务"]


@pytest.mark.parametrize(("words", "kind"), [("", "subscribe"), ("订阅 低保", "text")])
def test_an_openid_that_failed_is_used_again_when_its_owner_is_back(
    say, rows, database, words, kind
):
    say("订阅 养老")
    with database.write() as connection:
        connection.execute(text("UPDATE addresses SET suppressed = 'gone', failures = 3"))

    say("今天天气")
    assert [row["suppressed"] for row in rows("addresses")] == ["gone"]
    say(words, kind=kind)

    assert [(row["suppressed"], row["failures"]) for row in rows("addresses")] == [("", 0)]


def test_a_known_code_subscribes_and_an_unknown_one_does_not(say, rows, database):
    with database.write() as connection:
        values = {"key": "sub-1", "kind": "group", "value": "老年人", "area": "441204"}
        connection.execute(insert(scenes).values(**values, label="海报", created_at=1))

    say("sub-none", kind="subscribe")
    assert rows("subscribers") == []
    say("sub-1", kind="scan")

    (subscription,) = rows("subscriptions")
    assert (subscription["value"], subscription["source"]) == ("老年人", "scene:sub-1")


def ledger(database: Database, person: str) -> None:
    """A push that concerned ``person``, with one delivery."""
    filled = {
        notices: {"id": "n", "content_key": "k", "version": 1},
        pushes: {"id": "p", "notice": "n", "version": 1, "submitted_at": 1},
        audience: {"push": "p", "person": person, "included": 1},
        deliveries: {"push": "p", "person": person, "address_hash": "h", "provider_key": "k"},
    }
    with database.write() as connection:
        for table, given in filled.items():
            values = {
                column.name: "" if column.type.python_type is str else 0
                for column in table.columns
                if not column.nullable and not column.primary_key
            }
            connection.execute(insert(table).values(values | given))


def test_my_data_count_what_the_ledger_holds(say, database, vault):
    say("订阅 养老")
    ledger(database, vault.hash("person", "wechat", "gaoyao", "o-anna"))

    assert "1 条" in say("我的数据")


@pytest.mark.parametrize(("words", "kind"), [("清除我的数据", "text"), ("", "revoked")])
def test_erasing_leaves_no_row_of_the_person_in_any_table(say, rows, database, vault, words, kind):
    person = vault.hash("person", "wechat", "gaoyao", "o-anna")
    say("订阅 养老")
    say("人工")
    say("订阅 养老", BEN)
    ledger(database, person)

    say(words, kind=kind, key="last")

    named = [table.name for table in metadata.sorted_tables if "person" in table.columns]
    assert {"people", "subscribers", "consents", "audience", "deliveries"} <= set(named)
    for name in named:
        theirs = [row for row in rows(name) if row["person"] == person]
        # the reply to this very message stays a day, so that asking again gets the same
        assert len(theirs) == (1 if name == "seen_messages" else 0), name
    assert len(rows("deliveries")) == len(rows("audience")) == 1
    assert rows("deliveries")[0]["address_hash"] != "h"
    assert [row["value"] for row in rows("subscriptions")] == ["养老服务"]
    assert len(rows("addresses")) == 1


def test_an_unhandled_cry_for_help_outlives_erasing(say, rows, database, vault):
    person = vault.hash("person", "wechat", "gaoyao", "o-anna")
    with database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO flagged_messages (person, account, flag, words, created_at)"
                " VALUES (:person, 'gaoyao', 'crisis', 'x', 1)"
            ),
            {"person": person},
        )
    say("清除我的数据")

    assert [row["flag"] for row in rows("flagged_messages")] == ["crisis"]


def test_a_failed_transaction_stores_neither_reply_nor_subscription(say, rows, database):
    with database.write() as connection:
        connection.execute(text("ALTER TABLE addresses RENAME TO elsewhere"))
    with pytest.raises(Exception, match="addresses"):
        say("订阅 养老", key="again")
    with database.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO addresses"))

    assert rows("subscribers") == rows("consents") == rows("seen_messages") == []
    assert "已订阅" in say("订阅 养老", key="again")
