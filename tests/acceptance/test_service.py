"""The service as an office runs it: processes, messages over HTTP, a publication, an end, a crash."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from tests.acceptance.conftest import Service, command, parcel, running, start

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

QUESTION = "乡镇街道要不要对照26个领域编目录？"
NUMBERS = count(24_000_000_000_000_001)


@pytest.fixture(scope="module")
def service(office_dir):
    with running(office_dir, "--workers", "2") as service:
        yield service


def rows(service: Service, statement: str) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(service.data_dir / "zwgk.db", timeout=10)) as database:
        return database.execute(statement).fetchall()


def handled(service: Service) -> int:
    return rows(service, "SELECT count(*) FROM seen_messages")[0][0]


@contextlib.contextmanager
def asleep(service: Service, pid: int):
    """A worker that takes no connection for a moment, so that the other one does; not while it writes, for the other one
    would wait for it in vain."""
    with contextlib.closing(sqlite3.connect(service.data_dir / "zwgk.db", timeout=10)) as database:
        database.execute("BEGIN IMMEDIATE")
        os.kill(pid, signal.SIGSTOP)
        database.rollback()
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_message_delivered_to_the_other_worker_gets_the_same_reply(service):
    one, other = service.workers()
    before, number = handled(service), next(NUMBERS)
    with asleep(service, one):
        first = service.deliver("oPerson_again", QUESTION, number)
    with asleep(service, other):
        assert service.deliver("oPerson_again", QUESTION, number) == first
    assert "来源：《广东省人民政府办公厅" in first
    assert handled(service) == before + 1


def test_deliveries_in_flight_together_are_one_message(service):
    before, number = handled(service), next(NUMBERS)
    ready = threading.Barrier(16)

    def deliver(_: int) -> str:
        ready.wait()
        return service.deliver("oPerson_together", "低保审批结果在哪里公开？", number)

    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(deliver, range(16)))
    assert len(set(replies)) == 1
    assert handled(service) == before + 1


def test_same_number_from_two_people_is_two_messages(service):
    before, number = handled(service), next(NUMBERS)
    asked = service.deliver("oPerson_first", QUESTION, number)
    helped = service.deliver("oPerson_second", "帮助", number)
    assert asked != helped
    assert handled(service) == before + 2


def test_conversation_goes_on_in_the_other_worker(service):
    one, other = service.workers()
    person = "oPerson_moving"
    with asleep(service, one):
        assert "哪个县" in service.deliver(person, "养老服务目录谁牵头？", next(NUMBERS))
    with asleep(service, other):
        answered = service.deliver(person, "高要区", next(NUMBERS))
    assert "区民政局牵头" in answered
    assert "供参考" not in answered


def test_forged_messages_are_refused(service):
    address, body, headers = parcel("oPerson_forger", QUESTION, next(NUMBERS))
    before = handled(service)
    forged = address.replace("msg_signature=", "msg_signature=0")
    assert service.send("POST", forged, body, headers)[0] == 403
    assert handled(service) == before


def test_log_names_no_person_and_repeats_no_word(service):
    service.deliver("oPerson_private", "我叫王小明，身份证110101199003077774", next(NUMBERS))
    log = service.words()
    assert '"event": "wechat"' in log
    for word in ("oPerson", "王小明", "110101199003077774", "26个领域"):
        assert word not in log


def test_publication_while_questions_are_asked_drops_none_and_is_soon_in_force(service, tmp_path):
    catalogue = tmp_path / "目录.csv"
    catalogue.write_text(
        "领域,一级事项,二级事项,公开内容(要素),公开时限,公开主体\n"
        "社会救助,临时救助,萤火虫救助,名单,公示9个工作日,区民政局\n",
        encoding="utf-8",
    )
    imported = threading.Event()
    asked = {"question": "萤火虫救助名单公示多久？", "area": "441204"}

    def keep_asking(person: int) -> tuple[int, float | None]:
        """How many questions were answered, and how long after the import the new row was."""
        answered, done_at = 0, None
        while True:
            if imported.is_set() and done_at is None:
                done_at = time.monotonic()
            reply = service.deliver(
                f"oPerson_asks_{answered % 50}_{person}", QUESTION, next(NUMBERS)
            )
            assert "来源：《广东省" in reply
            answered += 1
            status, body = service.get("/api/ask", **asked)
            assert status == 200
            if "公示9个工作日" in json.loads(body)["text"] and done_at is not None:
                return answered, time.monotonic() - done_at
            assert done_at is None or time.monotonic() - done_at < 60

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(keep_asking, person) for person in range(2)]
        try:
            done = subprocess.run(
                command(
                    service.data_dir, "catalogue", "import", catalogue, "--area", "441204", "--json"
                ),
                capture_output=True,
                check=True,
            )
        finally:
            imported.set()
        results = [each.result() for each in asking]
    assert all(answered > 1 for answered, _ in results)
    for worker in service.workers():
        with asleep(service, worker):
            give_up = time.monotonic() + 60
            while "公示9个工作日" not in json.loads(service.get("/api/ask", **asked)[1])["text"]:
                assert time.monotonic() < give_up
    published = json.loads(done.stdout)["published"]
    assert json.loads(service.get("/readyz")[1])["knowledge"] == published


def test_crash_and_restart_keep_what_was_said(tmp_path, office_dir):
    directory = copied(office_dir, tmp_path)
    number = next(NUMBERS)
    with running(directory, "--workers", "2") as first:
        person = "oPerson_lasting"
        first.deliver(person, "换地区 高要区", next(NUMBERS))
        reply = first.deliver(person, QUESTION, number)
        first.kill()
    with running(directory, "--workers", "2") as second:
        before = handled(second)
        assert second.deliver(person, QUESTION, number) == reply
        assert handled(second) == before
        assert "区民政局牵头" in second.deliver(person, "养老服务目录谁牵头？", next(NUMBERS))
        assert rows(second, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_end_is_clean_and_quick_even_with_connections_held_open(office_dir, tmp_path, workers):
    service = start(copied(office_dir, tmp_path), "--workers", workers)
    try:
        service.deliver("oPerson_end", QUESTION, next(NUMBERS))
        held = http.client.HTTPConnection("127.0.0.1", service.port)
        held.request("GET", "/healthz")
        held.getresponse().read()
        children = service.workers()
        service.process.terminate()
        assert service.process.wait(10) in (0, -signal.SIGTERM)
        held.close()
        assert not any(Path(f"/proc/{pid}").exists() for pid in children)
        assert "Traceback" not in service.words()
    finally:
        service.kill()


def copied(office_dir: Path, tmp_path: Path) -> Path:
    return Path(
        shutil.copytree(office_dir, tmp_path / "data", ignore=shutil.ignore_patterns("zwgk.db*"))
    )
