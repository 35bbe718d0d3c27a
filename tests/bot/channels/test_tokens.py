import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.channels.calling import Failed, open_http
from bot.channels.port import Fate, Outcome
from bot.channels.tokens import EARLY, FORCED_A_DAY, FORCED_APART, Fetched, Tokens
from bot.channels.wechat.client import Platform, fetcher
from bot.storage.database import Database
from bot.storage.schema import platform_tokens
from bot.storage.vault import Vault
from tests.fixtures.clock import Clock
from tests.fixtures.platform import APP_ID, APP_SECRET, Server

ROOT = Path(__file__).parents[3]
SEND = "/cgi-bin/menu/create"


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


def test_two_processes_of_twenty_threads_fetch_one_token(
    database: Database, server: Server
) -> None:
    server.slow = 0.3
    command = [sys.executable, "-m", "tests.fixtures.token_users", database.url, server.url, "20"]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [process.communicate(timeout=300)[0].strip() for process in processes]

    assert said == ["1", "1"]
    assert server.fetched == {False: 1}


def test_a_token_is_fetched_once_and_again_shortly_before_its_end(
    tokens: Tokens, server: Server, clock: Clock
) -> None:
    first = tokens.get("gaoyao")
    clock.pass_seconds(7200 - 241)
    assert tokens.get("gaoyao") == first
    assert server.fetched == {False: 1}

    server.generation += 1
    clock.pass_seconds(2)
    assert tokens.get("gaoyao") == server.token != first
    assert server.fetched == {False: 2}


def test_the_token_is_sealed_in_the_database(tokens: Tokens, database: Database) -> None:
    token = tokens.get("gaoyao")
    with database.read() as connection:
        rows = connection.exec_driver_sql("select * from platform_tokens").fetchall()
    assert token not in repr(rows)


def test_while_one_fetches_the_others_use_the_old_token_as_long_as_it_holds(
    database: Database, vault: Vault, clock: Clock
) -> None:
    def meanwhile(_account: str, _force: bool) -> Fetched:
        seen.append(others.get("gaoyao"))
        return Fetched("new", 7200)

    seen: list[str] = []
    others = Tokens(database, vault, clock, lambda *_: Fetched("old", 7200))
    others.get("gaoyao")
    clock.pass_seconds(7200 - 100)

    assert Tokens(database, vault, clock, meanwhile).get("gaoyao") == "new"
    assert seen == ["old"]
    assert others.get("gaoyao") == "new"


def test_who_died_while_fetching_is_waited_for_no_longer_than_the_lease(
    database: Database, vault: Vault, clock: Clock
) -> None:
    tokens = Tokens(
        database, vault, clock, lambda *_: Fetched("t", 7200), sleep=lambda _: clock.pass_seconds(1)
    )
    with database.write() as connection:  # as a killed process leaves it
        now = int(clock().timestamp())
        connection.exec_driver_sql(
            f"insert into platform_tokens values ('gaoyao', '', 0, {now + 20}, 0)"
        )
    before = clock()
    assert tokens.get("gaoyao") == "t"
    assert (clock() - before).total_seconds() == 20


def test_waiting_for_ever_is_refused_with_nothing_out(
    database: Database, vault: Vault, clock: Clock
) -> None:
    tokens = Tokens(database, vault, clock, lambda *_: Fetched("t", 7200), sleep=lambda _: None)
    with database.write() as connection:
        connection.exec_driver_sql(
            "insert into platform_tokens values ('gaoyao', '', 0, 9999999999, 0)"
        )
    with pytest.raises(Failed) as refused:
        tokens.get("gaoyao")
    assert refused.value.outcome.fate is Fate.LATER


def test_a_token_made_invalid_elsewhere_is_forced_once(
    platform: Platform, tokens: Tokens, server: Server
) -> None:
    tokens.get("gaoyao")
    server.generation += 1  # somebody fetched by the old interface
    assert platform.post(SEND, {})["errmsg"] == "ok"
    assert server.fetched == {False: 1, True: 1}


def test_the_database_is_asked_again_only_when_a_token_comes_to_its_end(
    tokens: Tokens, database: Database, clock: Clock, vault: Vault
) -> None:
    first = tokens.get("gaoyao")
    of_another_process = {"sealed": vault.seal("of another process"), "expires_at": 10**12}
    with database.write() as connection:
        connection.execute(update(platform_tokens).values(of_another_process))
    assert tokens.get("gaoyao") == first
    clock.pass_seconds(7200 - EARLY)
    assert tokens.get("gaoyao") == "of another process"


def test_who_finds_a_newer_token_uses_it_and_forces_nothing(tokens: Tokens, server: Server) -> None:
    stale = tokens.get("gaoyao")
    server.generation += 1
    newer = tokens.renew("gaoyao", stale)
    assert tokens.renew("gaoyao", stale) == newer
    assert server.fetched == {False: 1, True: 1}


def test_a_token_refused_for_ever_ends_after_one_refresh(
    platform: Platform, server: Server, clock: Clock
) -> None:
    server.codes[SEND] = [{"errcode": 40001, "errmsg": "invalid credential"}] * 5
    with pytest.raises(Failed) as refused:
        platform.post(SEND, {})
    assert refused.value.outcome.fate is Fate.LATER
    assert refused.value.outcome.code == "40001"

    with pytest.raises(Failed) as refused:
        platform.post(SEND, {})
    assert refused.value.outcome.code == "token"
    assert server.fetched == {False: 1, True: 1}
    assert len(server.sent(SEND)) == 3

    clock.pass_seconds(FORCED_APART)
    with pytest.raises(Failed):
        platform.post(SEND, {})
    assert server.fetched == {False: 1, True: 2}


def test_twenty_forced_refreshes_a_day_are_all(
    tokens: Tokens, server: Server, clock: Clock
) -> None:
    for _ in range(FORCED_A_DAY):
        clock.pass_seconds(FORCED_APART)
        tokens.renew("gaoyao", tokens.get("gaoyao"))
    clock.pass_seconds(FORCED_APART)
    with pytest.raises(Failed) as refused:
        tokens.renew("gaoyao", tokens.get("gaoyao"))

    assert server.fetched == {False: 1, True: FORCED_A_DAY}
    closed = refused.value.outcome
    assert closed.fate is Fate.CLOSED
    assert closed.until is not None
    assert closed.until.isoformat() == "2026-11-22T00:00:00+08:00"

    clock.now = closed.until
    tokens.renew("gaoyao", tokens.get("gaoyao"))
    assert server.fetched[True] == FORCED_A_DAY + 1


def test_an_address_not_allowed_is_shown_to_the_operator(
    platform: Platform, server: Server
) -> None:
    message = "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 6715e2f1-1b"
    server.codes["/cgi-bin/stable_token"] = [{"errcode": 40164, "errmsg": message}]
    with pytest.raises(Failed) as refused:
        platform.post(SEND, {})
    outcome = refused.value.outcome
    assert outcome.fate is Fate.CLOSED
    assert "203.0.113.9" in outcome.why
    assert "白名单" in outcome.why


@pytest.mark.parametrize("broken", ["hang", "500", "html", "reset after"])
def test_without_an_answer_about_the_token_no_letter_is_in_doubt(
    platform: Platform, tokens: Tokens, server: Server, broken: str
) -> None:
    server.breaks["/cgi-bin/stable_token"] = [broken]
    with pytest.raises(Failed) as refused:
        platform.post(SEND, {})
    assert refused.value.outcome.fate is Fate.LATER
    assert tokens.get("gaoyao") == server.token  # and nobody is kept waiting by the one that failed


def test_a_wrong_secret_closes_the_account_and_is_not_repeated(
    database: Database, vault: Vault, clock: Clock, server: Server
) -> None:
    with open_http(server.url) as http:
        fetch = fetcher(http, {"gaoyao": (APP_ID, "wrong-" + APP_SECRET)}, clock)
        with pytest.raises(Failed) as refused:
            Tokens(database, vault, clock, fetch).get("gaoyao")
    outcome: Outcome = refused.value.outcome
    assert (outcome.fate, outcome.code) == (Fate.CLOSED, "40125")
    assert APP_SECRET not in repr(refused.value) + repr(outcome)
