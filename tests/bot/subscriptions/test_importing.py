import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select, text, update

from bot.clock import Clock
from bot.storage.database import Database
from bot.storage.schema import addresses, consents, metadata, subscribers, subscriptions
from bot.storage.vault import Vault
from bot.subscriptions.address_book import Entry
from bot.subscriptions.importing import Taken, take
from bot.subscriptions.model import Kind, Topic
from bot.subscriptions.repository import Contact, Reach, keep, read_subscriber

ELDERS = Topic(Kind.SECTOR, "养老服务")
POOR = Topic(Kind.GROUP, "低保对象")
ANNA = Entry(2, "13800138000", "a@b.cn", "441204", (ELDERS,), date(2026, 11, 1), "登记表")
BEN = Entry(3, "", "ben@b.cn", "441204", (POOR,), date(2026, 11, 1), "登记表")


@pytest.fixture
def bring(database: Database, vault: Vault, clock: Clock) -> Callable[..., Taken]:
    def bring(*entries: Entry, dry: bool = False) -> Taken:
        now = int(clock().timestamp())
        return take(database, vault, entries, "名单.xlsx", now, dry=dry)

    return bring


@pytest.fixture
def holdings(database: Database) -> Callable[[], dict[str, int]]:
    def holdings() -> dict[str, int]:
        with database.read() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (subscribers, subscriptions, addresses, consents)
            }

    return holdings


@pytest.fixture
def change(database: Database, vault: Vault) -> Callable[..., None]:
    """Does to Anna what she asks for."""

    def change(what: str, now: int) -> None:
        contact = Contact(Reach("sms", ANNA.phone).person(vault), "", ())
        with database.statements(writing=True) as statements:
            before = read_subscriber(statements, contact.person)
            after = getattr(before, what)()
            keep(statements, vault, contact, before, after, {"by": "person"}, now)

    return change


def test_people_are_subscribed_with_sealed_addresses_and_evidence(
    bring, holdings, database: Database, vault: Vault
) -> None:
    assert bring(ANNA, BEN) == Taken(new=2)

    assert holdings() == {"subscribers": 2, "subscriptions": 2, "addresses": 3, "consents": 3}
    with database.read() as connection:
        dump = str([connection.execute(table.select()).all() for table in metadata.sorted_tables])
        rows = connection.execute(select(addresses.c.medium, addresses.c.sealed)).all()
        consent = connection.execute(select(consents)).first()
    assert sorted((row.medium, vault.unseal(row.sealed)) for row in rows) == [
        ("email", "a@b.cn"),
        ("email", "ben@b.cn"),
        ("sms", "13800138000"),
    ]
    assert consent is not None
    evidence = json.loads(vault.unseal(consent.evidence))
    assert (evidence["row"], evidence["basis"]) == ("2", "登记表")
    assert consent.given_at == 1_793_462_400  # 2026-11-01 00:00 in China
    for personal in ("13800138000", "a@b.cn", "ben@b.cn"):
        assert personal not in dump


def test_the_same_file_again_changes_nothing(bring, holdings) -> None:
    bring(ANNA, BEN)
    before = holdings()

    assert bring(ANNA, BEN) == Taken(same=2)
    assert holdings() == before


def test_more_topics_and_addresses_are_added(bring, holdings) -> None:
    bring(replace(ANNA, email=""))
    assert bring(ANNA) == Taken(more=1)
    assert bring(replace(ANNA, topics=(POOR,))) == Taken(more=1)

    assert holdings() == {"subscribers": 1, "subscriptions": 2, "addresses": 2, "consents": 4}


def test_a_dry_run_tells_the_same_and_stores_nothing(bring, holdings) -> None:
    assert bring(ANNA, BEN, dry=True) == Taken(new=2)
    assert set(holdings().values()) == {0}
    assert bring(ANNA, BEN) == Taken(new=2)


def test_who_left_comes_back_only_with_a_later_consent(bring, change, clock) -> None:
    bring(ANNA)
    change("left", int(clock().timestamp()))

    refused = bring(ANNA)
    assert (refused.refusals[0].row, refused.refusals[0].ending) == (2, "8000")
    assert "退订" in refused.refusals[0].why
    clock.pass_seconds(3 * 24 * 3600)
    assert bring(replace(ANNA, day=date(2026, 11, 23))) == Taken(more=1)


def test_a_person_s_own_pause_stays(bring, change, database: Database) -> None:
    bring(ANNA)
    change("paused", 9)
    bring(replace(ANNA, topics=(POOR,)))

    with database.read() as connection:
        assert connection.execute(select(subscribers.c.state)).scalar_one() == "paused"


def test_suppressed_addresses_are_not_subscribed_again(bring, database: Database) -> None:
    bring(BEN)
    with database.write() as connection:
        connection.execute(update(addresses).values(suppressed="退信"))

    assert "停发" in bring(replace(BEN, topics=(ELDERS,))).refusals[0].why


def test_many_are_taken_in_several_transactions(bring, database: Database) -> None:
    crowd = [replace(ANNA, row=n, phone=f"138{n:08}", email="") for n in range(450)]

    assert bring(*crowd) == Taken(new=450)
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM subscribers")).scalar_one() == 450
