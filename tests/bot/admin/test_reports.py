import csv
import io
import re

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select, update

from bot.deliveries.reports.model import NAMES
from bot.officers.model import Role
from bot.storage.schema import audience, deliveries, delivery_events, pushes
from tests.bot.admin.carrying import SETTINGS, Carriage
from tests.bot.admin.conftest import AREA, PASSWORD, words

DRAFTER, AUDITOR = Role.DRAFTER, Role.AUDITOR
STATES = ("delivered", "accepted", "failed", "undelivered", "unknown", "queued")


@pytest.fixture
def carriage(desk_on):
    made = Carriage(desk_on(**SETTINGS))
    for number in range(60):
        made.subscriber(f"{number:064x}", f"138{number:08}", AREA if number % 2 else "441204101")
    made.subscriber("f" * 64)
    return made


@pytest.fixture
def desk(carriage):
    return carriage.desk


@pytest.fixture
def push(carriage, desk):
    """A push to 61 people: one is left out, ten are in each state."""
    made = carriage.running()
    with desk.database.write() as connection:
        rows = connection.execute(select(deliveries.c.id).order_by(deliveries.c.person)).scalars()
        for number, id in enumerate(rows.all()):
            state = STATES[number % len(STATES)]
            change = update(deliveries).where(deliveries.c.id == id)
            connection.execute(change.values(state=state, cost=550))
            event = {"delivery": id, "at": 1_795_400_000, "came_from": "handing"}
            event |= {"went_to": "accepted", "who": "worker:1", "evidence": "空号 13800138000"}
            connection.execute(insert(delivery_events), event)
        connection.execute(update(pushes).values(state="draining"))
    return made


def rows_of(page):
    return len(re.findall(r"<tr>", page.text)) - 1


def total(desk, push, path):
    """How many rows a list has, over all its pages."""
    found, seen = 0, set()
    while path:
        page = desk.get(DRAFTER, path)
        assert page.status_code == 200, path
        assert path not in seen
        seen.add(path)
        found += rows_of(page) if "<table" in page.text else 0
        more = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = f"{path.partition('?')[0]}{more[1].replace('&amp;', '&')}" if more else ""
        path = path.replace(f"/pushes/{push}/calls/admin", "")
    return found


def test_every_figure_opens_the_list_it_counts(desk, push):
    page = desk.get(DRAFTER, f"/pushes/{push}/report?by=hour").text
    links = re.findall(
        r'href="/admin(/pushes/[^"]+/(?:people|letters|calls)[^"]*)"[^>]*>([^<]+)<', page
    )
    counted = 0
    for path, said in links:
        number = re.search(r"([\d,]+)\s*$", said)
        if number:
            counted += 1
            expected = int(number[1].replace(",", ""))
            assert total(desk, push, path.replace("&amp;", "&")) == expected, (path, said)
    assert counted > 25


def test_the_report_says_how_it_ended(desk, push):
    page = words(desk.get(AUDITOR, f"/pushes/{push}/report"))
    for part in ("符合条件 61", "已收到（按目前所知） 20", "占应发 33 %", "要打电话 20", "3.30 元"):
        assert part in page
    assert "按小时（首次交付）" not in page
    assert "2026-11-23 1" in words(desk.get(AUDITOR, f"/pushes/{push}/report?by=hour"))


def test_a_report_is_counted_anew_when_its_minute_is_over(desk, push):
    path = f"/pushes/{push}/report"
    assert "要打电话 20" in words(desk.get(AUDITOR, path))
    with desk.database.write() as connection:
        connection.execute(update(deliveries).values(state="delivered"))
    assert "要打电话 20" in words(desk.get(AUDITOR, path))
    desk.clock.pass_(seconds=60)
    assert "要打电话 0" in words(desk.get(AUDITOR, path))


def test_a_push_that_was_never_submitted_has_an_empty_report(carriage, desk):
    push = carriage.push(carriage.notice(number="2", url=""))
    assert "还没有确定发给谁" in words(desk.get(DRAFTER, f"/pushes/{push}/report"))


def test_one_persons_letter_with_every_step(desk, push):
    page = words(desk.get(DRAFTER, f"/pushes/{push}/people/{0:064x}"))
    assert "正在交付 → 已交付，等回执" in page
    assert "发送程序" in page
    assert "13800138000" not in page
    left_out = words(desk.get(DRAFTER, f"/pushes/{push}/people/{'f' * 64}"))
    assert "短信：没有同意" in left_out
    assert "不在发送之列" in left_out
    assert desk.get(DRAFTER, f"/pushes/{push}/people/nobody").status_code == 404


def test_strange_questions_find_nobody(desk, push):
    for asked in ("outcome=x", "channel=%22", "why=%25", "hour=99999999999999999", "area=9"):
        page = desk.get(DRAFTER, f"/pushes/{push}/people?{asked}")
        assert page.status_code == 200
        assert "没有这样的人" in page.text


# --- calling up ---


def test_telephones_are_masked_until_they_are_asked_for(desk, push):
    page = desk.get(DRAFTER, f"/pushes/{push}/calls").text
    assert len(re.findall(r"138\*\*\*\*\d{4}", page)) == 20
    assert not re.findall(r"138\d{8}", page)
    before = desk.records.search(action="push.reveal")
    answer = desk.send(DRAFTER, f"/pushes/{push}/calls", password=PASSWORD)
    assert len(set(re.findall(r"138\d{8}", answer.text))) == 20
    assert not before
    (record,) = desk.records.search(action="push.reveal")
    assert (record.deed.object, record.deed.detail) == (f"push:{push}", "显示 20 个电话")
    assert "138" not in record.deed.detail


def test_only_who_commands_pushes_may_ask_and_only_with_the_password(desk, push):
    assert "显示这一页的完整电话" not in desk.get(AUDITOR, f"/pushes/{push}/calls").text
    assert desk.send(AUDITOR, f"/pushes/{push}/calls").status_code == 403
    desk.clock.pass_(minutes=10)
    answer = desk.send(DRAFTER, f"/pushes/{push}/calls")
    assert answer.status_code == 422
    assert not re.findall(r"138\d{8}", answer.text)
    (newest,) = desk.records.search(action="push.reveal")[:1]
    assert newest.deed.outcome == "refused"


def test_no_more_than_a_page_is_revealed_at_once(desk, push):
    with desk.database.write() as connection:
        connection.execute(update(deliveries).values(state="failed"))
    answer = desk.send(DRAFTER, f"/pushes/{push}/calls", password=PASSWORD)
    assert len(set(re.findall(r"138\d{8}", answer.text))) == 50
    (record,) = desk.records.search(action="push.reveal")
    assert record.deed.detail == "显示 50 个电话"
    onward = re.search(r'rel="next" href="/admin([^"]+)"', answer.text)[1]
    answer = desk.send(DRAFTER, onward, password=PASSWORD)
    assert len(set(re.findall(r"138\d{8}", answer.text))) == 10


# --- files ---


def test_files_hold_the_report_and_no_formula(desk, push):
    with desk.database.write() as connection:
        why = '["=HYPERLINK(\\"http://x\\")"]'
        connection.execute(update(audience).where(audience.c.included == 0).values(why=why))
    answer = desk.get(AUDITOR, f"/pushes/{push}/report.csv")
    assert "attachment" in answer.headers["content-disposition"]
    read = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert ["合计", "", "匹配人数", "61"] in read
    assert not any(cell.startswith("=") for row in read for cell in row)
    book = load_workbook(io.BytesIO(desk.get(AUDITOR, f"/pushes/{push}/report.xlsx").content))
    cells = [cell for row in book["报表"].iter_rows() for cell in row]
    assert "匹配人数" in {cell.value for cell in cells}
    assert not any(cell.data_type == "f" for cell in cells)
    assert desk.get(AUDITOR, f"/pushes/{push}/report.exe").status_code == 404


def test_the_file_of_calls_has_no_whole_telephone(desk, push):
    text = desk.get(DRAFTER, f"/pushes/{push}/calls.csv").content.decode("utf-8-sig")
    assert len(re.findall(r"138\*\*\*\*\d{4}", text)) == 20
    assert not re.findall(r"138\d{8}", text)
    assert NAMES["failed"] in text
