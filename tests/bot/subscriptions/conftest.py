import pytest

from bot.storage.vault import Vault
from tests.fixtures.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault("a secret of thirty-two characters")
