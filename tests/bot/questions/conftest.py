import os
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select

from bot.clock import CHINA
from bot.questions.likeness import likeness
from bot.questions.service import Questions
from bot.storage.database import Database, open_sqlite, open_url
from bot.storage.migration import migrate
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonym, Synonyms
from catalogue_index.analysis.tokenise import Tokeniser


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=CHINA)

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: float) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def clock() -> Clock:
    return Clock()


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


@pytest.fixture(scope="session")
def analyser(tmp_path_factory) -> Analyser:
    dictionary = tmp_path_factory.mktemp("dictionary") / "small.txt"
    words = "请问 一下 公开 低保 公示 审批 结果 养老 服务 补贴 哪里 最低 生活 保障 中学 小学 学生 中学生 小学生"
    dictionary.write_text("".join(f"{word} 50\n" for word in words.split()), encoding="utf-8")
    return Analyser(Tokeniser(dictionary=dictionary), Synonyms([Synonym("低保", "最低生活保障")]))


@pytest.fixture
def questions(database, clock, analyser) -> Questions:
    return Questions(database, clock, lambda words: likeness(words, analyser), lambda: "v1")


@pytest.fixture
def rows(database):
    def rows(table):
        with database.read() as connection:
            found = connection.execute(select(table).order_by(*table.primary_key.columns))
            return [dict(row) for row in found.mappings()]

    return rows
