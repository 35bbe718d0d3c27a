"""One database a run on each of the two stores, emptied for each test."""

import pytest

from bot.storage.database import open_sqlite
from bot.storage.migration import migrate
from bot.storage.schema import metadata
from tests.bot.deliveries.office import Office
from tests.fixtures.databases import postgres_database


@pytest.fixture(scope="session")
def sqlite_store(tmp_path_factory):
    database = open_sqlite(tmp_path_factory.mktemp("ledger") / "zwgk.db")
    migrate(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgresql_store():
    for database in postgres_database():
        migrate(database)
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    store = request.getfixturevalue(f"{request.param}_store")
    with store.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return store


@pytest.fixture
def office(database):
    return Office(database)
