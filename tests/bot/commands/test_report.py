"""``zwgk report`` at the command line."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.deliveries.reports.model import NAMES
from bot.storage.database import open_sqlite
from tests.bot.deliveries.office import Office


@pytest.fixture(autouse=True)
def of_its_own(office, sqlite_file, monkeypatch, zwgk):
    monkeypatch.setenv("ZWGK_DATA_DIR", str(office))
    database = open_sqlite(Path(shutil.copy(sqlite_file, office)))
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


def test_files_hold_every_figure_of_the_json(zwgk, tmp_path):
    told = json.loads(zwgk("report", "p1", "--json")[1])
    zwgk("report", "p1", "--output", tmp_path / "report.csv")
    zwgk("report", "p1", "--output", tmp_path / "report.xlsx")

    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        table = {tuple(row[:3]): row[3] for row in csv.reader(file) if len(row) == 4}
    sheet = load_workbook(tmp_path / "report.xlsx").worksheets[0]
    workbook = {row[:3]: row[3] for row in sheet.iter_rows(values_only=True)}

    named = {
        "matched": ("合计", "", "匹配人数"),
        "cost": ("费用", "", "万分之一元"),
        "cost_each": ("费用", "", "每个收到的人（万分之一元）"),
        "reached": ("收到", "", "至少一个渠道已交付或送达（人）"),
        "seconds_to_50": ("速度", "", "批准后多少秒，50% 的人收到"),
        "seconds_to_95": ("速度", "", "批准后多少秒，95% 的人收到"),
    } | {f"lines.{outcome}": ("合计", "", name) for outcome, name in NAMES.items()}
    figures = told | {f"lines.{outcome}": number for outcome, number in told["lines"].items()}
    assert named.keys() == figures.keys() - {"push", "lines", "totals", "calls"}
    for name, place in named.items():
        told_here = "" if figures[name] is None else figures[name]
        assert table[place] == str(told_here)
        assert (workbook[place[0], place[1] or None, place[2]] or "") == (told_here or "")
