import gc

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.storage.bulk import add_rows, among, insert_rows, many_objects, update_rows
from bot.storage.schema import delivery_events, scenes

NAMES = ("key", "value", "label", "area", "created_at")


def rows(database):
    query = select(*(scenes.c[name] for name in (*NAMES, "kind"))).order_by(scenes.c.created_at)
    with database.read() as connection:
        return list(map(tuple, connection.execute(query)))


@pytest.mark.parametrize("count", [0, 1, 100_000])
def test_a_column_is_compared_with_any_number_of_values_at_once(database, count):
    odd = ["a'\"%s{}\\,🙂\n", "NULL", ""]
    with database.write() as connection:
        rows = [(key, "v", "", None, n) for n, key in enumerate([*odd, "another"])]
        insert_rows(connection, scenes, NAMES, rows, {"kind": "group"})
        wanted = [*odd, *map(str, range(count))]

        by_text = select(scenes.c.key).where(among(connection, scenes.c.key, wanted))
        by_number = select(scenes.c.key).where(among(connection, scenes.c.created_at, {1, 3, 9}))

        assert set(connection.execute(by_text).scalars()) == set(odd)
        assert set(connection.execute(by_number).scalars()) == {"NULL", "another"}


def test_no_column_is_among_no_values(database):
    with database.write() as connection:
        insert_rows(connection, scenes, NAMES, [("k", "v", "", None, 1)], {"kind": "group"})

        assert not connection.execute(
            select(scenes).where(among(connection, scenes.c.key, ()))
        ).all()


@pytest.mark.parametrize("put", [insert_rows, add_rows])
@pytest.mark.parametrize("count", [0, 1, 5000, 12_001])
def test_all_rows_arrive_as_they_were(database, count, put):
    given = [(f"k{n}", "“引号\"'%s:x$[0]\n", "\t\\N🙂", None, n) for n in range(count)]

    with database.write() as connection:
        put(connection, scenes, NAMES, iter(given), {"kind": "group"})

    assert rows(database) == [(*row, "group") for row in given]


def test_rows_that_are_there_stay(database):
    with database.write() as connection:
        for label in ("先", "后"):
            insert_rows(connection, scenes, NAMES, [("k", "v", label, "44", 1)], {"kind": "item"})

    assert rows(database) == [("k", "v", "先", "44", 1, "item")]


def test_of_rows_that_must_be_new_one_that_is_there_keeps_all_out(database):
    given = [(f"k{n}", "v", "先", "44", n) for n in range(6000)]

    with pytest.raises((IntegrityError, psycopg.IntegrityError)), database.write() as connection:
        add_rows(connection, scenes, NAMES, [*given, given[0]], {"kind": "item"})

    assert rows(database) == []


@pytest.mark.parametrize("count", [0, 1, 5001])
def test_rows_are_set_each_by_its_id(database, count):
    told = [(n, "sms", "a", "b", f"“{n}\"'%s:x", n) for n in range(1, count + 2)]
    names = ("id", "came_from", "went_to", "who", "evidence", "delivery")
    with database.write() as connection:
        insert_rows(connection, delivery_events, names, told, {"at": 1})

        changes = ((id, "衣 \"'", -id) for id, *_ in told[:count])
        update_rows(connection, delivery_events, ("evidence", "at"), changes)

    query = select(delivery_events.c["id", "evidence", "at"]).order_by(delivery_events.c.id)
    with database.read() as connection:
        found = list(map(tuple, connection.execute(query)))
    assert found == [
        *((id, "衣 \"'", -id) for id, *_ in told[:count]),
        (count + 1, told[-1][4], 1),
    ]


def test_the_collector_rests_while_many_objects_are_made_and_goes_on_after_a_failure():
    def fail():
        with many_objects():
            assert not gc.isenabled()
            raise ValueError("over")

    with pytest.raises(ValueError, match="over"):
        fail()
    assert gc.isenabled()
