"""Parts that many tests share: databases of both kinds, the command line in this process, an office's data directory."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.cli import main
from bot.storage.database import Database, open_sqlite, open_url
from bot.storage.migration import migrate
from bot.storage.schema import metadata
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonym, Synonyms
from catalogue_index.analysis.tokenise import Tokeniser
from tests.fixtures.databases import postgres_database, postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of either kind without tables."""
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "zwgk.db")
        yield database
        database.close()
    else:
        yield from postgres_database()


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with all tables and nothing in them, to be copied: migrating costs twenty times as much."""
    path = tmp_path_factory.mktemp("migrated") / "zwgk.db"
    database = open_sqlite(path)
    migrate(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def sqlite_store(sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    copy = shutil.copy(sqlite_file, tmp_path_factory.mktemp("store"))
    database = open_sqlite(Path(copy))
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[str]:
    """The name of a PostgreSQL database with all tables and nothing in them, to be copied."""
    for url in postgres_url():
        database = open_url(url)
        migrate(database)
        database.close()
        yield str(make_url(url).database)


@pytest.fixture(scope="session")
def postgresql_store(postgresql_template: str) -> Iterator[Database]:
    yield from postgres_database(postgresql_template)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request: pytest.FixtureRequest) -> Database:
    """A database of either kind with all tables: one a run, emptied for each test."""
    store: Database = request.getfixturevalue(f"{request.param}_store")
    with store.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return store


@pytest.fixture
def database(either_database: Database) -> Database:
    """What most tests need; a folder whose tests are not about storage has SQLite alone."""
    return either_database


@pytest.fixture
def sqlite_database(sqlite_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A SQLite database of the test's own with all tables."""
    database = open_sqlite(Path(shutil.copy(sqlite_file, tmp_path)))
    yield database
    database.close()


@pytest.fixture
def zwgk(builtin_dir, monkeypatch, capsys):
    """Runs a line in this process: status, standard output, standard error."""
    monkeypatch.setenv("ZWGK_DATA_DIR", str(builtin_dir))

    def run(*words):
        capsys.readouterr()
        try:
            main([str(word) for word in words])
            status = 0
        except SystemExit as ended:
            status = ended.code or 0
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return status, out, err

    return run


@pytest.fixture
def refused(zwgk):
    """Runs a line that must be turned down with one Chinese sentence, and returns the sentence."""

    def run(*words, status=1):
        ended, out, err = zwgk(*words)
        assert ended == status
        assert out == ""
        assert any("一" <= character <= "鿿" for character in err)
        return err

    return run


@pytest.fixture
def office(builtin_dir, tmp_path):
    """A data directory of the test's own."""
    return shutil.copytree(builtin_dir, tmp_path / "office")


@pytest.fixture(scope="session")
def analyser(tmp_path_factory):
    """Reads texts with a dictionary of a few words."""
    dictionary = tmp_path_factory.mktemp("dictionary") / "small.txt"
    words = "请问 一下 公开 低保 公示 审批 结果 养老 服务 补贴 哪里 最低 生活 保障 中学 小学 学生 中学生 小学生"
    dictionary.write_text("".join(f"{word} 50\n" for word in words.split()), encoding="utf-8")
    return Analyser(Tokeniser(dictionary=dictionary), Synonyms([Synonym("低保", "最低生活保障")]))
