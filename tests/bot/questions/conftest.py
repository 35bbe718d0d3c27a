import pytest
from sqlalchemy import select

from bot.questions.likeness import likeness
from bot.questions.service import Questions
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonym, Synonyms
from catalogue_index.analysis.tokenise import Tokeniser
from tests.fixtures.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


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
