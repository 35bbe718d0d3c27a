"""``zwgk report`` at the command line."""

import json

import pytest

from bot.storage.database import open_sqlite
from bot.storage.migration import migrate
from tests.bot.deliveries.office import Office


@pytest.fixture(autouse=True)
def of_its_own(office, monkeypatch, zwgk):
    monkeypatch.setenv("ZWGK_DATA_DIR", str(office))
    database = open_sqlite(office / "zwgk.db")
    migrate(database)
    push = Office(database)
    push.push()
    push.in_audience("p1", "甲", "领域：养老服务")
    push.delivery(person="甲")
    database.close()


def test_a_report_on_screen_as_json_and_in_files(zwgk, tmp_path):
    assert "排队" in zwgk("report", "p1")[1]
    told = json.loads(zwgk("report", "p1", "--json")[1])
    assert (told["matched"], told["lines"]["queued"], told["reached"]) == (1, 1, 0)
    for name in ("report.csv", "report.xlsx"):
        assert zwgk("report", "p1", "--output", tmp_path / name)[0] == 0
        assert (tmp_path / name).stat().st_size
    assert zwgk("report", "p1", "--calls")[0] == 0


def test_what_cannot_be_reported_is_said(refused, tmp_path):
    assert "没有推送 p9" in refused("report", "p9")
    assert ".csv 或 .xlsx" in refused("report", "p1", "--output", tmp_path / "report.doc")
