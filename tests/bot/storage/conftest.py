import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from bot.storage.database import Database, open_sqlite, open_url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "zwgk.db")
        yield database
        database.close()
    else:
        yield from postgres_database()


def postgres_database() -> Iterator[Database]:
    url = os.environ.get("ZWGK_TEST_POSTGRES_URL")
    if not url:
        pytest.skip("ZWGK_TEST_POSTGRES_URL names no PostgreSQL server")
    name = f"zwgk_test_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        database = open_url(make_url(url).set(database=name).render_as_string(hide_password=False))
        yield database
        database.close()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
