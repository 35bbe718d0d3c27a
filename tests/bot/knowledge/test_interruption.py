"""Imports by other processes: killed anywhere, short of space, or several at once. Real processes, really killed."""

import random
import subprocess
import sys
import textwrap
import time

import pytest

from bot.knowledge.library import Library

WORKER = """
import os, resource, sys
from datetime import datetime
from pathlib import Path

from bot.clock import CHINA
from bot.knowledge.model import Content
from bot.knowledge.service import KnowledgeService
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused
from catalogue_index.model import Document
from faq.model import FaqEntry

data, dictionary = map(Path, sys.argv[1:])
tokeniser = Tokeniser(dictionary=dictionary)
content = Content(
    Document("guangdong", "广东省答疑", "faq", "44", "广东省", reference=True),
    entries=tuple(FaqEntry("guangdong", n, "", f"第{n}个问题", "答复" * 50) for n in range(40)),
)
service = KnowledgeService(
    data, lambda: tokeniser, national_areas(), lambda: datetime.now(CHINA), "1",
    builtin=lambda: (content,), examine=lambda _, __: os._exit(9) if dying else (),
    phrasings=lambda: (),
)
dying = False
print("ready", flush=True)
for line in sys.stdin:
    file, area, limit = line.split()
    if int(limit) > 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
    try:
        dying = limit == "-1"
        if file == "back":
            service.rollback_catalogue(area, "社会救助")
        else:
            service.add_catalogue(Path(file), area)
        print("done", flush=True)
    except Refused as refused:
        print(refused, flush=True)
"""


@pytest.fixture
def start(tmp_path, tmp_path_factory):
    """Starts processes that import what they are told: a file, an area, the most bytes a file may have (0: any).

    ``back`` in place of a file goes back to the version before; -1 bytes means to die when built and not yet published.
    """
    dictionary = tmp_path_factory.mktemp("dictionary") / "small.txt"
    dictionary.write_text("公开 50\n低保 40\n", encoding="utf-8")
    script = tmp_path / "worker.py"
    script.write_text(textwrap.dedent(WORKER), encoding="utf-8")
    started = []

    def run(count):
        for _ in range(count):
            process = subprocess.Popen(
                [sys.executable, script, tmp_path / "data", dictionary],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
            started.append(process)
        for process in started:
            assert process.stdout.readline() == "ready\n"
        return started

    yield run
    for process in started:
        process.kill()
        process.communicate()


def tell(process, path, area, limit=0):
    process.stdin.write(f"{path} {area} {limit}\n")
    process.stdin.flush()


def in_force(service):
    """The time limits of the county's items in force."""
    library = Library(service.versions)
    assert library.trouble == ""
    knowledge = library.current()
    return {
        item.time_limit
        for document in knowledge.documents.values()
        for item in knowledge.items_of(document.id)
        if document.area == "140525"
    }


def test_an_import_killed_anywhere_leaves_the_old_or_the_new(start, service, write_catalogue):
    chance = random.Random(time.time_ns())
    files = [
        write_catalogue(
            f"{n}.csv", *(("社会救助", "低保", f"事项{row}", f"{n}个工作日") for row in range(60))
        )
        for n in range(5)
    ]
    *killed, last = start(len(files))
    began = time.monotonic()
    service.add_catalogue(files[0], "140525")
    usual = time.monotonic() - began
    expected = {"0个工作日"}
    for n, process in enumerate(killed, 1):
        tell(process, files[n], "140525")
        time.sleep(chance.uniform(0, usual * 1.5))
        process.kill()
        process.wait()
        found = in_force(service)
        assert found in (expected, {f"{n}个工作日"})
        expected = found
        service.ensure()
        assert in_force(service) == expected
    tell(last, files[0], "140525")
    assert last.stdout.readline() == "done\n"
    assert in_force(service) == {"0个工作日"}
    left = [
        path.name for path in service.versions.directory.parent.rglob("*") if ".part" in path.name
    ]
    assert left == []


def test_going_back_killed_anywhere_leaves_the_old_or_the_new(start, service, write_catalogue):
    chance = random.Random(time.time_ns())
    for n in range(3):
        rows = (("社会救助", "低保", f"事项{row}", f"{n}个工作日") for row in range(60))
        began = time.monotonic()
        service.add_catalogue(write_catalogue(f"{n}.csv", *rows), "140525")
        usual = time.monotonic() - began
    in_use = service.versions.current()
    for name in set(service.versions.names()) - {in_use}:
        service.versions.path(name).unlink()  # so that going back has to build
    *killed, last = start(3)
    possible = ["2个工作日", "1个工作日", "0个工作日"]
    for process in killed:
        tell(process, "back", "140525")
        time.sleep(chance.uniform(0, usual * 1.5))
        process.kill()
        process.wait()
        (found,) = in_force(service)
        assert found in possible[:2]
        possible = possible[possible.index(found) :]
        service.ensure()
        assert in_force(service) == {found}
    tell(last, "back", "140525")
    told = last.stdout.readline()
    assert told == "done\n" if len(possible) > 1 else "没有更早的版本" in told
    assert in_force(service) == {possible[min(1, len(possible) - 1)]}
    assert len(service.documents.ids()) == 3


def test_an_import_cut_short_is_no_version_until_it_is_done(start, service, write_catalogue):
    first, cut, third = (
        write_catalogue(f"{n}.csv", ("社会救助", "低保", "审批", f"{n}天")) for n in range(3)
    )
    service.add_catalogue(first, "140525")
    (process,) = start(1)
    tell(process, cut, "140525", -1)
    assert process.wait() == 9
    assert in_force(service) == {"0天"}
    service.add_catalogue(third, "140525")
    limits = [v.items[0].time_limit for v in service.catalogue_versions("140525")]
    assert limits == ["0天", "2天"]
    service.rollback_catalogue("140525", "社会救助")
    assert in_force(service) == {"0天"}
    service.add_catalogue(cut, "140525")
    limits = [v.items[0].time_limit for v in service.catalogue_versions("140525")]
    assert limits == ["0天", "2天", "1天"]


def test_processes_importing_at_once_lose_nothing(start, service, write_catalogue):
    processes = start(3)
    for process, area in zip(processes, ("140525", "441204", "420103"), strict=True):
        tell(process, write_catalogue(f"{area}.csv", ("社会救助", "低保", "审批", area)), area)
    assert [process.stdout.readline() for process in processes] == ["done\n"] * 3
    knowledge = Library(service.versions).current()
    found = {
        (d.area, item.time_limit) for d, item in map(knowledge.item, knowledge_items(knowledge))
    }
    assert found == {(area, area) for area in ("140525", "441204", "420103")}


def knowledge_items(knowledge):
    documents = [d for d in knowledge.documents.values() if d.kind == "catalogue"]
    return [f"{d.id}-{n}" for d in documents for n in range(1, len(knowledge.items_of(d.id)) + 1)]


def test_out_of_space_is_refused_and_nothing_is_half_done(start, service, write_catalogue):
    service.add_catalogue(write_catalogue("a.csv", ("社会救助", "低保", "审批", "旧")), "140525")
    root = service.versions.directory.parent
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    path = write_catalogue("b.csv", ("社会救助", "低保", "审批", "新"))
    (process,) = start(1)
    for limit in (10, 1000, 8192, 30_000):
        tell(process, path, "140525", limit)
        told = process.stdout.readline()
        assert "写不进去" in told
        assert "没有改动" in told
        assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before
    service.add_catalogue(path, "140525")
    assert in_force(service) == {"新"}
