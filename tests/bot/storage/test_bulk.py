import pytest
from sqlalchemy import select

from bot.storage.bulk import insert_rows
from bot.storage.migration import migrate
from bot.storage.schema import scenes

NAMES = ("key", "value", "label", "area", "created_at")


@pytest.fixture
def database(empty_database):
    migrate(empty_database)
    return empty_database


def rows(database):
    query = select(*(scenes.c[name] for name in (*NAMES, "kind"))).order_by(scenes.c.created_at)
    with database.read() as connection:
        return list(map(tuple, connection.execute(query)))


@pytest.mark.parametrize("count", [0, 1, 5000, 12_001])
def test_all_rows_arrive_as_they_were(database, count):
    given = [(f"k{n}", "“引号\"'%s:x$[0]\n", "🙂", None, n) for n in range(count)]

    with database.write() as connection:
        insert_rows(connection, scenes, NAMES, iter(given), {"kind": "group"})

    assert rows(database) == [(*row, "group") for row in given]


def test_rows_that_are_there_stay(database):
    with database.write() as connection:
        for label in ("先", "后"):
            insert_rows(connection, scenes, NAMES, [("k", "v", label, "44", 1)], {"kind": "item"})

    assert rows(database) == [("k", "v", "先", "44", 1, "item")]
