"""Parts that many tests share: databases of both kinds, the command line in this process, an office's data directory."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import main
from bot.storage.database import Database, open_sqlite
from bot.storage.migration import migrate
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonym, Synonyms
from catalogue_index.analysis.tokenise import Tokeniser
from tests.fixtures.databases import postgres_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of either kind without tables."""
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "zwgk.db")
        yield database
        database.close()
    else:
        yield from postgres_database()


@pytest.fixture
def database(empty_database: Database) -> Database:
    """A database of either kind with all tables, and nothing in them."""
    migrate(empty_database)
    return empty_database


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
