"""An installation of a test's own on each of the two stores."""

import shutil
from datetime import datetime

import pytest

from bot.clock import CHINA
from bot.operations.model import Installation
from bot.storage.database import DATABASE_NAME, open_sqlite
from bot.storage.vault import open_vault
from tests.bot.deliveries.conftest import office  # noqa: F401
from tests.fixtures.databases import postgres_database

AT = datetime(2026, 11, 21, 9, tzinfo=CHINA)
SOFTWARE = "0.1.0"


def by_store(store, data_dir, template="template1"):
    """Opens installations with a database each, and closes them."""
    if store == "sqlite":
        database = open_sqlite(data_dir / DATABASE_NAME)
        yield Installation(data_dir, database, open_vault(data_dir))
        database.close()
    else:
        for database in postgres_database(template):
            yield Installation(data_dir, database, open_vault(data_dir))


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request):
    return request.param


@pytest.fixture
def installation(store, builtin_dir, sqlite_file, tmp_path, request):
    """With knowledge and an imported document."""
    data_dir = shutil.copytree(builtin_dir, tmp_path / "office")
    template = ""
    if store == "sqlite":
        shutil.copy(sqlite_file, data_dir / DATABASE_NAME)
    else:
        template = request.getfixturevalue("postgresql_template")
    document = data_dir / "documents" / "faq-441204-aaaaaaaa"
    (document / "file").mkdir(parents=True)
    (document / "file" / "答疑　第1号：养老.part1.docx").write_bytes(b"words")
    (document / "document.json").write_text("{}", encoding="utf-8")
    yield from by_store(store, data_dir, template)


@pytest.fixture
def elsewhere(store, tmp_path):
    """Another installation, with nothing in it."""
    yield from by_store(store, tmp_path / "elsewhere")
