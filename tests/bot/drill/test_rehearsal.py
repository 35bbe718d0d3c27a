"""Small drills: real processes that are killed while they send and while they plan, on both databases."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli import main
from bot.drill.clock import DrillClock, parse
from bot.drill.model import Choices, Count
from bot.drill.rehearsal import Rehearsed, rehearse
from bot.drill.report import as_json, rows, verdict
from bot.drill.stage import staged

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="stops processes by signals")

FAST = 60
"""A lease of two minutes in two seconds."""


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request) -> str:
    if request.param == "sqlite":
        return ""
    url = os.environ.get("ZWGK_TEST_POSTGRES_URL")
    if not url:
        pytest.skip("ZWGK_TEST_POSTGRES_URL names no PostgreSQL server")
    return url


def drill(server="", **chosen) -> Rehearsed:
    choices = Choices(**{"people": 300, "latency": 0.01, "senders": 16, "speed": FAST} | chosen)
    with staged(choices, time.time(), server) as stage:
        return rehearse(choices, stage, lambda *_: None)


def test_killed_planners_and_senders_send_nobody_twice_and_leave_nobody_out(server):
    done = drill(server, kills=3, planner_kills=2, channel="wechat_template", speed=30)
    counted = done.count
    assert (done.kills, counted.duplicates, counted.unaccounted) == (3, 0, 0)
    assert (counted.matched, counted.planned, counted.excluded) == (300, 294, 6)
    assert sum(counted.states.values()) == counted.planned
    assert counted.unknown == 0
    assert counted.once == counted.received == counted.planned
    assert len(done.planner) == 2
    assert set(done.planner) <= {0, counted.planned}
    assert done.passed
    assert done.fallen == ()


def test_what_no_provider_can_tell_stays_unknown_and_is_never_sent_again():
    done = drill(kills=2, channel="wechat_notice")
    counted = done.count
    assert (counted.duplicates, counted.unaccounted) == (0, 0)
    # Of those who have it, a receipt told: only who was never sent it is left.
    assert set(counted.unknown_people.values()) <= {0}
    assert counted.unknown <= 2 * 16
    assert counted.once == counted.received == counted.planned - counted.unknown
    assert done.passed


def test_a_frozen_sender_that_wakes_sends_nothing_again():
    done = drill(kills=0, pauses=1, channel="wechat_template")
    assert done.pauses == 1
    assert done.passed
    assert done.count.unknown <= 16


def test_command_says_what_it_found(tmp_path):
    words = ["drill", "push", "--people", "60", "--kills", "1", "--latency", "5", "--speed", "60"]
    run = subprocess.run(
        [sys.executable, "-m", "bot", *words, "--json"],
        capture_output=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("ZWGK_")},
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stderr.decode()
    found = json.loads(run.stdout)
    assert (found["planned"], found["duplicates"], found["unaccounted"]) == (59, 0, 0)
    assert found["passed"] is True
    # Nothing is left where it was started.
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def heard():
    """Ctrl-C is: a shell starts what runs in its background deaf to it, and children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_interrupted_drill_leaves_no_process_and_no_file(tmp_path):
    words = ["drill", "push", "--people", "400", "--latency", "500", "--senders", "2"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZWGK_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=kept | {"TMPDIR": str(tmp_path)},
        cwd=tmp_path,
    )
    deadline = time.monotonic() + 180
    while len(children(process.pid)) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(children(process.pid)) >= 4
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "演练中断了" in said.decode()
    assert list(tmp_path.iterdir()) == []
    assert started_in(tmp_path) == []


def started_in(folder: Path) -> list[int]:
    """Processes whose temporary folder is this one."""
    found = []
    for one in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"TMPDIR={folder}".encode() in one.read_bytes().split(b"\0"):
                found.append(int(one.parent.name))
    return found


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(one) for one in found.read_text().split()] if found.exists() else []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--faults", "fire"], "没有“fire”这种错"),
        (["--faults", "quota"], "没有“quota”这种错"),
        (["--channel", "pigeon"], "演练不支持渠道“pigeon”"),
        (["--database", "oracle"], "不认识数据库“oracle”"),
        (["--database", "postgresql"], "没有设置 PostgreSQL 的地址"),
    ],
)
def test_wrong_words_are_refused_in_words(words, told, capsys, tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(["drill", "push", *words, "--data-dir", str(tmp_path)])
    assert ended.value.code == 1
    assert told in capsys.readouterr().err


def test_the_clock_of_a_drill_is_the_same_in_all_its_processes():
    clock = DrillClock(1_790_000_000.5, 30)
    assert parse(str(clock)) == clock
    assert clock().tzinfo is not None


COUNT = Count(
    matched=10,
    planned=9,
    excluded=1,
    states={"delivered": 8, "unknown": 1},
    received=9,
    once=9,
    duplicates=0,
    unaccounted=0,
    unknown_people={"甲": 1},
)


def rehearsed(*, planner=(), **changes) -> Rehearsed:
    return Rehearsed(replace(COUNT, **changes), planner, 1, 0, 2.0, 1.0, ())


def test_report_says_everything_and_the_verdict():
    done = rehearsed(planner=(0, 9))
    table = {name: many for name, many, _ in rows(Choices(), done)}
    assert table["其中已送达"] + table["其中结果不明"] == table["计划发送"] == 9
    assert "演练通过：9 人" in verdict(done)
    assert "结果不明 1 人已单列" in verdict(done)
    told = as_json(Choices(), done)
    assert told["passed"] is True
    assert (told["unknown_people"], told["unknown"], told["unknown_received"]) == ({"甲": 1}, 1, 1)
    assert "不识别重复" in told["unknown_why"]
    assert table["恰好收到一次"] == 9


@pytest.mark.parametrize(
    ("done", "why"),
    [
        (rehearsed(duplicates=2), "重复 2 条"),
        (rehearsed(unaccounted=1), "账不符 1 人"),
        (rehearsed(planner=(9, 4)), "审批入账中断后留下了一部分"),
    ],
)
def test_a_drill_that_failed_says_why(done, why):
    assert not done.passed
    assert f"演练没有通过：{why}" in verdict(done)
    assert as_json(Choices(), done)["passed"] is False
