import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.subscriptions.groups import Group, Groups, national_groups
from bot.subscriptions.model import Kind, Topic
from bot.subscriptions.topics import national_topics

TOPICS = national_topics()


def sector(name: str) -> Topic:
    return Topic(Kind.SECTOR, name)


def group(name: str) -> Topic:
    return Topic(Kind.GROUP, name)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("养老服务", (sector("养老服务"),)),
        ("养老", (sector("养老服务"),)),
        ("養老", (sector("养老服务"),)),
        ("关于养老方面的政策", (sector("养老服务"),)),
        ("环境保护", (sector("生态环境"),)),
        ("低保对象", (group("低保对象"),)),
        ("低保", (group("低保对象"),)),
        ("我是吃低保的", (group("低保对象"),)),
        ("大学生", (group("学生"), group("高校毕业生"))),
        ("找工作", (sector("就业"), group("求职者"))),
        ("征地", (group("被征地农民"), sector("农村集体土地征收"))),
        ("火星", ()),
        ("政策", ()),
        ("的", ()),
        ("", ()),
    ],
)
def test_everyday_words_find_topics(words: str, found: tuple[Topic, ...]) -> None:
    assert set(TOPICS.find(words)) == set(found)


@pytest.mark.parametrize("topic", TOPICS.sectors + TOPICS.groups)
def test_an_official_name_is_never_ambiguous(topic: Topic) -> None:
    assert TOPICS.find(topic.value) == (topic,)


@given(st.text(max_size=40))
def test_whatever_is_typed_only_real_topics_are_found_and_each_once(words: str) -> None:
    found = TOPICS.find(words)

    assert set(found) <= {*TOPICS.sectors, *TOPICS.groups}
    assert len(set(found)) == len(found)


def test_every_synonym_of_the_list_names_its_group() -> None:
    table = files("bot.subscriptions").joinpath("data/groups.csv").read_text(encoding="utf-8")
    groups = national_groups()

    for row in csv.DictReader(table.splitlines()):
        for word in filter(None, row["synonyms"].split("、")):
            named = groups.called(word)
            assert row["name"] in named or named == (word,)


def test_a_name_is_no_other_groups_synonym() -> None:
    groups = Groups([Group("学生", ("大学生",), ""), Group("大学生", ("学生",), "")])

    assert groups.called("学生") == ("学生",)
    assert groups.called("大学生") == ("大学生",)


def test_groups_are_found_in_running_text_longest_word_first() -> None:
    assert national_groups().mentioned("低保户和残疾人都可以申请") == ("残疾人", "低保对象")
    assert national_groups().mentioned("今天天气不错") == ()
