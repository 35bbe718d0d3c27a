"""The API over HTTP, on the console's tests' installation."""

import pytest

from bot.officers.keys import Keys
from tests.bot.admin.conftest import NAMES, desk, desk_on, empty_store  # noqa: F401


class Calls:
    """Calls in the name of officers by their roles."""

    def __init__(self, desk):  # noqa: F811
        self.desk = desk
        self.keys = Keys(desk.database, desk.clock)
        self.client = desk.visitor()
        self._secrets = {}

    def secret(self, role):
        if role not in self._secrets:
            officer = self.desk.officers.named(NAMES.get(role, role))
            self._secrets[role] = self.keys.make("集约化平台", officer, 30)[1]
        return self._secrets[role]

    def __call__(self, role, method, path, **kept):
        headers = {"authorization": f"Bearer {self.secret(role)}"} if role else {}
        return self.client.request(method, f"/api/v1{path}", headers=headers, **kept)


@pytest.fixture
def call(desk):  # noqa: F811
    return Calls(desk)
