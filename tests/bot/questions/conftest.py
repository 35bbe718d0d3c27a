import pytest
from sqlalchemy import select

from bot.answering.likeness import likeness
from bot.questions.service import Questions
from tests.fixtures.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


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
