from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from sqlalchemy import insert, select, update

from bot.clock import Clock
from bot.deliveries.model import Delivery
from bot.notices.model import Rule
from bot.storage.database import Database
from bot.storage.schema import addresses, consents
from bot.storage.vault import Vault
from bot.subscriptions import reaching
from bot.subscriptions.matching import ENDED
from bot.subscriptions.model import NOBODY, Kind, Topic
from bot.subscriptions.reaching import AddressGone
from bot.subscriptions.repository import Contact, Reach, keep
from bot.subscriptions.service import NO_CONSENT, Subscriptions

ELDERS = NOBODY.subscribed([Topic(Kind.SECTOR, "养老服务")], "words", "441204")
RULE = Rule(sectors=("养老服务",), areas=("441204",))


@pytest.fixture
def service(database: Database, vault: Vault, clock: Clock) -> Subscriptions:
    return Subscriptions(database, vault, clock)


@pytest.fixture
def put(database: Database, vault: Vault) -> Callable[..., None]:
    def put(person: str, *reaches: Reach) -> None:
        with database.statements(writing=True) as statements:
            keep(statements, vault, Contact(person, "", reaches), NOBODY, ELDERS, {}, 1)

    return put


def test_addresses_are_given_by_person_and_medium_and_revealed_one_by_one(service, put) -> None:
    put("anna", Reach("sms", "13800138000"), Reach("email", "a@b.cn"))
    put("ben", Reach("sms", "13800138000"))
    put("carl", Reach("wechat", "o-carl", "gaoyao"))

    found = service.addresses(["anna", "ben", "carl", "nobody"], "sms")

    assert set(found) == {"anna", "ben"}
    assert found["anna"][0].hash == found["ben"][0].hash
    assert found["anna"][0].id != found["ben"][0].id
    assert service.reveal(found["anna"][0].id) == "13800138000"
    assert "13800138000" not in repr(found)
    (openid,) = service.addresses(["carl"], "wechat")["carl"]
    assert (openid.account, openid.suppressed) == ("gaoyao", "")


def test_an_erased_address_cannot_be_revealed(service) -> None:
    with pytest.raises(AddressGone, match="清除"):
        service.reveal(99)


def test_more_people_than_a_statement_takes_are_asked_for_in_several(service, put) -> None:
    put("anna", Reach("sms", "13800138000"))
    crowd = [f"person {number}" for number in range(40_000)]

    assert set(service.addresses([*crowd, "anna"], "sms")) == {"anna"}
    assert service.consented_among([*crowd, "anna"], "sms") == {"anna"}


def test_consent_holds_for_its_medium_while_it_lasts(service, put, database: Database) -> None:
    put("anna", Reach("wechat", "o-anna", "gaoyao"))
    assert service.consented("anna", "wechat_notice")
    assert not service.consented("anna", "sms")
    assert not service.consented("ben", "wechat_notice")

    with database.write() as connection:
        connection.execute(update(consents).values(ended_at=5))

    assert not service.consented("anna", "wechat_notice")


@pytest.mark.parametrize("scope", ["wechat_notice", "wechat_notice:a-template"])
def test_a_consent_for_some_times_ends_when_they_are_used(
    scope, service, database: Database
) -> None:
    values = {"person": "anna", "scope": scope, "evidence": "", "given_at": 1}
    with database.write() as connection:
        connection.execute(insert(consents).values(**values, uses_left=1))
    assert service.consented("anna", "wechat_notice")
    assert not service.consented("anna", "wechat_custom")

    with database.write() as connection:
        connection.execute(update(consents).values(uses_left=0))

    assert not service.consented("anna", "wechat_notice")


def test_a_provider_tells_of_a_consent(service, database: Database) -> None:
    scope = "wechat_notice:t"
    values = {"person": "anna", "evidence": "", "given_at": 1}
    with database.write() as connection:
        for given, left in ((scope, 1), (scope, 2), (scope, None), ("wechat_notice:other", 1)):
            connection.execute(insert(consents).values(**values, scope=given, uses_left=left))

    def left() -> list[tuple[str, int | None]]:
        query = select(consents.c.scope, consents.c.uses_left).where(consents.c.ended_at.is_(None))
        with database.read() as connection:
            return [tuple(row) for row in connection.execute(query.order_by(consents.c.id))]

    def tell(*, refused: bool) -> None:
        with database.write() as connection:
            service.consent_told(connection, "anna", scope, refused)

    for first, second in ((0, 2), (0, 1), (0, 0), (0, 0)):
        tell(refused=False)
        counted = [(scope, first), (scope, second), (scope, None), ("wechat_notice:other", 1)]
        assert left() == counted
    tell(refused=True)
    assert left() == [("wechat_notice:other", 1)]


def test_suppressing_an_address_stops_it_for_everybody_who_has_it(
    service, put, database: Database, vault: Vault
) -> None:
    put("anna", Reach("sms", "13800138000"))
    put("ben", Reach("sms", "13800138000"))
    put("carl", Reach("sms", "13800138001"))
    hashed = Reach("sms", "13800138000").hash(vault)
    with database.write() as connection:
        assert reaching.suppress(connection, hashed, "空号", 9) == 2

    with database.read() as connection:
        rows = connection.execute(select(addresses.c.person, addresses.c.suppressed)).all()
    suppressed = {row.person: row.suppressed for row in rows}
    assert suppressed == {"anna": "空号", "ben": "空号", "carl": ""}


def delivery(id: int, person: str, channel: str = "sms") -> Delivery:
    values: dict[str, object] = {f.name: "" if f.type is str else 0 for f in fields(Delivery)}
    return Delivery(**values | {"id": id, "person": person, "channel": channel})  # type: ignore[arg-type]


def test_deliveries_of_who_left_or_agreed_to_another_channel_are_refused(
    service, put, database: Database
) -> None:
    put("anna", Reach("sms", "13800138000"))
    rows = [delivery(1, "anna"), delivery(2, "ben"), delivery(3, "anna", "email")]

    with database.read() as connection:
        assert service.refusals(connection, RULE, rows) == {2: ENDED, 3: NO_CONSENT}
        assert service.refusals(connection, replace(RULE, areas=()), rows[:1]) == {}
        assert service.refusals(connection, Rule(groups=("农户",)), rows[:1]) == {1: ENDED}


def test_a_match_is_found_and_asked_for_again(service, put, database: Database) -> None:
    put("anna", Reach("sms", "13800138000"))

    assert [match.person for match in service.matching(RULE)] == ["anna"]
    with database.read() as connection:
        assert service.may_receive(connection, "anna", RULE)
        assert not service.may_receive(connection, "anna", Rule(groups=("农户",), areas=("44",)))
