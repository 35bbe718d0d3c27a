import os
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from bot.clock import CHINA
from bot.storage.database import Database, open_sqlite, open_url
from bot.storage.migration import migrate
from bot.storage.vault import Vault


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=CHINA)

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault("a secret of thirty-two characters")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "zwgk.db")
        migrate(database)
        yield database
        database.close()
        return
    url = os.environ.get("ZWGK_TEST_POSTGRES_URL")
    if not url:
        pytest.skip("ZWGK_TEST_POSTGRES_URL names no PostgreSQL server")
    name = f"zwgk_test_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        database = open_url(make_url(url).set(database=name).render_as_string(hide_password=False))
        migrate(database)
        yield database
        database.close()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
