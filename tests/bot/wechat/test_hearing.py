"""Receipts and consents come by the webhook, and go past the dialogue."""

from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.dialog.conversations import Conversations
from bot.settings import WeChatSettings
from bot.storage.database import Database
from bot.storage.vault import Vault
from bot.wechat.accounts import accounts_from
from bot.wechat.webhook import router
from tests.bot.wechat.conftest import APP_ID, KEY, TOKEN, Clock, Dialog, MessageCrypt, Platform

SENT = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": "200163836", "Status": "success"}


class Ear:
    def __init__(self) -> None:
        self.heard: list[tuple[str, Mapping[str, Any]]] = []
        self.broken = False

    def __call__(self, account: str, fields: Mapping[str, Any]) -> bool:
        if self.broken:
            raise OSError("disk full")
        if fields.get("Event") != SENT["Event"]:
            return False
        self.heard.append((account, fields))
        return True


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def platform(clock: Clock, dialog: Dialog, database: Database, ear: Ear) -> Platform:
    settings = {"name": "gaoyao", "app_id": APP_ID, "token": TOKEN, "encoding_aes_key": KEY}
    accounts = accounts_from([WeChatSettings.model_validate(settings)])
    vault = Vault("a secret of thirty-two characters")
    conversations = Conversations(database, vault, dialog, clock)
    app = FastAPI()
    app.include_router(router(accounts, conversations, clock, hear=ear))
    return Platform(TestClient(app), clock, MessageCrypt(TOKEN, KEY, APP_ID))


def test_a_receipt_is_heard_and_nobody_is_answered(
    platform: Platform, dialog: Dialog, ear: Ear
) -> None:
    response = platform.post_sealed(platform.xml("event", **SENT))
    assert (response.status_code, response.text) == (200, "success")
    [(account, fields)] = ear.heard
    assert (account, fields["MsgID"]) == ("gaoyao", "200163836")
    assert not dialog.heard


def test_what_could_not_be_stored_is_told_again(platform: Platform, ear: Ear) -> None:
    ear.broken = True
    assert platform.post_sealed(platform.xml("event", **SENT)).status_code == 500


def test_people_are_answered_as_ever(platform: Platform, dialog: Dialog) -> None:
    assert platform.say("低保") == "text:低保:1"
    assert len(dialog.heard) == 1


def test_a_receipt_that_is_not_the_platforms_is_not_heard(platform: Platform, ear: Ear) -> None:
    forged = platform.post({"signature": "0" * 40}, platform.xml("event", **SENT))
    assert forged.status_code == 403
    assert not ear.heard
