"""Accounts on the stores of the deliveries' tests, with a clock to be moved and passwords that are quick to check."""

import pytest

from bot.officers.passwords import Passwords
from bot.officers.service import Officers
from bot.storage.vault import Vault
from tests.bot.deliveries.office import Moment

QUICK = Passwords(memory=64, passes=1)
PASSWORD = "Qiufen-2026-yu"


@pytest.fixture
def clock():
    return Moment()


@pytest.fixture
def vault():
    return Vault("v" * 40)


@pytest.fixture
def officers(database, vault, clock):
    return Officers(database, vault, clock, QUICK)


@pytest.fixture
def founder(officers, vault):
    from bot.officers.setup import setup_code

    return officers.found(setup_code(vault), "王管理", PASSWORD)
