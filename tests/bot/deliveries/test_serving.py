"""The service carries approved pushes itself, where channels are set up."""

import time
from dataclasses import asdict, replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, update

from bot.app import create_app
from bot.channels.settings import ChannelSettings
from bot.clock import china_clock
from bot.deliveries.ledger import Ledger
from bot.notices.repository import canonical
from bot.storage.database import open_sqlite
from bot.storage.migration import migrate
from bot.storage.schema import addresses, consents, deliveries, notices, subscriptions
from bot.storage.vault import Vault
from tests.bot.deliveries.office import ACCOUNT, Moment, Office
from tests.bot.deliveries.test_letters import TEXT

VAULT = Vault("a secret of the tests, long enough")
NOBODY_LISTENS = 9


@pytest.fixture
def queued(tmp_path):
    """A database with one letter that may be sent now, by e-mail."""
    database = open_sqlite(tmp_path / "zwgk.db")
    migrate(database)
    office = Office(database)
    office.clock = Moment(china_clock())
    office.push(channels=("email",), quiet=(0, 0))
    address = office.address("甲", "email")
    row = office.delivery(channel="email", address=address)
    subscription = {"person": "甲", "kind": "group", "value": "老人", "since": 0, "source": "words"}
    consent = {"person": "甲", "scope": "email", "evidence": "", "given_at": 0}
    with database.write() as connection:
        connection.execute(update(notices).values(text=canonical(asdict(TEXT))))
        connection.execute(update(addresses).values(sealed=VAULT.seal("a@example.cn")))
        connection.execute(insert(subscriptions), subscription)
        connection.execute(insert(consents), consent)
        connection.execute(update(deliveries).values(account=ACCOUNT))
    yield database, row
    database.close()


def test_the_service_tries_what_is_queued(services, queued):
    database, row = queued
    email = ChannelSettings(
        kind="email",
        account=ACCOUNT,
        host="127.0.0.1",
        port=NOBODY_LISTENS,
        security="plain",
        sender="zwgk@example.cn",
    )
    settings = services.settings.model_copy(update={"channel": (email,)})
    app = create_app(replace(services, settings=settings), database, VAULT)
    ledger = Ledger(database, china_clock)
    with TestClient(app):
        for _ in range(600):
            (now,) = ledger.rows(row)
            if now.code:
                break
            time.sleep(0.05)

    assert now.attempts == 1
    assert now.state == "queued"
