"""A trial has all that it needs; an installation in which anything is set up has nothing of it."""

from datetime import date

import pytest

from bot.settings import Settings
from bot.storage.vault import Vault
from bot.trial import AUTHOR, on_trial, trial_account, trial_settings

VAULT = Vault("a secret of the tests, long enough")
TODAY = date(2026, 11, 21)
HERE = "http://127.0.0.1:8000"
OFFICER = {"name": "小李", "roles": ["起草"]}
EMAIL = {"kind": "email", "account": "office", "host": "smtp.example.cn", "sender": "a@example.cn"}


def test_trial_has_an_account_a_channel_and_officers_for_every_step():
    filled = trial_settings(Settings(), VAULT, HERE, TODAY)
    assert [account.api_url for account in filled.wechat] == [f"{HERE}/sandbox/api"]
    assert [channel.key for channel in filled.channel] == [("wechat_notice", "trial")]
    assert filled.channel[0].fields["date3"] == "=2026年11月21日"
    assert [officer.name for officer in filled.officer] == [
        AUTHOR,
        "试用初审",
        "试用复审",
        "试用终审",
    ]
    assert filled.public_url == HERE


@pytest.mark.parametrize(
    "set_up",
    [
        {"wechat": (trial_account(VAULT).model_dump(),)},
        {"channel": (EMAIL,)},
        {"officer": (OFFICER,)},
        {"public_url": "https://zwgk.example.cn"},
    ],
)
def test_nothing_of_a_trial_is_in_an_installation_that_is_set_up(set_up):
    settings = Settings.model_validate(set_up)
    assert not on_trial(settings)
    assert trial_settings(settings, VAULT, HERE, TODAY) == settings


def test_secrets_of_a_trial_are_the_installations_own():
    other = trial_account(Vault("another secret of the tests, as long"))
    assert trial_account(VAULT) == trial_account(VAULT)
    assert trial_account(VAULT).token != other.token
