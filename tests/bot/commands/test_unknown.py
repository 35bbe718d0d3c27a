"""``zwgk unknown`` at the command line."""

import json
import shutil
from pathlib import Path

import pytest

from bot.deliveries.states import State
from bot.records.service import Records
from bot.storage.database import open_sqlite
from bot.storage.vault import open_vault
from tests.bot.deliveries.office import Office


@pytest.fixture(autouse=True)
def database(office, sqlite_file, monkeypatch, zwgk):
    monkeypatch.setenv("ZWGK_DATA_DIR", str(office))
    database = open_sqlite(Path(shutil.copy(sqlite_file, office)))
    yield database
    database.close()


@pytest.fixture
def push(database):
    push = Office(database)
    push.push()
    for person in ("甲", "乙"):
        push.delivery(person=person, state=State.UNKNOWN)
    push.delivery(person="丙", state=State.ACCEPTED)
    return push


def test_a_clerk_sees_what_is_unknown_and_gives_it_up_with_a_reason(zwgk, push, office):
    told = json.loads(zwgk("unknown", "list", "p1", "--json")[1])
    assert [one["person"] for one in told] == ["甲", "乙"]
    assert "短信" in zwgk("unknown", "list", "p1")[1]

    words = ("--by", "李四", "--reason", "已电话告知")
    status, said, _ = zwgk("unknown", "abandon", "p1", *words, "--delivery", told[0]["id"])
    assert (status, "1 条" in said) == (0, True)
    assert push.states() == {"甲": State.ABANDONED, "乙": State.UNKNOWN, "丙": State.ACCEPTED}
    assert push.events(told[0]["id"])[-1] == ("unknown", "abandoned", "officer")

    zwgk("unknown", "abandon", "p1", *words)
    assert push.states()["乙"] == State.ABANDONED
    assert "没有结果不明" in zwgk("unknown", "list", "p1")[1]
    log = Records(push.database, open_vault(office, ""), push.clock)
    deeds = [one.deed for one in log.search()]
    assert [(d.who, d.action, d.object) for d in deeds] == [
        ("李四", "deliveries.abandon", "push:p1")
    ] * 2
    assert "已电话告知" in deeds[0].detail


def test_what_cannot_be_given_up_is_said(refused, push):
    words = ("--by", "李四", "--reason", "已电话告知")
    assert "没有编号为 99" in refused("unknown", "abandon", "p1", *words, "--delivery", 99)
    assert "为什么" in refused("unknown", "abandon", "p1", "--by", "李四", "--reason", " ")
    assert "不用放弃核实" in refused("unknown", "abandon", "p9", *words)
    assert push.states()["甲"] == State.UNKNOWN
