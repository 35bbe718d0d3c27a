"""The knowledge in memory follows what is published, without dropping or mixing an answer."""

import sqlite3
import threading
from contextlib import closing

import pytest

from bot.knowledge.library import Library
from bot.knowledge.versions import Versions
from catalogue_index.errors import UnreadableFile
from catalogue_index.snapshot import SnapshotReader


@pytest.fixture
def versions(tmp_path):
    return Versions(tmp_path / "knowledge")


def told(knowledge):
    """What every text of a version says; more than one if versions were mixed."""
    document = next(iter(knowledge.documents))
    texts = {knowledge.text(document), knowledge.documents[document].title}
    return texts | {entry.answer for entry in knowledge.entries_of(document)}


def test_nothing_published_is_refused(versions):
    with pytest.raises(UnreadableFile, match="没有可用的知识快照"):
        Library(versions)


def test_a_version_tells_what_it_was_built_from(versions, make_version):
    name = make_version(versions, 7, answers=3)
    versions.publish(name)
    knowledge = Library(versions).current()
    assert knowledge.version == name
    assert told(knowledge) == {"第7版"}
    assert knowledge.entry("d7-2").question == "问题2？"
    assert knowledge.questions["问题2"] == ("d7-2",)
    assert knowledge.areas == {"44"}
    missing = (knowledge.entry("x"), knowledge.item("x"), knowledge.passage("x"))
    assert missing == (None, None, None)
    assert knowledge.text("x") == ""


def test_a_publication_is_seen_when_it_is_time_to_look(versions, make_version):
    one, two = make_version(versions, 1), make_version(versions, 2)
    versions.publish(one)
    moment = [100.0]
    library = Library(versions, look_every=5.0, now=lambda: moment[0])
    Versions(versions.directory).publish(two)
    moment[0] = 104.9
    assert library.current().version == one
    moment[0] = 105.0
    assert library.current().version == two
    versions.rollback()
    moment[0] = 109.9
    assert library.current().version == two
    moment[0] = 110.0
    assert library.current().version == one


def test_an_unchanged_version_stays_the_same_object(versions, make_version):
    versions.publish(make_version(versions, 1))
    library = Library(versions, look_every=0)
    assert library.current() is library.current()


def test_a_damaged_version_falls_back_to_an_older_one_and_says_so(versions, make_version):
    one, two = make_version(versions, 1), make_version(versions, 2)
    versions.publish(one)
    versions.publish(two)
    sound = versions.path(two).read_bytes()
    versions.path(two).write_bytes(sound[:9000])
    library = Library(versions, look_every=0)
    assert library.current().version == one
    assert two in library.trouble
    assert "已改用较早的版本" in library.trouble
    versions.path(two).write_bytes(sound)
    assert library.current().version == two
    assert library.trouble == ""


def test_what_cannot_be_read_later_leaves_the_one_in_memory(versions, make_version):
    one, two = make_version(versions, 1), make_version(versions, 2)
    versions.publish(one)
    library = Library(versions, look_every=0)
    sound = versions.path(two).read_bytes()
    versions.publish(two)
    versions.path(two).write_bytes(b"damaged")
    assert told(library.current()) == {"第1版"}
    assert "仍用内存中的版本" in library.trouble
    for path in versions.directory.iterdir():
        path.unlink()
    assert told(library.current()) == {"第1版"}
    assert "不见了" in library.trouble
    versions.path(two).write_bytes(sound)
    versions.publish(two)
    assert told(library.current()) == {"第2版"}
    assert library.trouble == ""


def test_a_snapshot_that_was_changed_by_hand_is_passed_over(versions, make_version):
    one, two = make_version(versions, 1), make_version(versions, 2)
    versions.publish(one)
    library = Library(versions, look_every=0)
    versions.publish(two)
    with closing(sqlite3.connect(versions.path(two))) as database, database:
        database.execute("update documents set title = '别的'")
    assert library.current().version == one
    assert "已损坏" in library.trouble


def test_eight_threads_ask_while_versions_change(versions, make_version):
    names = [make_version(versions, n) for n in (1, 2, 3)]
    versions.publish(names[0])
    library = Library(versions, look_every=0)
    stop = threading.Event()
    seen, wrong = set(), []

    def ask():
        try:
            while not stop.is_set():
                knowledge = library.current()
                texts = told(knowledge)
                if texts != {knowledge.documents[next(iter(knowledge.documents))].title}:
                    wrong.append(texts)
                seen.update(texts)
                stop.wait(
                    0.001
                )  # eight threads that never pause leave no turn to the one that loads
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        for n in range(4):
            versions.publish(names[(n + 1) % 3])
            pause = threading.Event()
            for _ in range(3000):  # half a minute: eight threads leave little of a busy machine
                if library.current().version == names[(n + 1) % 3]:
                    break
                pause.wait(0.01)
            else:
                wrong.append(f"publication {n} was not seen")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert seen == {"第1版", "第2版", "第3版"}
    assert library.trouble == ""


def test_the_reader_of_a_published_file_holds_nothing_open(versions, make_version):
    """So that an office can move or delete old versions on any system."""
    name = make_version(versions, 1)
    reader = SnapshotReader(versions.path(name))
    rows = reader.rows("entries")
    versions.path(name).rename(versions.directory / "moved")
    assert len(rows) == 20
