from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from bot.notices.model import Rule
from bot.storage.database import Database
from bot.storage.schema import addresses, subscribers, subscriptions
from bot.storage.vault import Vault
from bot.subscriptions.matching import ENDED, EVERYONE, PAUSED, Match, matching, may_receive
from bot.subscriptions.model import NOBODY, Digest, Kind, Subscriber, Topic
from bot.subscriptions.repository import Contact, Reach, keep

NOW = 1_795_000_000
ELDERS = Topic(Kind.SECTOR, "养老服务")
POOR = Topic(Kind.GROUP, "低保对象")
ITEM = Topic(Kind.ITEM, "低保审批结果")
RULE = Rule(sectors=("养老服务",), groups=("低保对象",), areas=("441204",))

Put = Callable[..., None]


@pytest.fixture
def put(database: Database, vault: Vault) -> Put:
    def put(person: str, after: Subscriber, before: Subscriber = NOBODY) -> None:
        contact = Contact(person, "gaoyao", (Reach("wechat", f"o-{person}", "gaoyao"),))
        with database.statements(writing=True) as statements:
            keep(statements, vault, contact, before, after, {"by": "person"}, NOW)

    return put


def subscriber(*topics: Topic, area: str | None = "441204") -> Subscriber:
    return NOBODY.subscribed(topics, "words", area)


def found(database: Database, rule: Rule, now: int = NOW) -> list[Match]:
    with database.read() as connection:
        return list(matching(connection, rule, now))


def test_each_person_is_found_once_with_every_reason(database: Database, put: Put) -> None:
    put("anna", subscriber(ELDERS, POOR, ITEM))
    put("ben", subscriber(ITEM))

    assert found(database, RULE) == [Match("anna", ("人群：低保对象", "领域：养老服务"))]
    assert found(database, replace(RULE, items=("低保审批结果",))) == [
        Match("anna", ("人群：低保对象", "事项：低保审批结果", "领域：养老服务")),
        Match("ben", ("事项：低保审批结果",)),
    ]


@pytest.mark.parametrize(
    ("areas", "people"),
    [
        (("441204",), ["county", "town", "village"]),
        (("4412",), ["city", "county", "town", "village"]),
        (("441204101",), ["town", "village"]),
        (("441204101001", "140525"), ["other", "village"]),
        (("",), ["city", "county", "nowhere", "other", "town", "village"]),
        (("11",), []),
    ],
)
def test_an_area_holds_all_below_it(
    database: Database, put: Put, areas: tuple[str, ...], people: Sequence[str]
) -> None:
    places = {
        "city": "4412",
        "county": "441204",
        "town": "441204101",
        "village": "441204101001",
        "other": "140525",
        "nowhere": None,
    }
    for person, area in places.items():
        put(person, subscriber(ELDERS, area=area))

    assert [match.person for match in found(database, replace(RULE, areas=areas))] == people


def test_who_paused_or_left_is_shown_with_the_reason(database: Database, put: Put) -> None:
    put("anna", subscriber(ELDERS).paused())
    put("ben", subscriber(ELDERS).paused(until=NOW + 1))
    put("carl", subscriber(ELDERS).ended())
    put("dora", subscriber(ELDERS).left())
    put("eve", replace(subscriber(ELDERS), digest=Digest.WEEKLY))

    excluded = {match.person: match.excluded for match in found(database, RULE)}
    assert excluded == {"anna": PAUSED, "ben": PAUSED, "carl": ENDED, "eve": ""}
    assert [match.excluded for match in found(database, RULE, NOW + 1)][1] == ""
    assert [match.person for match in found(database, RULE) if match.weekly] == ["eve"]


def test_everyone_is_all_subscribers_of_the_areas_once(database: Database, put: Put) -> None:
    put("anna", subscriber(ELDERS, POOR))
    put("ben", subscriber(ITEM))
    put("carl", subscriber(ITEM, area="140525"))
    put("dora", subscriber(ITEM).left())

    matches = found(database, Rule(areas=("441204",), everyone=True))
    assert matches == [Match("anna", (EVERYONE,)), Match("ben", (EVERYONE,))]


def test_a_rule_that_names_nothing_concerns_nobody(database: Database, put: Put) -> None:
    put("anna", subscriber(ELDERS))

    assert found(database, Rule(areas=("441204",))) == []
    with pytest.raises(ValueError, match="areas"):
        found(database, Rule(everyone=True))


def test_who_left_since_may_not_receive(database: Database, put: Put) -> None:
    put("anna", subscriber(ELDERS))

    def may(person: str) -> bool:
        with database.read() as connection:
            return may_receive(connection, person, RULE, NOW)

    assert may("anna")
    assert not may("ben")
    put("anna", subscriber(ELDERS).paused(), before=subscriber(ELDERS))
    assert not may("anna")


AREAS = st.sampled_from([None, "44", "4412", "441204", "441204101", "140525"])
SOME_TOPICS = st.lists(st.sampled_from([ELDERS, POOR, ITEM]), min_size=1, max_size=3, unique=True)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    people=st.dictionaries(st.sampled_from("abcdef"), st.tuples(SOME_TOPICS, AREAS)),
    wanted=st.lists(st.sampled_from([ELDERS, POOR, ITEM]), unique=True),
    areas=st.lists(st.sampled_from(["", "44", "441204", "140525"]), min_size=1, unique=True),
)
def test_it_finds_whom_a_plain_reading_of_the_rule_finds(
    database: Database,
    put: Put,
    people: dict[str, tuple[list[Topic], str | None]],
    wanted: list[Topic],
    areas: list[str],
) -> None:
    with database.write() as connection:
        for table in (subscriptions, addresses, subscribers):
            connection.execute(delete(table))
    for person, (topics, area) in people.items():
        put(person, subscriber(*topics, area=area))
    rule = Rule(
        sectors=tuple(topic.value for topic in wanted if topic.kind is Kind.SECTOR),
        items=tuple(topic.value for topic in wanted if topic.kind is Kind.ITEM),
        groups=tuple(topic.value for topic in wanted if topic.kind is Kind.GROUP),
        areas=tuple(areas),
    )

    expected = {
        person
        for person, (topics, area) in people.items()
        if set(topics) & set(wanted)
        and any(not code or (area and area.startswith(code)) for code in areas)
    }
    matches = found(database, rule)
    assert {match.person for match in matches} == expected
    assert len(matches) == len(expected)
    for match in matches:
        assert len(match.why) == len(set(people[match.person][0]) & set(wanted))
