from collections.abc import Callable

import pytest

from bot.storage.database import Database
from bot.storage.vault import Vault
from bot.subscriptions import reaching, records
from bot.subscriptions.model import NOBODY, Kind, Standing, Subscriber, Topic
from bot.subscriptions.records import NoSuchPerson
from bot.subscriptions.repository import Contact, Reach, keep

ELDERS = Topic(Kind.SECTOR, "养老服务")
POOR = Topic(Kind.GROUP, "低保对象")
PHONE = Reach("sms", "13800138000")


@pytest.fixture
def put(database: Database, vault: Vault) -> Callable[..., None]:
    def put(person: str, after: Subscriber, *reaches: Reach, now: int = 1) -> None:
        contact = Contact(person * 64, "", reaches)
        with database.statements(writing=True) as statements:
            keep(statements, vault, contact, NOBODY, after, {"basis": "登记表"}, now)

    return put


@pytest.fixture
def three(put: Callable[..., None]) -> None:
    """Anna and Ben receive, Carl left."""
    put("a", NOBODY.subscribed([ELDERS, POOR], "words", "441204"), PHONE, Reach("email", "a@b.cn"))
    put("b", NOBODY.subscribed([ELDERS], "words").paused(), Reach("sms", "13900139000"), now=2)
    put("c", NOBODY.subscribed([ELDERS], "words", "140525").ended(), now=3)


@pytest.mark.usefixtures("three")
def test_rows_are_the_newest_first_with_all_that_is_theirs(database: Database) -> None:
    with database.read() as connection:
        rows = records.rows(connection)
        assert [row.person[0] for row in rows] == ["c", "b", "a"]
        assert [row.standing for row in rows] == [
            Standing.ENDED,
            Standing.PAUSED,
            Standing.ACTIVE,
        ]
        assert rows[2].topics == (POOR, ELDERS)
        assert rows[2].media == ("email", "sms")
        assert [row.person[0] for row in records.rows(connection, most=1)] == ["c"]
        assert [row.person[0] for row in records.rows(connection, area="4412")] == ["a"]
        assert [row.person[0] for row in records.rows(connection, topic=POOR)] == ["a"]


@pytest.mark.usefixtures("three")
def test_figures_count_those_who_receive(database: Database) -> None:
    with database.read() as connection:
        figures = records.figures(connection)

    assert figures.standing == {"active": 1, "paused": 1, "ended": 1}
    assert figures.topics == {ELDERS: 2, POOR: 1}
    assert figures.areas == {"441204": 1, "": 1}
    assert figures.media == {"email": 1, "sms": 2}
    assert figures.digests == {"immediate": 2}
    assert figures.suppressed == 0


@pytest.mark.usefixtures("three")
def test_a_person_is_named_by_telephone_mailbox_or_hash(database: Database, vault: Vault) -> None:
    with database.read() as connection:
        for name in ("138 0013 8000", "A@B.cn", "a" * 8, "a" * 64):
            assert records.persons_called(connection, vault, name) == ["a" * 64]
        for name in ("a" * 7, "d" * 8, "13600136000", "张三", ""):
            with pytest.raises(NoSuchPerson):
                records.persons_called(connection, vault, name)


def test_a_hash_that_begins_two_people_s_names_nobody(
    put: Callable[..., None], database: Database, vault: Vault
) -> None:
    for end in "12":
        with database.statements(writing=True) as statements:
            after = NOBODY.subscribed([ELDERS], "words")
            keep(statements, vault, Contact("a" * 63 + end, "", ()), NOBODY, after, {}, 1)

    with database.read() as connection, pytest.raises(NoSuchPerson, match="不止一个"):
        records.persons_called(connection, vault, "a" * 8)


@pytest.mark.usefixtures("three")
def test_a_record_holds_everything_but_the_address(database: Database, vault: Vault) -> None:
    with database.read() as connection:
        record = records.record(connection, vault, "a" * 64)

    assert record["subscriber"]["area"] == "441204"
    assert [one["value"] for one in record["subscriptions"]] == ["低保对象", "养老服务"]
    assert [one["scope"] for one in record["consents"]] == ["sms", "email"]
    assert record["consents"][0]["evidence"]["basis"] == "登记表"
    assert record["deliveries"] == []
    assert "13800138000" not in str(record)


@pytest.mark.parametrize("known", [True, False])
def test_a_stopped_address_is_remembered_whether_known_or_not(
    known: bool, put: Callable[..., None], database: Database, vault: Vault
) -> None:
    if known:
        put("a", NOBODY.subscribed([ELDERS], "words"), PHONE)
    for _ in range(2):
        with database.write() as connection:
            assert reaching.stop(connection, vault, PHONE, "本人要求", 5) == 1

    with database.read() as connection:
        assert records.figures(connection).suppressed == 1
        (person,) = records.persons_called(connection, vault, "13800138000")
        assert person == ("a" * 64 if known else PHONE.person(vault))
        (row,) = records.rows(connection)
    assert row.standing is (Standing.ACTIVE if known else Standing.ENDED)


@pytest.mark.usefixtures("three")
def test_figures_are_of_the_areas_asked_for(database: Database) -> None:
    with database.read() as connection:
        ours = records.figures(connection, ("4412",))
        nobody = records.figures(connection, ("36",))

    assert ours.standing == {"active": 1}
    assert ours.topics == {ELDERS: 1, POOR: 1}
    assert ours.areas == {"441204": 1}
    assert ours.media == {"email": 1, "sms": 1}
    assert (nobody.standing, nobody.topics, nobody.suppressed) == ({}, {}, 0)
