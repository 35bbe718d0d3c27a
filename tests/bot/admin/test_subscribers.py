"""Subscriptions in the console: numbers without people, one person for themselves, posters."""

import pytest
from sqlalchemy import select

from bot.officers.model import Role
from bot.storage.schema import deliveries, scenes, subscribers
from bot.subscriptions.model import NOBODY, Kind, Topic
from bot.subscriptions.poster import PosterRefused, find_font
from bot.subscriptions.repository import Contact, Reach, keep
from tests.bot.admin.conftest import AREA, PASSWORD, words
from tests.bot.deliveries.office import Office

ELDERS = Topic(Kind.SECTOR, "养老服务")
HOSTILE = "<script>x</script>{{ 7 }}"
PHONE, OTHER, MAIL = "13800138000", "13900139000", "a@b.cn"
LINK = "http://weixin.qq.com/q/02abcdefGHIJKL10000w03x"


@pytest.fixture
def known(desk):
    def put(letter, area, topic, *reaches):
        contact = Contact(letter * 64, "", reaches)
        with desk.database.statements(writing=True) as statements:
            after = NOBODY.subscribed([ELDERS, topic], "words", area)
            keep(statements, desk.vault, contact, NOBODY, after, {"basis": "登记表"}, 1)

    put("a", AREA, Topic(Kind.ITEM, HOSTILE), Reach("sms", PHONE), Reach("email", MAIL))
    put("b", "441202", Topic(Kind.GROUP, "老年人"), Reach("sms", OTHER))
    put("c", None, Topic(Kind.GROUP, "老年人"), Reach("sms", "13700137000"))
    return desk


def people(desk):
    with desk.database.read() as connection:
        return {one[0] for one in connection.execute(select(subscribers.c.person)).scalars()}


def test_numbers_are_of_ones_own_areas_and_name_nobody(known):
    for role in (Role.DRAFTER, Role.REVIEWER, Role.FINAL, Role.AUDITOR):
        page = known.get(role, "/subscribers")
        assert page.status_code == 200
        assert "接收中 1" in words(page)
        assert "老年人" not in page.text
        for secret in (PHONE, OTHER, MAIL, "a" * 12):
            assert secret not in page.text
    assert HOSTILE not in page.text
    assert "&lt;script&gt;" in page.text
    assert known.get(Role.ADMINISTRATOR, "/subscribers").status_code == 403


def test_who_asks_for_themselves_is_found_and_it_is_written_down(known):
    page = known.send(Role.DRAFTER, "/subscribers/person", who=PHONE)
    assert "养老服务" in page.text
    assert HOSTILE not in page.text
    assert PHONE not in page.text
    assert MAIL not in page.text
    (record,) = known.records.search(action="subscribers.look")
    assert record.deed.object == f"person:{'a' * 12}"
    assert PHONE not in str(record)


@pytest.mark.parametrize("who", [OTHER, "13600136000", "nobody", "", "b" * 12])
def test_who_is_elsewhere_is_not_found(known, who):
    page = known.send(Role.DRAFTER, "/subscribers/person", who=who)
    assert page.status_code == 422
    assert "老年人" not in page.text
    (record,) = known.records.search(action="subscribers.look")
    assert record.deed.outcome == "refused"
    assert who == "" or who not in str(record)


def test_who_gave_no_area_is_found_by_anybody_who_may(known):
    assert "老年人" in known.send(Role.DRAFTER, "/subscribers/person", who="13700137000").text


def test_a_person_is_erased_once_the_password_is_given(known):
    office = Office(known.database)
    office.clock = known.clock
    office.push("p1")
    office.delivery("p1", person="a" * 64)
    known.as_(Role.DRAFTER)
    known.clock.pass_(minutes=15)
    person = "a" * 64
    assert known.send(Role.DRAFTER, "/subscribers/erase", person=person).status_code == 422
    assert "a" in people(known)
    done = known.send(Role.DRAFTER, "/subscribers/erase", person=person, password=PASSWORD)
    assert done.status_code == 303, done.text
    assert people(known) == {"b", "c"}
    with known.database.read() as connection:
        (left,) = connection.execute(select(deliveries.c.person)).scalars()
    assert left != person
    (record, *_) = known.records.search(action="subscribers.erase", outcome="done")
    assert record.deed.object == f"person:{'a' * 12}"


def test_nobody_else_may_look_or_erase(known):
    for role in set(Role) - {Role.DRAFTER}:
        for path in ("/subscribers/person", "/subscribers/erase"):
            assert known.send(role, path, who=PHONE, person="a" * 64).status_code == 403
    elsewhere = known.send(Role.DRAFTER, "/subscribers/erase", person="b" * 64, password=PASSWORD)
    assert elsewhere.status_code == 422
    assert people(known) == {"a", "b", "c"}


# --- posters ---


@pytest.fixture
def poster(desk):
    sent = desk.send(
        Role.DRAFTER,
        "/subscribers/posters",
        topic="sector:养老服务",
        label=HOSTILE,
        area="高要区",
    )
    assert sent.status_code == 303, sent.text
    return sent.headers["location"].removeprefix("/admin")


def test_a_code_is_made_shown_and_ended(desk, poster):
    page = desk.get(Role.LIAISON, "/subscribers/posters")
    assert "&lt;script&gt;" in page.text
    assert HOSTILE not in page.text
    assert desk.get(Role.LIAISON, poster).status_code == 200
    assert desk.send(Role.DRAFTER, f"{poster}/remove").status_code == 303
    assert desk.get(Role.LIAISON, poster).status_code == 404
    with desk.database.read() as connection:
        assert connection.execute(select(scenes.c.key)).all() == []


def test_a_poster_is_drawn_as_pdf_and_picture(desk, poster):
    try:
        find_font()
    except PosterRefused:
        pytest.skip("no font with Chinese on this computer")
    for kind, begin in (("look", b"\x89PNG"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        fields = {"office": "高要区政务公开办", "link": LINK, "as": kind}
        answer = desk.send(Role.DRAFTER, poster, **fields)
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(begin)
        assert ("attachment" in answer.headers.get("content-disposition", "")) is (kind != "look")
    kept = desk.send(Role.DRAFTER, poster, office="", link=LINK)
    assert kept.status_code == 422
    assert LINK in kept.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"topic": "sector:没有", "label": "大厅"}, "请选一个"),
        ({"topic": "sector:养老服务", "label": " "}, "贴在哪里"),
        ({"topic": "sector:养老服务", "label": "大厅", "area": "没有这个地方"}, "没有"),
    ],
)
def test_what_cannot_be_a_code_is_said(desk, fields, said):
    page = desk.send(Role.DRAFTER, "/subscribers/posters", **fields)
    assert page.status_code == 422
    assert said in words(page)


def test_a_code_of_another_area_is_not_there(desk, poster):
    away = desk.send(
        Role.DRAFTER,
        "/subscribers/posters",
        topic="sector:养老服务",
        label="大厅",
        area="441202",
    )
    assert away.status_code == 404
    with desk.database.write() as connection:
        connection.execute(scenes.update().values(area="441202"))
    for path in (poster, f"{poster}/remove"):
        assert desk.send(Role.DRAFTER, path, office="x", link=LINK).status_code == 404
    assert desk.get(Role.DRAFTER, poster).status_code == 404
    assert poster.rpartition("/")[2] not in desk.get(Role.DRAFTER, "/subscribers/posters").text
