"""Figures of a month on both stores: each a count over rows, and nothing from outside the areas asked for."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import insert

from bot.deliveries.states import State
from bot.notices.model import PushState
from bot.operations.months import Month, month_of, written
from bot.operations.statistics import MONTHS, Statistics
from bot.operations.tables import tables, workbook
from bot.storage.schema import question_counts, question_groups, questions, subscribers
from tests.bot.deliveries.office import NOON

NOVEMBER = Month(2026, 11)
HOSTILE = '=HYPERLINK("http://x","低保")'
GAOYAO, DUANZHOU = "441204", "441202"


def put(office, table, *rows):
    with office.database.write() as connection:
        connection.execute(insert(table), list(rows))


def counted(day, kind, count, area=GAOYAO, route="catalogue"):
    return {"day": day, "area": area, "kind": kind, "route": route, "count": count}


def subscriber(name, came, left=None, area=GAOYAO):
    row = {"person": name, "account": "a", "area": area, "digest": "immediate"}
    row |= {"state": "ended" if left else "active", "created_at": came, "updated_at": left or came}
    return row


@pytest.fixture
def figures(office):
    statistics = Statistics(office.database, lambda page: page.removeprefix("/items/"))

    def figures(month=NOVEMBER, areas=()):
        return statistics.figures(month, areas)

    return figures


def test_an_empty_installation_has_figures_too(figures):
    found = figures()
    assert [one.total for one in found.asked] == [0] * MONTHS
    assert str(found.asked[0].month) == "2025-12"
    assert (found.subscribers, found.notices, found.pushes, found.carried) == (0, 0, 0, ())


def test_questions_are_counted_by_month_kind_route_and_area(office, figures):
    put(
        office,
        question_counts,
        counted("2026-11-01", "answer", 5),
        counted("2026-11-30", "answer", 2, area=GAOYAO + "101"),
        counted("2026-11-30", "declined", 3, route="near_miss"),
        counted("2026-11-05", "choices", 7, area=DUANZHOU),
        counted("2026-10-31", "answer", 11),
        counted("2025-11-30", "answer", 13),
        counted("2026-12-01", "answer", 17),
    )
    found = figures()
    assert [(str(one.month), one.total) for one in found.asked if one.total] == [
        ("2026-10", 11),
        ("2026-11", 17),
    ]
    assert found.asked[-1].answered == 7
    assert found.routes == {
        ("answer", "catalogue"): 7,
        ("choices", "catalogue"): 7,
        ("declined", "near_miss"): 3,
    }
    assert sum(found.routes.values()) == found.asked[-1].total == sum(found.areas.values())
    assert figures(areas=(GAOYAO,)).areas == {GAOYAO: 8, GAOYAO + "101": 2}
    assert figures(areas=(DUANZHOU, "4401")).asked[-1].total == 7


def test_sectors_are_those_of_the_sources(office, figures):
    row = {"channel": "web", "account": "", "person": "", "words": "", "likeness": "", "route": ""}
    row |= {"kind": "answer", "knowledge": "", "area": GAOYAO}
    put(
        office,
        questions,
        *(
            row | {"at": at, "source": source}
            for at, source in (
                (NOVEMBER.begins, "/items/养老服务"),
                (NOVEMBER.ends - 1, "/items/养老服务"),
                (NOVEMBER.begins - 1, "/items/养老服务"),
                (NOVEMBER.ends, "/items/养老服务"),
                (NOVEMBER.begins, "/items/就业"),
                (NOVEMBER.begins, ""),
            )
        ),
    )
    assert figures().sectors == {"养老服务": 2, "就业": 1}
    assert figures(areas=(DUANZHOU,)).sectors == {}


def test_subscribers_come_and_go_by_month(office, figures):
    october = Month(2026, 10)
    put(
        office,
        subscribers,
        subscriber("a", NOVEMBER.begins),
        subscriber("b", NOVEMBER.begins - 1),
        subscriber("c", october.begins, NOVEMBER.ends - 1),
        subscriber("d", NOVEMBER.ends - 1, area=DUANZHOU),
        subscriber("e", NOVEMBER.begins, area=None),
    )
    found = figures()
    assert [(one.came, one.left) for one in found.joined[-2:]] == [(2, 0), (3, 1)]
    assert found.subscribers == 4
    assert figures(areas=(GAOYAO,)).subscribers == 2


def test_letters_stand_on_one_line_each(office, figures):
    office.push("p1", state=PushState.FINISHED)
    fates = {
        State.DELIVERED: "reached",
        State.ACCEPTED: "reached",
        State.NO_RECEIPT: "reached",
        State.FAILED: "missed",
        State.UNDELIVERED: "missed",
        State.SKIPPED: "missed",
        State.CANCELLED: "missed",
        State.UNKNOWN: "unknown",
        State.QUEUED: "unknown",
        State.ABANDONED: "unknown",
        State.WAITING: "unknown",
    }
    for state in fates:
        office.delivery("p1", person=f"p-{state}", state=state)
    office.delivery("p1", person="twice", channel="email", state=State.SUPERSEDED)
    office.push("p2", state=PushState.SUBMITTED)
    office.delivery("p2", person="x")
    found = figures()
    (email, sms) = found.carried
    assert (email.reached, email.missed, email.unknown) == (0, 0, 0)
    wanted = tuple(list(fates.values()).count(line) for line in ("reached", "missed", "unknown"))
    assert (sms.reached, sms.missed, sms.unknown) == wanted
    assert (found.notices, found.pushes) == (2, 1)
    assert figures(areas=(DUANZHOU,)).carried == ()
    assert figures(month=Month(2026, 10)).pushes == 0


def test_the_workbook_holds_what_the_tables_say_and_runs_nothing(office, figures):
    group = {"likeness": "l", "area": GAOYAO, "kind": "unanswered", "count": 9, "first_at": 1}
    group |= {"last_at": 1, "newest": 1, "state": "open", "target": "", "officer": "", "note": ""}
    question = {"id": 1, "at": 1, "channel": "web", "account": "", "person": "", "area": GAOYAO}
    question |= {"words": HOSTILE, "likeness": "l", "kind": "declined", "route": "near_miss"}
    put(office, question_groups, group)
    put(office, questions, question | {"source": "", "knowledge": ""})
    found = figures()
    shown = tables(found, str, with_words=True)
    book = load_workbook(io.BytesIO(workbook(shown)))
    assert len(book.sheetnames) == len(shown)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    (hostile,) = [cell for cell in cells if cell.value == HOSTILE]
    assert hostile.data_type == "s"
    for table, sheet in zip(shown, book, strict=True):
        rows = [row[: len(table.columns)] for row in sheet.iter_rows(min_row=3, values_only=True)]
        assert rows == list(table.rows)
    assert not any(
        HOSTILE in row for one in tables(found, str, with_words=False) for row in one.rows
    )


def test_a_month_without_figures_makes_a_workbook_too():
    assert load_workbook(io.BytesIO(workbook([]))).sheetnames == ["统计"]


@given(st.integers(2000, 2099), st.integers(1, 12), st.integers(-30, 30))
def test_months_follow_one_another(year, number, away):
    month = Month(year, number)
    assert written(str(month)) == month
    assert month.ends == month.earlier(-1).begins
    assert month.earlier(away).earlier(-away) == month
    assert month.earlier(1) < month
    assert 28 <= (month.ends - month.begins) / 86400 <= 31


def test_a_month_is_of_china():
    assert month_of(NOON.date()) == NOVEMBER
    assert NOVEMBER.begins == 1793462400  # 2026-11-01 00:00 +08:00
    for text in ("2026-13", "2026-1", "２０２６-11", "", "2026-11-01", "1999-01"):
        assert written(text) is None
