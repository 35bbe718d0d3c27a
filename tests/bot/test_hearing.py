"""What comes back from outside, from the provider's own words to the rows it concerns."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import insert, select, text

from bot.app import without_secrets
from bot.channels.leaving import leave_url, person_of, token_of
from bot.channels.setup import receipts_secret
from bot.channels.sms.receipts import READERS
from bot.channels.sms.receiving import path_of
from bot.channels.sms.receiving import router as receiving_router
from bot.deliveries.receipts import Receipts
from bot.deliveries.stepping import LEASE
from bot.hearing import Hearing
from bot.storage.database import Database
from bot.storage.schema import addresses, channel_jobs, deliveries, subscribers, subscriptions
from bot.storage.vault import Vault
from bot.subscriptions.repository import Reach
from bot.web.leaving import router as leaving_router
from tests.bot.deliveries.office import FakeChannel, Office

PHONE = "13800138000"


@pytest.fixture
def vault() -> Vault:
    return Vault("a secret of thirty-two characters")


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


@pytest.fixture
def hearing(office: Office, vault: Vault) -> Hearing:
    templates = {("wechat_notice", "gaoyao"): "t"}
    return Hearing(office.database, vault, office.clock, office.ledger(), templates)


@pytest.fixture
def anna(database: Database, vault: Vault) -> str:
    """Somebody who subscribed, and is reached by telephone."""
    person = vault.hash("person", "sms", "", PHONE)
    row = {"person": person, "account": "gaoyao", "state": "active", "digest": "immediate"}
    reach = {"person": person, "medium": "sms", "account": "", "sealed": vault.seal(PHONE)}
    reach |= {"hash": Reach("sms", PHONE).hash(vault), "failures": 0, "suppressed": ""}
    topic = {"person": person, "kind": "sector", "value": "养老服务", "since": 1, "source": "words"}
    with database.write() as connection:
        connection.execute(insert(subscribers), row | {"created_at": 1, "updated_at": 1})
        connection.execute(insert(addresses), reach | {"updated_at": 1})
        connection.execute(insert(subscriptions), topic)
        connection.execute(
            text(
                "INSERT INTO consents (person, scope, evidence, given_at)"
                " VALUES (:person, 'sms', '', 1)"
            ),
            {"person": person},
        )
    return person


def rows(database: Database, statement: str) -> list[Any]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def accepted(office: Office, channel: str, ref: str, person: str = "甲") -> int:
    if not rows(office.database, "select id from pushes"):
        office.push(channels=(channel,))
    id = office.delivery(person=person, channel=channel)
    with office.database.write() as connection:
        change = deliveries.update().where(deliveries.c.id == id)
        connection.execute(change.values(state="accepted", provider_ref=ref))
    return id


def states(database: Database) -> list[str]:
    return [state for (state,) in rows(database, "select state from deliveries order by id")]


def told(event: str, **nodes: Any) -> dict[str, Any]:
    fields = {"FromUserName": "o-anna", "CreateTime": "1763690400", "MsgType": "event"}
    return {**fields, "Event": event, **nodes}


def test_receipts_of_the_platform_reach_the_ledger_once(hearing: Hearing, office: Office) -> None:
    accepted(office, "wechat_template", "2001", "甲")
    accepted(office, "wechat_template", "2002", "乙")
    for _ in range(3):
        assert hearing.platform(
            "gaoyao", told("TEMPLATESENDJOBFINISH", MsgID="2001", Status="success")
        )
    hearing.platform(
        "gaoyao", told("TEMPLATESENDJOBFINISH", MsgID="2002", Status="failed:user block")
    )
    assert states(office.database) == ["delivered", "undelivered"]
    assert rows(office.database, "select count(*) from receipts") == [(2,)]


def test_totals_are_kept_apart_from_people(hearing: Hearing, office: Office) -> None:
    accepted(office, "wechat_mass", "3001")
    counts = {"TotalCount": "9", "FilterCount": "8", "SentCount": "7", "ErrorCount": "1"}
    hearing.platform(
        "gaoyao", told("MASSSENDJOBFINISH", MsgID="3001", Status="send success", **counts)
    )
    assert states(office.database) == ["accepted"]
    with office.database.read() as connection:
        [job] = connection.execute(select(channel_jobs)).mappings()
    assert '"sent": 7' in job["totals"]


def test_a_mass_sending_nobody_confirmed_did_not_arrive(hearing: Hearing, office: Office) -> None:
    accepted(office, "wechat_mass", "3001")
    hearing.platform("gaoyao", told("MASSSENDJOBFINISH", MsgID="3001", Status="err(40002)"))
    assert states(office.database) == ["undelivered"]


def test_a_tap_on_the_platforms_question_is_kept_as_evidence_and_taken_back(
    hearing: Hearing, database: Database, vault: Vault
) -> None:
    row = {"TemplateId": "t1", "SubscribeStatusString": "accept", "PopupScene": "2"}
    asked = told("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": row})
    for _ in range(2):
        assert hearing.platform("gaoyao", asked)
    [(person, scope, evidence, ended)] = rows(
        database, "select person, scope, evidence, ended_at from consents"
    )
    assert person == vault.hash("person", "wechat", "gaoyao", "o-anna")
    assert (scope, ended) == ("wechat_notice:t1", None)
    assert "popup" in vault.unseal(evidence)

    back = {"TemplateId": "t1", "SubscribeStatusString": "reject"}
    hearing.platform(
        "gaoyao", told("subscribe_msg_change_event", SubscribeMsgChangeEvent={"List": back})
    )
    [(ended_by,)] = rows(database, "select ended_by from consents where ended_at is not null")
    assert ended_by == "platform"


def test_what_people_send_is_left_to_the_dialogue(hearing: Hearing) -> None:
    assert not hearing.platform("gaoyao", {"MsgType": "text", "Content": "低保"})
    assert not hearing.platform("gaoyao", told("subscribe"))


def test_an_answer_by_short_message_stops_short_messages_alone(
    hearing: Hearing, office: Office, anna: str
) -> None:
    accepted(office, "sms", "2019:1")
    app = FastAPI()
    app.include_router(
        receiving_router({"gaoyao": READERS["tencent"]}, lambda _: "secret", hearing.sms)
    )
    client, path = TestClient(app), path_of("gaoyao", "secret")
    receipt = {"mobile": PHONE, "report_status": "SUCCESS", "sid": "2019:1", "errmsg": "DELIVRD"}
    for _ in range(2):
        assert client.post(path, json=[receipt]).status_code == 200
        assert client.post(path, json={"mobile": PHONE, "text": "R"}).status_code == 200
    assert states(office.database) == ["delivered"]
    assert rows(office.database, "select suppressed from addresses") == [("left",)]
    assert rows(office.database, "select state from subscribers") == [("active",)]


@pytest.fixture
def page(hearing: Hearing) -> TestClient:
    app = FastAPI()
    app.include_router(leaving_router(hearing.person_of, hearing.leave, site_name="政务公开小助手"))
    return TestClient(app)


def test_looking_at_the_leaving_page_changes_nothing(
    page: TestClient, database: Database, vault: Vault, anna: str
) -> None:
    for method in ("GET", "HEAD"):
        shown = page.request(method, f"/leave/{token_of(vault, anna)}")
        assert shown.status_code == 200
    assert "退订" in page.get(f"/leave/{token_of(vault, anna)}").text
    assert rows(database, "select state from subscribers") == [("active",)]


def test_one_tap_leaves_and_a_second_is_answered_the_same(
    page: TestClient, database: Database, vault: Vault, anna: str
) -> None:
    address = leave_url(vault, "http://testserver", anna)
    # as mail programs post it (RFC 8058), without cookies
    answers = [page.post(address, data={"List-Unsubscribe": "One-Click"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    assert "已退订" in answers[0].text
    assert rows(database, "select state from subscribers") == [("ended",)]
    assert rows(database, "select count(*) from subscriptions") == [(0,)]
    assert rows(database, "select ended_by from consents") == [("link",)]


def test_tokens_of_others_lead_nowhere(page: TestClient, vault: Vault, anna: str) -> None:
    good = token_of(vault, anna)
    forged = token_of(Vault("another secret of thirty-two chars"), anna)
    for token in (anna, good[:-1], good + "0", forged, "0" * 96, "é" * 96):
        assert page.get(f"/leave/{token}").status_code == 404
        assert page.post(f"/leave/{token}").status_code == 404
        assert person_of(vault, token) == ""


def test_somebody_erased_meanwhile_may_still_tap(page: TestClient, vault: Vault) -> None:
    nobody = vault.hash("person", "email", "", "gone@example.cn")
    assert page.post(f"/leave/{token_of(vault, nobody)}").status_code == 200


def test_without_a_public_address_there_is_none_to_leave_at(vault: Vault, anna: str) -> None:
    assert leave_url(vault, "", anna) == ""


def test_a_log_holds_no_address_that_leaves_or_receives(vault: Vault, anna: str) -> None:
    secret = receipts_secret(vault, "office")
    assert without_secrets(f"/leave/{token_of(vault, anna)}") == "/leave/…"
    assert without_secrets(path_of("office", secret)) == "/receipts/sms/office/…"
    assert without_secrets("/faq/guangdong-2020-notice-2") == "/faq/guangdong-2020-notice-2"


# A letter whose reference nobody knows


SENT = "subscribe_msg_sent_event"


def to_anna(hearing: Hearing, number: str, template: str = "t", code: str = "0") -> None:
    one = {"TemplateId": template, "MsgID": number, "ErrorCode": code, "ErrorStatus": "s"}
    hearing.platform("gaoyao", told(SENT, SubscribeMsgSentEvent={"List": one}))


@pytest.fixture
def nameless(office: Office, vault: Vault) -> Callable[..., int]:
    """Makes a letter to Anna, by a push of its own, whose process died while it was being handed over."""

    def make(push: str, *, swept: bool = True) -> int:
        office.push(push, channels=("wechat_notice",), quiet=(0, 0))
        reach = Reach("wechat", "o-anna", "gaoyao")
        hashed = reach.hash(vault)
        if not rows(office.database, "select id from addresses"):
            office.address(reach.person(vault), "wechat", hashed)
        id = office.delivery(push, reach.person(vault), "wechat_notice", address_hash=hashed)
        ledger = office.ledger(FakeChannel("wechat_notice"))
        assert [row.id for row in ledger.hand(ledger.claim("dies", 1))] == [id]
        if swept:
            office.clock.pass_(seconds=LEASE + 1)
            ledger.sweep()
        return id

    return make


def test_a_letter_without_a_reference_is_settled_by_the_one_receipt_that_can_be_its(
    hearing: Hearing, office: Office, nameless: Callable[..., int]
) -> None:
    id = nameless("p1")
    assert states(office.database) == ["unknown"]
    for _ in range(2):
        to_anna(hearing, "3001")
    assert rows(office.database, "select state, provider_ref from deliveries") == [
        ("delivered", "3001")
    ]
    assert office.events(id)[-1] == ("unknown", "delivered", "receipt")


def test_a_receipt_waits_while_the_answer_may_still_bring_its_reference(
    hearing: Hearing, office: Office, vault: Vault, nameless: Callable[..., int]
) -> None:
    nameless("p1", swept=False)
    to_anna(hearing, "3001")
    assert states(office.database) == ["handing"]
    office.clock.pass_(seconds=LEASE + 1)
    ledger = office.ledger()
    ledger.sweep()
    assert receipts_of(office, vault).apply() == 1
    assert states(office.database) == ["delivered"]


def test_a_receipt_that_may_be_about_two_letters_settles_neither(
    hearing: Hearing, office: Office, vault: Vault, nameless: Callable[..., int]
) -> None:
    first = nameless("p1")
    nameless("p2")
    to_anna(hearing, "3001")
    assert states(office.database) == ["unknown", "unknown"]
    # The other one's reference comes to light, and one possibility is left.
    with office.database.write() as connection:
        change = deliveries.update().where(deliveries.c.id == first)
        connection.execute(change.values(provider_ref="2999"))
    assert receipts_of(office, vault).apply() == 1
    assert states(office.database) == ["unknown", "delivered"]


@pytest.mark.parametrize("template", ["another", ""])
def test_a_receipt_of_another_systems_template_settles_nothing(
    hearing: Hearing, office: Office, nameless: Callable[..., int], template: str
) -> None:
    nameless("p1")
    to_anna(hearing, "3001", template)
    assert states(office.database) == ["unknown"]


def test_a_receipt_from_before_a_letter_was_handed_over_does_not_settle_it(
    hearing: Hearing, office: Office, vault: Vault, nameless: Callable[..., int]
) -> None:
    to_anna(hearing, "3001")
    office.clock.pass_(seconds=1)
    nameless("p1")
    assert receipts_of(office, vault).apply() == 0
    assert states(office.database) == ["unknown"]


def test_a_receipt_to_somebody_else_settles_nothing(
    hearing: Hearing, office: Office, nameless: Callable[..., int]
) -> None:
    nameless("p1")
    one = {"TemplateId": "t", "MsgID": "3001", "ErrorCode": "0"}
    stranger = told(SENT, SubscribeMsgSentEvent={"List": one}) | {"FromUserName": "o-bert"}
    assert hearing.platform("gaoyao", stranger)
    assert states(office.database) == ["unknown"]


def receipts_of(office: Office, vault: Vault) -> Receipts:
    templates = {("wechat_notice", "gaoyao"): "t"}
    return Receipts(office.database, vault, office.clock, office.ledger(), templates)
