"""Backups and their return: all of it or nothing, on both stores."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update

from bot.knowledge.versions import Versions
from bot.operations import finishing
from bot.operations.backup import back_up, default_path, newest
from bot.operations.restoring import restore
from bot.storage.migration import NEWEST, migrate
from bot.storage.schema import people, records
from bot.storage.vault import SECRET_NAME
from catalogue_index.errors import Refused
from tests.bot.operations.conftest import AT, SOFTWARE

LATER = AT + timedelta(days=1)


def person(name, **values):
    row = {"account": "a", "state": "", "version": 1, "window_start": 0, "window_count": 0}
    return row | {"person": name, "updated_at": 0} | values


def remember(this, *names):
    with this.database.write() as connection:
        connection.execute(insert(people), [person(name) for name in names])


def remembered(this):
    with this.database.read() as connection:
        return set(connection.execute(select(people.c.person)).scalars())


def saved(this, path, **options):
    return back_up(this, path, at=AT, software=SOFTWARE, **options)


def put_back(this, path, **options):
    options.setdefault("at", LATER)
    return restore(this, path, software=SOFTWARE, **options)


def tree(folder):
    """Names and contents of all files below a folder, but for the database and locks."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in files
        if not path.name.startswith(("zwgk.db", "lock"))
    }


def test_all_of_it_comes_back(installation, elsewhere, tmp_path):
    remember(installation, "甲", 'a,"b"\n\\N\t')
    archive = tmp_path / "a.tar.gz"
    made = saved(installation, archive)
    put_back(elsewhere, archive)

    assert remembered(elsewhere) == {"甲", 'a,"b"\n\\N\t'}
    before, after = tree(installation.data_dir), tree(elsewhere.data_dir)
    carried = {n: c for n, c in before.items() if n.startswith(("knowledge/", "documents/"))}
    assert {n: c for n, c in after.items() if n != SECRET_NAME} == carried
    assert any(name.startswith("documents/") for name in carried)
    assert Versions(elsewhere.data_dir / "knowledge").current()
    assert made.left_out == (SECRET_NAME,)
    assert made.size == archive.stat().st_size
    remember(elsewhere, "丙")  # it is in use at once


def test_empty_and_missing_values_stay_apart(installation, elsewhere, tmp_path):
    remember(installation, "甲")
    with installation.database.write() as connection:
        for number, origin in ((1, ""), (7, "页面")):
            row = {"number": number, "at": 1, "who": "", "action": "x", "object": "", "detail": ""}
            connection.execute(insert(records), row | {"origin": origin, "outcome": "", "hash": ""})
        flagged = "INSERT INTO flagged_messages (person, account, flag, words, created_at) VALUES"
        connection.execute(text(f"{flagged} ('甲', '', 'crisis', '', 1)"))
    saved(installation, tmp_path / "a.tar.gz")
    put_back(elsewhere, tmp_path / "a.tar.gz")
    with elsewhere.database.write() as connection:
        assert connection.execute(text("SELECT handled_at FROM flagged_messages")).all() == [
            (None,)
        ]
        # Ids go on after those that came back.
        connection.execute(text(f"{flagged} ('乙', '', 'crisis', '', 1)"))
        ids = connection.execute(text("SELECT id FROM flagged_messages ORDER BY id")).scalars()
        assert list(ids) == [1, 2]
        assert list(connection.execute(select(records.c.number)).scalars()) == [1, 7]


def test_the_key_goes_along_only_when_asked_for(installation, elsewhere, tmp_path):
    (installation.data_dir / "zwgk.toml").write_text("messages_per_minute = 7\n", encoding="utf-8")
    saved(installation, tmp_path / "without.tar.gz")
    saved(installation, tmp_path / "with.tar.gz", with_key=True)
    secret = (installation.data_dir / SECRET_NAME).read_text()
    for path, holds in ((tmp_path / "without.tar.gz", False), (tmp_path / "with.tar.gz", True)):
        with tarfile.open(path) as tar:
            names = set(tar.getnames())
            manifest = tar.extractfile("manifest.json").read().decode()
        assert (SECRET_NAME in names) is ("zwgk.toml" in names) is holds
        assert secret.strip() not in manifest
        assert json.loads(manifest)["key"] == installation.key

    put_back(elsewhere, tmp_path / "with.tar.gz")
    assert (elsewhere.data_dir / SECRET_NAME).read_text() == secret
    assert (elsewhere.data_dir / "zwgk.toml").read_text() == "messages_per_minute = 7\n"


def test_what_was_there_is_kept(installation, tmp_path):
    remember(installation, "旧")
    saved(installation, tmp_path / "a.tar.gz")
    remember(installation, "新")
    folder = installation.data_dir / "documents"
    shutil.rmtree(folder / "faq-441204-aaaaaaaa")
    (folder / "later").mkdir()
    (folder / "later" / "x").write_text("x")

    with pytest.raises(Refused, match="已经有数据"):
        put_back(installation, tmp_path / "a.tar.gz")
    assert remembered(installation) == {"旧", "新"}

    done = put_back(installation, tmp_path / "a.tar.gz", over=True)
    assert remembered(installation) == {"旧"}
    assert {one.name for one in folder.iterdir()} == {"faq-441204-aaaaaaaa"}
    assert (done.kept / "documents" / "later" / "x").read_text() == "x"
    assert (installation.data_dir / SECRET_NAME).exists()
    if installation.sqlite is None:
        with installation.database.read() as connection:
            kept = connection.execute(text(f'SELECT person FROM "{done.kept.name}".people'))
            assert set(kept.scalars()) == {"旧", "新"}
    else:
        assert (done.kept / "zwgk.db").exists()

    # And again, as often as one likes.
    again = put_back(
        installation, tmp_path / "a.tar.gz", over=True, at=LATER + timedelta(seconds=1)
    )
    assert again.kept != done.kept
    assert remembered(installation) == {"旧"}


def test_a_damaged_archive_changes_nothing(installation, tmp_path):
    saved(installation, tmp_path / "a.tar.gz")
    remember(installation, "新")
    before = tree(installation.data_dir)
    whole = (tmp_path / "a.tar.gz").read_bytes()
    for number, bad in enumerate((whole[:-5000], b"", whole[:2000] + b"!" * 50 + whole[2050:])):
        path = tmp_path / f"bad-{number}.tar.gz"
        path.write_bytes(bad)
        with pytest.raises(Refused):
            put_back(installation, path, over=True)
        assert tree(installation.data_dir) == before
        assert remembered(installation) == {"新"}
    with pytest.raises(Refused, match="没有找到存档"):
        put_back(installation, tmp_path / "none.tar.gz", over=True)


def test_an_archive_of_the_other_store_is_refused(builtin_dir, tmp_path, request):
    from tests.bot.operations.conftest import by_store

    opened = {s: by_store(s, tmp_path / s) for s in ("sqlite", "postgresql")}
    here = {store: next(it) for store, it in opened.items()}
    for this in here.values():
        migrate(this.database)
    saved(here["sqlite"], tmp_path / "a.tar.gz")
    with pytest.raises(Refused, match="SQLite，这里设置的是 PostgreSQL"):
        put_back(here["postgresql"], tmp_path / "a.tar.gz", over=True)
    saved(here["postgresql"], tmp_path / "b.tar.gz")
    with pytest.raises(Refused, match="PostgreSQL，这里设置的是 SQLite"):
        put_back(here["sqlite"], tmp_path / "b.tar.gz", over=True)
    for it in opened.values():
        list(it)


def test_nothing_is_put_back_while_the_service_runs(installation, tmp_path):
    remember(installation, "旧")
    saved(installation, tmp_path / "a.tar.gz")
    program = """
import sys, time
from bot.storage.database import open_url
database = open_url(sys.argv[1])
with database.read() as connection:
    connection.exec_driver_sql("SELECT 1")
print("up", flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, installation.database.url], stdout=subprocess.PIPE
    ) as service:
        assert service.stdout.readline() == b"up\n"
        with pytest.raises(Refused, match="先停止服务"):
            put_back(installation, tmp_path / "a.tar.gz", over=True)
        service.kill()
    assert remembered(installation) == {"旧"}
    # PostgreSQL takes a moment to notice that it is gone: that is waited for.
    put_back(installation, tmp_path / "a.tar.gz", over=True)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_killed_while_it_unpacks_everything_is_as_it_was(installation, tmp_path, share):
    remember(installation, "旧")
    saved(installation, tmp_path / "a.tar.gz")
    remember(installation, "新")
    before = tree(installation.data_dir)
    program = f"""
import os, signal, sys
from datetime import datetime
from pathlib import Path
from bot.operations.model import Installation
from bot.operations.restoring import restore
from bot.storage.database import open_url
from bot.clock import china_clock
def told(done, total):
    if done >= total * {share}:
        os.kill(os.getpid(), signal.SIGKILL)
this = Installation(Path(sys.argv[1]), open_url(sys.argv[2]), None)
restore(this, Path(sys.argv[3]), over=True, at=china_clock(), software="0.1.0", told=told)
"""
    arguments = [installation.data_dir, installation.database.url, tmp_path / "a.tar.gz"]
    ended = subprocess.run([sys.executable, "-c", program, *map(str, arguments)])
    assert ended.returncode == -signal.SIGKILL

    finishing.finish(installation.data_dir)
    held = tree(installation.data_dir)
    assert {n: c for n, c in held.items() if not n.startswith(".restoring/")} == before
    assert remembered(installation) == {"旧", "新"}
    put_back(installation, tmp_path / "a.tar.gz", over=True)
    assert remembered(installation) == {"旧"}
    assert not list(installation.data_dir.glob(".rest*"))


NEW = {"knowledge": "new", "documents": "new", "secret.key": "new"}
OLD = {"knowledge": "old", "regression": "old", "zwgk.db-wal": "old", "secret.key": "old"}


@pytest.mark.parametrize("done", range(8))
def test_killed_between_two_renames_the_next_start_brings_it_to_its_end(tmp_path, done):
    data_dir, work = tmp_path / "data", tmp_path / "data" / finishing.DECIDED
    for folder, names in ((data_dir, OLD), (work / finishing.NEW, NEW)):
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in names.items():
            (folder / name).write_text(content)
    (data_dir / "cache").mkdir()
    old = work / finishing.OLD
    old.mkdir()
    plan = {"leaving": list(OLD), "entering": list(NEW), "kept": "kept"}
    (work / finishing.PLAN).write_text(json.dumps(plan))
    renames = [
        (data_dir / "knowledge", old / "knowledge"),
        (work / finishing.NEW / "knowledge", data_dir / "knowledge"),
        (data_dir / "regression", old / "regression"),
        (data_dir / "zwgk.db-wal", old / "zwgk.db-wal"),
        (data_dir / "secret.key", old / "secret.key"),
        (work / finishing.NEW / "secret.key", data_dir / "secret.key"),
        (work / finishing.NEW / "documents", data_dir / "documents"),
    ]
    for source, target in renames[:done]:
        source.rename(target)

    for _ in range(2):
        finishing.finish(data_dir)
        assert {p.name: p.read_text() for p in data_dir.iterdir() if p.is_file()} == NEW
        assert {p.name: p.read_text() for p in (data_dir / "kept").iterdir()} == OLD
        assert {p.name for p in data_dir.iterdir() if p.is_dir()} == {"kept", "cache"}


def test_an_older_database_comes_back_and_is_migrated(installation, elsewhere, tmp_path):
    remember(installation, "甲")
    saved(installation, tmp_path / "a.tar.gz")
    put_back(elsewhere, tmp_path / "a.tar.gz")
    assert migrate(elsewhere.database) == NEWEST


def test_an_archive_of_a_newer_program_is_refused(installation, tmp_path):
    with installation.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    saved(installation, tmp_path / "a.tar.gz")
    with pytest.raises(Refused, match="升级程序"):
        put_back(installation, tmp_path / "a.tar.gz", over=True)


def test_one_moment_is_backed_up_while_others_write(installation, elsewhere, tmp_path):
    """Both of a pair are changed together, again and again: an archive that had one of them new and one old would show."""
    remember(installation, "甲", "乙")
    padding = "x" * 2000
    with installation.database.write() as connection:
        rows = [person(f"{n:064}", state=padding) for n in range(20_000)]
        connection.execute(insert(people), rows)
    over = threading.Event()

    def write():
        version = 1
        while not over.is_set():
            version += 1
            with installation.database.write() as connection:
                for name in ("甲", "乙"):
                    change = update(people).where(people.c.person == name)
                    connection.execute(change.values(version=version))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        saved(installation, tmp_path / "a.tar.gz")
    finally:
        over.set()
        writer.join()
    put_back(elsewhere, tmp_path / "a.tar.gz")
    with elsewhere.database.read() as connection:
        versions = select(people.c.version).where(people.c.person.in_(("甲", "乙")))
        assert len(set(connection.execute(versions).scalars())) == 1


def test_an_archive_is_never_written_over(installation, tmp_path):
    path = tmp_path / "a.tar.gz"
    path.write_text("mine")
    with pytest.raises(Refused, match="换一个文件名"):
        saved(installation, path)
    assert path.read_text() == "mine"


def test_nothing_is_left_of_a_backup_that_failed(installation, tmp_path):
    if installation.sqlite is None:
        with installation.database.write() as connection:
            connection.execute(text("DROP TABLE alembic_version"))
    else:
        installation.database.close()
        installation.sqlite.write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    with pytest.raises(Refused):
        saved(installation, tmp_path / "out" / "a.tar.gz")
    assert not list((tmp_path / "out").iterdir())


def test_the_newest_backup_is_known(installation):
    assert newest(installation.data_dir) is None
    path = default_path(installation.data_dir, AT)
    saved(installation, path)
    os.utime(path, (AT.timestamp(), AT.timestamp()))
    assert newest(installation.data_dir) == AT


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_damaged_database_is_replaced_and_kept_without_its_log(installation, tmp_path):
    remember(installation, "旧")
    saved(installation, tmp_path / "a.tar.gz")
    installation.database.close()
    installation.sqlite.write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    log = installation.sqlite.with_name("zwgk.db-wal")
    log.write_bytes(b"leftover")

    done = put_back(installation, tmp_path / "a.tar.gz", over=True)

    assert remembered(installation) == {"旧"}
    assert not log.exists() or log.read_bytes() != b"leftover"  # it would spoil the new one
    assert (done.kept / "zwgk.db").read_bytes().startswith(b"SQLite format 3")
