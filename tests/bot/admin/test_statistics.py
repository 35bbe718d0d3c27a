"""The page of statistics: figures of one's own areas, drawn without anything that the CSP forbids."""

import io
import re

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert

from bot.officers.model import Role
from bot.storage.schema import question_counts, question_groups, questions
from tests.bot.admin.conftest import AREA, words

HOSTILE = "<script>alert(1)</script>{{ 7*7 }}\u202e=1+1"


@pytest.fixture
def asked(desk):
    counts = [
        {"day": "2026-11-02", "area": AREA, "kind": "answer", "route": "faq", "count": 1234},
        {"day": "2026-11-02", "area": "441202", "kind": "answer", "route": "faq", "count": 5000},
    ]
    group = {"likeness": "l", "area": AREA, "kind": "unanswered", "count": 9, "first_at": 1}
    group |= {"last_at": 1, "newest": 1, "state": "open", "target": "", "officer": "", "note": ""}
    question = {"id": 1, "at": 1, "channel": "web", "account": "", "person": "", "area": AREA}
    question |= {"words": HOSTILE, "likeness": "l", "kind": "declined", "route": "near_miss"}
    with desk.database.write() as connection:
        connection.execute(insert(question_counts), counts)
        connection.execute(insert(question_groups), group)
        connection.execute(insert(questions), question | {"source": "", "knowledge": ""})
    return desk


@pytest.mark.parametrize("role", list(Role))
def test_everybody_sees_the_figures_of_their_areas(asked, role):
    page = asked.get(role, "/statistics")
    assert page.status_code == 200
    assert "1,234" in words(page)
    assert "5,000" not in page.text
    assert "2026年11月统计" in words(page)


def test_words_are_shown_as_words_and_to_the_desk_alone(asked):
    page = asked.get(Role.DRAFTER, "/statistics")
    assert HOSTILE not in page.text
    assert "&lt;script&gt;" in page.text
    assert "{{ 7*7 }}" in page.text
    assert "&lt;script&gt;" not in asked.get(Role.ADMINISTRATOR, "/statistics").text


def test_charts_say_their_numbers_and_have_no_style(asked):
    page = asked.get(Role.AUDITOR, "/statistics").text
    charts = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(charts) == 3
    for chart in charts:
        assert 'role="img"' in chart
        assert re.search(
            r"<title id=\"(\w+)-title\">.+</title>\s*<desc id=\"\1-desc\">.+</desc>", chart
        )
        assert "style" not in chart
    assert "答出 1,234" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_another_area_is_not_there(asked):
    assert asked.get(Role.DRAFTER, "/statistics?area=441202").status_code == 404
    assert asked.get(Role.DRAFTER, "/statistics/workbook?area=44").status_code == 404
    assert asked.get(Role.DRAFTER, f"/statistics?area={AREA}101").status_code == 200


@pytest.mark.parametrize("month", ["2026-13", "x", "", "2026-10'--"])
def test_a_month_that_there_is_not_is_the_present_one(asked, month):
    assert "2026年11月统计" in words(asked.get(Role.AUDITOR, f"/statistics?month={month}"))


def test_the_workbook_is_a_file_to_save(asked):
    answer = asked.get(Role.FINAL, "/statistics/workbook?month=2026-11")
    assert "attachment" in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    values = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert 1234 in values
    assert HOSTILE in values
    assert 5000 not in values
